//! The fixed test keys. RSA keys stand in `tests/vectors/attack-keys.json`; the others are derived from their names.
//! They protect nothing.

use super::members::{Members, base64url};
use super::rsa::{Hash, RsaKey};
use ed25519_dalek::Signer as _;
use serde::Deserialize;
use sha2::{Digest, Sha256, Sha512};
use std::collections::BTreeMap;
use std::sync::LazyLock;

static RSA: LazyLock<BTreeMap<String, RsaKey>> = LazyLock::new(|| {
    let text = include_str!("../../vectors/attack-keys.json");
    let file: KeyFile = serde_json::from_str(text).expect("attack-keys.json is committed");
    file.keys
});

#[derive(Deserialize)]
struct KeyFile {
    keys: BTreeMap<String, RsaKey>,
}

/// An RSA key of the file.
pub(super) fn rsa(name: &str) -> &'static RsaKey {
    RSA.get(name).unwrap_or_else(|| panic!("attack-keys.json has no {name}"))
}

/// A public key by name, with that name as `kid`, and nothing else.
pub(super) fn jwk(name: &str) -> Members {
    let curve = |crv: &str, point: &[u8]| {
        let (x, y) = point[1..].split_at(point.len() / 2);
        Members::default()
            .text("kty", "EC")
            .text("crv", crv)
            .text("x", &base64url(x))
            .text("y", &base64url(y))
    };
    let numbers = match name.split('-').next() {
        Some("rsa") => {
            let key = rsa(name);
            Members::default().text("kty", "RSA").text("n", &key.n).text("e", &key.e)
        }
        Some("ec") => curve("P-256", p256(name).verifying_key().to_sec1_point(false).as_bytes()),
        Some("ec384") => curve("P-384", p384(name).verifying_key().to_sec1_point(false).as_bytes()),
        Some("ec521") => {
            let key = p521::ecdsa::VerifyingKey::from(&p521(name));
            curve("P-521", key.to_sec1_point(false).as_bytes())
        }
        Some("k256") => {
            curve("secp256k1", k256(name).verifying_key().to_sec1_point(false).as_bytes())
        }
        Some("ed") => Members::default()
            .text("kty", "OKP")
            .text("crv", "Ed25519")
            .text("x", &base64url(ed(name).verifying_key())),
        _ => panic!("no key is named {name}"),
    };
    numbers.text("kid", name)
}

/// A public key for signatures with one algorithm, as most issuers publish it.
pub(super) fn published(name: &str, algorithm: &str) -> Members {
    jwk(name).text("use", "sig").text("alg", algorithm)
}

/// A signature in JOSE form. The algorithm is the header's; `none` and HMAC names sign with the fitting algorithm of
/// the key.
pub(super) fn sign(name: &str, algorithm: &str, input: &[u8]) -> Vec<u8> {
    match name.split('-').next() {
        Some("rsa") => {
            let hash = match algorithm {
                "RS384" | "PS384" => Hash::Sha384,
                "RS512" | "PS512" => Hash::Sha512,
                _ => Hash::Sha256,
            };
            if algorithm.starts_with("PS") {
                rsa(name).sign_pss(hash, input, hash.of(b"").len())
            } else {
                rsa(name).sign_pkcs1(hash, input)
            }
        }
        Some("ec") => {
            let signature: p256::ecdsa::Signature = p256(name).sign(input);
            signature.to_bytes().to_vec()
        }
        Some("ec384") => {
            let signature: p384::ecdsa::Signature = p384(name).sign(input);
            signature.to_bytes().to_vec()
        }
        Some("ec521") => {
            let signature: p521::ecdsa::Signature = p521(name).sign(input);
            signature.to_bytes().to_vec()
        }
        Some("k256") => {
            let signature: k256::ecdsa::Signature = k256(name).sign(input);
            signature.to_bytes().to_vec()
        }
        Some("ed") => ed(name).sign(input).to_bytes().to_vec(),
        _ => panic!("no key is named {name}"),
    }
}

/// An ECDSA key on P-256.
pub(super) fn p256(name: &str) -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::from_slice(&Sha256::digest(name)).expect("below the order")
}

fn p384(name: &str) -> p384::ecdsa::SigningKey {
    p384::ecdsa::SigningKey::from_slice(&Sha512::digest(name)[..48]).expect("below the order")
}

fn p521(name: &str) -> p521::ecdsa::SigningKey {
    let mut scalar = [0; 66];
    scalar[2..].copy_from_slice(&Sha512::digest(name));
    p521::ecdsa::SigningKey::from_slice(&scalar).expect("below the order")
}

fn k256(name: &str) -> k256::ecdsa::SigningKey {
    k256::ecdsa::SigningKey::from_slice(&Sha256::digest(name)).expect("below the order")
}

/// An Ed25519 key.
pub(super) fn ed(name: &str) -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&Sha256::digest(name).into())
}
