//! An issuer without a network, and the verifier that trusts it.

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use workload_identity_core::crypto::{Prepared, PreparedKey, Provider, RustCrypto};
use workload_identity_core::http::{Headers, HttpResponse};
use workload_identity_core::jose::{Algorithm, Jwk, base64url_encode};
use workload_identity_core::verify::{
    CheckResult, VerificationResult, VerifiedToken, Verifier, VerifierConfig, VerifierRequest,
};
use workload_identity_core::{Effect, EffectId, Error, Outcome, Step, Ticket, Timestamp};

pub(crate) const ISSUER: &str = "https://issuer.example";
pub(crate) const KEYS: &str = "https://keys.example/set";
pub(crate) const AUDIENCE: &str = "api://mine";
const START: i64 = 1_767_225_600;

/// Milliseconds after the start.
pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_seconds(START).plus_millis(millis)
}

/// Issuers and members beside them.
pub(crate) fn verifier_of(config: &Value, provider: Arc<dyn Provider>) -> Verifier {
    let config = VerifierConfig::parse(config.to_string().as_bytes()).expect("a configuration");
    let mut verifier = Verifier::new(config, provider).expect("safe addresses");
    verifier.reseed([5; 32]);
    verifier
}

/// One issuer whose keys are at a fixed address.
pub(crate) fn verifier() -> Verifier {
    verifier_of(&fetched_with(json!({})), Arc::new(RustCrypto))
}

/// Its configuration with members beside.
pub(crate) fn fetched_with(beside: Value) -> Value {
    let mut config =
        json!({"issuers": [{"issuer": ISSUER, "audience": AUDIENCE, "jwks_uri": KEYS}]});
    for (name, value) in beside.as_object().expect("members") {
        config[name] = value.clone();
    }
    config
}

fn signer(key: &str) -> SigningKey {
    SigningKey::from_slice(&Sha256::digest(key)).expect("below the order")
}

/// A key set with these keys, whose names are their `kid`.
pub(crate) fn key_set(keys: &[&str]) -> Value {
    let jwk = |key: &&str| {
        let point = signer(key).verifying_key().to_sec1_point(false);
        let (x, y) = point.as_bytes()[1..].split_at(32);
        json!({"kty": "EC", "crv": "P-256", "kid": key, "x": base64url_encode(x), "y": base64url_encode(y)})
    };
    json!({"keys": keys.iter().map(jwk).collect::<Vec<_>>()})
}

/// A good token by a key, for ten days.
pub(crate) fn token(key: &str) -> String {
    token_with(key, json!({}))
}

/// The same with some claims changed.
pub(crate) fn token_with(key: &str, changes: Value) -> String {
    let mut claims = json!({"iss": ISSUER, "sub": "workload", "aud": AUDIENCE, "iat": START, "exp": START + 864_000});
    for (name, value) in changes.as_object().expect("members") {
        claims[name] = value.clone();
    }
    mint(key, &json!({"alg": "ES256", "kid": key}), &claims)
}

pub(crate) fn mint(key: &str, header: &Value, claims: &Value) -> String {
    let part = |value: &Value| base64url_encode(value.to_string().as_bytes());
    let input = format!("{}.{}", part(header), part(claims));
    let signature: Signature = signer(key).sign(input.as_bytes());
    format!("{input}.{}", base64url_encode(&signature.to_bytes()))
}

/// An answer with a JSON body.
pub(crate) fn ok(body: &Value) -> Outcome {
    answer(200, body.to_string().into_bytes())
}

pub(crate) fn answer(status: u16, body: Vec<u8>) -> Outcome {
    Outcome::Http(HttpResponse { status, headers: Headers::from_pairs::<&str, &str>([]), body })
}

pub(crate) fn begin(verifier: &mut Verifier, token: &str) -> Ticket {
    verifier.begin(Ok(VerifierRequest::token(token)))
}

/// The effect of a step that must be a request to somewhere.
pub(crate) fn asked(step: &Step<VerificationResult>) -> (EffectId, String) {
    match step {
        Step::Perform { effect_id: id, effect: Effect::Http(request), .. } => {
            (*id, request.url.clone())
        }
        other => panic!("{other:?}"),
    }
}

/// Hands in keys to a verifier that has none.
pub(crate) fn supply(verifier: &mut Verifier, keys: &[&str], now: Timestamp) {
    let ticket = verifier.begin(VerifierRequest::parse(br#"{"keys_of":0}"#));
    let (effect, _) = asked(&verifier.poll(ticket, now));
    verifier.resolve(effect, &ok(&key_set(keys)), now);
    assert!(matches!(verifier.poll(ticket, now), Step::Done { .. }));
    verifier.end(ticket);
}

/// The hot path to its end, as a binding takes it.
pub(crate) fn check(
    verifier: &mut Verifier,
    token: &str,
    now: Timestamp,
) -> Option<Result<Arc<VerifiedToken>, Error>> {
    match verifier.check(token, now) {
        CheckResult::Accepted { token, .. } => Some(Ok(token)),
        CheckResult::Refused(error) => Some(Err(error)),
        CheckResult::Pending(pending) => Some(pending.verify_signature(token).map(|verified| {
            let verified = Arc::new(verified);
            verifier.cache(&verified);
            verified
        })),
        CheckResult::MissingKeys(_) => None,
    }
}

/// What `check` says, as a word.
pub(crate) fn word(verifier: &mut Verifier, token: &str, now: Timestamp) -> &'static str {
    match check(verifier, token, now) {
        None => "drive",
        Some(Ok(_)) => "accepted",
        Some(Err(error)) => error.code.name(),
    }
}

/// A provider that counts signatures.
#[derive(Default)]
pub(crate) struct Counting(Arc<AtomicUsize>);

struct CountingKey(Box<dyn PreparedKey>, Arc<AtomicUsize>);

impl Counting {
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Provider for Counting {
    fn prepare(&self, key: &Jwk) -> Result<Prepared, Error> {
        match RustCrypto.prepare(key)? {
            Prepared::Here(inner) => {
                Ok(Prepared::Here(Box::new(CountingKey(inner, Arc::clone(&self.0)))))
            }
            other => Ok(other),
        }
    }
}

impl PreparedKey for CountingKey {
    fn verify(&self, algorithm: Algorithm, input: &[u8], signature: &[u8]) -> Result<(), Error> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.verify(algorithm, input, signature)
    }
}
