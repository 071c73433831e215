//! CI services and hosting platforms.

use super::{exchange, jwt, request};
use crate::Recorder;
use crate::recorder::START;
use crate::scenarios::{CLIENT, SCOPE, TENANT, config};
use serde_json::{Value, json};

const AUDIENCE: &str = "api://AzureADTokenExchange";

pub(super) fn all() -> Vec<Recorder> {
    let mut all = vec![
        github_quotes(),
        github_other_audience(),
        forgejo(),
        gitlab(),
        gitlab_rotated(),
        gitlab_variable(),
        variable_failures(),
        vercel(),
        terraform_file(),
        spacelift_file(),
        circleci_command(),
        circleci_failures(),
        buildkite(),
        buildkite_failures(),
        fly(),
        fly_failures(),
    ];
    all.extend(in_variables());
    all.extend(refused());
    all
}

/// A configuration whose source the environment offers.
fn detected(environment: Value) -> Value {
    json!({"tenant_id": TENANT, "client_id": CLIENT, "environment": environment})
}

/// A workload token for an audience.
pub(super) fn token_for(audience: &str) -> String {
    crate::token_for(audience, "s", START / 1000 + 3600)
}

/// Answers the effect `environment` for a variable.
fn variable(r: &mut Recorder, t: u64, name: &str, value: &str) {
    let step = r.poll(t, "perform");
    assert_eq!(step["effect"]["name"], "environment", "{step}");
    assert_eq!(step["effect"]["payload"], json!({"variable": name}), "{step}");
    let e = step["effect"]["id"].as_u64().expect("an id");
    r.resolve(e, "answer", 0, "", value.as_bytes());
}

fn github_environment(changes: Value) -> Value {
    let mut environment = json!({
        "GITHUB_ACTIONS": "true",
        "ACTIONS_ID_TOKEN_REQUEST_URL": "https://pipelines.example/token?api-version=2.0",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-token"
    });
    if let (Some(environment), Value::Object(changes)) = (environment.as_object_mut(), changes) {
        environment.extend(changes);
    }
    environment
}

fn github_quotes() -> Recorder {
    let mut r = Recorder::new(
        "source-github-quotes",
        "What GitHub says of a refusal is shown, without tokens; a message with the request token is not. 404 says what to check.",
        detected(github_environment(json!({"GITHUB_SERVER_URL": "https://github.com"}))),
    );
    for (status, said) in [
        (401, "Token eyJhbGciOiJSUzI1NiJ9.e30.c2ln has expired"),
        (403, "the token request-token is not known"),
        (404, "Not Found"),
        (400, ""),
    ] {
        let t = r.begin(request());
        let e = r.perform(t, "http");
        r.http(e, status, json!({"message": said}));
        let step = r.fail(t, "source_rejected");
        let message = step["error"]["message"].as_str().expect("a message");
        assert!(!message.contains("eyJ") && !message.contains("request-token"), "{message}");
        r.end(t);
    }
    r
}

fn github_other_audience() -> Recorder {
    let mut r = Recorder::new(
        "source-github-other-audience",
        "GitHub Enterprise Server gives a token for another audience than the one asked for.",
        detected(github_environment(json!({"GITHUB_SERVER_URL": "https://github.corp.example"}))),
    );
    let t = r.begin(request());
    let e = r.perform(t, "http");
    r.http(e, 200, json!({"value": token_for("https://github.com/octo-org")}));
    r.fail(t, "source_audience_mismatch");
    r.end(t);
    let t = r.begin(request());
    let e = r.perform(t, "http");
    r.http(e, 200, json!({"value": token_for(AUDIENCE)}));
    exchange(&mut r, t, "token-1");
    r
}

fn forgejo() -> Recorder {
    let mut r = Recorder::new(
        "source-forgejo",
        "Forgejo's runner sets GitHub's variables, too; messages name Forgejo.",
        detected(github_environment(json!({
            "FORGEJO_ACTIONS": "true",
            "GITEA_ACTIONS": "true",
            "GITHUB_SERVER_URL": "https://codeberg.example",
            "ACTIONS_ID_TOKEN_REQUEST_URL":
                "https://codeberg.example/api/actions/_apis/pipelines/workflows/1/idtoken?placeholder=true"
        }))),
    );
    let t = r.begin(request());
    let step = r.poll(t, "perform");
    assert!(
        step["effect"]["url"].as_str().expect("url").contains("?placeholder=true&audience=api")
    );
    r.http(step["effect"]["id"].as_u64().expect("id"), 403, json!({}));
    let step = r.fail(t, "source_rejected");
    assert!(step["error"]["message"].as_str().expect("text").contains("enable-openid-connect"));
    r.end(t);
    r
}

