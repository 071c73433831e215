//! Tokens that are signed while the emulator answers other requests.

use crate::fixture::{BASE, Fixture, NOW, Response, SharedSigner, claims, key_id, text};
use workload_identity_core::crypto::Signer;
use workload_identity_core::jose::Algorithm;
use workload_identity_core::{Code, Error};
use workload_identity_crypto_native::AwsLc;
use workload_identity_emulator::{Emulator, Keys, Reply, Rotation, Settings, UnsignedReply};

fn unsigned(fixture: &mut Fixture, scope: &str) -> UnsignedReply {
    let form = fixture.good_form().set("scope", &format!("{scope}/.default"));
    match fixture.emulator.handle(&form.request(&fixture.token_path()), fixture.now) {
        Reply::Sign(unsigned) => unsigned,
        reply => panic!("{reply:?}"),
    }
}

fn token(unsigned: UnsignedReply) -> String {
    text(&Response::of(unsigned.sign()), "access_token")
}

/// The audience and the identifier of a token.
fn names(token: &str) -> [String; 2] {
    let claims = claims(token);
    ["aud", "uti"].map(|name| claims[name].as_str().expect(name).to_owned())
}

#[test]
fn the_order_of_signatures_changes_no_token() {
    const SCOPES: [&str; 3] = ["https://a.example", "https://b.example", "https://c.example"];
    let mut fixture = Fixture::new();
    let expected = SCOPES.map(|scope| names(&token(unsigned(&mut fixture, scope))));
    let mut fixture = Fixture::new();
    let mut waiting = SCOPES.map(|scope| unsigned(&mut fixture, scope));
    waiting.reverse();
    let mut found = waiting.map(|unsigned| names(&token(unsigned)));
    found.reverse();
    assert_eq!(found, expected);
}

#[test]
fn a_rotation_leaves_granted_tokens_their_key() {
    let mut fixture = Fixture::new();
    let before = key_id(&fixture.access_token());
    let granted = unsigned(&mut fixture, "https://a.example");
    fixture.emulator.rotate(Rotation::AccessToken, false).expect("rotated");
    assert_ne!(key_id(&fixture.access_token()), before);
    assert_eq!(key_id(&token(granted)), before);
}

#[test]
fn faults_and_headers_are_those_of_the_request() {
    let mut fixture = Fixture::new();
    fixture.fault("latency=70");
    fixture.fault("token_type=mac");
    fixture.fault("content_type=text/plain");
    let granted = unsigned(&mut fixture, "https://a.example");
    fixture.emulator.clear_faults();
    let response = Response::of(granted.sign());
    assert_eq!((response.status, response.delay_ms), (200, 70));
    assert_eq!(text(&response, "token_type"), "mac");
    assert_eq!(response.header("content-type"), Some("text/plain"));
    assert_eq!(response.header("access-control-allow-origin"), Some("*"));
    assert!(response.header("date").is_some() && response.header("x-ms-request-id").is_some());
}

/// A signer whose key cannot be used.
struct Broken;

impl Signer for Broken {
    fn algorithm(&self) -> Algorithm {
        SharedSigner(1).algorithm()
    }

    fn key_id(&self) -> &str {
        "broken"
    }

    fn public_jwk(&self) -> String {
        SharedSigner(1).public_jwk()
    }

    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, Error> {
        Err(Error::new(Code::SigningFailed, "the key is gone"))
    }
}

#[test]
fn the_failure_of_a_signer_is_an_error_of_the_service() {
    let keys = Keys {
        workload: Box::new(SharedSigner(0)),
        access_token: Box::new(Broken),
        next: Box::new(|| Ok(Box::new(SharedSigner(2)))),
        verification: Box::new(AwsLc),
    };
    let emulator = Emulator::new(Settings::new(BASE, [9; 32]), keys).expect("an emulator");
    let mut fixture = Fixture { emulator, now: NOW };
    let response = Response::of(unsigned(&mut fixture, "https://a.example").sign());
    assert_eq!(response.status, 500);
    let description = text(&response, "error_description");
    assert!(description.contains("signing_failed"), "{description}");
    assert!(!String::from_utf8_lossy(&response.body).contains("eyJ"));
}
