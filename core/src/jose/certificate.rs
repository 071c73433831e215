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
    let mut document = Elements(Some(der));
    let mut certificate = Elements(Some(document.next(SEQUENCE)));
    let mut fields = Elements(Some(certificate.next(SEQUENCE)));
    if fields.begins_with(VERSION) {
        fields.next(VERSION);
    }
    // Serial number, signature algorithm, issuer, validity, subject.
    for tag in [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE] {
        fields.next(tag);
    }
    let mut info = Elements(Some(fields.next(SEQUENCE)));
    let mut algorithm = Elements(Some(info.next(SEQUENCE)));
    let identifier = algorithm.next(OBJECT_IDENTIFIER);
    let (0, key) = info.next(BIT_STRING).split_first()? else { return None };
    if !document.is_over() || !info.is_over() {
        return None;
    }
    if identifier == RSA || identifier == RSA_PSS {
        let mut numbers = Elements(Some(Elements(Some(key)).next(SEQUENCE)));
        let modulus = positive(numbers.next(INTEGER))?;
        return Some(PublicKey::Rsa { modulus, exponent: positive(numbers.next(INTEGER))? });
    }
    if identifier == EC {
        let named = algorithm.next(OBJECT_IDENTIFIER);
        let curves = [(P256, Curve::P256), (P384, Curve::P384), (P521, Curve::P521)];
        let (_, curve) = curves.into_iter().find(|(identifier, _)| *identifier == named)?;
        let (4, point) = key.split_first()? else { return None };
        let (x, y) = point.split_at_checked(curve.field_bytes())?;
        let key = || PublicKey::Ec { curve, x: x.to_vec(), y: y.to_vec() };
        return (y.len() == x.len()).then(key);
    }
    let x = key.try_into().ok()?;
    (identifier == ED25519).then_some(PublicKey::Okp { x })
}

/// The elements of a structure in DER, one after the other; none after a fault.
struct Elements<'a>(Option<&'a [u8]>);

impl<'a> Elements<'a> {
    /// The content of the next element if it has the tag; it is empty after a fault, and an empty structure has no elements.
    fn next(&mut self, tag: u8) -> &'a [u8] {
        let (content, rest) = self.0.and_then(|rest| element(rest, tag)).unzip();
        self.0 = rest;
        content.unwrap_or_default()
    }

    fn begins_with(&self, tag: u8) -> bool {
        self.0.and_then(<[u8]>::first) == Some(&tag)
    }

    /// Whether all was as expected, and nothing is left.
    fn is_over(&self) -> bool {
        self.0.is_some_and(<[u8]>::is_empty)
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
