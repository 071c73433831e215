//! Textbook RSA on fixed test keys: the encodings of RFC 8017 with the salt derived from the message, so that a
//! token is minted the same each time, and every wrong encoding that an attack needs.

use super::members::base64url;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use num_bigint::BigUint;
use serde::Deserialize;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// A private key as it stands in `attack-keys.json`.
#[derive(Deserialize)]
pub(super) struct RsaKey {
    pub(super) n: String,
    pub(super) e: String,
    pub(super) d: String,
}

/// The digest of an algorithm.
#[derive(Clone, Copy)]
pub(super) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub(super) fn of(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Hash::Sha256 => Sha256::digest(bytes).to_vec(),
            Hash::Sha384 => Sha384::digest(bytes).to_vec(),
            Hash::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }

    /// The DER of DigestInfo before the digest (RFC 8017, section 9.2, note 1).
    pub(super) fn digest_info(self, message: &[u8]) -> Vec<u8> {
        let digest = self.of(message);
        let (arc, length) = match self {
            Hash::Sha256 => (1, 32),
            Hash::Sha384 => (2, 48),
            Hash::Sha512 => (3, 64),
        };
        let oid = [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, arc];
        let mut info = vec![0x30, 17 + length, 0x30, 13, 6, 9];
        info.extend(oid);
        info.extend([5, 0, 4, length]);
        info.extend(digest);
        info
    }
}

impl RsaKey {
    /// Bytes of the modulus, and of a signature.
    pub(super) fn bytes(&self) -> usize {
        self.modulus().bits().div_ceil(8) as usize
    }

    pub(super) fn modulus(&self) -> BigUint {
        number(&self.n)
    }

    /// The private operation on an encoded message.
    pub(super) fn sign_encoded(&self, encoded: &[u8]) -> Vec<u8> {
        let signature = BigUint::from_bytes_be(encoded).modpow(&number(&self.d), &self.modulus());
        left_padded(&signature, self.bytes())
    }

    /// RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2.1).
    pub(super) fn sign_pkcs1(&self, hash: Hash, message: &[u8]) -> Vec<u8> {
        self.sign_encoded(&pkcs1(&hash.digest_info(message), self.bytes(), 1, 0xff))
    }

    /// RSASSA-PSS (RFC 8017, section 8.1.1).
    pub(super) fn sign_pss(&self, hash: Hash, message: &[u8], salt_bytes: usize) -> Vec<u8> {
        self.sign_pss_with(hash, hash, message, salt_bytes)
    }

    /// RSASSA-PSS whose mask is made with a digest of its own.
    pub(super) fn sign_pss_with(
        &self,
        hash: Hash,
        mask_hash: Hash,
        message: &[u8],
        salt_bytes: usize,
    ) -> Vec<u8> {
        let salt = stretch(Hash::Sha256, message, salt_bytes);
        let mut block = vec![0; 8];
        block.extend(hash.of(message));
        block.extend(&salt);
        let digest = hash.of(&block);
        // The encoded message is one bit shorter than the modulus.
        let bits = self.modulus().bits() - 1;
        let length = bits.div_ceil(8) as usize;
        let mut data = vec![0; length - salt.len() - digest.len() - 2];
        data.push(1);
        data.extend(&salt);
        for (byte, mask) in data.iter_mut().zip(stretch(mask_hash, &digest, length)) {
            *byte ^= mask;
        }
        if let Some(first) = data.first_mut() {
            *first &= 0xff >> (length as u64 * 8 - bits);
        }
        data.extend(digest);
        data.push(0xbc);
        self.sign_encoded(&data)
    }
}

/// `00 TYPE FILL.. 00 INFO` (RFC 8017, section 9.2, for type 1 and fill ff).
pub(super) fn pkcs1(info: &[u8], length: usize, block_type: u8, fill: u8) -> Vec<u8> {
    let mut encoded = vec![0, block_type];
    encoded.resize(length - info.len() - 1, fill);
    encoded.push(0);
    encoded.extend(info);
    encoded
}

/// A number as bytes of a fixed length.
pub(super) fn left_padded(number: &BigUint, length: usize) -> Vec<u8> {
    let digits = number.to_bytes_be();
    let mut bytes = vec![0; length - digits.len()];
    bytes.extend(digits);
    bytes
}

/// The number in a JWK member.
pub(super) fn number(text: &str) -> BigUint {
    BigUint::from_bytes_be(&URL_SAFE_NO_PAD.decode(text).unwrap_or_default())
}

/// A JWK member of a number.
pub(super) fn integer(number: &BigUint) -> String {
    base64url(number.to_bytes_be())
}

/// MGF1 (RFC 8017, appendix B.2.1); also the source of the salt.
fn stretch(hash: Hash, seed: &[u8], length: usize) -> Vec<u8> {
    let mut mask = Vec::new();
    for counter in 0_u32.. {
        if mask.len() >= length {
            break;
        }
        mask.extend(hash.of(&[seed, &counter.to_be_bytes()].concat()));
    }
    mask.truncate(length);
    mask
}
