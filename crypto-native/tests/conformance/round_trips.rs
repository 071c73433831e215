//! What was signed verifies; anything else does not.

use crate::providers::Key;
use crate::signatures::{MESSAGE, public, signers, unbound};
use workload_identity_core::Code;
use workload_identity_core::jose::PublicKey;

#[test]
fn what_was_signed_verifies() {
    for signer in signers() {
        let bound = public(&**signer);
        for key in [Key::of(&bound), Key::of(&unbound(&bound))] {
            for message in [MESSAGE, b"", &[0; 10_000]] {
                let signature = signer.sign(message).expect("a signature");
                // Twice: an RSA key without `alg` is imported at its first use.
                for _ in 0..2 {
                    let result = key.verify(signer.algorithm(), message, &signature);
                    assert_eq!(result, Ok(()), "{}", signer.algorithm().name());
                }
            }
        }
    }
}

#[test]
fn another_message_or_signature_does_not() {
    for signer in signers() {
        let (algorithm, key) = (signer.algorithm(), Key::of(&public(&**signer)));
        let signature = signer.sign(MESSAGE).expect("a signature");
        let refused = |message: &[u8], signature: &[u8]| {
            let result = key.verify(algorithm, message, signature);
            assert_eq!(result, Err(Code::SignatureInvalid), "{}", algorithm.name());
        };
        for message in [&b"header.payloae"[..], b"header.payload ", b""] {
            refused(message, &signature);
        }
        for at in [0, 1, signature.len() / 2, signature.len() - 1] {
            for bit in [1, 0x40, 0x80] {
                let mut changed = signature.clone();
                changed[at] ^= bit;
                refused(MESSAGE, &changed);
            }
        }
        let longer = [&signature[..], &[0]].concat();
        let shifted = [&[0], &signature[..]].concat();
        for wrong in
            [&[][..], &signature[1..], &signature[..signature.len() - 1], &longer, &shifted]
        {
            refused(MESSAGE, wrong);
        }
        refused(MESSAGE, &vec![0; signature.len()]);
        refused(MESSAGE, &vec![0xff; signature.len()]);
    }
}

#[test]
fn ecdsa_halves_lie_below_the_order() {
    for signer in signers() {
        let jwk = public(&**signer);
        let PublicKey::Ec { curve, .. } = jwk.key() else { continue };
        let key = Key::of(&jwk);
        let signature = signer.sign(MESSAGE).expect("a signature");
        let (r, s) = signature.split_at(curve.field_bytes());
        let zero = vec![0; curve.field_bytes()];
        let order = curve.order().to_vec();
        for wrong in [&zero, &order, &vec![0xff; curve.field_bytes()]] {
            for signature in
                [[wrong, s].concat(), [r, wrong].concat(), [&wrong[..], wrong].concat()]
            {
                let result = key.verify(signer.algorithm(), MESSAGE, &signature);
                assert_eq!(result, Err(Code::SignatureInvalid));
            }
        }
    }
}

/// JOSE does not ask for the lower of the two signatures (RFC 7518, section 3.4); hence a token's text is no identity.
#[test]
fn the_other_of_two_ecdsa_signatures_verifies_too() {
    for signer in signers() {
        let jwk = public(&**signer);
        let PublicKey::Ec { curve, .. } = jwk.key() else { continue };
        let signature = signer.sign(MESSAGE).expect("a signature");
        let (r, s) = signature.split_at(curve.field_bytes());
        let mut borrow = 0;
        let mut other = vec![0; s.len()];
        for index in (0..s.len()).rev() {
            let digit = i16::from(curve.order()[index]) - i16::from(s[index]) - borrow;
            borrow = i16::from(digit < 0);
            other[index] = digit.rem_euclid(256) as u8;
        }
        let signature = [r, &other].concat();
        assert_eq!(Key::of(&jwk).verify(signer.algorithm(), MESSAGE, &signature), Ok(()));
    }
}
