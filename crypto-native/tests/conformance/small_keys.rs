//! Keys whose form is right and whose numbers are not, or are barely.

use crate::providers::Key;
use crate::signatures::MESSAGE;
use workload_identity_core::Code;
use workload_identity_core::jose::{Algorithm, Curve, Jwk, KeyRules, PublicKey, base64url_encode};

#[test]
fn points_off_the_curve_are_no_keys() {
    for (curve, algorithm) in [
        (Curve::P256, Algorithm::Es256),
        (Curve::P384, Algorithm::Es384),
        (Curve::P521, Algorithm::Es512),
    ] {
        let length = curve.field_bytes();
        for fill in [0, 1] {
            let key = PublicKey::Ec { curve, x: vec![fill; length], y: vec![fill; length] };
            let key = Key::of(&Jwk::new(&key, None, None).expect("the form is right"));
            assert!(!key.is_usable());
            let mut signature = vec![1; 2 * length];
            signature[0] = 0;
            let result = key.verify(algorithm, MESSAGE, &signature);
            assert_eq!(result, Err(Code::KeyRejected));
        }
    }
}

/// With e = 3 a forger needs a cube root only if padding is checked loosely (CVE-2006-4339).
#[test]
fn signing_with_a_small_exponent_is_no_shortcut() {
    let mut modulus = vec![0xff; 256];
    modulus[255] = 0xfd;
    let key = PublicKey::Rsa { modulus, exponent: vec![3] };
    let key = Key::of(&Jwk::new(&key, None, None).expect("e = 3 is allowed"));
    for fill in [0, 1, 2, 0xff] {
        let mut signature = vec![0; 256];
        signature[255] = fill;
        let result = key.verify(Algorithm::Rs256, MESSAGE, &signature);
        assert_eq!(result, Err(Code::SignatureInvalid));
    }
}

#[test]
fn a_signature_as_large_as_the_modulus_is_none() {
    let modulus = vec![0xff; 256];
    let key = PublicKey::Rsa { modulus: modulus.clone(), exponent: vec![1, 0, 1] };
    let key = Key::of(&Jwk::new(&key, None, None).expect("a key"));
    for algorithm in [Algorithm::Rs256, Algorithm::Ps256] {
        assert_eq!(key.verify(algorithm, MESSAGE, &modulus), Err(Code::SignatureInvalid));
    }
}

/// RSA keys of unusual sizes and exponents; they only have to be accepted or refused alike.
#[test]
fn unusual_rsa_keys_get_the_same_result() {
    let largest_exponent: &[u8] = &[1, 0xff, 0xff, 0xff, 0xff];
    for bits in [2048, 2049, 2055, 3000, 4096, 8191, 8192] {
        for exponent in [&[3][..], &[0x11], &[1, 0, 1], &[1, 0, 0, 1], largest_exponent] {
            let mut modulus = vec![0xff; bits_to_bytes(bits)];
            modulus[0] = 0xff >> (modulus.len() * 8 - bits);
            let key = PublicKey::Rsa { modulus: modulus.clone(), exponent: exponent.to_vec() };
            let key = Key::of(&Jwk::new(&key, None, None).expect("a key"));
            assert!(key.is_usable(), "{bits} {exponent:?}");
            let mut signature = vec![0x5a; modulus.len()];
            signature[0] = 0;
            for algorithm in [Algorithm::Rs256, Algorithm::Ps512] {
                let result = key.verify(algorithm, MESSAGE, &signature);
                assert_eq!(result, Err(Code::SignatureInvalid));
            }
        }
    }
}

fn bits_to_bytes(bits: usize) -> usize {
    bits.div_ceil(8)
}

/// Below 2048 bits only RS256, and only where a policy asks for it.
#[test]
fn short_rsa_keys_verify_rs256_where_allowed() {
    let jwk = format!(
        r#"{{"kty":"RSA","e":"{}","n":"{}"}}"#,
        base64url_encode(&[1, 0, 1]),
        base64url_encode(&SHORT_MODULUS)
    );
    let input = b"eyJhbGciOiJSUzI1NiJ9.e30";
    assert!(!Key::import(&jwk).is_usable());
    let key = Key::import_with(&jwk, KeyRules { min_rsa_bits: 1024 });
    assert_eq!(key.verify(Algorithm::Rs256, input, &SHORT_SIGNATURE), Ok(()));
    let mut wrong = SHORT_SIGNATURE;
    wrong[127] ^= 1;
    assert_eq!(key.verify(Algorithm::Rs256, input, &wrong), Err(Code::SignatureInvalid));
    for algorithm in [Algorithm::Rs512, Algorithm::Ps256, Algorithm::Ps384] {
        let result = key.verify(algorithm, input, &SHORT_SIGNATURE);
        assert_eq!(result, Err(Code::KeyRejected));
    }
}

