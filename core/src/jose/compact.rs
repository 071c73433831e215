//! The compact form of a signed token (RFC 7515, section 3.1; RFC 7519, section 7.2).

use super::{Header, base64url_decode};
use crate::json::{self, Json, JsonError, Object};
use crate::{Code, Error};
use alloc::vec::Vec;
use core::fmt;

/// Longest token that is looked at.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// Longest decoded header.
pub const MAX_HEADER_BYTES: usize = 8 * 1024;

/// A token taken apart, with nothing verified.
pub struct Compact<'t> {
    header: Header,
    payload: Vec<u8>,
    claims: Object,
    signing_input: &'t str,
    signature: Vec<u8>,
}

impl<'t> Compact<'t> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// `too_large`, `encrypted_unsupported` (five parts), `crit_unsupported`, `alg_not_allowed` (an unsecured
    /// token) or `malformed`; never with text of the token.
    ///
    /// ```
    /// use workload_identity_core::{Code, jose::Compact};
    /// assert_eq!(Compact::parse("a.b").map(|_| ()).map_err(|e| e.code), Err(Code::Malformed));
    /// ```
    pub fn parse(token: &'t str) -> Result<Self, Error> {
        let [header, payload, signature] = split(token)?;
        let header = decode(header)?;
        if header.len() > MAX_HEADER_BYTES {
            return Err(Error::new(Code::TooLarge, "the token's header is longer than 8 KiB"));
        }
        let header = Header::read(&object(&header, "header")?)?;
        if signature.is_empty() {
            return Err(if header.algorithm_name.eq_ignore_ascii_case("none") {
                Error::new(Code::AlgNotAllowed, "the token is not signed")
            } else {
                malformed("the token's signature is empty")
            });
        }
        let payload = decode(payload)?;
        let claims = object(&payload, "payload")?;
        let signature = decode(signature)?;
        let signing_input = token.rsplit_once('.').map_or(token, |(input, _)| input);
        Ok(Self { header, payload, claims, signing_input, signature })
    }

    /// The protected header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The payload as signed.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The payload's members.
    #[must_use]
    pub fn claims(&self) -> &Object {
        &self.claims
    }

    /// What the signature covers: header and payload as they stand in the token.
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        self.signing_input.as_bytes()
    }

    /// The signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    pub(crate) fn into_payload(self) -> (Vec<u8>, Object) {
        (self.payload, self.claims)
    }
}

/// The parts are secret together, so only the header is shown.
impl fmt::Debug for Compact<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Compact").field("header", &self.header).finish_non_exhaustive()
    }
}

/// The three parts; no allocation, however many dots there are.
pub(super) fn split(token: &str) -> Result<[&str; 3], Error> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(Error::new(Code::TooLarge, "the token is longer than 16 KiB"));
    }
    let mut parts = token.splitn(6, '.');
    match (parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(header), Some(payload), Some(signature), None, ..) => {
            Ok([header, payload, signature])
        }
        (_, _, _, _, Some(_), None) => Err(Error::new(
            Code::EncryptedUnsupported,
            "the token is encrypted; only signed tokens can be checked",
        )),
        _ => Err(malformed("the token does not have three parts")),
    }
}

pub(super) fn decode(part: &str) -> Result<Vec<u8>, Error> {
    base64url_decode(part)
        .ok_or_else(|| malformed("a part of the token is not base64url without padding"))
}

pub(super) fn object(bytes: &[u8], part: &str) -> Result<Object, Error> {
    match json::parse(bytes) {
        Ok(Json::Object(members)) => Ok(members),
        Ok(_) => Err(malformed(alloc::format!("the token's {part} is not a JSON object"))),
        Err(JsonError::Syntax) => Err(malformed(alloc::format!("the token's {part} is not JSON"))),
        Err(fault) => Err(malformed(alloc::format!("the token's {part} is refused: {fault}"))),
    }
}

fn malformed(message: impl Into<alloc::string::String>) -> Error {
    Error::new(Code::Malformed, message)
}
