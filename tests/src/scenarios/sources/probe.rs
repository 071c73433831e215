//! The metadata services that are looked for where the configuration says `probe`.

use super::super::{CLIENT, TENANT, config, request};
use super::{Answer, exchange, jwt, refused};
use crate::Recorder;
use serde_json::{Value, json};

const GOOGLE: &str = "http://169.254.169.254/";
const IMDS: &str = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01";
const FLAVOR: &str = "metadata-flavor: Google";
/// What Azure's service says to a request without its header.
const BAD_REQUEST: &[u8] =
    br#"{"error":"invalid_request","error_description":"Required metadata header not specified"}"#;
const SILENCE: Answer<'static> = ("failed", 0, "timeout", b"");
const REFUSED: Answer<'static> = ("failed", 0, "refused", b"");

pub(super) fn all() -> Vec<Recorder> {
    vec![
        google(),
        azure(),
        nothing(),
        named(),
        environment_first(),
        addresses_of_the_environment(),
        Recorder::refused(
            "probe-not-asked-for",
            "Nothing is looked for on the network unless the configuration says so.",
            json!({"tenant_id": TENANT, "client_id": CLIENT, "probe": false, "environment": {}}),
            "source_not_found",
        ),
        Recorder::refused(
            "probe-refuses-option",
            "The source that looks for metadata services has no options.",
            config(json!({"source": {"kind": "probe", "url": "http://127.0.0.1"}})),
            "config_invalid",
        ),
    ]
}

fn probed(environment: Value) -> Value {
    json!({"tenant_id": TENANT, "client_id": CLIENT, "probe": true, "environment": environment})
}

/// Answers one question about a service.
fn asked(r: &mut Recorder, t: u64, url: &str, answer: Answer<'_>) {
    let step = r.poll(t, "perform");
    let effect = &step["effect"];
    assert_eq!(effect["url"], url);
    assert_eq!(effect["direct"], true);
    assert_eq!(effect["timeout_ms"], 500);
    let (kind, status, head, body) = answer;
    r.resolve(effect["id"].as_u64().expect("id"), kind, status, head, body);
}

/// Answers the request for a token, whose address starts with `url`.
fn token(r: &mut Recorder, t: u64, url: &str, head: &str, body: &str) {
    let step = r.poll(t, "perform");
    let effect = &step["effect"];
    let actual = effect["url"].as_str().expect("a URL");
    assert!(actual.starts_with(url), "{actual}");
    r.resolve(effect["id"].as_u64().expect("id"), "http", 200, head, body.as_bytes());
    exchange(r, t, "token-1");
}

fn google() -> Recorder {
    let mut r = Recorder::new(
        "probe-google",
        "Google's metadata server answers, and gives the token.",
        probed(json!({})),
    );
    let t = r.begin(request());
    asked(&mut r, t, GOOGLE, ("http", 200, FLAVOR, b"0.1/\ncomputeMetadata/\n"));
    token(
        &mut r,
        t,
        "http://metadata.google.internal/computeMetadata/v1/instance/",
        FLAVOR,
        &jwt(),
    );
    r
}

fn azure() -> Recorder {
    let mut r = Recorder::new(
        "probe-azure",
        "Azure's metadata service answers both questions; only the second is its own.",
        probed(json!({})),
    );
    let t = r.begin(request());
    asked(&mut r, t, GOOGLE, ("http", 404, "", b"<html>404</html>"));
    asked(&mut r, t, IMDS, ("http", 400, "", BAD_REQUEST));
    let answer = json!({"access_token": jwt(), "token_type": "Bearer"}).to_string();
    token(&mut r, t, &format!("{IMDS}&resource="), "", &answer);
    r
}

fn nothing() -> Recorder {
    let mut r = Recorder::new(
        "probe-nothing",
        "No service answers, or what answers is another cloud's or a proxy's.",
        probed(json!({})),
    );
    let unsupported: Answer<'_> = ("failed", 0, "unsupported", b"no `direct`");
    let page: Answer<'_> = ("http", 200, "", b"<html>sign in</html>");
    let redirect: Answer<'_> = ("http", 302, "location: http://169.254.169.254/x", b"");
    let large = vec![b'a'; 64 * 1024 + 1];
    for answers in [
        [SILENCE, SILENCE],
        [REFUSED, ("failed", 0, "dns", b"")],
        [unsupported, unsupported],
        [page, page],
        [redirect, redirect],
        [("http", 200, "metadata-flavor: Other", b""), ("http", 200, "", b"[]")],
        [SILENCE, ("http", 400, "", b"")],
        [("http", 200, "", &large), ("http", 200, "", &large)],
        [REFUSED, ("http", 200, "", b"\xff")],
    ] {
        refused(&mut r, &answers, "source_not_found");
    }
    // A service that is there and then refuses has its own errors.
    let rejected: Answer<'_> = ("http", 404, FLAVOR, b"");
    refused(&mut r, &[("http", 200, FLAVOR, b""), rejected], "source_rejected");
    // The next good call works.
    let t = r.begin(request());
    asked(&mut r, t, GOOGLE, ("http", 200, FLAVOR, b""));
    token(&mut r, t, "http://metadata.google.internal/", FLAVOR, &jwt());
    r
}

fn named() -> Recorder {
    let mut r = Recorder::new(
        "probe-named",
        "`source` names the search, which then comes before the environment.",
        config(json!({
            "source": {"kind": "probe"},
            "environment": {"AZURE_FEDERATED_TOKEN_FILE": "/var/run/secrets/token"}
        })),
    );
    let t = r.begin(request());
    asked(&mut r, t, GOOGLE, ("http", 200, FLAVOR, b""));
    token(&mut r, t, "http://metadata.google.internal/", FLAVOR, &jwt());
    r
}

fn environment_first() -> Recorder {
    let mut r = Recorder::new(
        "probe-environment-first",
        "What the environment offers is used without a search.",
        probed(json!({"AZURE_FEDERATED_TOKEN_FILE": "/var/run/secrets/token"})),
    );
    let t = r.begin(request());
    let e = r.perform(t, "read_file");
    r.resolve(e, "file", 0, "", jwt().as_bytes());
    exchange(&mut r, t, "token-1");
    r
}

fn addresses_of_the_environment() -> Recorder {
    let mut r = Recorder::new(
        "probe-constant-addresses",
        "A variable that names another address is not followed.",
        probed(json!({"NO_GCE_CHECK": "true", "GCE_METADATA_HOST": "127.0.0.1:988"})),
    );
    let t = r.begin(request());
    asked(&mut r, t, GOOGLE, ("http", 200, FLAVOR, b""));
    token(&mut r, t, "http://metadata.google.internal/", FLAVOR, &jwt());
    r
}
