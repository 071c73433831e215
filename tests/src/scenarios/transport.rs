//! What happens when the token endpoint cannot be reached.

use super::{assertion, config, jwt};
use crate::Recorder;
use serde_json::json;

pub(super) fn all() -> Vec<Recorder> {
    let mut list = Vec::new();
    for (failure, code) in [
        ("timeout", "network_timeout"),
        ("refused", "network_refused"),
        ("dns", "network_dns"),
        ("tls", "network_tls"),
        ("cancelled", "cancelled"),
        ("other", "network_failed"),
    ] {
        list.push(transport(failure, code));
    }
    list
}

fn transport(failure: &'static str, code: &'static str) -> Recorder {
    let name: &'static str = match failure {
        "timeout" => "transport-timeout",
        "refused" => "transport-refused",
        "dns" => "transport-dns",
        "tls" => "transport-tls",
        "cancelled" => "transport-cancelled",
        _ => "transport-other",
    };
    let mut r = Recorder::new(
        name,
        "The token endpoint cannot be reached, with a deadline that leaves no time for a retry.",
        config(json!({})),
    );
    let t = r.begin(json!({"scopes": [super::SCOPE], "deadline": r.now() + 1}));
    assertion(&mut r, t);
    let e = r.perform(t, "http");
    let detail = format!("to https://login.example with {}", jwt());
    r.resolve(e, "failed", 0, failure, detail.as_bytes());
    if failure == "tls" || failure == "cancelled" {
        let step = r.fail(t, code);
        assert!(!step.to_string().contains("eyJ"));
    } else {
        // The jitter may be zero milliseconds: then there is time for one more attempt, and none after it.
        let step = r.poll(t, "fail");
        assert_eq!(step["error"]["code"], code);
    }
    r.end(t);
    r
}
