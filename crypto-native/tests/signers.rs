//! What signers publish and refuse.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use workload_identity_core::crypto::{KeySet, Signer};
use workload_identity_core::jose::{Algorithm, Curve, Jwk, Jwks, base64url_encode, sign_compact};
use workload_identity_core::verify::{Policy, verify};
use workload_identity_core::{Code, Timestamp};
use workload_identity_crypto_native::{AwsLc, AwsLcSigner};

#[test]
fn keys_are_named_by_their_thumbprint_unless_named() {
    let signer = AwsLcSigner::generate_ec(Curve::P256).expect("a key");
    let key = Jwk::parse(signer.public_jwk().as_bytes()).expect("a public key");
    assert_eq!(signer.key_id(), base64url_encode(key.thumbprint()));
    assert_eq!(key.key_id(), Some(signer.key_id()));
    assert_eq!(key.algorithm(), Some(Algorithm::Es256));
    let named = signer.with_key_id("mine");
    assert_eq!(named.key_id(), "mine");
    assert!(named.public_jwk().contains(r#""kid":"mine""#));
}

#[test]
fn existing_keys_are_read_from_pkcs8() {
    let pair = KeyPair::generate(KeySize::Rsa2048).expect("a key");
    let der: Pkcs8V1Der<'_> = pair.as_der().expect("DER");
    let signer = AwsLcSigner::rsa_from_pkcs8_der(der.as_ref()).expect("an RSA key");
    assert_eq!(signer.sign(b"x").expect("a signature").len(), 256);
    let wrong = AwsLcSigner::ec_from_pkcs8_der(der.as_ref(), Curve::P256).expect_err("an RSA key");
    assert_eq!(wrong.code, Code::KeyRejected);

    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
    let der = pair.to_pkcs8v1().expect("DER");
    let signer = AwsLcSigner::ec_from_pkcs8_der(der.as_ref(), Curve::P256).expect("a P-256 key");
    assert_eq!(signer.algorithm(), Algorithm::Es256);
    let wrong =
        AwsLcSigner::ec_from_pkcs8_der(der.as_ref(), Curve::P384).expect_err("another curve");
    assert_eq!(wrong.code, Code::KeyRejected);
    let wrong = AwsLcSigner::rsa_from_pkcs8_der(der.as_ref()).expect_err("an EC key");
    assert_eq!(wrong.code, Code::KeyRejected);
    for broken in [&[][..], &[0x30], &der.as_ref()[..20]] {
        assert_eq!(
            AwsLcSigner::rsa_from_pkcs8_der(broken).expect_err("broken").code,
            Code::KeyRejected
        );
    }
}

#[test]
fn ed25519_keys_are_read_from_both_versions_of_pkcs8() {
    let pair = Ed25519KeyPair::generate().expect("a key");
    let v1 = pair.to_pkcs8v1().expect("DER");
    let v2 = pair.to_pkcs8().expect("DER");
    let first =
        AwsLcSigner::ed25519_from_pkcs8_der(v1.as_ref()).expect("a key without its public half");
    let second =
        AwsLcSigner::ed25519_from_pkcs8_der(v2.as_ref()).expect("a key with its public half");
    assert_eq!(first.public_jwk(), second.public_jwk());
    assert_eq!(first.sign(b"x"), second.sign(b"x"));
    assert_eq!(first.algorithm(), Algorithm::Ed25519);
    assert_eq!(first.with_key_id("mine").key_id(), "mine");
    // The public half of another key would let two signatures give the private key away.
    let mut foreign = v2.as_ref().to_vec();
    let last = foreign.len() - 1;
    foreign[last] ^= 1;
    let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
    let ec = ec.to_pkcs8v1().expect("DER");
    for wrong in [&foreign, ec.as_ref(), &v1.as_ref()[1..], &[]] {
        let error = AwsLcSigner::ed25519_from_pkcs8_der(wrong).expect_err("no key");
        assert_eq!(error.code, Code::KeyRejected);
    }
}

#[test]
fn impossible_keys_are_refused() {
    for bits in [0, 1024, 2047, 2049, 16_384] {
        assert_eq!(
            AwsLcSigner::generate_rsa(bits).expect_err("a size").code,
            Code::KeyRejected,
            "{bits}"
        );
    }
    let signer = AwsLcSigner::generate_rsa(2048).expect("a key");
    let error = signer.with_algorithm(Algorithm::Es256).expect_err("RSA signs no ES256");
    assert_eq!(error.code, Code::KeyRejected);
}

#[test]
fn debug_shows_no_key() {
    let signer = AwsLcSigner::generate_rsa(2048).expect("a key");
    assert!(format!("{signer:?}").len() < 200);
    let signer = AwsLcSigner::generate_ed25519().expect("a key");
    assert!(format!("{signer:?}").len() < 200);
}

#[test]
fn a_signed_token_verifies_and_another_keys_token_does_not() {
    let claims = r#"{"iss":"i","aud":"a","exp":1700000600}"#;
    let now = Timestamp::from_seconds(1_700_000_000);
    let rsa = AwsLcSigner::generate_rsa(2048).expect("a key");
    let ec = AwsLcSigner::generate_ec(Curve::P256).expect("a key");
    let signers: [&dyn Signer; 2] = [&rsa, &ec];
    let documents: Vec<String> = signers.iter().map(|signer| signer.public_jwk()).collect();
    let keys = Jwks::parse(format!(r#"{{"keys":[{}]}}"#, documents.join(",")).as_bytes())
        .expect("a key set");
    let keys = std::sync::Arc::new(KeySet::import(keys, &AwsLc));
    let check = |token: &str| verify(token, &keys, &Policy::new("i", "a"), now);
    for signer in signers {
        let token = sign_compact(signer, &[], claims).expect("a token");
        let verified = check(&token).expect("a good token");
        assert_eq!(verified.key_id(), Some(signer.key_id()));
    }
    let impostor = AwsLcSigner::generate_ec(Curve::P256).expect("a key").with_key_id(ec.key_id());
    let token = sign_compact(&impostor, &[], claims).expect("a token");
    assert_eq!(check(&token).expect_err("a forgery").code, Code::SignatureInvalid);
}
