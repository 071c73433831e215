//! `wif verify` against a live issuer on loopback.

use crate::keys::{AUDIENCE as KEY_AUDIENCE, ISSUER, Keys, NOW, run_with};
use crate::private_keys::{Files, PrivateKey};
use crate::process::{Emulator, get, parsed, run, text, wif};
use std::process::Command;
use workload_identity_core::jose::UnverifiedClaims;

const AUDIENCE: &str = "api://orders";

/// `wif verify` of a workload token of the emulator, through its issuer's discovery document.
fn verify(emulator: &Emulator, arguments: &[&str]) -> Command {
    let token = emulator.workload_token(AUDIENCE);
    let mut command = wif(&["verify", &token, "--audience", AUDIENCE, "--allow-loopback-http"]);
    command.args(["--issuer", &issuer(&token)]).args(arguments);
    command
}

fn issuer(token: &str) -> String {
    UnverifiedClaims::peek(token).expect("a JWT").issuer.expect("iss")
}

#[test]
fn keys_are_found_through_the_issuer() {
    let emulator = Emulator::start(&[]);
    for arguments in [&[][..], &["--profile", "github"]] {
        let run = run(&mut verify(&emulator, arguments));
        assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{}", run.out);
        let age = run.out.split("set fetched ").nth(1).and_then(|rest| rest.split(" s ago").next());
        let age: u32 = age.and_then(|age| age.parse().ok()).expect("an age");
        assert!(age < 30 && run.out.contains("\naccepted\n"), "{}", run.out);
    }
}

#[test]
fn another_instant_is_verified_with_todays_keys() {
    let emulator = Emulator::start(&[]);
    for (now, code) in [("1000", "not_yet_valid"), ("99999999999", "expired")] {
        let run = run(&mut verify(&emulator, &["--now", now, "--json"]));
        assert_eq!((run.status, text(&parsed(&run.out), "code").as_str()), (Some(1), code));
    }
    let token = emulator.workload_token(AUDIENCE);
    let says = UnverifiedClaims::peek(&token).expect("a JWT");
    let before = says.expires.expect("exp").plus_seconds(-1).seconds().to_string();
    let run = run(&mut verify(&emulator, &["--now", &before]));
    assert_eq!(run.status, Some(0), "{}", run.out);
}

#[test]
fn a_key_set_has_an_address() {
    let emulator = Emulator::start(&[]);
    let token = emulator.workload_token(AUDIENCE);
    let discovery = format!("{}/.well-known/openid-configuration", issuer(&token));
    let document = get(&discovery, None).expect("an answer").body;
    let address = text(&parsed(&document), "jwks_uri");
    let mut command = wif(&["verify", &token, "--audience", AUDIENCE, "--jwks", &address]);
    let run = run(command.args(["--issuer", &issuer(&token), "--allow-loopback-http"]));
    assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{}", run.out);
}

#[test]
fn an_issuer_that_does_not_answer_is_named() {
    // A port that no listener of another test gets.
    let issuer = "http://127.0.0.1:1";
    let files = Files::new();
    let key = files.write("key", PrivateKey::p256().pkcs8_pem());
    let mut issue = wif(&["issue", "--key", &key, "--issuer", issuer, "--subject", "s"]);
    let token = run(issue.args(["--audience", AUDIENCE])).out;
    let mut command = wif(&["verify", token.trim(), "--audience", AUDIENCE, "--issuer", issuer]);
    let run = run(command.args(["--allow-loopback-http", "--timeout", "120"]));
    assert_eq!((run.status, run.err.as_str()), (Some(3), ""));
    let failed = run.out.lines().find(|line| line.contains(" failed ")).expect("a failed check");
    assert!(failed.starts_with("key ") && run.out.contains("keys_unavailable"), "{}", run.out);
    assert!(run.out.contains(issuer) && run.out.contains("refused"), "{}", run.out);
}

#[test]
fn nothing_is_fetched_for_a_token_that_is_refused_anyway() {
    // Nobody listens there: an attempt would be `keys_unavailable`.
    let run = run(&mut wif(&[
        "verify",
        "eyJhbGciOiJub25lIn0.e30.",
        "--audience",
        AUDIENCE,
        "--issuer",
        "http://127.0.0.1:1",
        "--allow-loopback-http",
        "--json",
    ]));
    assert_eq!(text(&parsed(&run.out), "code"), "alg_not_allowed");
}

/// The access tokens of an authority that is no cloud of Entra.
#[test]
fn an_authority_of_ones_own_issues_entra_tokens() {
    let emulator = Emulator::start(&[]);
    let token = run(&mut emulator.token(&[])).out;
    let (tenant, host) = (emulator.text("tenant_id"), emulator.text("base_url"));
    let verify = |profile: &str, host: &str| {
        let mut command = wif(&["verify", token.trim(), "--profile", profile, "--json"]);
        command.args(["--tenant-id", &tenant, "--authority-host", host]);
        run(command.args(["--audience", "https://vault.azure.net", "--allow-loopback-http"]))
    };
    let accepted = verify("entra-v2", &host);
    assert_eq!((accepted.status, accepted.err.as_str()), (Some(0), ""), "{}", accepted.out);
    let refused = verify("entra-v2", "https://login.microsoftonline.com");
    assert_eq!(text(&parsed(&refused.out), "code"), "unknown_issuer");
    for (profile, host, named) in [
        ("entra-v2", "https://a.example/tenant", "`--authority-host` is not"),
        ("github", "https://a.example", "is not an option for this profile"),
    ] {
        let refused = verify(profile, host);
        assert_eq!(refused.status, Some(2), "{}", refused.err);
        assert!(refused.err.contains(named), "{}", refused.err);
    }
}

/// Nobody listens at these addresses: one that is allowed is `keys_unavailable`.
#[test]
fn options_limit_the_addresses_of_keys() {
    let keys = Keys::new();
    let verify = |address: &str, options: &[&str]| {
        let mut command = wif(&["verify", "--issuer", ISSUER, "--audience", KEY_AUDIENCE]);
        command.args(["--now", NOW, "--timeout", "200ms", "--jwks", address]).args(options);
        run_with(&mut command, &keys.token)
    };
    let deny = ["--private-addresses", "deny"];
    let within = ["--allowed-network", "127.0.0.0/8", "--allowed-network", "10.0.0.0/8"];
    for (address, options) in [
        ("https://127.0.0.1:9/", &[][..]),
        ("https://127.0.0.1:9/", &["--private-addresses", "allow"]),
        ("https://127.0.0.1:9/", &within),
    ] {
        let run = verify(address, options);
        assert_eq!(
            (run.status, run.err.as_str()),
            (Some(3), ""),
            "{address} {options:?} {}",
            run.out
        );
    }
    for (address, options, named) in [
        ("https://127.0.0.1:9/", &deny[..], "--private-addresses"),
        ("https://192.168.7.7/", &deny, "--private-addresses"),
        ("https://vault.default.svc/", &deny, "--private-addresses"),
        ("https://192.168.7.7/", &within, "--allowed-network"),
        ("https://169.254.169.254/", &[], "no option allows it"),
        ("https://127.0.0.1:9/", &["--allowed-network", "10.1.2.3/8"], "--allowed-network"),
        ("https://127.0.0.1:9/", &["--allowed-network", ""], "--allowed-network"),
        ("https://127.0.0.1:9/", &["--private-addresses", "some"], "--private-addresses"),
    ] {
        let run = verify(address, options);
        assert_eq!(run.status, Some(2), "{address} {options:?} {}{}", run.out, run.err);
        assert!(run.err.contains(named), "{address} {options:?} {}", run.err);
    }
}
