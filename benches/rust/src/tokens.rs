//! A token as Entra issues them, and the key set that its key is in.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

pub const ISSUER: &str =
    "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0";
pub const AUDIENCE: &str = "66666666-7777-8888-9999-000000000000";
pub const SUBJECT: &str = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
/// Entra publishes about so many.
const RSA_KEYS: usize = 6;

/// A good token of one algorithm.
pub struct Signed {
    pub algorithm: &'static str,
    pub token: String,
    /// The public key as its JWK.
    pub jwk: Value,
    /// The public key as aws-lc takes it: PKCS#1, or a point.
    pub public: Vec<u8>,
}

/// One key set, and tokens of two of its keys.
pub struct Tokens {
    pub jwks: Value,
    pub rs256: Signed,
    pub es256: Signed,
}

pub fn tokens() -> Tokens {
    let keys: Vec<KeyPair> =
        (0..RSA_KEYS).map(|_| KeyPair::generate(KeySize::Rsa2048).expect("a key")).collect();
    let elliptic = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
    let mut jwks: Vec<Value> = keys.iter().enumerate().map(|(at, key)| rsa_jwk(at, key)).collect();
    jwks.push(ec_jwk(elliptic.public_key().as_ref()));
    let (rsa, random) = (&keys[3], SystemRandom::new());
    let rs256 = signed("RS256", jwks[3].clone(), rsa.public_key().as_ref(), |data| {
        let mut signature = vec![0; rsa.public_modulus_len()];
        rsa.sign(&RSA_PKCS1_SHA256, &random, data, &mut signature).expect("a signature");
        signature
    });
    let es256 = signed("ES256", jwks[RSA_KEYS].clone(), elliptic.public_key().as_ref(), |data| {
        elliptic.sign(&random, data).expect("a signature").as_ref().to_vec()
    });
    Tokens { jwks: json!({ "keys": jwks }), rs256, es256 }
}

fn signed(
    algorithm: &'static str,
    jwk: Value,
    public: &[u8],
    sign: impl FnOnce(&[u8]) -> Vec<u8>,
) -> Signed {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs();
    let header = json!({ "typ": "JWT", "alg": algorithm, "kid": jwk["kid"] });
    let data = format!("{}.{}", part(&header), part(&claims(now)));
    let signature = sign(data.as_bytes());
    let token = format!("{data}.{}", URL_SAFE_NO_PAD.encode(signature));
    Signed { algorithm, token, jwk, public: public.to_vec() }
}

/// 25 claims of an app's access token.
fn claims(now: u64) -> Value {
    json!({
        "aud": AUDIENCE, "iss": ISSUER, "iat": now - 60, "nbf": now - 60, "exp": now + 86_400,
        "aio": format!("k2RgYPj{}", "x".repeat(60)), "azp": "12121212-3434-5656-7878-909090909090",
        "azpacr": "2", "idtyp": "app", "oid": SUBJECT, "rh": format!("1.AAAA{}", "y".repeat(40)),
        "sub": SUBJECT, "tid": "11111111-2222-3333-4444-555555555555",
        "uti": "q7ZbKTdWQEe9RzjkqbUAAA", "ver": "2.0",
        "roles": ["Orders.Read.All", "Orders.Write.All"], "appidacr": "2", "xms_cc": ["cp1"],
        "xms_ftd": "z".repeat(40), "xms_idrel": "7 16", "xms_tcdt": 1_577_836_800,
        "wids": ["0997a1d0-0d1d-4acb-b408-d5ca73121e90"], "tenant_region_scope": "EU",
        "app_displayname": "orders-worker", "nested": { "amr": ["rsa"], "ratio": 0.5, "flag": true },
    })
}

fn rsa_jwk(at: usize, key: &KeyPair) -> Value {
    let public = key.public_key();
    let (modulus, exponent) = (public.modulus(), public.exponent());
    json!({
        "kid": format!("rsa-{at}"), "use": "sig", "alg": "RS256", "kty": "RSA",
        "n": URL_SAFE_NO_PAD.encode(modulus.big_endian_without_leading_zero()),
        "e": URL_SAFE_NO_PAD.encode(exponent.big_endian_without_leading_zero()),
    })
}

fn ec_jwk(point: &[u8]) -> Value {
    json!({
        "kid": "ec-0", "use": "sig", "alg": "ES256", "kty": "EC", "crv": "P-256",
        "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..]),
    })
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}
