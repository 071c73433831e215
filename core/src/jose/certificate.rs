//! The X.509 certificate of a key that signs (RFC 5280, section 4.1): its members in a header (RFC 7515, sections 4.1.6
//! and 4.1.8), and whether it holds that key.
//!
//! Only the public key is used. A certificate is never a reason to trust a key.

use super::{PublicKey, base64url_encode, subject_public_key_info};
use crate::{Code, Error};
use alloc::string::String;
use alloc::vec::Vec;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use der::Decode as _;
use sha2::{Digest as _, Sha256};

/// Largest certificate in DER: 16 MiB.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// An X.509 certificate and its public key.
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
        Some(der)
            .filter(|der| der.len() <= MAX_BYTES)
            .and_then(|der| x509_cert::Certificate::from_der(der).ok())
            .and_then(|certificate| {
                let info = certificate.tbs_certificate().subject_public_key_info();
                subject_public_key_info::read(info)
            })
            .map(|key| Self { der: der.to_vec(), key })
            .ok_or_else(|| {
                invalid("the certificate is not X.509 in DER for an RSA, EC or Ed25519 key")
            })
    }

    /// Reads an item of `x5c`: base64, not base64url, of DER.
    ///
    /// # Errors
    /// `config_invalid`
    pub fn from_x5c(item: &str) -> Result<Self, Error> {
        let der = STANDARD.decode(item).map_err(|_| invalid("an item of `x5c` is not base64"))?;
        Self::from_der(&der)
    }

    /// The certificate as an item of `x5c`.
    #[must_use]
    pub fn x5c(&self) -> String {
        STANDARD.encode(&self.der)
    }

    /// The value of `x5t#S256`: the SHA-256 digest of the DER bytes, in base64url.
    #[must_use]
    pub fn x5t_s256(&self) -> String {
        base64url_encode(&Sha256::digest(&self.der))
    }

    /// The public key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.key
    }

    /// Checks that the certificate holds this key.
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

#[cfg(test)]
mod tests;