fn gitlab() -> Recorder {
    let mut r = Recorder::new(
        "source-gitlab",
        "Of several ID tokens of a GitLab job, the one for the cloud's audience is taken.",
        json!({
            "tenant_id": TENANT,
            "client_id": CLIENT,
            "authority_host": "https://login.microsoftonline.us",
            "environment": {
                "GITLAB_CI": "true",
                "AZURE_ID_TOKEN": "a",
                "API___AZUREADTOKENEXCHANGE_ID_TOKEN": "b",
                "API___AZUREADTOKENEXCHANGEUSGOV_ID_TOKEN": "c"
            }
        }),
    );
    let t = r.begin(request());
    variable(&mut r, t, "API___AZUREADTOKENEXCHANGEUSGOV_ID_TOKEN", &jwt());
    exchange(&mut r, t, "token-1");
    r
}

fn gitlab_rotated() -> Recorder {
    let mut r = Recorder::new(
        "source-gitlab-rotated",
        "The variable is read for each exchange, so a changed token is seen.",
        detected(json!({"GITLAB_CI": "true", "AZURE_ID_TOKEN": "a"})),
    );
    for (scope, token) in [(SCOPE, "token-1"), ("https://a.example/.default", "token-2")] {
        let t = r.begin(json!({"scopes": [scope]}));
        variable(&mut r, t, "AZURE_ID_TOKEN", &format!(" {}\n", jwt()));
        exchange(&mut r, t, token);
    }
    r
}

fn gitlab_variable() -> Recorder {
    let mut r = Recorder::new(
        "source-gitlab-variable",
        "The configuration names the variable of the job's ID token.",
        config(json!({"source": {"kind": "gitlab", "variable": "MY_TOKEN"}})),
    );
    let t = r.begin(request());
    variable(&mut r, t, "MY_TOKEN", &jwt());
    exchange(&mut r, t, "token-1");
    r
}

/// Platforms whose token is in a variable, found in the environment and configured.
fn in_variables() -> Vec<Recorder> {
    let cases: [(&str, &str, &str, Value); 8] = [
        (
            "source-circleci",
            "CircleCI sets two generations of tokens; the second is taken.",
            "CIRCLE_OIDC_TOKEN_V2",
            json!({"CIRCLE_OIDC_TOKEN": "a", "CIRCLE_OIDC_TOKEN_V2": "b"}),
        ),
        (
            "source-circleci-first",
            "Only CircleCI's first generation is set.",
            "CIRCLE_OIDC_TOKEN",
            json!({"CIRCLE_OIDC_TOKEN": "a", "CIRCLE_OIDC_TOKEN_V2": " "}),
        ),
        (
            "source-bitbucket",
            "The token of a step of Bitbucket Pipelines.",
            "BITBUCKET_STEP_OIDC_TOKEN",
            json!({"BITBUCKET_STEP_OIDC_TOKEN": "a", "BITBUCKET_STEP_UUID": "{1}"}),
        ),
        (
            "source-terraform",
            "The token of a run of HCP Terraform.",
            "TFC_WORKLOAD_IDENTITY_TOKEN",
            json!({"TFC_WORKLOAD_IDENTITY_TOKEN": "a", "ARM_OIDC_TOKEN": "b", "TFC_RUN_ID": "run-1"}),
        ),
        (
            "source-terraform-provider",
            "The variable of Terraform's providers for Azure.",
            "ARM_OIDC_TOKEN",
            json!({"ARM_OIDC_TOKEN": "b", "ARM_OIDC_TOKEN_FILE_PATH": "/t"}),
        ),
        (
            "source-spacelift",
            "The token of a run of Spacelift.",
            "SPACELIFT_OIDC_TOKEN",
            json!({"SPACELIFT_OIDC_TOKEN": "a"}),
        ),
        (
            "source-vercel-build",
            "The token of a build at Vercel.",
            "VERCEL_OIDC_TOKEN",
            json!({"VERCEL_OIDC_TOKEN": "a"}),
        ),
        (
            "source-modal",
            "The token of a container at Modal.",
            "MODAL_IDENTITY_TOKEN",
            json!({"MODAL_IDENTITY_TOKEN": "a"}),
        ),
    ];
    let play = |(name, about, read, environment): (_, _, _, Value)| {
        let mut r = Recorder::new(name, about, detected(environment));
        let t = r.begin(request());
        variable(&mut r, t, read, &jwt());
        exchange(&mut r, t, "token-1");
        r
    };
    cases.into_iter().map(play).collect()
}

