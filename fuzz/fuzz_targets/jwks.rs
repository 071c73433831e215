//! Key sets: what is accepted is sound, reads back, and is never chosen for the wrong algorithm.
#![no_main]

use libfuzzer_sys::fuzz_target;
use workload_identity_core::crypto::check_signature;
use workload_identity_core::jose::{Algorithm, Jwk, Jwks, KeyUse, PublicKey};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(key) = Jwk::parse(bytes) {
        sound(&key);
    }
    let Ok(set) = Jwks::parse(bytes) else { return };
    assert!(set.keys().len() + set.unusable().len() <= 1000);
    set.keys().iter().for_each(sound);
    let again = Jwks::parse(set.to_json().as_bytes()).expect("what is written reads back");
    assert_eq!(again.keys(), set.keys());
    assert!(again.unusable().is_empty());
    let names = set.keys().iter().map(Jwk::key_id).chain([None, Some("k")]);
    for key_id in names {
        for algorithm in Algorithm::ALL {
            if let Ok(place) = set.find(*algorithm, key_id, KeyUse::ORDINARY) {
                let key = &set.keys()[place];
                assert!(key.fits(*algorithm) && KeyUse::ORDINARY.contains(&key.key_use()));
                assert!(key_id.is_none() || key.key_id() == key_id);
            }
        }
    }
});

fn sound(key: &Jwk) {
    match key.key() {
        PublicKey::Rsa { modulus, exponent } => {
            assert!((256..=1024).contains(&modulus.len()));
            assert!(modulus[0] != 0 && modulus[modulus.len() - 1] % 2 == 1);
            assert!(exponent.len() <= 5 && exponent[exponent.len() - 1] % 2 == 1);
            assert_ne!(exponent, &[1]);
        }
        PublicKey::Ec { curve, x, y } => {
            assert_eq!((x.len(), y.len()), (curve.field_bytes(), curve.field_bytes()));
        }
        PublicKey::Okp { .. } => {}
        PublicKey::Akp { algorithm, .. } => assert!(key.fits(*algorithm)),
        _ => panic!("a kind of key that this target does not know"),
    }
    for algorithm in Algorithm::ALL {
        assert!(check_signature(*algorithm, key, &[]).is_err());
    }
}
