//! CI services and hosting platforms.

use super::{exchange, jwt, request};
use crate::Recorder;
use crate::recorder::START;
use crate::scenarios::{CLIENT, SCOPE, TENANT, config};
use serde_json::{Value, json};

pub(super) fn all() -> Vec<Recorder> {
    let mut all = vec![
        gitlab(),
        gitlab_rotated(),
        gitlab_variable(),
        variable_failures(),
        vercel(),
        terraform_file(),
        spacelift_file(),
    ];
    all.extend(in_variables());
    all.extend(refused());
    all
}

/// A configuration whose source the environment offers.
pub(super) fn detected(environment: Value) -> Value {
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
            "config-circleci-no-token",
            "A job of CircleCI without a context.",
            json!({"CIRCLECI": "true", "CIRCLE_OIDC_TOKEN_V2": ""}),
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
        incomplete(
            "config-buildkite-no-token",
            "A job of Buildkite whose environment was not passed on whole.",
            json!({"BUILDKITE_JOB_ID": "1", "BUILDKITE_AGENT_ACCESS_TOKEN": " "}),
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
