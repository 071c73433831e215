//! The claims of a token without verification, for diagnostics and to find out when a token expires.

use super::MAX_TOKEN_BYTES;
use super::compact::{Limits, decode, explain, header_members, read_payload, split};
use super::member::Member;
use crate::{Error, PresentedAssertion, Timestamp};
use alloc::string::String;
use alloc::vec::Vec;

/// Claims whose signature has not been verified. A type of its own, so that they cannot be mistaken for verified ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnverifiedClaims {
    /// `iss`
    pub issuer: Option<String>,
    /// `sub`
    pub subject: Option<String>,
    /// `aud`; empty when absent.
    pub audience: Vec<String>,
    /// `alg` of the header.
    pub algorithm: Option<String>,
    /// `kid` of the header.
    pub key_id: Option<String>,
    /// `typ` of the header.
    pub typ: Option<String>,
    /// `exp`
    pub expires: Option<Timestamp>,
    /// `nbf`
    pub not_before: Option<Timestamp>,
    /// `iat`
    pub issued_at: Option<Timestamp>,
}

impl UnverifiedClaims {
    /// Reads header and payload, strictly; the signature only has to be base64url.
    ///
    /// # Errors
    /// `malformed`, `too_large`, `encrypted_unsupported` or `claim_type`; never with text of the token.
    pub fn peek(token: &str) -> Result<Self, Error> {
        Self::peek_with_payload(token).map(|(claims, _)| claims)
    }

    /// As [`Self::peek`], with the decoded payload: JSON text of one object.
    pub(crate) fn peek_with_payload(token: &str) -> Result<(Self, String), Error> {
        Self::read(token).map_err(|error| explain(token.as_bytes(), error))
    }

    fn read(token: &str) -> Result<(Self, String), Error> {
        let [header, payload, signature] = split(token.as_bytes(), MAX_TOKEN_BYTES)?;
        let limits = Limits::default();
        let header = header_members(header, limits)?;
        let (payload, claims) = read_payload(payload, limits)?;
        let claims = claims.registered;
        decode(signature, limits)?;
        let text = |member: Option<Member>| member?.as_text().map(String::from);
        let claims = Self {
            issuer: claims.issuer,
            subject: claims.subject,
            audience: claims.audience,
            algorithm: text(header.alg),
            key_id: text(header.kid),
            typ: text(header.typ),
            expires: claims.expires,
            not_before: claims.not_before,
            issued_at: claims.issued_at,
        };
        Ok((claims, payload))
    }

    /// The identifiers that an error may show.
    #[must_use]
    pub fn into_presented(self) -> PresentedAssertion {
        PresentedAssertion {
            issuer: self.issuer,
            subject: self.subject,
            audience: self.audience,
            algorithm: self.algorithm,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;
    use crate::jose::{attach, signing_input};

    fn token(header: &str, claims: &str) -> String {
        attach(&signing_input(header, claims), b"anything")
    }

    #[test]
    fn identifiers_and_dates_are_read() {
        let claims = UnverifiedClaims::peek(&token(
            r#"{"alg":"RS256","kid":"k"}"#,
            r#"{"iss":"i","sub":"s","aud":"a","exp":10,"nbf":1.5,"iat":1}"#,
        ))
        .unwrap();
        assert_eq!(claims.issuer.as_deref(), Some("i"));
        assert_eq!(claims.key_id.as_deref(), Some("k"));
        assert_eq!(claims.expires, Some(Timestamp::from_seconds(10)));
        assert_eq!(claims.not_before, Some(Timestamp::from_millis(1500)));
        let presented = claims.clone().into_presented();
        assert_eq!(presented.audience, ["a"]);
        assert_eq!(presented.algorithm.as_deref(), Some("RS256"));
    }

    #[test]
    fn half_a_token_is_malformed() {
        let whole = token(r#"{"alg":"RS256"}"#, r#"{"iss":"issuer","exp":10}"#);
        let last_dot = whole.rfind('.').unwrap();
        for length in 0..=last_dot - 1 {
            assert_eq!(
                UnverifiedClaims::peek(&whole[..length]).unwrap_err().code,
                Code::Malformed,
                "{length}"
            );
        }
    }
}
