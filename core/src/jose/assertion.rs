//! Client assertions (RFC 7521, section 4.2; RFC 7523, sections 2.2 and 3): the JWT that authenticates a client.

use super::Signer;
use super::{Algorithm, Certificate, Jwk, attach, signing_input};
use crate::{Code, Error, Timestamp};
use alloc::string::String;
use serde::Serialize;

/// The content of a client assertion. It is signed here or by the host.
#[derive(Clone, Debug)]
pub struct ClientAssertion<'a> {
    /// Issuer and subject (RFC 7523, section 3).
    pub client_id: &'a str,
    /// The one audience: the token endpoint or the authority's issuer. A list would let one authority use
    /// the assertion at another (CVE-2025-27370).
    pub audience: &'a str,
    /// `jti`, unique per assertion: a random UUID or more.
    pub id: &'a str,
    /// When it is made.
    pub issued_at: Timestamp,
    /// How long it may be used, in seconds; held to 60..=600.
    pub lifetime_seconds: i64,
    /// `alg`, as the authority spells it: Ed25519 has two names (RFC 9864).
    pub algorithm_name: &'a str,
    /// `typ`; `JWT`, or `client-authentication+jwt` where the authority asks for it.
    pub typ: &'a str,
    /// `kid`
    pub key_id: Option<&'a str>,
    /// `x5t#S256`: base64url SHA-256 of the certificate (RFC 7515, section 4.1.8).
    pub certificate_thumbprint: Option<&'a str>,
    /// `x5c`: the certificate chain, each base64 DER; always written as a list (RFC 7515, section 4.1.6).
    pub certificate_chain: &'a [String],
}

#[derive(Serialize)]
struct AssertionHeader<'a> {
    alg: &'a str,
    typ: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
    #[serde(rename = "x5t#S256", skip_serializing_if = "Option::is_none")]
    x5t_s256: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    x5c: &'a [String],
}

#[derive(Serialize)]
struct AssertionClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: &'a str,
    iat: i64,
    nbf: i64,
    exp: i64,
}

impl ClientAssertion<'_> {
    /// The protected header.
    #[must_use]
    pub fn header(&self) -> String {
        let header = AssertionHeader {
            alg: self.algorithm_name,
            typ: self.typ,
            kid: self.key_id,
            x5t_s256: self.certificate_thumbprint,
            x5c: self.certificate_chain,
        };
        serde_json::to_string(&header).unwrap_or_default()
    }

    /// The claims; dates are numbers.
    #[must_use]
    pub fn claims(&self) -> String {
        let issued_at = self.issued_at.seconds();
        let claims = AssertionClaims {
            iss: self.client_id,
            sub: self.client_id,
            aud: self.audience,
            jti: self.id,
            iat: issued_at,
            nbf: issued_at,
            exp: self.expires().seconds(),
        };
        serde_json::to_string(&claims).unwrap_or_default()
    }

    /// When the assertion ends.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.issued_at.plus_seconds(self.lifetime_seconds.clamp(60, 600))
    }

    /// The JWS signing input. [`attach`] completes the assertion.
    #[must_use]
    pub fn signing_input(&self) -> String {
        signing_input(&self.header(), &self.claims())
    }

    /// Signs the assertion. The certificates in its header have to hold the key of the signer.
    ///
    /// # Errors
    /// `config_invalid` when algorithm, certificate and thumbprint do not belong to the signer's key, and what the
    /// signer reports.
    pub fn sign(&self, signer: &dyn Signer) -> Result<String, Error> {
        if Algorithm::from_name(self.algorithm_name) != Some(signer.algorithm()) {
            return Err(Error::new(Code::ConfigInvalid, "the key is for another algorithm"));
        }
        let key = Jwk::parse(signer.public_jwk().as_bytes())?;
        check_certificate(self.certificate_chain, self.certificate_thumbprint, Some(&key))?;
        let input = self.signing_input();
        let signature = signer.sign(input.as_bytes())?;
        Ok(attach(&input, &signature))
    }
}

/// Checks that certificate, thumbprint and key belong together, as far as they are given.
pub(crate) fn check_certificate(
    chain: &[String],
    thumbprint: Option<&str>,
    key: Option<&Jwk>,
) -> Result<(), Error> {
    let (Some(leaf), Some(key)) = (chain.first(), key) else { return Ok(()) };
    let certificate = Certificate::from_x5c(leaf)?;
    certificate.check_key(key.key())?;
    if thumbprint.is_some_and(|thumbprint| thumbprint != certificate.x5t_s256()) {
        return Err(Error::new(
            Code::ConfigInvalid,
            "`x5t#S256` is not the thumbprint of the first certificate of `x5c`",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn header_and_claims_follow_the_rfc() {
        let chain = ["TUlJ".to_string()];
        let mut assertion = ClientAssertion {
            client_id: "client",
            audience: "https://as.example/token",
            id: "unique",
            issued_at: Timestamp::from_millis(1_700_000_000_999),
            lifetime_seconds: 86_400,
            algorithm_name: "PS256",
            typ: "JWT",
            key_id: None,
            certificate_thumbprint: Some("thumb"),
            certificate_chain: &chain,
        };
        assert_eq!(
            assertion.header(),
            r#"{"alg":"PS256","typ":"JWT","x5t#S256":"thumb","x5c":["TUlJ"]}"#
        );
        assert_eq!(
            assertion.claims(),
            concat!(
                r#"{"iss":"client","sub":"client","aud":"https://as.example/token","jti":"unique","#,
                r#""iat":1700000000,"nbf":1700000000,"exp":1700000600}"#
            )
        );
        assertion.lifetime_seconds = -1;
        assert_eq!(assertion.expires().seconds(), 1_700_000_060);
        assert!(assertion.signing_input().starts_with("eyJ"));
    }
}
