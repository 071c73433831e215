//! Ed25519 where libraries differ: points of small and mixed order, second spellings, points off the curve.

use crate::providers::Key;
use crate::signatures::MESSAGE;
use aws_lc_rs::digest::{SHA512, digest};
use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::{EdwardsPoint, Scalar};
use workload_identity_core::Code;
use workload_identity_core::jose::{Algorithm, base64url_encode};

/// A private scalar, known so that odd signatures can be made.
fn secret() -> Scalar {
    Scalar::from_bytes_mod_order([7; 32])
}

fn import(point: &[u8; 32]) -> Key {
    Key::import(&format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#, base64url_encode(point)))
}

/// A signature by nonce and key (RFC 8032, section 5.1.6), with any point added to R.
fn sign(nonce: Scalar, added: EdwardsPoint, public: &[u8; 32]) -> Vec<u8> {
    let point = (EdwardsPoint::mul_base(&nonce) + added).compress().to_bytes();
    let hash = digest(&SHA512, &[&point[..], public, MESSAGE].concat());
    let wide: [u8; 64] = hash.as_ref().try_into().expect("SHA-512 has 64 bytes");
    let scalar = nonce + Scalar::from_bytes_mod_order_wide(&wide) * secret();
    [point, scalar.to_bytes()].concat()
}

fn verify(key: &Key, signature: &[u8]) -> Result<(), Code> {
    key.verify(Algorithm::Ed25519, MESSAGE, signature)
}

#[test]
fn an_ordinary_signature_verifies() {
    let public = EdwardsPoint::mul_base(&secret()).compress().to_bytes();
    let signature = sign(Scalar::from(12_345_u64), EIGHT_TORSION[0], &public);
    assert_eq!(verify(&import(&public), &signature), Ok(()));
}

#[test]
fn a_signature_point_of_small_or_mixed_order_is_refused() {
    let public = EdwardsPoint::mul_base(&secret()).compress().to_bytes();
    let key = import(&public);
    for torsion in EIGHT_TORSION {
        // With the nonce 0 the point is of small order; without torsion the equation even holds.
        let signature = sign(Scalar::ZERO, torsion, &public);
        assert_eq!(verify(&key, &signature), Err(Code::SignatureInvalid));
    }
    for torsion in EIGHT_TORSION.into_iter().skip(1) {
        let signature = sign(Scalar::from(5_u64), torsion, &public);
        assert_eq!(verify(&key, &signature), Err(Code::SignatureInvalid));
    }
}

#[test]
fn a_second_spelling_of_the_scalar_is_refused() {
    let public = EdwardsPoint::mul_base(&secret()).compress().to_bytes();
    let mut signature = sign(Scalar::from(9_u64), EIGHT_TORSION[0], &public);
    // Plus the order of the base point.
    let order = (Scalar::ZERO - Scalar::ONE).to_bytes();
    let mut carry = 1_u16;
    for (digit, add) in signature.iter_mut().skip(32).zip(order) {
        let sum = u16::from(*digit) + u16::from(add) + carry;
        *digit = sum as u8;
        carry = sum >> 8;
    }
    assert_eq!(verify(&import(&public), &signature), Err(Code::SignatureInvalid));
}

#[test]
fn keys_of_small_or_mixed_order_are_no_keys() {
    let good = EdwardsPoint::mul_base(&secret());
    for (index, torsion) in EIGHT_TORSION.into_iter().enumerate() {
        assert!(!import(&torsion.compress().to_bytes()).is_usable(), "small order {index}");
        let mixed = import(&(good + torsion).compress().to_bytes());
        assert_eq!(mixed.is_usable(), index == 0, "mixed order {index}");
    }
}

#[test]
fn bytes_that_are_no_point_are_no_key() {
    let mut usable = 0;
    for first in 2..=255 {
        let mut point = [0; 32];
        point[0] = first;
        // Accepted or refused alike; about half of all numbers belong to a point, few of those to a key.
        usable += usize::from(import(&point).is_usable());
    }
    assert!((1..100).contains(&usable), "{usable}");
}
