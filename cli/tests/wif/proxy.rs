//! Proxies of the environment.

use crate::process::{parsed, run, text, wif};
use crate::server::{answer, serve};
use std::process::Command;

/// `wif token` for an authority that is reached through a proxy.
fn token() -> Command {
    let mut command = wif(&["token", "--scope", "s", "--token-env", "TOKEN", "--json"]);
    command
        .args(["--token-endpoint", "https://login.field.example/token", "--client-id", "c"])
        .args(["--timeout", "120"])
        .env("TOKEN", "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjk5OTk5OTk5OTl9.c2ln");
    command
}

#[test]
fn each_variable_names_a_proxy_and_the_lower_case_wins() {
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let (address, requests) = serve(|_| answer("502 Bad Gateway", "text/plain", ""));
        let failed = run(token().env(variable, format!("http://{address}")));
        assert_eq!(failed.status, Some(1), "{variable}");
        let first = requests.try_iter().next().expect("a request");
        assert_eq!(first.line, "CONNECT login.field.example:443 HTTP/1.1", "{variable}");
    }
    let (address, requests) = serve(|_| answer("502 Bad Gateway", "text/plain", ""));
    run(token()
        .env("HTTPS_PROXY", "http://127.0.0.1:1")
        .env("https_proxy", format!("http://{address}")));
    assert!(requests.try_iter().next().is_some());
}

#[test]
fn no_proxy_goes_past_it() {
    let (address, requests) = serve(|_| answer("502 Bad Gateway", "text/plain", ""));
    let failed = run(token()
        .env("HTTPS_PROXY", format!("http://{address}"))
        .env("NO_PROXY", "other.example, .FIELD.example"));
    assert_eq!(text(&parsed(&failed.err), "code"), "network_dns", "{}", failed.err);
    assert!(requests.try_iter().next().is_none());
}

#[test]
fn a_proxy_that_asks_for_credentials_is_asked_once() {
    let (address, requests) = serve(|_| {
        answer("407 Proxy Authentication Required", "text/plain", "proxy-authenticate: Basic")
    });
    let failed = run(token().env("HTTPS_PROXY", format!("http://{address}")));
    assert_eq!(failed.status, Some(1));
    let error = parsed(&failed.err);
    assert_eq!(text(&error, "code"), "proxy_authentication_required");
    assert!(text(&error, "hint").contains("HTTPS_PROXY"), "{error:?}");
    let lines: Vec<_> = requests.try_iter().map(|received| received.line).collect();
    assert_eq!(lines, ["CONNECT login.field.example:443 HTTP/1.1"]);
}

#[test]
fn credentials_in_the_address_are_sent_and_never_shown() {
    let (address, requests) =
        serve(|_| answer("407 Proxy Authentication Required", "text/plain", ""));
    let failed = run(token().env("HTTPS_PROXY", format!("http://user:canary@{address}")));
    let received = requests.try_iter().next().expect("a request");
    // `user:canary`
    assert_eq!(received.header("proxy-authorization"), Some("Basic dXNlcjpjYW5hcnk="));
    assert!(!failed.err.contains("canary"), "{}", failed.err);
    let failed = run(token().env("HTTPS_PROXY", "socks5://user:canary@127.0.0.1:1"));
    assert!(failed.err.contains("HTTPS_PROXY") && !failed.err.contains("canary"), "{}", failed.err);
}
