//! The token sources.

mod actions;
mod agents;
mod aws;
mod azure_pipelines;
mod ci;
mod generic;
mod google;
mod kubernetes;
mod managed_identity;
mod probe;
mod spiffe;
mod token_proxy;

use super::{config, issued, jwt, request};
use crate::Recorder;
use crate::recorder::START;
use serde_json::{Value, json};

pub(super) fn all() -> Vec<Recorder> {
    let mut all = vec![
        file(),
        file_reread(),
        file_half_written(),
        file_failures(),
        expired(),
        callback_failures(),
        environment_file(),
        signed(),
        signed_verified(),
        contexts(),
    ];
    for source in [
        actions::all(),
        agents::all(),
        aws::all(),
        azure_pipelines::all(),
        ci::all(),
        generic::all(),
        google::all(),
        kubernetes::all(),
        managed_identity::all(),
        probe::all(),
        spiffe::all(),
        token_proxy::all(),
    ] {
        all.extend(source);
    }
    all
}

/// Begins a request that must fail with a code. Each attempt gets the same answers.
fn refused(r: &mut Recorder, steps: &[Answer<'_>], code: &str) {
    let t = r.begin(request());
    let mut answers = steps.iter();
    while !r.peek_is_fail(t) {
        let step = r.poll(t, "perform");
        let effect = step["effect"]["id"].as_u64().expect("id");
        if step["effect"]["kind"] == "sleep" {
            r.wait(step["effect"]["until"].as_i64().expect("until") - r.now());
            r.resolve(effect, "elapsed", 0, "", b"");
            answers = steps.iter();
            continue;
        }
        let (kind, status, head, body) = answers.next().expect("an answer");
        r.resolve(effect, kind, *status, head, body);
    }
    r.fail(t, code);
    r.end(t);
}

/// Kind, status, head and body of an outcome.
type Answer<'a> = (&'a str, u32, &'a str, &'a [u8]);

fn exchange(r: &mut Recorder, t: u64, token: &str) {
    let e = r.perform(t, "http");
    r.http(e, 200, issued(token, 3599));
    r.done(t, token);
    r.end(t);
}

fn file_config() -> Value {
    config(json!({"source": {"kind": "file", "path": "/var/run/secrets/token"}}))
}

fn file() -> Recorder {
    let mut r = Recorder::new(
        "source-file",
        "A token file with white space around the token.",
        file_config(),
    );
    let t = r.begin(request());
    let e = r.perform(t, "read_file");
    r.resolve(e, "file", 0, "", format!("\n {}\r\n", jwt()).as_bytes());
    exchange(&mut r, t, "token-1");
    r
}

fn file_reread() -> Recorder {
    let mut r = Recorder::new(
        "source-file-reread",
        "The file is not read again for another scope until its token's own expiry nears.",
        file_config(),
    );
    let life = |now: i64| crate::workload_token("s", now / 1000 + 3600);
    let t = r.begin(request());
    let e = r.perform(t, "read_file");
    r.resolve(e, "file", 0, "", life(r.now()).as_bytes());
    exchange(&mut r, t, "token-1");
    r.wait(3_539_000);
    let t = r.begin(json!({"scopes": ["https://a.example/.default"]}));
    exchange(&mut r, t, "token-2");
    r.wait(1_000);
    let t = r.begin(json!({"scopes": ["https://b.example/.default"]}));
    let e = r.perform(t, "read_file");
    r.resolve(e, "file", 0, "", life(r.now()).as_bytes());
    exchange(&mut r, t, "token-3");
    r
}

fn reread(r: &mut Recorder, t: u64) {
    let e = r.perform(t, "sleep");
    r.wait(100);
    r.resolve(e, "elapsed", 0, "", b"");
}

/// Gets through the pause before another attempt.
fn pause(r: &mut Recorder, t: u64) {
    let step = r.poll(t, "perform");
    let pause = step["effect"]["until"].as_i64().expect("until") - r.now();
    r.wait(pause);
    r.resolve(step["effect"]["id"].as_u64().expect("id"), "elapsed", 0, "", b"");
}

fn file_half_written() -> Recorder {
    let mut r = Recorder::new(
        "source-file-half-written",
        "A file that is missing, empty and half-written in turn is read again shortly.",
        file_config(),
    );
    let t = r.begin(request());
    let e = r.perform(t, "read_file");
    r.resolve(e, "failed", 0, "not_found", b"");
    reread(&mut r, t);
    let e = r.perform(t, "read_file");
    r.resolve(e, "file", 0, "", b"");
    reread(&mut r, t);
    let e = r.perform(t, "read_file");
    let whole = jwt();
    r.resolve(e, "file", 0, "", &whole.as_bytes()[..whole.len() / 2]);
    reread(&mut r, t);
    let e = r.perform(t, "read_file");
    r.resolve(e, "file", 0, "", whole.as_bytes());
    exchange(&mut r, t, "token-1");
    r
}

