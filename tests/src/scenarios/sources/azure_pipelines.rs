//! The token endpoint of Azure Pipelines.

use super::exchange;
use crate::Recorder;
use crate::recorder::START;
use crate::scenarios::{CLIENT, TENANT, config, jwt, request};
use serde_json::{Value, json};

const KIND: &str = "azure_pipelines";
const CONNECTION: &str = "44444444-4444-4444-4444-444444444444";
const URI: &str =
    "https://dev.azure.com/contoso/0000/_apis/distributedtask/hubs/build/plans/1/jobs/2/oidctoken";

pub(super) fn all() -> Vec<Recorder> {
    let mut all = vec![configured(), detected(), failures()];
    all.extend(refused());
    all
}

fn variables() -> Value {
    json!({
        "SYSTEM_OIDCREQUESTURI": URI,
        "SYSTEM_ACCESSTOKEN": "job-token",
        "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": CONNECTION,
        "AZURESUBSCRIPTION_CLIENT_ID": CLIENT,
        "AZURESUBSCRIPTION_TENANT_ID": TENANT,
    })
}

fn asked(r: &mut Recorder, t: u64) -> u64 {
    let step = r.poll(t, "perform");
    let effect = &step["effect"];
    assert_eq!(effect["url"], format!("{URI}?api-version=7.1&serviceConnectionId={CONNECTION}"));
    assert_eq!(effect["method"], "POST");
    assert_eq!(effect["body"], "");
    assert_eq!(effect["headers"]["x-tfs-fedauthredirect"], "Suppress");
    effect["id"].as_u64().expect("id")
}

fn configured() -> Recorder {
    let mut r = Recorder::new(
        "azure-pipelines",
        "A configured service connection; the rest is in the environment. A 503 is retried.",
        config(json!({
            "source": {"kind": KIND, "service_connection_id": CONNECTION},
            "environment": {"SYSTEM_OIDCREQUESTURI": format!(" {URI}/ "), "SYSTEM_ACCESSTOKEN": "job-token\n"},
        })),
    );
    let t = r.begin(request());
    let e = asked(&mut r, t);
    r.resolve(e, "http", 503, "", b"");
    let step = r.poll(t, "perform");
    let pause = step["effect"]["until"].as_i64().expect("until") - r.now();
    r.wait(pause);
    r.resolve(step["effect"]["id"].as_u64().expect("id"), "elapsed", 0, "", b"");
    let e = asked(&mut r, t);
    r.http(e, 200, json!({"oidcToken": jwt()}));
    exchange(&mut r, t, "token-1");
    r
}

fn detected() -> Recorder {
    let mut r = Recorder::new(
        "environment-azure-pipelines",
        "The variables of the AzureCLI task name tenant, client and service connection. The new issuer is Entra's own.",
        json!({"environment": variables()}),
    );
    let t = r.begin(request());
    let e = asked(&mut r, t);
    r.http(e, 200, json!({"oidcToken": crate::token_of(&json!({
        "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
        "sub": "/eid1/c/pub/t/dGVuYW50/a/YXBw/sc/11111111-2222-3333-4444-555555555555/66666666-7777-8888-9999-000000000000",
        "aud": "api://AzureADTokenExchange",
        "exp": START / 1000 + 600,
    }).to_string())}));
    exchange(&mut r, t, "token-1");
    r
}

