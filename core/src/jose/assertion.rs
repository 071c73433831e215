//! Client assertions (RFC 7521, section 4.2; RFC 7523, sections 2.2 and 3): a JWT by which a client proves
//! who it is.

use super::{Algorithm, signing_input};
use crate::Timestamp;
use crate::json;
use alloc::string::String;

/// What a client assertion says; the signature is made by whoever holds the key.
#[derive(Clone, Debug)]
pub struct ClientAssertion<'a> {
    /// Issuer and subject alike (RFC 7523, section 3).
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
    /// The algorithm of the key.
    pub algorithm: Algorithm,
    /// `typ`; `JWT`, or `client-authentication+jwt` where the authority asks for it.
    pub typ: &'a str,
    /// `kid`
    pub key_id: Option<&'a str>,
    /// `x5t#S256`: base64url SHA-256 of the certificate (RFC 7515, section 4.1.8).
    pub certificate_thumbprint: Option<&'a str>,
    /// `x5c`: the certificate chain, each base64 DER; always written as a list (RFC 7515, section 4.1.6).
    pub certificate_chain: &'a [String],
}

impl ClientAssertion<'_> {
    /// The protected header.
    #[must_use]
    pub fn header(&self) -> String {
        json::object(|o| {
            o.text("alg", self.algorithm.name())
                .text("typ", self.typ)
                .text_if("kid", self.key_id)
                .text_if("x5t#S256", self.certificate_thumbprint);
            if !self.certificate_chain.is_empty() {
                o.texts("x5c", self.certificate_chain.iter().map(String::as_str));
            }
        })
    }

    /// The claims; dates are numbers.
    #[must_use]
    pub fn claims(&self) -> String {
        let issued_at = self.issued_at.seconds();
        json::object(|o| {
            o.text("iss", self.client_id)
                .text("sub", self.client_id)
                .text("aud", self.audience)
                .text("jti", self.id)
                .integer("iat", issued_at)
                .integer("nbf", issued_at)
                .integer("exp", self.expires().seconds());
        })
    }

    /// When the assertion ends.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.issued_at.plus_seconds(self.lifetime_seconds.clamp(60, 600))
    }

    /// What has to be signed; [`attach`](super::attach) completes the assertion.
    #[must_use]
    pub fn signing_input(&self) -> String {
        signing_input(&self.header(), &self.claims())
    }
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
            algorithm: Algorithm::Ps256,
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
