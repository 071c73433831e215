//! Azure Arc's challenge and key files.

use super::{KEY_FILE, answer, arc_variables, asked, on, sleep};
use crate::Recorder;
use crate::scenarios::sources::exchange;
use crate::scenarios::{jwt, request};
use serde_json::json;

const ARC: &str = "http://localhost:40342/metadata/identity/oauth2/token?api-version=2020-06-01&resource=api%3A%2F%2FAzureADTokenExchange";

fn challenge(r: &mut Recorder, ticket: u64, realm: &str) {
    let (e, effect) = asked(r, ticket, ARC);
    assert_eq!(effect["headers"].get("authorization"), None);
    r.resolve(e, "http", 401, &format!("www-authenticate: {realm}"), b"");
}

pub(super) fn arc() -> Vec<Recorder> {
    let mut recorders = Vec::new();
    for (name, about, mut config) in [
        (
            "managed-identity-arc",
            "Azure Arc's agent asks for the content of a key file.",
            on(&arc_variables(), json!({})),
        ),
        (
            "managed-identity-arc-installed",
            "The agent's program is enough to detect Azure Arc.",
            on(&json!({}), json!({})),
        ),
    ] {
        if name.ends_with("installed") {
            config["environment_paths"] = json!(["/opt/azcmagent/bin/himds"]);
        }
        let mut r = Recorder::new(name, about, config);
        let t = r.begin(request());
        challenge(&mut r, t, &format!("Basic realm={KEY_FILE}"));
        let step = r.poll(t, "perform");
        assert_eq!(step["effect"]["path"], KEY_FILE);
        assert_eq!(step["effect"]["max_bytes"], 4096);
        r.resolve(step["effect"]["id"].as_u64().expect("id"), "file", 0, "", b"a2V5\n");
        let (e, effect) = asked(&mut r, t, ARC);
        assert_eq!(effect["headers"]["authorization"], "Basic a2V5");
        r.http(e, 200, answer(&jwt()));
        exchange(&mut r, t, "token-1");
        recorders.push(r);
    }
    recorders
}

pub(super) fn arc_challenges() -> Vec<Recorder> {
    let mut r = Recorder::new(
        "managed-identity-arc-challenges",
        "A challenge that names another file than a key file of the agent is refused, and no file is read.",
        on(&arc_variables(), json!({})),
    );
    for realm in [
        "",
        "Basic",
        "Bearer realm=x",
        "Basic realm=",
        "Basic realm=/etc/shadow",
        "Basic realm=/etc/shadow.key",
        "Basic realm=/var/opt/azcmagent/tokens/../../../../etc/shadow.key",
        "Basic realm=/var/opt/azcmagent/tokens/a/b.key",
        "Basic realm=/var/opt/azcmagent/tokens/a.pem",
        "Basic realm=C:\\Windows\\win.key",
        "Basic realm=\\\\server\\share\\a.key",
    ] {
        let t = r.begin(request());
        challenge(&mut r, t, realm);
        r.fail(t, "source_response_invalid");
        r.end(t);
    }
    for (status, code) in [(200, "source_response_invalid"), (400, "source_rejected")] {
        let t = r.begin(request());
        let (e, _) = asked(&mut r, t, ARC);
        r.http(e, status, answer(&jwt()));
        r.fail(t, code);
        r.end(t);
    }
    let t = r.begin(request());
    challenge(
        &mut r,
        t,
        "basic Realm=\"C:\\ProgramData\\AzureConnectedMachineAgent\\Tokens\\9f3c.key\""
            .replace("Realm", "realm")
            .as_str(),
    );
    let e = r.perform(t, "read_file");
    r.resolve(e, "file", 0, "", b"a2V5");
    let (e, _) = asked(&mut r, t, ARC);
    r.resolve(e, "http", 401, &format!("www-authenticate: Basic realm={KEY_FILE}"), b"");
    r.fail(t, "source_rejected");
    r.end(t);
    vec![r]
}

pub(super) fn arc_key_files() -> Vec<Recorder> {
    let mut r = Recorder::new(
        "managed-identity-arc-key-files",
        "Everything that a key file can be instead of a key; one that has gone is asked for once more.",
        on(&arc_variables(), json!({})),
    );
    let large = vec![b'a'; 4097];
    let cases: [(&str, &str, &[u8], &str); 6] = [
        ("failed", "denied", b"", "token_file_denied"),
        ("failed", "unsupported", b"", "source_unsupported"),
        ("failed", "other", b"input/output error", "token_file_unreadable"),
        ("file", "", &large, "token_file_too_large"),
        ("file", "", b"a\r\nx-header: b", "source_response_invalid"),
        ("file", "", b"\xff", "source_response_invalid"),
    ];
    for (kind, head, body, code) in cases {
        let t = r.begin(request());
        challenge(&mut r, t, &format!("Basic realm={KEY_FILE}"));
        let e = r.perform(t, "read_file");
        r.resolve(e, kind, 0, head, body);
        r.fail(t, code);
        r.end(t);
    }
    let passing: [(&str, &str, &[u8], &str); 2] = [
        ("failed", "not_found", b"", "token_file_missing"),
        ("file", "", b" \n", "token_file_empty"),
    ];
    for (kind, head, body, code) in passing {
        let t = r.begin(request());
        for again in [true, false] {
            challenge(&mut r, t, &format!("Basic realm={KEY_FILE}"));
            let e = r.perform(t, "read_file");
            r.resolve(e, kind, 0, head, body);
            if again {
                sleep(&mut r, t, 1_000);
            }
        }
        r.fail(t, code);
        r.end(t);
    }
    vec![r]
}