fn file_failures() -> Recorder {
    let mut r = Recorder::new(
        "source-file-failures",
        "Everything a token file can be instead of a token.",
        file_config(),
    );
    let large = vec![b'a'; 16 * 1024 + 1];
    let cases: [(&str, &str, &[u8], &str); 9] = [
        ("failed", "not_found", b"", "token_file_missing"),
        ("failed", "denied", b"", "token_file_denied"),
        ("failed", "unsupported", b"", "source_unsupported"),
        ("failed", "other", b"input/output error", "token_file_unreadable"),
        ("failed", "cancelled", b"", "cancelled"),
        ("file", "", b" \n", "token_file_empty"),
        ("file", "", &large, "token_file_too_large"),
        ("file", "", b"\xff\xfe\x00", "assertion_malformed"),
        ("file", "", b"not.a.jwt", "assertion_malformed"),
    ];
    for (kind, head, body, code) in cases {
        let t = r.begin(request());
        loop {
            let step = r.poll(t, "perform");
            let e = step["effect"]["id"].as_u64().expect("id");
            if step["effect"]["kind"] == "sleep" {
                r.wait(100);
                r.resolve(e, "elapsed", 0, "", b"");
                continue;
            }
            r.resolve(e, kind, 0, head, body);
            if r.peek_is_fail(t) {
                break;
            }
        }
        r.fail(t, code);
        r.end(t);
    }
    r
}

fn expired() -> Recorder {
    let mut r = Recorder::new(
        "source-expired",
        "The source gives a token that has expired long ago.",
        config(json!({})),
    );
    let t = r.begin(request());
    let e = r.perform(t, "ask_host");
    r.resolve(e, "answer", 0, "", crate::workload_token("s", START / 1000 - 61).as_bytes());
    r.fail(t, "assertion_expired");
    r.end(t);
    r
}

fn callback_failures() -> Recorder {
    let mut r = Recorder::new(
        "source-callback-failures",
        "The callback fails, is cancelled, or returns something else; a later good call works.",
        config(json!({})),
    );
    let large = vec![b'a'; 16 * 1024 + 1];
    let cases: [(&str, &str, &[u8], &str); 6] = [
        ("failed", "other", b"no token today", "callback_failed"),
        ("failed", "cancelled", b"", "cancelled"),
        ("answer", "", &large, "assertion_malformed"),
        ("answer", "", b"\xff", "assertion_malformed"),
        ("answer", "", b"", "assertion_malformed"),
        ("file", "", b"x", "misuse"),
    ];
    for (kind, head, body, code) in cases {
        let t = r.begin(request());
        let e = r.perform(t, "ask_host");
        r.resolve(e, kind, 0, head, body);
        r.fail(t, code);
        r.end(t);
    }
    let t = r.begin(request());
    super::assertion(&mut r, t);
    exchange(&mut r, t, "token-1");
    r
}

fn environment_file() -> Recorder {
    let mut r = Recorder::new(
        "environment-file",
        "Azure's workload identity webhook sets four variables; that is all it takes.",
        json!({"environment": {
            "AZURE_TENANT_ID": super::TENANT,
            "AZURE_CLIENT_ID": super::CLIENT,
            "AZURE_AUTHORITY_HOST": "https://login.microsoftonline.us/",
            "AZURE_FEDERATED_TOKEN_FILE": "/var/run/secrets/azure/wi/token/azure-identity-token"
        }}),
    );
    let t = r.begin(request());
    let e = r.perform(t, "read_file");
    r.resolve(e, "file", 0, "", jwt().as_bytes());
    exchange(&mut r, t, "token-1");
    r
}

fn signed() -> Recorder {
    let mut r = Recorder::new(
        "source-signed",
        "The core builds the client assertion, the host signs it; a failing signer and a signature in the wrong form are reported.",
        config(
            json!({"source": {"kind": "signed", "key": "vault-key", "algorithm": "PS256", "x5t_s256": "dGh1bWI", "x5c": ["MIIB"]}}),
        ),
    );
    let t = r.begin(request());
    let e = r.perform(t, "sign");
    r.resolve(e, "signed", 0, "", &[0x5a; 256]);
    exchange(&mut r, t, "token-1");
    for (kind, head, body, code) in [
        ("failed", "denied", &b"key vault says no"[..], "signing_failed"),
        ("signed", "", &[1; 8][..], "signing_failed"),
        ("failed", "cancelled", &[][..], "cancelled"),
    ] {
        r.wait(3_600_000);
        let t = r.begin(request());
        let e = r.perform(t, "sign");
        r.resolve(e, kind, 0, head, body);
        r.fail(t, code);
        r.end(t);
    }
    r
}

fn signed_verified() -> Recorder {
    let jwk = json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
    });
    let mut r = Recorder::new(
        "source-signed-verified",
        "With `public_jwk` the host verifies the signature before it is sent; a wrong one never leaves.",
        config(
            json!({"source": {"kind": "signed", "key": "k", "algorithm": "ES256", "public_jwk": jwk}}),
        ),
    );
    for good in [false, true] {
        let t = r.begin(request());
        let e = r.perform(t, "sign");
        r.resolve(e, "signed", 0, "", &[0x11; 64]);
        let e = r.perform(t, "verify");
        r.resolve(e, "verified", u32::from(good), "", b"");
        if good {
            exchange(&mut r, t, "token-1");
        } else {
            r.fail(t, "signing_failed");
            r.end(t);
        }
    }
    r
}

fn contexts() -> Recorder {
    let mut r = Recorder::new(
        "source-contexts",
        "Requests of different contexts share neither assertion nor token.",
        config(json!({})),
    );
    for context in ["a", "b"] {
        let t = r.begin(json!({"scopes": [super::SCOPE], "context": context}));
        super::assertion(&mut r, t);
        exchange(&mut r, t, context);
    }
    let t = r.begin(json!({"scopes": [super::SCOPE], "context": "a"}));
    r.done(t, "a");
    r.end(t);
    r
}
