//! Several issuers in one verifier.

use crate::world::{at, verifier_of, word};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};
use workload_identity_core::crypto::{RustCrypto, Signer};
use workload_identity_core::jose::base64url_encode;
use workload_identity_core::verify::Verifier;
use workload_identity_crypto_native::AwsLcSigner;

const TENANT: &str = "11111111-1111-4111-8111-111111111111";
const OTHER: &str = "22222222-2222-4222-8222-222222222222";

static RSA: LazyLock<AwsLcSigner> =
    LazyLock::new(|| AwsLcSigner::generate_rsa(2048).expect("a key"));

fn keys() -> Value {
    let mut key: Value = serde_json::from_str(&RSA.public_jwk()).expect("a JWK");
    key["kid"] = json!("r1");
    json!({"keys": [key]})
}

fn token(claims: Value) -> String {
    let mut all = json!({"sub": "s", "iat": at(0).seconds(), "exp": at(0).seconds() + 600});
    for (name, value) in claims.as_object().expect("members") {
        all[name] = value.clone();
    }
    let part = |value: &Value| base64url_encode(value.to_string().as_bytes());
    let header = json!({"alg": "RS256", "kid": "r1", "typ": "JWT"});
    let input = format!("{}.{}", part(&header), part(&all));
    let signature = RSA.sign(input.as_bytes()).expect("a signature");
    format!("{input}.{}", base64url_encode(&signature))
}

fn verifier(mut issuers: Vec<Value>) -> Verifier {
    for issuer in &mut issuers {
        issuer["keys"] = keys();
    }
    verifier_of(&json!({"issuers": issuers}), Arc::new(RustCrypto))
}

#[test]
fn google_spells_itself_in_two_ways() {
    let mut verifier = verifier(vec![json!({"profile": "google", "audience": "client"})]);
    for (issuer, expected) in [
        ("https://accounts.google.com", "accepted"),
        ("accounts.google.com", "accepted"),
        ("https://accounts.google.com/", "unknown_issuer"),
        ("http://accounts.google.com", "unknown_issuer"),
        ("Accounts.google.com", "unknown_issuer"),
    ] {
        let token = token(json!({"iss": issuer, "aud": "client"}));
        assert_eq!(word(&mut verifier, &token, at(0)), expected, "{issuer}");
    }
}

#[test]
fn entra_in_both_versions() {
    let mut verifier = verifier(vec![
        json!({"profile": "entra-v1", "tenant_id": TENANT, "audience": "api://mine"}),
        json!({"profile": "entra-v2", "tenant_id": TENANT, "audience": "mine"}),
    ]);
    let v1 = format!("https://sts.windows.net/{TENANT}/");
    let v2 = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let of_other = format!("https://login.microsoftonline.com/{OTHER}/v2.0");
    for (issuer, tenant, version, audience, expected) in [
        (&v1, TENANT, "1.0", "api://mine", "accepted"),
        (&v2, TENANT, "2.0", "mine", "accepted"),
        (&v1, TENANT, "1.0", "mine", "audience_mismatch"),
        (&v2, TENANT, "2.0", "api://mine", "audience_mismatch"),
        (&v2, TENANT, "1.0", "mine", "claim_mismatch"),
        (&v2, OTHER, "2.0", "mine", "issuer_mismatch"),
        (&of_other, OTHER, "2.0", "mine", "tenant_not_allowed"),
    ] {
        let token = token(json!({"iss": issuer, "tid": tenant, "ver": version, "aud": audience}));
        assert_eq!(word(&mut verifier, &token, at(0)), expected, "{issuer} {version} {audience}");
    }
}

#[test]
fn one_issuer_with_two_audiences_and_two_policies() {
    let issuer = "https://issuer.example";
    let mut verifier = verifier(vec![
        json!({"issuer": issuer, "audience": "read"}),
        json!({"issuer": issuer, "audience": "write", "roles": ["Writer"]}),
        json!({"issuer": "https://second.example", "audience": "read"}),
    ]);
    for (claims, expected) in [
        (json!({"iss": issuer, "aud": "read"}), "accepted"),
        (json!({"iss": issuer, "aud": "write"}), "claim_missing"),
        (json!({"iss": issuer, "aud": "write", "roles": ["Writer"]}), "accepted"),
        (json!({"iss": issuer, "aud": "delete"}), "audience_mismatch"),
        (json!({"iss": "https://second.example", "aud": "read"}), "accepted"),
        (json!({"iss": "https://second.example", "aud": "write"}), "audience_mismatch"),
        (json!({"iss": "https://third.example", "aud": "read"}), "unknown_issuer"),
    ] {
        assert_eq!(word(&mut verifier, &token(claims.clone()), at(0)), expected, "{claims}");
    }
}
