//! Keys and signatures with single bits changed: nothing verifies, and all providers give the same reason.

use crate::providers::Key;
use crate::signatures::{MESSAGE, public, signers};
use workload_identity_core::jose::{Jwk, PublicKey};

/// The same numbers at every run (xorshift).
struct Rng(u64);

impl Rng {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).expect("a small number")
    }

    fn flip(&mut self, bytes: &mut [u8]) {
        let at = self.below(bytes.len());
        bytes[at] ^= 1 << self.below(8);
    }
}

fn change(key: &mut PublicKey, rng: &mut Rng) {
    match key {
        PublicKey::Rsa { modulus, exponent } => {
            let number = if rng.below(4) == 0 { exponent } else { modulus };
            rng.flip(number);
        }
        PublicKey::Ec { x, y, .. } => {
            let number = if rng.below(2) == 0 { x } else { y };
            rng.flip(number);
        }
        PublicKey::Okp { x } => rng.flip(x),
        PublicKey::Akp { public, .. } => rng.flip(public),
        _ => panic!("a kind of key that this test does not know"),
    }
}

#[test]
fn changed_keys_verify_nothing_anywhere() {
    let mut rng = Rng(0x5eed_0001);
    let (mut usable, mut unusable) = (0, 0);
    for signer in signers() {
        let signature = signer.sign(MESSAGE).expect("a signature");
        for _ in 0..60 {
            let mut key = public(&**signer).key().clone();
            change(&mut key, &mut rng);
            let Ok(jwk) = Jwk::new(&key, None, Some(signer.algorithm())) else {
                unusable += 1;
                continue;
            };
            let key = Key::of(&jwk);
            if key.is_usable() {
                usable += 1;
            } else {
                unusable += 1;
            }
            assert!(key.verify(signer.algorithm(), MESSAGE, &signature).is_err());
        }
    }
    assert!(usable > 100 && unusable > 100, "{usable} {unusable}");
}

#[test]
fn changed_signatures_verify_nowhere() {
    let mut rng = Rng(0x5eed_0002);
    for signer in signers() {
        let key = Key::of(&public(&**signer));
        let signature = signer.sign(MESSAGE).expect("a signature");
        for _ in 0..60 {
            let mut changed = signature.clone();
            for _ in 0..=rng.below(3) {
                rng.flip(&mut changed);
            }
            if changed != signature {
                assert!(key.verify(signer.algorithm(), MESSAGE, &changed).is_err());
            }
        }
    }
}
