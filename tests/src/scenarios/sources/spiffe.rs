//! SPIFFE's JWT-SVIDs.

use super::super::{CLIENT, TENANT, config, request};
use super::{Answer, exchange, refused};
use crate::Recorder;
use crate::recorder::START;
use serde_json::{Value, json};

const SOCKET: &str = "unix:///run/spire/agent.sock";

pub(super) fn all() -> Vec<Recorder> {
    vec![
        workload_api(),
        environment(),
        denied(),
        refusals(),
        agent(),
        agent_refusals(),
        socket("name", "tcp://spire.example:8081"),
        socket("link-local", "tcp://169.254.169.254:80"),
        socket("relative", "unix:agent.sock"),
        socket("newline", "unix:///run/a\nb"),
        socket("scheme", "/run/spire/agent.sock"),
        Recorder::refused(
            "source-spiffe-refuses-id",
            "A SPIFFE ID that breaks the grammar.",
            spiffe_config(json!({"spiffe_id": "spiffe://example.org/../a"})),
            "config_invalid",
        ),
        Recorder::refused(
            "source-spiffe-without-socket",
            "Neither the variable nor the option names the socket.",
            config(json!({"source": {"kind": "spiffe"}})),
            "environment_incomplete",
        ),
    ]
}

fn spiffe_config(changes: Value) -> Value {
    let mut source = json!({"kind": "spiffe", "socket": SOCKET});
    if let (Some(source), Value::Object(changes)) = (source.as_object_mut(), changes) {
        source.extend(changes);
    }
    config(json!({ "source": source }))
}

fn svid() -> String {
    crate::workload_token("spiffe://example.org/workload", START / 1000 + 300)
}

fn workload_api() -> Recorder {
    let mut r = Recorder::new(
        "source-spiffe",
        "The host calls the Workload API for one audience, a SPIFFE ID and a hint.",
        spiffe_config(json!({"spiffe_id": "spiffe://example.org/workload", "hint": "internal"})),
    );
    let t = r.begin(request());
    let step = r.poll(t, "perform");
    assert_eq!(step["effect"]["name"], "spiffe_jwt_svid");
    assert_eq!(
        step["effect"]["payload"],
        json!({
            "socket": SOCKET, "audience": ["api://AzureADTokenExchange"],
            "spiffe_id": "spiffe://example.org/workload", "hint": "internal"
        })
    );
    let effect = step["effect"]["id"].as_u64().expect("id");
    r.resolve(effect, "answer", 0, "", svid().as_bytes());
    exchange(&mut r, t, "token-1");
    r
}

fn environment() -> Recorder {
    let mut r = Recorder::new(
        "environment-spiffe",
        "SPIFFE_ENDPOINT_SOCKET is all it takes.",
        json!({"tenant_id": TENANT, "client_id": CLIENT, "environment": {
            "SPIFFE_ENDPOINT_SOCKET": SOCKET
        }}),
    );
    let t = r.begin(request());
    let e = r.perform(t, "ask_host");
    r.resolve(e, "answer", 0, "", svid().as_bytes());
    exchange(&mut r, t, "token-1");
    r
}

fn denied() -> Recorder {
    let mut r = Recorder::new(
        "source-spiffe-denied",
        "An agent denies until it knows the registration entry, so it is asked again.",
        spiffe_config(json!({})),
    );
    let t = r.begin(request());
    let e = r.perform(t, "ask_host");
    r.resolve(e, "failed", 0, "denied", b"PermissionDenied: no identity issued");
    let step = r.poll(t, "perform");
    r.wait(step["effect"]["until"].as_i64().expect("until") - r.now());
    r.resolve(step["effect"]["id"].as_u64().expect("id"), "elapsed", 0, "", b"");
    let e = r.perform(t, "ask_host");
    r.resolve(e, "answer", 0, "", svid().as_bytes());
    exchange(&mut r, t, "token-1");
    r
}

