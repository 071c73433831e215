//! `wif verify`: where the keys are, and what they are: PEM, a discovery document elsewhere, a private authority.

use crate::keys::{AUDIENCE, ISSUER, Keys, NOW, run_with};
use crate::process::{Emulator, parsed, run, text, wif};
use crate::server::{answer, serve};
use serde_json::{Value, json};
use std::process::Command;
use workload_identity_core::jose::{Jwk, Jwks, UnverifiedClaims};

/// A block of PEM.
fn pem(label: &str, base64: &str) -> String {
    format!("-----BEGIN {label}-----\n{base64}\n-----END {label}-----\n")
}

/// The key that verifies the token of [`Keys`], as PEM.
fn public_pem(keys: &Keys) -> String {
    let set = Jwks::parse(keys.jwks.as_bytes()).expect("a key set");
    let key = set.keys().first().expect("a key");
    pem("PUBLIC KEY", &base64(&key.key().to_spki_der().expect("DER")))
}

/// A key that verifies nothing here.
fn other_pem() -> String {
    let jwk = br#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
    let key = Jwk::parse(jwk).expect("a key");
    pem("PUBLIC KEY", &base64(&key.key().to_spki_der().expect("DER")))
}

/// base64 with padding, in lines of 64 characters.
fn base64(bytes: &[u8]) -> String {
    let mut text =
        workload_identity_core::jose::base64url_encode(bytes).replace('-', "+").replace('_', "/");
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
    lines.join("\n")
}

fn verify(path: &str) -> Command {
    let mut command = wif(&["verify", "--jwks", path, "--issuer", ISSUER, "--audience", AUDIENCE]);
    command.args(["--now", NOW]);
    command
}

#[test]
fn a_pem_public_key_verifies_a_token_whatever_its_kid() {
    let keys = Keys::new();
    let own = public_pem(&keys);
    for content in [
        own.clone(),
        own.replace('\n', "\r\n"),
        format!("text before\n{own}"),
        other_pem() + &own,
        own.clone() + &other_pem(),
    ] {
        let path = keys.file("key.pem", &content);
        let run = run_with(&mut verify(&path), &keys.token);
        assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{content}{}", run.out);
    }
    let path = keys.file("key.pem", other_pem());
    let refused = run_with(verify(&path).arg("--json"), &keys.token);
    assert_eq!(refused.status, Some(1));
    assert_eq!(text(&parsed(&refused.out), "code"), "signature_invalid");
}

#[test]
fn a_pem_private_key_is_refused_with_advice() {
    let keys = Keys::new();
    for label in ["PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"] {
        let path = keys.file("key.pem", public_pem(&keys) + &pem(label, "Y2FuYXJ5"));
        let run = run_with(&mut verify(&path), &keys.token);
        assert_eq!((run.status, run.err.as_str()), (Some(1), ""));
        let last = run.out.lines().last().expect("a line");
        assert!(last.contains("private key") && last.contains("pubout"), "{last}");
        assert!(!run.out.contains("Y2FuYXJ5"), "{}", run.out);
    }
}

/// A discovery document that is not below its issuer.
#[test]
fn a_discovery_document_may_be_elsewhere() {
    let emulator = Emulator::start(&[]);
    let token = emulator.workload_token(AUDIENCE);
    let issuer = UnverifiedClaims::peek(&token).expect("a JWT").issuer.expect("iss");
    let keys = format!("{issuer}/.well-known/jwks");
    let document = json!({ "issuer": issuer, "jwks_uri": keys }).to_string();
    let (address, _requests) = serve(move |_| answer("200 OK", "application/json", &document));
    let place = format!("http://{address}/metadata");
    let mut command = wif(&["verify", &token, "--audience", AUDIENCE, "--allow-loopback-http"]);
    let found = run(command.args(["--issuer", &issuer, "--discovery", &place]));
    assert_eq!((found.status, found.err.as_str()), (Some(0), ""), "{}", found.out);
    // It speaks for the issuer that it names, and for no other.
    let mut command = wif(&["verify", &token, "--audience", AUDIENCE, "--allow-loopback-http"]);
    command.args(["--issuer", "https://other.example", "--issuer", &issuer]);
    let other = run(command.args(["--discovery", &place, "--json"]));
    assert_eq!(other.status, Some(3));
    assert_eq!(text(&parsed(&other.out), "code"), "keys_unavailable");
    let both = run(&mut wif(&[
        "verify",
        &token,
        "--audience",
        "a",
        "--issuer",
        &issuer,
        "--discovery",
        &place,
        "--jwks",
        &place,
    ]));
    assert_eq!(both.status, Some(2));
}

#[test]
fn keys_may_be_behind_a_private_authority() {
    let emulator = Emulator::start(&["--tls"]);
    let minted = run(&mut emulator.token(&[]));
    let token = minted.out.trim();
    let issuer = format!("{}/v2.0", emulator.text("authority"));
    let ca_file = emulator.text("ca_file");
    let arguments = ["verify", token, "--audience", "https://vault.azure.net", "--issuer", &issuer];
    // https on this machine needs no option.
    let verify = || wif(&arguments);
    for command in [verify().args(["--ca-file", &ca_file]), verify().env("SSL_CERT_FILE", &ca_file)]
    {
        let run = run(command);
        assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{}", run.out);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let missing = folder.path().join("missing.pem");
    let missing = missing.to_str().expect("UTF-8");
    let refused = run(verify().args(["--ca-file", &ca_file]).env("SSL_CERT_FILE", missing));
    assert_eq!(refused.status, Some(3));
    let last = refused.out.lines().last().expect("a line");
    assert!(last.contains("SSL_CERT_FILE") && last.contains(missing), "{last}");
}

#[test]
fn what_was_wanted_stands_beside_what_the_token_says() {
    let keys = Keys::new();
    let tenant = "8f2f1c6e-5d0a-4c57-9b3e-2a7d64c1e0b9";
    let entra = ["--profile", "entra-v2", "--tenant-id", tenant, "--audience", "api://a"];
    let wanted = format!("https://login.microsoftonline.com/{tenant}/v2.0");
    let mut command = wif(&["verify", "--jwks", &keys.file("keys.json", &keys.jwks)]);
    // The profile takes RS256 alone, so that the algorithm is refused first.
    let refused = run_with(command.args(entra), &keys.token);
    assert_eq!(refused.status, Some(1));
    let report = run_with(
        wif(&["verify", "--jwks", &keys.file("keys.json", &keys.jwks), "--json"]).args(entra),
        &keys.token,
    );
    let report = parsed(&report.out);
    let issuer = report.pointer("/wanted/issuer/0").and_then(Value::as_str);
    assert_eq!(issuer, Some(wanted.as_str()));
    let mut command = keys.verify(&["--issuer", "https://other.example", "--audience", AUDIENCE]);
    let refused = run_with(&mut command, &keys.token);
    let row = refused.out.lines().find(|line| line.contains(" failed ")).expect("a failed check");
    assert!(row.contains(ISSUER) && row.contains("wanted https://other.example"), "{row}");
}
