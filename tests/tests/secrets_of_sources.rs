//! Planted secrets are looked for in what every kind of token source prints.

use serde_json::{Value, json};
use workload_identity_core::http::{Headers, HttpResponse};
use workload_identity_core::{
    Config, Effect, Engine, Failure, Outcome, Request, Secret, Step, Timestamp, wire,
};

/// Part of every planted secret.
const CANARY: &str = "CANARY5ecret";

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// The members of the source of a kind, where it needs some.
fn members(kind: &str) -> Value {
    match kind {
        "environment" => json!({"variable": "A"}),
        "url" => json!({"url": "https://tokens.example/", "headers": {"authorization": CANARY}}),
        "executable" => json!({"command": ["p"], "allow_executables": true}),
        "circleci" => json!({"audience": "a"}),
        "signed" => json!({"key": "k", "algorithm": "ES256"}),
        "google_service_account" => json!({"service_account": "a@b.iam.gserviceaccount.com"}),
        _ => json!({}),
    }
}

/// An environment in which each variable is there and secret, unless it is an address.
fn environment() -> Value {
    let mut environment = json!({
        "ACTIONS_ID_TOKEN_REQUEST_URL": "https://pipelines.example/t",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": CANARY,
        "BUILDKITE_AGENT_ACCESS_TOKEN": CANARY,
        "BUILDKITE_JOB_ID": "1",
        "AZURE_FEDERATED_TOKEN_FILE": "/t",
        "SYSTEM_OIDCREQUESTURI": "https://dev.azure.com/org/p/_apis/oidctoken",
        "SYSTEM_ACCESSTOKEN": CANARY,
        "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": "33333333-3333-3333-3333-333333333333",
        "KUBERNETES_SERVICE_HOST": "10.0.0.1",
        "KUBERNETES_SERVICE_PORT": "443",
        "SPIFFE_ENDPOINT_SOCKET": "unix:///run/spire/agent.sock",
        "IDENTITY_ENDPOINT": "http://127.0.0.1:8081/msi/token",
        "IDENTITY_HEADER": CANARY,
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": CANARY,
        "AWS_SESSION_TOKEN": CANARY,
        "AWS_REGION": "eu-west-1",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/t",
        "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/a",
    });
    for name in [
        "AZURE_ID_TOKEN",
        "BITBUCKET_STEP_OIDC_TOKEN",
        "TFC_WORKLOAD_IDENTITY_TOKEN",
        "SPACELIFT_OIDC_TOKEN",
        "VERCEL_OIDC_TOKEN",
        "MODAL_IDENTITY_TOKEN",
    ] {
        environment[name] = CANARY.into();
    }
    environment
}

fn quiet(kind: &str, what: &str, value: &dyn std::fmt::Debug) {
    for text in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!text.contains(CANARY), "{kind}: {what} shows a secret: {text}");
    }
}

/// A workload token whose signature holds the canary.
fn token() -> String {
    let token = conformance::workload_token("s", NOW.seconds() + 3600);
    let (unsigned, _) = token.rsplit_once('.').expect("three parts");
    format!("{unsigned}.{CANARY}")
}

fn http(status: u16, body: &str) -> Outcome {
    let body = body.as_bytes().to_vec();
    Outcome::Http(HttpResponse { status, headers: Headers::default(), body })
}

/// Runs an acquisition whose platform gives these answers, with secrets in all of them.
fn run(kind: &str, config: &Value, answer: &Outcome) {
    let config = match Config::parse(config.to_string().as_bytes()) {
        Ok(config) => config,
        Err(error) => {
            quiet(kind, "the refusal", &error);
            assert!(!error.to_json().contains(CANARY), "{kind}: {}", error.to_json());
            return;
        }
    };
    quiet(kind, "the configuration", &config);
    let mut engine = Engine::new(config);
    engine.reseed([7; 32]);
    let ticket = engine.begin(Ok(Request::new("https://vault.azure.net/.default")));
    let mut now = NOW;
    for _ in 0..60 {
        let step = engine.poll(ticket, now);
        quiet(kind, "a step", &step);
        quiet(kind, "the engine", &engine);
        let (id, effect) = match step {
            Step::Perform { effect_id, effect, .. } => (effect_id, effect),
            Step::Fail(error) => {
                assert!(!error.to_json().contains(CANARY), "{kind}: {}", error.to_json());
                return;
            }
            _ => return,
        };
        let outcome = match &effect {
            Effect::Sleep { until } => {
                now = *until;
                Outcome::Elapsed
            }
            _ if matches!(answer, Outcome::Failed { .. }) => answer.clone(),
            Effect::AskHost { .. } => Outcome::Answer(Secret::new(token().into_bytes())),
            Effect::ReadFile { .. } => Outcome::File(Secret::new(token().into_bytes())),
            Effect::Sign { .. } => Outcome::Signed(CANARY.repeat(8).into_bytes()[..64].to_vec()),
            Effect::Http(request) if request.url.contains("login.microsoftonline.com") => http(
                400,
                &json!({"error": "invalid_client", "error_description": token()}).to_string(),
            ),
            _ => answer.clone(),
        };
        engine.resolve(id, outcome, now);
    }
}

#[test]
fn no_source_shows_a_secret() {
    let report = wire::sources(b"{}").expect("a report");
    let rows: Vec<Value> = serde_json::from_str(&report).expect("JSON");
    let names =
        ["message", "error", "error_description", "value", "token", "id_token", "access_token"];
    let given: Value = names.iter().map(|name| (*name, token())).collect();
    let answers = |secret: &str| {
        let echo = format!("{secret}: the token {} is bad", token());
        let said: Value = names.iter().map(|name| (*name, echo.as_str())).collect();
        [
            http(200, &given.to_string()),
            http(200, &token()),
            http(200, &format!("<html>{echo}</html>")),
            http(401, &said.to_string()),
            http(403, &echo),
            http(404, &said.to_string()),
            http(500, &said.to_string()),
            Outcome::Failed {
                failure: Failure::Tls,
                detail: format!("the token {} is bad", token()),
            },
        ]
    };
    for row in &rows {
        let kind = row["name"].as_str().expect("a name");
        let mut source = members(kind);
        source["kind"] = kind.into();
        // A probed service is asked without a secret, so that its answer cannot have one.
        let secret = if kind == "probe" { "no secret" } else { CANARY };
        for answer in &answers(secret) {
            let config = json!({
                "tenant_id": "contoso.com",
                "client_id": "11111111-2222-3333-4444-555555555555",
                "source": source,
                "environment": environment(),
            });
            run(kind, &config, answer);
        }
    }
    assert!(rows.len() > 10);
}
