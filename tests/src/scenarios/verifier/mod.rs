//! Scenarios of the verifier (`docs/protocol.md`, section 8).

mod ages;
mod fetching;
mod flights;
mod host_signatures;
mod refusals;
mod snapshots;
mod troubles;

use super::extend;
use crate::Recorder;
use crate::recorder::START;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use workload_identity_core::jose::base64url_encode;

const ISSUER: &str = "https://issuer.example";
const DISCOVERY: &str = "https://issuer.example/.well-known/openid-configuration";
const KEYS: &str = "https://keys.example/set";
const HOUR: i64 = 3_600_000;
/// After the soft age, whatever the jitter.
const STALE: i64 = HOUR * 11 / 10 + 1;

pub(super) fn all() -> Vec<Recorder> {
    [
        fetching::all(),
        troubles::all(),
        ages::all(),
        flights::all(),
        host_signatures::all(),
        snapshots::all(),
        refusals::all(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// One issuer with some members changed, and members beside it.
fn config(issuer: Value, beside: Value) -> Value {
    let mut trusted = json!({"issuer": ISSUER, "audience": "api://mine"});
    extend(&mut trusted, issuer);
    let mut config = json!({"issuers": [trusted]});
    extend(&mut config, beside);
    config
}

/// Keys at a fixed address.
fn at_address() -> Value {
    config(json!({"jwks_uri": KEYS}), json!({}))
}

fn signer(key: &str) -> SigningKey {
    SigningKey::from_slice(&Sha256::digest(key)).expect("below the order")
}

/// A public key with its name as `kid`.
fn jwk(key: &str) -> Value {
    let point = signer(key).verifying_key().to_sec1_point(false);
    let (x, y) = point.as_bytes()[1..].split_at(32);
    json!({"kty": "EC", "crv": "P-256", "kid": key, "use": "sig", "x": base64url_encode(x), "y": base64url_encode(y)})
}

fn key_set(keys: &[&str]) -> Value {
    json!({"keys": keys.iter().map(|key| jwk(key)).collect::<Vec<_>>()})
}

/// A good token by a key, for two days.
fn token(key: &str) -> String {
    token_with(key, json!({}))
}

/// The same with some claims changed.
fn token_with(key: &str, claims: Value) -> String {
    let seconds = START / 1000;
    let mut all = json!({"iss": ISSUER, "sub": "workload", "aud": "api://mine", "iat": seconds, "exp": seconds + 172_800});
    extend(&mut all, claims);
    mint(key, &json!({"alg": "ES256", "kid": key, "typ": "JWT"}), &all)
}

fn mint(key: &str, header: &Value, claims: &Value) -> String {
    let part = |value: &Value| base64url_encode(value.to_string().as_bytes());
    let input = format!("{}.{}", part(header), part(claims));
    let signature: Signature = signer(key).sign(input.as_bytes());
    format!("{input}.{}", base64url_encode(&signature.to_bytes()))
}

fn discovery() -> Value {
    json!({"issuer": ISSUER, "jwks_uri": KEYS})
}

/// Has a token accepted whose keys have to be fetched from their fixed address first.
fn fetched(r: &mut Recorder, token: &str, keys: &[&str]) {
    let t = r.begin_token(token);
    let (e, _) = r.asks(t, KEYS);
    assert_ne!(r.http(e, 200, key_set(keys)), 0);
    r.accepted(t);
    r.end(t);
}
