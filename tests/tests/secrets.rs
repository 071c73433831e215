//! A planted secret is looked for in everything that can be printed.

use serde_json::{Value, json};
use workload_identity_core::http::{Headers, HttpResponse};
use workload_identity_core::{
    Config, Effect, Engine, Error, Failure, Outcome, Request, Secret, Step, StoreOperation,
    Timestamp, TokenResult,
};

/// Part of every planted secret.
const CANARY: &str = "CANARY5ecret";

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

fn engine(source: Value, store: bool) -> Engine {
    let config = json!({
        "tenant_id": "contoso.com",
        "client_id": "11111111-2222-3333-4444-555555555555",
        "source": source,
        "store": store
    });
    let config = Config::parse(config.to_string().as_bytes()).expect("a configuration");
    quiet("the configuration", &config);
    let mut engine = Engine::new(config);
    engine.reseed([7; 32]);
    engine
}

fn quiet(what: &str, value: &dyn std::fmt::Debug) {
    for text in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!text.contains(CANARY), "{what} shows a secret: {text}");
    }
}

fn quiet_error(error: &Error) {
    quiet("an error", error);
    assert!(!error.to_string().contains(CANARY), "{error}");
    assert!(!error.to_json().contains(CANARY), "{error}");
}

/// A workload token whose signature holds the canary.
fn assertion() -> String {
    let token = conformance::workload_token("s", NOW.seconds() + 3600);
    let (unsigned, _) = token.rsplit_once('.').expect("three parts");
    format!("{unsigned}.{CANARY}")
}

/// Answers each effect with secrets in it, the token request with `answer`.
fn run(mut engine: Engine, answer: &Outcome) -> Step<TokenResult> {
    let ticket = engine.begin(Ok(Request::new("https://vault.azure.net/.default")));
    let mut now = NOW;
    for _ in 0..20 {
        let step = engine.poll(ticket, now);
        quiet("a step", &step);
        quiet("the engine", &engine);
        let Step::Perform { effect_id: id, effect, .. } = step else { return step };
        let outcome = match &effect {
            Effect::AskHost { .. } => Outcome::Answer(Secret::new(assertion().into_bytes())),
            Effect::ReadFile { .. } => Outcome::File(Secret::new(assertion().into_bytes())),
            Effect::Http(request) if request.url.contains("pipelines") => {
                http(200, &json!({ "value": assertion() }).to_string())
            }
            Effect::Store(StoreOperation::Load { .. }) => {
                Outcome::Stored(Some(Secret::new(CANARY.into())))
            }
            Effect::Store(_) => Outcome::Stored(None),
            Effect::Sign { .. } => Outcome::Signed(CANARY.repeat(8).into_bytes()[..64].to_vec()),
            Effect::Verify { .. } => Outcome::Verified(true),
            Effect::Sleep { until } => {
                now = *until;
                Outcome::Elapsed
            }
            _ => answer.clone(),
        };
        quiet("an outcome", &outcome);
        engine.resolve(id, outcome, now);
    }
    panic!("no end");
}

fn http(status: u16, body: &str) -> Outcome {
    Outcome::Http(HttpResponse {
        status,
        headers: Headers::default(),
        body: body.as_bytes().to_vec(),
    })
}

#[test]
fn secrets_never_show() {
    let github = json!({
        "kind": "github",
        "request_url": "https://pipelines.example/t",
        "request_token": CANARY
    });
    let echo = format!("the assertion {} is bad", assertion());
    let issued = json!({
        "access_token": format!("eyJ{CANARY}"), "token_type": "Bearer", "expires_in": 3600
    });
    let answers = [
        http(200, &issued.to_string()),
        http(401, &json!({"error": "invalid_client", "error_description": echo}).to_string()),
        http(500, &json!({"error": echo}).to_string()),
        http(200, &format!("<html>{}</html>", assertion())),
        http(200, &format!("{{\"access_token\":\"{CANARY}\"")),
        http(200, &json!({"access_token": CANARY, "token_type": CANARY}).to_string()),
        Outcome::Failed { failure: Failure::Tls, detail: echo.clone() },
    ];
    let mut tokens = 0;
    let signed = json!({"kind": "signed", "key": "k", "algorithm": "ES256", "public_jwk": {
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
    }});
    let file = json!({"kind": "file", "path": "/t"});
    for source in [json!({"kind": "callback"}), file, github, signed] {
        for store in [false, true] {
            for answer in &answers {
                match run(engine(source.clone(), store), answer) {
                    Step::Done { value: TokenResult { token, .. }, .. } => {
                        assert!(token.secret().contains(CANARY));
                        tokens += 1;
                    }
                    Step::Fail(error) => quiet_error(&error),
                    other => panic!("{other:?}"),
                }
            }
        }
    }
    assert_eq!(tokens, 8);
}

#[test]
fn a_refused_configuration_repeats_nothing() {
    for config in [
        json!({"tenant_id": format!("{CANARY} x")}),
        json!({ CANARY.repeat(10): 1 }),
        json!({"client_id": CANARY, "tenant_id": "contoso.com"}),
        json!({"authority_host": format!("http://{CANARY}.example")}),
        json!({"source": {"kind": CANARY}}),
        json!({"source": {"kind": "github", "request_url": CANARY, "request_token": CANARY}}),
    ] {
        let error = Config::parse(config.to_string().as_bytes()).expect_err("refused");
        quiet_error(&error);
    }
}