fn refusals() -> Recorder {
    let mut r = Recorder::new(
        "source-spiffe-refusals",
        "The agent denies, is away, refuses the request, or gives something else than a token for the audience.",
        spiffe_config(json!({})),
    );
    let other = crate::token_for("api://other", "spiffe://example.org/w", START / 1000 + 300);
    let old = crate::workload_token("spiffe://example.org/w", START / 1000 - 300);
    let large = vec![b'a'; 1024 * 1024];
    let cases: [(Answer<'_>, &str); 10] = [
        (("failed", 0, "denied", b"PermissionDenied"), "source_rejected"),
        (("failed", 0, "refused", b"Unavailable"), "source_unreachable"),
        (("failed", 0, "not_found", b"no such file"), "source_unreachable"),
        (("failed", 0, "timeout", b""), "source_unreachable"),
        (("failed", 0, "unsupported", b"install the package"), "source_unsupported"),
        (("failed", 0, "other", b"InvalidArgument: audience"), "source_rejected"),
        (("answer", 0, "", b"{}"), "source_response_invalid"),
        (("answer", 0, "", &large), "source_response_invalid"),
        (("answer", 0, "", other.as_bytes()), "source_audience_mismatch"),
        (("answer", 0, "", old.as_bytes()), "assertion_expired"),
    ];
    for (answer, code) in cases {
        refused(&mut r, &[answer], code);
    }
    r
}

fn agent_config(changes: Value) -> Value {
    let mut source = json!({"spire_agent": "/opt/spire/bin/spire-agent"});
    if let (Some(source), Value::Object(changes)) = (source.as_object_mut(), changes) {
        source.extend(changes);
    }
    spiffe_config(source)
}

fn printed(svids: &Value) -> String {
    json!([{"svids": svids}, {"bundles": {"example.org": "e30="}}]).to_string()
}

fn agent() -> Recorder {
    let mut r = Recorder::new(
        "source-spire-agent",
        "`spire-agent api fetch jwt -output json` prints the SVIDs; the hint chooses.",
        agent_config(json!({"hint": "internal", "spiffe_id": "spiffe://example.org/workload"})),
    );
    let t = r.begin(request());
    let step = r.poll(t, "perform");
    assert_eq!(
        step["effect"]["payload"]["command"],
        json!([
            "/opt/spire/bin/spire-agent",
            "api",
            "fetch",
            "jwt",
            "-output",
            "json",
            "-audience",
            "api://AzureADTokenExchange",
            "-socketPath",
            "/run/spire/agent.sock",
            "-spiffeID",
            "spiffe://example.org/workload"
        ])
    );
    let output = printed(&json!([
        {"spiffe_id": "spiffe://example.org/a", "svid": "a.b.c", "hint": "external"},
        {"spiffe_id": "spiffe://example.org/workload", "svid": svid(), "hint": "internal"}
    ]));
    let effect = step["effect"]["id"].as_u64().expect("id");
    r.resolve(effect, "answer", 0, "", output.as_bytes());
    exchange(&mut r, t, "token-1");
    r
}

fn agent_refusals() -> Recorder {
    let mut r = Recorder::new(
        "source-spire-agent-refusals",
        "The program is missing, fails, prints something else or too much.",
        agent_config(json!({})),
    );
    let large = vec![b' '; 1024 * 1024 + 1];
    let empty = printed(&json!([]));
    let cases: [(Answer<'_>, &str); 8] = [
        (("failed", 0, "not_found", b""), "source_unreachable"),
        (("failed", 0, "other", b"exit status 1"), "source_rejected"),
        (("failed", 0, "timeout", b""), "source_unreachable"),
        (("failed", 0, "unsupported", b""), "source_unsupported"),
        (("answer", 0, "", b"token(spiffe://example.org/a):"), "source_response_invalid"),
        (("answer", 0, "", b"{}"), "source_response_invalid"),
        (("answer", 0, "", empty.as_bytes()), "source_response_invalid"),
        (("answer", 0, "", &large), "source_response_invalid"),
    ];
    for (answer, code) in cases {
        refused(&mut r, &[answer], code);
    }
    r
}

fn socket(name: &'static str, socket: &str) -> Recorder {
    let name = format!("source-spiffe-refuses-{name}");
    Recorder::refused(
        name.leak(),
        "SPIFFE_ENDPOINT_SOCKET is neither a Unix socket's path nor an IP address with a port.",
        config(json!({
            "source": {"kind": "spiffe"},
            "environment": {"SPIFFE_ENDPOINT_SOCKET": socket}
        })),
        "config_invalid",
    )
}