/// 1024 bits, made for this test.
const SHORT_MODULUS: [u8; 128] = [
    0xd5, 0xfb, 0x9c, 0xc8, 0x44, 0x51, 0x50, 0xbc, 0x9f, 0x95, 0x48, 0xd4, 0x69, 0x6e, 0x39, 0x95,
    0xc8, 0x18, 0xd8, 0x8c, 0x9b, 0x79, 0x25, 0xe8, 0x91, 0x3f, 0x90, 0x9d, 0x9e, 0x97, 0xa8, 0xc2,
    0xcf, 0xa1, 0xdb, 0xf0, 0x24, 0x1c, 0x0e, 0xc3, 0xe2, 0x1f, 0xe5, 0x1c, 0x43, 0xb7, 0x93, 0x69,
    0x0f, 0xa2, 0x7a, 0xe2, 0xf1, 0xee, 0x90, 0x57, 0xb6, 0x47, 0xcd, 0xdf, 0xc9, 0x69, 0xbc, 0x02,
    0x8b, 0x25, 0x04, 0x05, 0xce, 0x1f, 0xd7, 0x12, 0xa6, 0x13, 0xf4, 0xae, 0x9b, 0x56, 0x52, 0x11,
    0x9c, 0x80, 0xdf, 0x0b, 0xf4, 0x69, 0xd2, 0x31, 0xa6, 0x47, 0xd3, 0x96, 0xc6, 0x4f, 0x79, 0xe1,
    0x44, 0xa3, 0xe4, 0xdd, 0x54, 0x6c, 0x98, 0x16, 0x00, 0x12, 0xa6, 0x19, 0xb9, 0x6a, 0x06, 0xae,
    0xe7, 0x3f, 0xee, 0x18, 0x59, 0xbd, 0x8e, 0xa9, 0xa3, 0x1a, 0x39, 0x1e, 0xc8, 0x2a, 0xbd, 0xfd,
];

/// RS256 by that key.
const SHORT_SIGNATURE: [u8; 128] = [
    0xc8, 0x31, 0x8a, 0xbb, 0xf7, 0x2a, 0x3e, 0xd9, 0x6a, 0x19, 0x34, 0xe4, 0xfe, 0x01, 0x84, 0x4e,
    0x8a, 0x52, 0x69, 0xb8, 0x46, 0xef, 0xec, 0x7e, 0xc6, 0x9b, 0xdf, 0xb6, 0x7e, 0xec, 0x61, 0xd5,
    0xbb, 0x5d, 0x10, 0x6a, 0xc3, 0x57, 0x8d, 0x15, 0x88, 0x0e, 0xff, 0xcc, 0x47, 0xd2, 0x2c, 0x9a,
    0x4b, 0xbf, 0xdf, 0x7b, 0x1c, 0xd1, 0x81, 0xe7, 0xce, 0xb9, 0xe5, 0x83, 0x93, 0xab, 0xb4, 0xe5,
    0x7b, 0x73, 0xee, 0x8f, 0xa0, 0xc1, 0x41, 0x12, 0xdc, 0xb0, 0x47, 0x69, 0xe9, 0x4d, 0xc0, 0xf8,
    0xfa, 0x0a, 0x5a, 0x73, 0x65, 0x89, 0xd9, 0xfb, 0xf9, 0x1d, 0xfb, 0xe4, 0xc4, 0x7c, 0xde, 0x8d,
    0xde, 0x99, 0xa1, 0xc3, 0x85, 0x59, 0x76, 0x89, 0xe9, 0x99, 0xc2, 0xe8, 0xb8, 0x54, 0x82, 0x08,
    0x5f, 0x06, 0xbf, 0xbf, 0x38, 0xed, 0x57, 0xb0, 0xe5, 0x55, 0xd3, 0xdb, 0x36, 0x0a, 0x1c, 0xac,
];
