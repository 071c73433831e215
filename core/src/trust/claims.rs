//! The claims of a token as a federated identity credential is compared with them. Nothing is verified.

use crate::jose::{Claims, CompactJwt, MAX_TOKEN_BYTES, UnverifiedClaims, read_claims};
use crate::json::{JsonError, strict};
use crate::{Code, Error, PresentedAssertion, Timestamp};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde_json::{Map, Value};

/// Header and claims of a token, unverified.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct TokenClaims {
    /// `iss`
    pub issuer: Option<String>,
    /// `sub`
    pub subject: Option<String>,
    /// `aud`; empty when absent.
    pub audience: Vec<String>,
    /// `exp`
    pub expires: Option<Timestamp>,
    /// `nbf`
    pub not_before: Option<Timestamp>,
    /// `iat`
    pub issued_at: Option<Timestamp>,
    /// The header, unless only claims are known.
    pub header: Option<TokenHeader>,
    pub(super) claims: Map<String, Value>,
}

/// What Entra looks at in a token's header.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct TokenHeader {
    /// `alg`
    pub algorithm: Option<String>,
    /// `kid`
    pub key_id: Option<String>,
    /// `typ`
    pub typ: Option<String>,
    /// Why the token is not a JWS that a service reads, though its claims can be read.
    pub defect: Option<Error>,
}

impl TokenClaims {
    /// Reads a token in compact form.
    ///
    /// # Errors
    /// `malformed`, `too_large`, `encrypted_unsupported` or `claim_type`; never with text of the token.
    pub fn from_token(token: &str) -> Result<Self, Error> {
        let (peeked, payload) = UnverifiedClaims::peek_with_payload(token)?;
        let defect = CompactJwt::parse(token).err();
        let header = TokenHeader {
            algorithm: peeked.algorithm,
            key_id: peeked.key_id,
            typ: peeked.typ,
            defect,
        };
        Ok(Self { header: Some(header), ..Self::from_payload(&payload)? })
    }

    /// Reads a payload: JSON text of one object.
    ///
    /// # Errors
    /// `too_large`, `malformed` or `claim_type`, which names the claim.
    pub fn from_payload(payload: &str) -> Result<Self, Error> {
        if payload.len() > MAX_TOKEN_BYTES {
            return Err(Error::new(Code::TooLarge, "the claims are larger than a token of 16 KiB"));
        }
        let Claims { registered, .. } = read_claims(payload)?;
        let claims = match strict::parse(payload.as_bytes()) {
            Ok(Value::Object(claims)) => claims,
            // Not reached: the claims were read.
            _ => return Err(Error::new(Code::Malformed, JsonError::Shape.reason())),
        };
        Ok(Self {
            issuer: registered.issuer,
            subject: registered.subject,
            audience: registered.audience,
            expires: registered.expires,
            not_before: registered.not_before,
            issued_at: registered.issued_at,
            header: None,
            claims,
        })
    }

    /// The claims that a credential is compared with, and no others.
    pub fn of<'a>(
        issuer: &str,
        subject: &str,
        audience: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        Self {
            issuer: Some(issuer.to_string()),
            subject: Some(subject.to_string()),
            audience: audience.into_iter().map(String::from).collect(),
            ..Self::default()
        }
    }

    /// The text of a claim; `None` if it is absent or no string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match name {
            "iss" => self.issuer.as_deref(),
            "sub" => self.subject.as_deref(),
            other => self.claims.get(other)?.as_str(),
        }
    }

    /// Whether the token has a claim of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.claims.contains_key(name)
    }
}

impl From<&PresentedAssertion> for TokenClaims {
    fn from(presented: &PresentedAssertion) -> Self {
        Self {
            issuer: presented.issuer.clone(),
            subject: presented.subject.clone(),
            audience: presented.audience.clone(),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::{attach, signing_input};
    use alloc::format;

    fn token(header: &str, payload: &str) -> String {
        attach(&signing_input(header, payload), b"signature")
    }

    #[test]
    fn header_and_claims_are_read() {
        let payload = r#"{"iss":"i","sub":"s\u001b[31m","aud":["a"],"exp":5,"ref":"r","n":1}"#;
        let claims =
            TokenClaims::from_token(&token(r#"{"alg":"ES256","kid":"k","typ":"JWT"}"#, payload));
        let claims = claims.unwrap();
        assert_eq!(claims.text("sub"), Some("s\u{1b}[31m"));
        assert_eq!((claims.text("ref"), claims.text("n")), (Some("r"), None));
        assert!(claims.has("n") && !claims.has("m"));
        let header = claims.header.unwrap();
        assert_eq!(header.algorithm.as_deref(), Some("ES256"));
        assert_eq!((header.typ.as_deref(), header.defect), (Some("JWT"), None));
    }

    #[test]
    fn what_is_no_token_has_its_code() {
        let wrong = token(r#"{"alg":"RS256"}"#, r#"{"iss":1}"#);
        let large = "a".repeat(1_000_000);
        for (text, code) in [
            ("", Code::Malformed),
            ("a.b", Code::Malformed),
            ("a.b.c.d.e", Code::EncryptedUnsupported),
            (&large, Code::TooLarge),
            (&wrong, Code::ClaimType),
        ] {
            assert_eq!(TokenClaims::from_token(text).unwrap_err().code, code, "{text:.20}");
        }
        let large = format!(r#"{{"sub":"{large}"}}"#);
        assert_eq!(TokenClaims::from_payload(&large).unwrap_err().code, Code::TooLarge);
        // Its claims can be read, but no service accepts it.
        let unsigned = format!("{}.", signing_input(r#"{"alg":"none"}"#, "{}"));
        let header = TokenClaims::from_token(&unsigned).unwrap().header.unwrap();
        assert_eq!(header.defect.map(|error| error.code), Some(Code::AlgNotAllowed));
    }
}
