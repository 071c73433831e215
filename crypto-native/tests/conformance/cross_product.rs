//! Every algorithm against every kind of key: only the defined pairs reach the arithmetic.

use crate::providers::{Key, PROVIDERS};
use crate::signatures::{MESSAGE, public, signers, unbound};
use workload_identity_core::Code;
use workload_identity_core::crypto::{HostCrypto, KeySet, Prepared};
use workload_identity_core::jose::{Algorithm, Family, Jwks, PublicKey};

#[test]
fn keys_and_algorithms_do_not_mix() {
    for signer in signers() {
        let signature = signer.sign(MESSAGE).expect("a signature");
        let bound = public(&**signer);
        let free = unbound(&bound);
        for algorithm in Algorithm::ALL.iter().copied().filter(|a| *a != signer.algorithm()) {
            let named = format!("{} for {}", signer.algorithm().name(), algorithm.name());
            let result = Key::of(&bound).verify(algorithm, MESSAGE, &signature);
            assert_eq!(result, Err(Code::KeyRejected), "{named}");
            let both_rsa = is_rsa(signer.algorithm()) && is_rsa(algorithm);
            let code = if both_rsa { Code::SignatureInvalid } else { Code::KeyRejected };
            let result = Key::of(&free).verify(algorithm, MESSAGE, &signature);
            assert_eq!(result, Err(code), "{named}");
        }
    }
}

#[test]
fn another_key_verifies_nothing() {
    for signer in signers() {
        let signature = signer.sign(MESSAGE).expect("a signature");
        for other in signers().iter().filter(|other| other.key_id() != signer.key_id()) {
            let free = unbound(&public(&**other));
            let fits = free.fits(signer.algorithm());
            let code = if fits { Code::SignatureInvalid } else { Code::KeyRejected };
            let result = Key::of(&free).verify(signer.algorithm(), MESSAGE, &signature);
            assert_eq!(result, Err(code));
        }
    }
}

#[test]
fn each_algorithm_has_the_keys_that_the_table_says() {
    for signer in signers() {
        let key = public(&**signer);
        for algorithm in Algorithm::ALL {
            let pair = match (key.key(), algorithm.family()) {
                (PublicKey::Rsa { .. }, Family::RsaPkcs1 | Family::RsaPss) => true,
                (PublicKey::Ec { curve, .. }, Family::Ecdsa(wanted)) => *curve == wanted,
                (PublicKey::Okp { .. }, Family::Ed25519) => true,
                (PublicKey::Akp { .. }, Family::MlDsa { .. }) => *algorithm == signer.algorithm(),
                _ => false,
            };
            assert_eq!(key.key().fits(*algorithm), pair);
        }
    }
}

#[test]
fn the_host_verifies_with_every_key_but_those_it_cannot_have() {
    let keys: Vec<_> = signers().iter().map(|signer| public(&**signer)).collect();
    let set = KeySet::import(Jwks::from_keys(keys), &HostCrypto);
    assert_eq!(set.jwks().keys().len(), Algorithm::ALL.len() - 3);
    for (place, key) in set.jwks().keys().iter().enumerate() {
        assert!(matches!(set.prepared(place), Some(Prepared::Host)));
        let algorithm = key.algorithm().expect("the key's own");
        // The checks before every provider come first, then the answer that somebody else has to compute.
        let error = set.verify(place, algorithm, MESSAGE, b"short").expect_err("a wrong length");
        assert_eq!(error.code, Code::SignatureInvalid);
    }
    for unusable in set.jwks().unusable() {
        assert_eq!(unusable.error.code, Code::AlgUnsupported);
    }
}

#[test]
fn keys_of_a_set_stay_apart() {
    for (_, provider) in PROVIDERS {
        let keys: Vec<_> = signers().iter().map(|signer| public(&**signer)).collect();
        let set = KeySet::import(Jwks::from_keys(keys), provider);
        assert!(set.jwks().unusable().is_empty());
        for (place, signer) in signers().iter().enumerate() {
            let signature = signer.sign(MESSAGE).expect("a signature");
            for other in 0..signers().len() {
                let result = set.verify(other, signer.algorithm(), MESSAGE, &signature);
                assert_eq!(result.is_ok(), other == place);
            }
        }
        assert!(set.verify(signers().len(), Algorithm::Es256, MESSAGE, &[1; 64]).is_err());
        assert!(!set.has_verified());
        set.mark_verified();
        assert!(set.has_verified());
    }
}

fn is_rsa(algorithm: Algorithm) -> bool {
    matches!(algorithm.family(), Family::RsaPkcs1 | Family::RsaPss)
}
