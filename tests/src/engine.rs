//! An engine with a callback source, and the answers it gets: the vocabulary of the tests of its corners.

use serde_json::{Value, json};
use workload_identity_core::http::{Headers, HttpResponse};
use workload_identity_core::jose::base64url_encode;
use workload_identity_core::{
    Config, Effect, EffectId, Engine, Outcome, Request, Secret, Step, Timestamp, TokenResult,
};

/// When every test begins, unix milliseconds.
pub const T0: i64 = 1_767_225_600_000;
/// What every test asks for.
pub const S: &str = "https://vault.azure.net/.default";
/// An instant after the start.
#[must_use]
pub fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(T0 + ms)
}

/// An engine with a callback source and the given members of the configuration.
#[must_use]
pub fn engine(mut extra: Value) -> Engine {
    let mut c = json!({"tenant_id":"contoso.com","client_id":"11111111-2222-3333-4444-555555555555","source":{"kind":"callback"}});
    for (k, v) in extra.as_object_mut().unwrap() {
        c[k] = v.clone();
    }
    let mut e = Engine::new(Config::parse(c.to_string().as_bytes()).unwrap());
    e.reseed([7; 32]);
    e
}

/// A workload token that expires at unix seconds.
#[must_use]
pub fn assertion_until(exp: i64) -> String {
    format!(
        "{}.{}.c2lnbmF0dXJl",
        base64url_encode(br#"{"alg":"RS256"}"#),
        base64url_encode(format!(r#"{{"iss":"i","sub":"s","aud":"a","exp":{exp}}}"#).as_bytes())
    )
}

/// The callback's answer: a token for an hour.
#[must_use]
pub fn good_assertion() -> Outcome {
    Outcome::Answer(Secret::new(assertion_until(T0 / 1000 + 3600).into_bytes()))
}

/// An HTTP answer.
#[must_use]
pub fn http(status: u16, h: &[(&str, &str)], body: Value) -> Outcome {
    Outcome::Http(HttpResponse {
        status,
        headers: Headers::from_pairs(h.iter().copied()),
        body: body.to_string().into_bytes(),
    })
}

/// The token endpoint's good answer.
#[must_use]
pub fn token(n: &str, life: i64) -> Outcome {
    http(200, &[], json!({"access_token":n,"token_type":"Bearer","expires_in":life}))
}

/// The effect of a step that must be one.
#[must_use]
pub fn performed(s: Step<TokenResult>) -> (EffectId, Effect) {
    match s {
        Step::Perform { effect_id: id, effect, .. } => (id, effect),
        o => panic!("{o:?}"),
    }
}

/// The usual request.
#[must_use]
pub fn request() -> Request {
    Request::new(S)
}