fn variable_failures() -> Recorder {
    let mut r = Recorder::new(
        "source-variable-failures",
        "Everything a variable can be instead of a token; a later good one works.",
        detected(json!({"MODAL_IDENTITY_TOKEN": "a"})),
    );
    let large = vec![b'a'; 16 * 1024 + 1];
    let expired = crate::workload_token("s", START / 1000 - 61);
    let cases: [(&str, &str, &[u8], &str); 10] = [
        ("failed", "not_found", b"", "environment_incomplete"),
        ("failed", "unsupported", b"", "source_unsupported"),
        ("failed", "other", b"no", "source_unreachable"),
        ("failed", "cancelled", b"", "cancelled"),
        ("answer", "", b" \n", "environment_incomplete"),
        ("answer", "", &large, "assertion_malformed"),
        ("answer", "", b"\xff", "assertion_malformed"),
        ("answer", "", b"a.b\nc.d", "assertion_malformed"),
        ("answer", "", expired.as_bytes(), "assertion_expired"),
        ("file", "", b"x", "misuse"),
    ];
    for (kind, head, body, code) in cases {
        let t = r.begin(request());
        let e = r.perform(t, "ask_host");
        r.resolve(e, kind, 0, head, body);
        let step = r.fail(t, code);
        if !matches!(code, "cancelled" | "misuse") {
            assert!(step["error"]["message"].as_str().expect("text").contains("Modal"), "{step}");
        }
        r.end(t);
    }
    let t = r.begin(request());
    variable(&mut r, t, "MODAL_IDENTITY_TOKEN", &jwt());
    exchange(&mut r, t, "token-1");
    r
}

fn vercel() -> Recorder {
    let mut r = Recorder::new(
        "source-vercel",
        "A function at Vercel has its token with each request, so none is kept.",
        detected(json!({"VERCEL": "1"})),
    );
    for (scope, token) in [(SCOPE, "token-1"), ("https://a.example/.default", "token-2")] {
        let t = r.begin(json!({"scopes": [scope]}));
        variable(&mut r, t, "VERCEL_OIDC_TOKEN", &jwt());
        exchange(&mut r, t, token);
    }
    let t = r.begin(json!({"scopes": ["https://b.example/.default"]}));
    let e = r.perform(t, "ask_host");
    r.resolve(e, "failed", 0, "not_found", b"");
    r.fail(t, "environment_incomplete");
    r.end(t);
    r
}

fn terraform_file() -> Recorder {
    let mut r = Recorder::new(
        "source-terraform-file",
        "The token file of Terraform's providers for Azure; it is missing for an instant.",
        detected(json!({"ARM_OIDC_TOKEN_FILE_PATH": "/run/token"})),
    );
    let t = r.begin(request());
    let e = r.perform(t, "read_file");
    r.resolve(e, "failed", 0, "not_found", b"");
    super::reread(&mut r, t);
    let e = r.perform(t, "read_file");
    r.resolve(e, "file", 0, "", jwt().as_bytes());
    exchange(&mut r, t, "token-1");
    r
}

fn spacelift_file() -> Recorder {
    let mut r = Recorder::new(
        "source-spacelift-file",
        "A run of Spacelift without the variable reads the file.",
        json!({
            "tenant_id": TENANT,
            "client_id": CLIENT,
            "environment_paths": ["/mnt/workspace/spacelift.oidc"]
        }),
    );
    let t = r.begin(request());
    let e = r.perform(t, "read_file");
    r.resolve(e, "file", 0, "", jwt().as_bytes());
    exchange(&mut r, t, "token-1");
    r
}

