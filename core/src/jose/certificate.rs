//! The certificate beside a key that signs: its names in a header, and whether it is for that key (RFC 5280, section
//! 4.1; RFC 7515, sections 4.1.6 and 4.1.8). Nothing here trusts a certificate.

use super::{Curve, PublicKey, base64url_decode, base64url_encode};
use crate::digest::sha256;
use crate::{Code, Error};
use alloc::string::String;
use alloc::vec::Vec;

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OBJECT_IDENTIFIER: u8 = 0x06;
const VERSION: u8 = 0xa0;

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const P384: &[u8] = &[0x2b, 0x81, 4, 0, 0x22];
const P521: &[u8] = &[0x2b, 0x81, 4, 0, 0x23];

/// An X.509 certificate, read as far as its public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    key: PublicKey,
}

impl Certificate {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// `config_invalid` when it is not a certificate of an RSA, EC or Ed25519 key.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let key = public_key(der).ok_or_else(|| {
            invalid("the certificate is not X.509 in DER for an RSA, EC or Ed25519 key")
        })?;
        Ok(Self { der: der.to_vec(), key })
    }

    /// Reads an item of `x5c`: base64, not base64url, of DER.
    ///
    /// # Errors
    /// `config_invalid`
    pub fn from_x5c(item: &str) -> Result<Self, Error> {
        let mut text = String::with_capacity(item.len());
        // Padding is at the end: anywhere else it is no digit.
        let end = item.bytes().rposition(|byte| byte != b'=').map_or(0, |last| last + 1);
        for byte in item.bytes().take(end) {
            text.push(match byte {
                b'+' => '-',
                b'/' => '_',
                b'-' | b'_' => '.',
                other => char::from(other),
            });
        }
        let der = base64url_decode(&text)
            .filter(|_| item.len().is_multiple_of(4))
            .ok_or_else(|| invalid("an item of `x5c` is not base64"))?;
        Self::from_der(&der)
    }

    /// The item of `x5c`.
    #[must_use]
    pub fn x5c(&self) -> String {
        let swapped = |character| match character {
            '-' => '+',
            '_' => '/',
            other => other,
        };
        let mut text: String = base64url_encode(&self.der).chars().map(swapped).collect();
        while !text.len().is_multiple_of(4) {
            text.push('=');
        }
        text
    }

    /// `x5t#S256`
    #[must_use]
    pub fn x5t_s256(&self) -> String {
        base64url_encode(&sha256(&[&self.der]))
    }

    /// The public key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.key
    }

    /// Checks that the certificate is for a key.
    ///
    /// # Errors
    /// `config_invalid`
    pub fn check_key(&self, key: &PublicKey) -> Result<(), Error> {
        if self.key == *key {
            return Ok(());
        }
        Err(invalid("the certificate is for another key than the one that signs"))
    }
}

fn invalid(message: &str) -> Error {
    Error::new(Code::ConfigInvalid, message)
}

fn public_key(der: &[u8]) -> Option<PublicKey> {
    let (certificate, rest) = element(der, SEQUENCE)?;
    if !rest.is_empty() {
        return None;
    }
    let (mut fields, _) = element(certificate, SEQUENCE)?;
    if let Some((_, rest)) = element(fields, VERSION) {
        fields = rest;
    }
    // Serial number, signature algorithm, issuer, validity, subject.
    for tag in [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE] {
        fields = element(fields, tag)?.1;
    }
    let (info, _) = element(fields, SEQUENCE)?;
    let (algorithm, rest) = element(info, SEQUENCE)?;
    let (identifier, parameters) = element(algorithm, OBJECT_IDENTIFIER)?;
    let (bits, rest) = element(rest, BIT_STRING)?;
    let (unused, key) = bits.split_first()?;
    if *unused != 0 || !rest.is_empty() {
        return None;
    }
    match identifier {
        RSA | RSA_PSS => {
            let (numbers, _) = element(key, SEQUENCE)?;
            let (modulus, rest) = element(numbers, INTEGER)?;
            let (exponent, _) = element(rest, INTEGER)?;
            Some(PublicKey::Rsa { modulus: positive(modulus)?, exponent: positive(exponent)? })
        }
        EC => {
            let curve = match element(parameters, OBJECT_IDENTIFIER)?.0 {
                P256 => Curve::P256,
                P384 => Curve::P384,
                P521 => Curve::P521,
                _ => return None,
            };
            let (form, point) = key.split_first()?;
            let (x, y) = point.split_at_checked(curve.field_bytes())?;
            (*form == 4 && y.len() == x.len()).then(|| PublicKey::Ec {
                curve,
                x: x.to_vec(),
                y: y.to_vec(),
            })
        }
        ED25519 => key.try_into().ok().map(|x| PublicKey::Okp { x }),
        _ => None,
    }
}

/// A positive integer without the octet that keeps its sign.
fn positive(bytes: &[u8]) -> Option<Vec<u8>> {
    let (first, rest) = bytes.split_first()?;
    match first {
        0 => Some(rest.to_vec()),
        1..=0x7f => Some(bytes.to_vec()),
        _ => None,
    }
}

/// The content of the first element, if it has the tag, and what follows it (X.690, section 8.1).
fn element(input: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = input.split_first()?;
    let (length, rest) = rest.split_first()?;
    if *first != tag {
        return None;
    }
    let (length, rest) = match length {
        0..=0x7f => (usize::from(*length), rest),
        // A certificate of more than 16 MiB is none.
        0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            let length =
                digits.iter().fold(0_usize, |length, digit| length << 8 | usize::from(*digit));
            (length, rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests;
