//! The client assertion (RFC 7523): its claims, and the checks of signature and validity, in Entra's order.

use super::error::{Aadsts, EntraError};
use super::federated_credentials::malformed;
use crate::dates;
use workload_identity_core::crypto::KeySet;
use workload_identity_core::jose::{
    Algorithm, CompactJwt, KeyUse, RegisteredClaims, base64url_decode,
};
use workload_identity_core::trust::TokenClaims;
use workload_identity_core::{Code, Timestamp};

/// The assertion, its claims and its signature.
fn read(assertion: &str) -> Result<(CompactJwt<'_>, RegisteredClaims, Vec<u8>), EntraError> {
    let jwt = CompactJwt::parse(assertion).map_err(|_| malformed())?;
    let claims = jwt.registered_claims().map_err(|_| malformed())?;
    let signature = jwt.signature().map_err(|_| malformed())?;
    Ok((jwt, claims, signature))
}

/// Reads the claims of an assertion, unverified.
pub(super) fn inspect(assertion: &str) -> Result<TokenClaims, EntraError> {
    TokenClaims::from_token(assertion).map_err(|_| malformed())
}

/// Checks signature, then validity.
pub(super) fn verify(
    assertion: &str,
    issuer: &str,
    keys: &KeySet,
    tolerance_seconds: i64,
    now: Timestamp,
) -> Result<(), EntraError> {
    let (jwt, claims, signature) = read(assertion)?;
    let kid = jwt.header().kid.as_deref();
    let index = keys.jwks().find(Algorithm::Rs256, kid, KeyUse::ORDINARY).map_err(|error| match error.code {
        Code::KeyRejected => signature_invalid(),
        _ => EntraError::new(
            Aadsts::KeyNotFound,
            format!(
                "The certificate with identifier {} used to sign the federated credential could not be found in the metadata of identity provider {issuer}. Please validate that your Identity Provider's metadata exposes the key used to sign the incoming token.",
                printed(kid.unwrap_or_default())
            ),
        ),
    })?;
    keys.verify(index, Algorithm::Rs256, jwt.signing_input(), &signature)
        .map_err(|_| signature_invalid())?;
    let expires = claims.expires.ok_or_else(malformed)?;
    let starts = claims.not_before.unwrap_or_default();
    if now >= expires.plus_seconds(tolerance_seconds)
        || starts > now.plus_seconds(tolerance_seconds)
    {
        return Err(EntraError::new(
            Aadsts::AssertionExpired,
            format!(
                "Client assertion is not within its valid time range. Current time: {}, assertion valid from {}, expiry time of assertion {}. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .",
                dates::round_trip(now),
                dates::round_trip(starts),
                dates::round_trip(expires)
            ),
        ));
    }
    Ok(())
}

fn signature_invalid() -> EntraError {
    EntraError::new(
        Aadsts::SignatureInvalid,
        "Client assertion failed signature validation. [Reason - The key was found, but use of the key to verify the signature failed.]",
    )
}

/// Entra prints key ids as the upper-case hex of what they encode.
fn printed(kid: &str) -> String {
    match base64url_decode(kid) {
        Some(bytes) if !bytes.is_empty() => {
            bytes.iter().map(|byte| format!("{byte:02X}")).collect()
        }
        _ => kid.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::federated_credentials;
    use super::*;
    use crate::directory::FederatedCredential;
    use workload_identity_core::jose::base64url_encode;
    use workload_identity_core::trust::Credential;

    fn unsigned(header: &str, claims: &str) -> String {
        let part = |text: &str| base64url_encode(text.as_bytes());
        format!("{}.{}.{}", part(header), part(claims), part("signature"))
    }

    fn code(header: &str, claims: &str) -> Result<(), Aadsts> {
        let credentials = [FederatedCredential {
            id: String::new(),
            credential: Credential::exact("https://a.example", "s", "a"),
            description: None,
        }];
        inspect(&unsigned(header, claims))
            .and_then(|claims| federated_credentials::accept(&credentials, "client", &claims, &[]))
            .map_err(|error| error.code)
    }

    const CLAIMS: &str = r#"{"iss":"https://a.example","sub":"s","aud":"a"}"#;

    #[test]
    fn accepted_types() {
        for header in [
            r#"{"alg":"RS256"}"#,
            r#"{"alg":"RS256","typ":"JWT"}"#,
            r#"{"alg":"RS256","typ":"http://openid.net/specs/jwt/1.0"}"#,
        ] {
            assert_eq!(code(header, CLAIMS), Ok(()), "{header}");
        }
        assert_eq!(code(r#"{"alg":"RS256","typ":"at+jwt"}"#, CLAIMS), Err(Aadsts::AssertionType));
    }

    #[test]
    fn rs256_only() {
        for name in ["ES256", "RS384", "PS256", "HS256", "none", "rs256"] {
            let header = format!(r#"{{"alg":"{name}","typ":"JWT"}}"#);
            assert_eq!(code(&header, CLAIMS), Err(Aadsts::AssertionAlgorithm), "{name}");
        }
    }

    #[test]
    fn other_text_is_malformed() {
        for text in ["", "x", "a.b", "a.b.c", "a.b.c.d.e", "eyJ.eyJ."] {
            let error = inspect(text).expect_err(text);
            assert_eq!(error.code, Aadsts::AssertionMalformed, "{text}");
        }
        for claims in [r#"{"sub":"s"}"#, r#"{"iss":"i"}"#, r#"{"iss":1,"sub":"s"}"#, "[]"] {
            assert_eq!(
                code(r#"{"alg":"RS256"}"#, claims),
                Err(Aadsts::AssertionMalformed),
                "{claims}"
            );
        }
    }

    #[test]
    fn key_ids_are_printed_in_hex() {
        assert_eq!(printed("3q2-7w"), "DEADBEEF");
        assert_eq!(printed("not base64"), "not base64");
    }
}
