//! `wif verify --bundle`: SPIFFE trust domains, each with its own bundle.

use crate::keys::{Keys, NOW};
use crate::process::{Run, parsed, run, text, wif};
use crate::server::{answer, serve};
use serde_json::json;
use workload_identity_core::crypto::Signer;
use workload_identity_core::jose::{Curve, sign_compact};
use workload_identity_crypto_native::AwsLcSigner;

/// A trust domain with its key. All keys have one name.
struct Domain {
    name: &'static str,
    signer: AwsLcSigner,
}

impl Domain {
    fn new(name: &'static str) -> Self {
        let signer = AwsLcSigner::generate_ec(Curve::P256).expect("a key").with_key_id("k");
        Self { name, signer }
    }

    fn bundle(&self) -> String {
        let jwk = self.signer.public_jwk().replace(r#""sig""#, r#""jwt-svid""#);
        format!(r#"{{"keys":[{jwk}]}}"#)
    }

    /// A token for a workload of `domain` by the key of this one.
    fn token_for(&self, domain: &str) -> String {
        let sub = format!("spiffe://{domain}/workload");
        let claims = json!({"sub": sub, "aud": "a", "exp": 1_767_226_000});
        sign_compact(&self.signer, &[], &claims.to_string()).expect("a token")
    }
}

fn verify(token: &str, arguments: &[&str]) -> Run {
    let mut command = wif(&["verify", token, "--audience", "a", "--now", NOW, "--json"]);
    run(command.args(arguments))
}

#[test]
fn a_key_signs_for_its_own_trust_domain_only() {
    let (one, two) = (Domain::new("a.example"), Domain::new("b.example"));
    let keys = Keys::new();
    let file = format!("a.example={}", keys.file("one.json", one.bundle()));
    let content = two.bundle();
    let (address, _requests) = serve(move |_| answer("200 OK", "application/json", &content));
    let fetched = format!("b.example=http://{address}/bundle");
    let arguments = ["--bundle", &file, "--bundle", &fetched, "--allow-loopback-http"];
    for signing in [&one, &two] {
        for domain in [&one, &two] {
            let run = verify(&signing.token_for(domain.name), &arguments);
            if signing.name == domain.name {
                assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{}", run.out);
            } else {
                assert_eq!(text(&parsed(&run.out), "code"), "signature_invalid", "{}", run.out);
            }
        }
    }
    let run = verify(&one.token_for("c.example"), &arguments);
    assert_eq!(text(&parsed(&run.out), "code"), "unknown_issuer", "{}", run.out);
}

#[test]
fn wrong_bundles_are_named() {
    let keys = Keys::new();
    let path = keys.file("one.json", Domain::new("a.example").bundle());
    let (a, b) = (format!("a.example={path}"), format!("b.example={path}"));
    for (arguments, named) in [
        (&["--bundle", &a, "--bundle", &b][..], "the same keys"),
        (&["--bundle", "a.example"], "--bundle"),
        (&["--bundle", &a, "--trust-domain", "a.example"], "--trust-domain"),
        (&["--bundle", &a, "--jwks", &path], "--jwks"),
        (&["--bundle", "a.example=/missing.json"], "/missing.json"),
        (&["--bundle", &a, "--profile", "github"], "--profile"),
    ] {
        let run = verify("a.b.c", arguments);
        assert_eq!(run.status, Some(2), "{arguments:?} {}", run.out);
        assert!(run.err.contains(named), "{arguments:?} {}", run.err);
    }
}