fn failures() -> Recorder {
    let mut r = Recorder::new(
        "azure-pipelines-failures",
        "A sign-in page in each of its forms, refusals and answers without a token; a later good call works.",
        json!({"environment": variables()}),
    );
    let page = b"\r\n<!DOCTYPE html><html>Azure DevOps Services | Sign In</html>";
    let large = vec![b'a'; 64 * 1024 + 1];
    let cases: [(&str, u32, &str, &[u8], &str); 13] = [
        (
            "http",
            302,
            "location: https://spsprodweu1.vssps.visualstudio.com/_signin",
            b"",
            "source_rejected",
        ),
        ("http", 203, "content-type: text/html", page, "source_rejected"),
        ("http", 200, "content-type: text/html", page, "source_rejected"),
        ("http", 307, "location: https://evil.example", b"", "source_rejected"),
        ("http", 401, "", b"{\"message\":\"TF400813\"}", "source_rejected"),
        ("http", 404, "", b"", "source_rejected"),
        ("http", 200, "", b"{}", "source_response_invalid"),
        ("http", 200, "", b"{\"oidcToken\":1}", "source_response_invalid"),
        ("http", 200, "", b"[\"oidcToken\"]", "source_response_invalid"),
        ("http", 200, "", b"{\"oidcToken\":\"opaque\"}", "assertion_malformed"),
        ("http", 200, "", &large, "source_response_invalid"),
        ("http", 429, "retry-after: 600", b"", "source_unavailable"),
        ("failed", 0, "cancelled", b"", "cancelled"),
    ];
    for (kind, status, head, body, code) in cases {
        let t = r.begin(request());
        let e = asked(&mut r, t);
        r.resolve(e, kind, status, head, body);
        r.fail(t, code);
        r.end(t);
    }
    let t = r.begin(request());
    let e = asked(&mut r, t);
    r.http(e, 200, json!({"oidcToken": crate::workload_token("s", START / 1000 - 61)}));
    r.fail(t, "assertion_expired");
    r.end(t);
    let t = r.begin(request());
    let e = asked(&mut r, t);
    let foreign = json!({"iss": "i", "sub": "s", "aud": "https://vault.azure.net", "exp": START / 1000 + 600});
    r.http(e, 200, json!({"oidcToken": crate::token_of(&foreign.to_string())}));
    r.fail(t, "source_audience_mismatch");
    r.end(t);
    let t = r.begin(request());
    let e = asked(&mut r, t);
    r.http(e, 200, json!({"oidcToken": jwt()}));
    exchange(&mut r, t, "token-1");
    r
}

fn refused() -> Vec<Recorder> {
    let with = |name, about, variable: &str, value: &str, code: &str| {
        let mut environment = variables();
        environment[variable] = value.into();
        Recorder::refused(name, about, json!({"environment": environment}), code)
    };
    vec![
        with(
            "azure-pipelines-not-mapped",
            "The job's token is not mapped into the step.",
            "SYSTEM_ACCESSTOKEN",
            " ",
            "environment_incomplete",
        ),
        with(
            "azure-pipelines-no-uri",
            "A task whose environment was not passed on whole.",
            "SYSTEM_OIDCREQUESTURI",
            "",
            "environment_incomplete",
        ),
        with(
            "azure-pipelines-macro",
            "The macro was not replaced.",
            "SYSTEM_ACCESSTOKEN",
            "$(System.AccessToken)",
            "config_invalid",
        ),
        with(
            "azure-pipelines-token-newline",
            "The job's token has a line break inside.",
            "SYSTEM_ACCESSTOKEN",
            "a\nb",
            "config_invalid",
        ),
        with(
            "azure-pipelines-no-connection",
            "No service connection is named.",
            "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
            "",
            "environment_incomplete",
        ),
        with(
            "azure-pipelines-connection-name",
            "The connection's name instead of its id.",
            "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
            "my-connection",
            "config_invalid",
        ),
        with(
            "azure-pipelines-uri-http",
            "The endpoint uses http.",
            "SYSTEM_OIDCREQUESTURI",
            "http://dev.azure.com/oidctoken",
            "config_invalid",
        ),
        with(
            "azure-pipelines-uri-metadata",
            "The endpoint is a metadata service.",
            "SYSTEM_OIDCREQUESTURI",
            "https://169.254.169.254/oidctoken",
            "config_invalid",
        ),
        with(
            "azure-pipelines-uri-credentials",
            "The endpoint has credentials.",
            "SYSTEM_OIDCREQUESTURI",
            "https://user:password@dev.azure.com/oidctoken",
            "config_invalid",
        ),
    ]
}
