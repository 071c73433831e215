//! Verifying tokens: whole, beside jsonwebtoken and beside the bare signature.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, VerificationAlgorithm,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::hint::black_box;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use workload_identity_benches::rounds::{Case, row, take_turns};
use workload_identity_benches::tokens::{AUDIENCE, ISSUER, SUBJECT, Signed, tokens};
use workload_identity_core::Timestamp;
use workload_identity_core::crypto::KeySet;
use workload_identity_core::jose::{self, Jwks};
use workload_identity_core::verify::{Policy, verify};
use workload_identity_crypto_native::AwsLc;

/// The claims that we check, and no others.
#[derive(Deserialize)]
struct Registered {
    sub: String,
    #[allow(dead_code, reason = "read for the peer, as it is for us")]
    iss: String,
    #[allow(dead_code, reason = "read for the peer, as it is for us")]
    aud: String,
    #[allow(dead_code, reason = "read for the peer, as it is for us")]
    exp: u64,
}

fn main() {
    let made = tokens();
    let set = Jwks::parse(made.jwks.to_string().as_bytes()).expect("a key set");
    let keys = Arc::new(KeySet::import(set, &AwsLc));
    beside(&keys, &made.rs256, Algorithm::RS256, &RSA_PKCS1_2048_8192_SHA256, 1.15);
    beside(&keys, &made.es256, Algorithm::ES256, &ECDSA_P256_SHA256_FIXED, 0.0);
}

fn beside(
    keys: &Arc<KeySet>,
    given: &Signed,
    algorithm: Algorithm,
    bare: &'static dyn VerificationAlgorithm,
    required: f64,
) {
    let token = given.token.as_str();
    println!("{}: {} bytes", given.algorithm, token.len());
    let ours = jose::Algorithm::from_name(given.algorithm).expect("an algorithm");
    let policy = Policy::new(ISSUER, AUDIENCE).with_algorithms(&[ours]);
    let key = DecodingKey::from_jwk(&serde_json::from_value(given.jwk.clone()).expect("a key"))
        .expect("a key");
    let mut validation = Validation::new(algorithm);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    let public = ParsedPublicKey::new(bare, &given.public).expect("a key");
    let (data, signature) = token.rsplit_once('.').expect("a token");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    let found = take_turns(&[
        Case::new("ours", || {
            let verified = verify(black_box(token), keys, &policy, now());
            verified.is_ok_and(|claims| claims.registered().subject.as_deref() == Some(SUBJECT))
        }),
        Case::new("jsonwebtoken, registered claims", || {
            let decoded = decode::<Registered>(black_box(token), &key, &validation);
            decoded.is_ok_and(|decoded| decoded.claims.sub == SUBJECT)
        }),
        Case::new("jsonwebtoken, all claims", || {
            let decoded = decode::<Map<String, Value>>(black_box(token), &key, &validation);
            decoded.is_ok_and(|decoded| decoded.claims["sub"] == SUBJECT)
        }),
        Case::new("aws-lc-rs, signature only", || {
            public.verify_sig(black_box(data.as_bytes()), &signature).is_ok()
        }),
    ]);
    let name = format!("rust verify {}", given.algorithm);
    row(&name, found[0], "jsonwebtoken 12.0.0, registered claims", found[1], required);
    row(&name, found[0], "jsonwebtoken 12.0.0, all claims", found[2], required);
    row(
        &name,
        found[0],
        "aws-lc-rs, signature only",
        found[3],
        if required > 0.0 { 0.83 } else { 0.0 },
    );
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock");
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