fn circleci_command() -> Recorder {
    let mut r = Recorder::new(
        "source-circleci-command",
        "A token with an audience of the caller's choice comes from CircleCI's command.",
        config(json!({"source": {"kind": "circleci", "audience": AUDIENCE, "root_issuer": true}})),
    );
    let t = r.begin(request());
    let step = r.poll(t, "perform");
    assert_eq!(
        step["effect"]["payload"]["command"],
        json!([
            "circleci",
            "run",
            "oidc",
            "get",
            "--claims",
            r#"{"aud":"api://AzureADTokenExchange"}"#,
            "--root-issuer"
        ])
    );
    let e = step["effect"]["id"].as_u64().expect("id");
    r.resolve(e, "answer", 0, "", format!("{}\n", token_for(AUDIENCE)).as_bytes());
    exchange(&mut r, t, "token-1");
    r
}

fn circleci_failures() -> Recorder {
    let mut r = Recorder::new(
        "source-circleci-failures",
        "CircleCI's command is missing, fails, hangs, prints nothing, or a token for another audience.",
        config(json!({"source": {"kind": "circleci", "audience": AUDIENCE}})),
    );
    let other = token_for("other");
    let cases: [(&str, &str, &[u8], &str); 7] = [
        ("failed", "not_found", b"", "source_unreachable"),
        ("failed", "unsupported", b"", "source_unsupported"),
        ("failed", "timeout", b"", "source_unreachable"),
        ("failed", "other", b"exit status 1", "source_rejected"),
        ("answer", "", b"\n", "source_response_invalid"),
        ("answer", "", b"\xff", "source_response_invalid"),
        ("answer", "", other.as_bytes(), "source_audience_mismatch"),
    ];
    for (kind, head, body, code) in cases {
        let t = r.begin(request());
        let e = r.perform(t, "ask_host");
        r.resolve(e, kind, 0, head, body);
        r.fail(t, code);
        r.end(t);
    }
    r
}

fn buildkite_environment() -> Value {
    json!({
        "BUILDKITE_AGENT_ACCESS_TOKEN": "agent-token",
        "BUILDKITE_JOB_ID": "0190046e-e199-453b-a302-a21a4d649d31",
        "BUILDKITE_AGENT_ENDPOINT": "https://agent.example/v3/"
    })
}

fn buildkite() -> Recorder {
    let mut r = Recorder::new(
        "source-buildkite",
        "Buildkite's agent API is asked for a token with a stable subject; a 503 is retried.",
        json!({
            "tenant_id": TENANT,
            "client_id": CLIENT,
            "environment": buildkite_environment(),
            "source": {"kind": "buildkite", "subject_claim": "pipeline_id", "lifetime": 600, "claims": ["organization_id"]}
        }),
    );
    let t = r.begin(request());
    let step = r.poll(t, "perform");
    let effect = &step["effect"];
    assert_eq!(
        effect["url"],
        "https://agent.example/v3/jobs/0190046e-e199-453b-a302-a21a4d649d31/oidc/tokens"
    );
    assert_eq!(effect["headers"]["authorization"], "Token agent-token");
    assert_eq!(
        effect["body"],
        r#"{"audience":"api://AzureADTokenExchange","lifetime":600,"claims":["organization_id"],"subject_claim":"pipeline_id"}"#
    );
    r.http(effect["id"].as_u64().expect("id"), 503, json!({}));
    super::pause(&mut r, t);
    let e = r.perform(t, "http");
    r.http(e, 200, json!({"token": token_for(AUDIENCE)}));
    exchange(&mut r, t, "token-1");
    r
}

fn buildkite_failures() -> Recorder {
    let mut r = Recorder::new(
        "source-buildkite-failures",
        "Buildkite refuses, answers without a token or with one for another audience.",
        detected(buildkite_environment()),
    );
    let refusal = json!({"message": "Invalid access token"}).to_string();
    let other = json!({"token": token_for("https://buildkite.com/acme")}).to_string();
    for (status, body, code) in [
        (401, refusal.as_str(), "source_rejected"),
        (404, "{}", "source_rejected"),
        (307, "", "source_rejected"),
        (200, r#"{"token":7}"#, "source_response_invalid"),
        (200, r#"{"value":"a"}"#, "source_response_invalid"),
        (200, "<html>", "source_response_invalid"),
        (200, &other, "source_audience_mismatch"),
    ] {
        let t = r.begin(request());
        let e = r.perform(t, "http");
        r.resolve(e, "http", status, "", body.as_bytes());
        r.fail(t, code);
        r.end(t);
    }
    r
}

fn fly() -> Recorder {
    let mut r = Recorder::new(
        "source-fly",
        "A machine of Fly.io gets its token over a Unix socket.",
        json!({"tenant_id": TENANT, "client_id": CLIENT, "environment_paths": ["/.fly/api"]}),
    );
    let t = r.begin(request());
    let step = r.poll(t, "perform");
    let effect = &step["effect"];
    assert_eq!(effect["unix_socket"], "/.fly/api");
    assert_eq!(effect["direct"], true);
    assert_eq!(effect["body"], r#"{"aud":"api://AzureADTokenExchange"}"#);
    let e = effect["id"].as_u64().expect("id");
    r.resolve(e, "http", 200, "", token_for(AUDIENCE).as_bytes());
    exchange(&mut r, t, "token-1");
    r
}

fn fly_failures() -> Recorder {
    let mut r = Recorder::new(
        "source-fly-failures",
        "Fly.io's socket is beyond the runtime, refuses, or answers something else.",
        config(json!({"source": {"kind": "fly", "audience": "other"}})),
    );
    let large = "a".repeat(16 * 1024 + 1);
    for (kind, status, head, body, code) in [
        ("failed", 0, "unsupported", "no Unix sockets here", "source_unsupported"),
        ("http", 403, "", "denied", "source_rejected"),
        ("http", 200, "", "", "source_response_invalid"),
        ("http", 200, "", large.as_str(), "source_response_invalid"),
        ("http", 200, "", "<html>", "assertion_malformed"),
        ("http", 200, "", &token_for(AUDIENCE), "source_audience_mismatch"),
    ] {
        let t = r.begin(request());
        let e = r.perform(t, "http");
        r.resolve(e, kind, status, head, body.as_bytes());
        r.fail(t, code);
        r.end(t);
    }
    r
}

/// Environments and configurations that name a platform and miss a part.
fn refused() -> Vec<Recorder> {
    let incomplete = |name, about, environment| {
        Recorder::refused(name, about, detected(environment), "environment_incomplete")
    };
    let invalid = |name, about, source: Value| {
        Recorder::refused(name, about, config(json!({"source": source})), "config_invalid")
    };
    vec![
        incomplete(
            "config-gitlab-no-token",
            "A GitLab job without `id_tokens`: the message has the lines to add.",
            json!({"GITLAB_CI": "true", "azure_id_token": "a", "AZURE_ID_TOKEN": " "}),
        ),
        incomplete(
            "config-bitbucket-no-token",
            "A step of Bitbucket Pipelines without `oidc: true`.",
            json!({"BITBUCKET_STEP_UUID": "{1}"}),
        ),
        incomplete(
            "config-terraform-no-token",
            "A run of HCP Terraform without an audience.",
            json!({"TFC_RUN_ID": "run-1"}),
        ),
        incomplete(
            "config-buildkite-no-job",
            "Buildkite's access token without its job.",
            json!({"BUILDKITE_AGENT_ACCESS_TOKEN": "agent-token"}),
        ),
        Recorder::refused(
            "config-buildkite-newline",
            "An access token with a newline inside would become two headers.",
            detected(json!({"BUILDKITE_AGENT_ACCESS_TOKEN": "a\nb", "BUILDKITE_JOB_ID": "1"})),
            "config_invalid",
        ),
        Recorder::refused(
            "config-buildkite-metadata",
            "An endpoint that is a metadata service.",
            detected(json!({
                "BUILDKITE_AGENT_ACCESS_TOKEN": "a",
                "BUILDKITE_JOB_ID": "1",
                "BUILDKITE_AGENT_ENDPOINT": "https://169.254.169.254/v3"
            })),
            "config_invalid",
        ),
        Recorder::refused(
            "config-forgejo-permission",
            "A Forgejo job without tokens: the message has Forgejo's own setting.",
            detected(json!({"GITHUB_ACTIONS": "true", "FORGEJO_ACTIONS": "true"})),
            "github_permission_missing",
        ),
        invalid(
            "config-gitlab-variable",
            "The name of a variable has a space.",
            json!({"kind": "gitlab", "variable": "MY TOKEN"}),
        ),
        invalid(
            "config-circleci-both",
            "CircleCI: an audience and a variable.",
            json!({"kind": "circleci", "variable": "A", "audience": "b"}),
        ),
    ]
}
