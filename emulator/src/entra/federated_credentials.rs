//! Whether an identity's federated identity credentials accept an assertion. The core's `trust` decides.

use super::error::{Aadsts, EntraError};
use crate::directory::FederatedCredential;
use workload_identity_core::trust::{self, Field, Refusal, TokenClaims};

const ADVICE: &str = "Please check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation";

/// Refuses an assertion that no credential accepts. `own_issuers` are the emulator's issuers of access tokens.
pub(super) fn accept(
    credentials: &[FederatedCredential],
    client: &str,
    claims: &TokenClaims,
    own_issuers: &[&str],
) -> Result<(), EntraError> {
    let credentials: Vec<_> = credentials.iter().map(|known| known.credential.clone()).collect();
    match trust::decide(claims, &credentials, own_issuers) {
        Ok(_) => Ok(()),
        Err(refusal) => Err(error(refusal, client, claims)),
    }
}

/// Entra's text of a refusal.
fn error(refusal: Refusal, client: &str, claims: &TokenClaims) -> EntraError {
    let known = Aadsts::ALL.iter().find(|known| known.number() == refusal.aadsts);
    let code = known.copied().unwrap_or(Aadsts::AssertionMalformed);
    let algorithm = claims.header.as_ref().and_then(|header| header.algorithm.as_deref());
    let issuer = claims.issuer.as_deref().unwrap_or_default();
    let text = match (code, refusal.field) {
        (Aadsts::ExpressionInvalid, _) => format!(
            "The claims matching expression of a federated identity credential for the issuer '{issuer}' cannot be read."
        ),
        (Aadsts::ExpressionNotAllowed, _) => format!(
            "The claims matching expression of a federated identity credential names a claim that is not allowed for the issuer '{issuer}'."
        ),
        (Aadsts::ExpressionUnsupported, _) => {
            format!("Claims matching expressions are not supported for the issuer '{issuer}'.")
        }
        (_, Some(field)) => return mismatch(code, field, claims),
        (Aadsts::AssertionType, None) => {
            "Invalid JWT header type specified, must be 'JWT' or 'http://openid.net/specs/jwt/1.0'."
                .to_owned()
        }
        (Aadsts::AssertionAlgorithm, None) => format!(
            "Invalid JWT token. '{}' is not a supported signature algorithm. Supported signing algorithms are: 'RS256'",
            algorithm.unwrap_or_default()
        ),
        (Aadsts::EntraIssued, None) => {
            "AAD-issued tokens may not be used for federated identity flows.".to_owned()
        }
        (Aadsts::CredentialNone, None) => {
            format!("The client {client} has no configured federated identity credentials.")
        }
        _ => return malformed(),
    };
    EntraError::new(code, text)
}

/// The assertion is not a JWT.
pub(super) fn malformed() -> EntraError {
    EntraError::new(Aadsts::AssertionMalformed, "JWT token is invalid or malformed.")
}

fn mismatch(code: Aadsts, field: Field, claims: &TokenClaims) -> EntraError {
    let audience = claims.audience.join(", ");
    let (member, presented) = match field {
        Field::Issuer => ("issuer", claims.issuer.as_deref()),
        Field::Audience => ("audience", Some(audience.as_str())),
        _ => ("subject", claims.subject.as_deref()),
    };
    let start = format!(
        "No matching federated identity record found for presented assertion {member} '{}'.",
        presented.unwrap_or_default()
    );
    if code == Aadsts::CaseMismatch {
        return EntraError::new(
            code,
            format!(
                "{start} The {member} matches with case-insensitive comparison, but not with case-sensitive comparison. {ADVICE}"
            ),
        );
    }
    EntraError::new(code, format!("{start} {ADVICE}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use workload_identity_core::trust::Credential;

    fn credentials() -> Vec<FederatedCredential> {
        [
            ("https://a.example", "repo:Octo/app:ref:refs/heads/main"),
            ("https://b.example/", "system:serviceaccount:default:app"),
        ]
        .map(|(issuer, subject)| FederatedCredential {
            id: String::new(),
            credential: Credential::exact(issuer, subject, EXCHANGE),
            description: None,
        })
        .into()
    }

    fn outcome(issuer: &str, subject: &str, audience: &[&str]) -> Result<(), Aadsts> {
        let claims = TokenClaims::of(issuer, subject, audience.iter().copied());
        accept(&credentials(), "client", &claims, &[]).map_err(|error| error.code)
    }

    const A: &str = "https://a.example";
    const REPO: &str = "repo:Octo/app:ref:refs/heads/main";
    const EXCHANGE: &str = "api://AzureADTokenExchange";

    #[test]
    fn exact_values_match() {
        assert_eq!(outcome(A, REPO, &[EXCHANGE]), Ok(()));
        assert_eq!(
            outcome("https://b.example/", "system:serviceaccount:default:app", &[EXCHANGE]),
            Ok(())
        );
        assert_eq!(outcome(A, REPO, &["other", EXCHANGE]), Ok(()));
    }

    #[test]
    fn each_member_must_match() {
        assert_eq!(outcome("https://c.example", REPO, &[EXCHANGE]), Err(Aadsts::IssuerMismatch));
        assert_eq!(outcome(A, "repo:Octo/app", &[EXCHANGE]), Err(Aadsts::SubjectMismatch));
        assert_eq!(outcome(A, REPO, &["api://other"]), Err(Aadsts::AudienceMismatch));
        assert_eq!(outcome(A, REPO, &[]), Err(Aadsts::AudienceMismatch));
        // The subject belongs to the other issuer's credential.
        assert_eq!(
            outcome(A, "system:serviceaccount:default:app", &[EXCHANGE]),
            Err(Aadsts::SubjectMismatch)
        );
    }

    #[test]
    fn trailing_slashes_and_spaces_are_compared() {
        for issuer in ["https://a.example/", " https://a.example", "https://b.example"] {
            assert_eq!(outcome(issuer, REPO, &[EXCHANGE]), Err(Aadsts::IssuerMismatch), "{issuer}");
        }
    }

    #[test]
    fn a_difference_in_case_has_its_own_number() {
        assert_eq!(outcome("https://A.example", REPO, &[EXCHANGE]), Err(Aadsts::CaseMismatch));
        let lower = REPO.to_lowercase();
        assert_eq!(outcome(A, &lower, &[EXCHANGE]), Err(Aadsts::CaseMismatch));
        assert_eq!(outcome(A, REPO, &["api://azureadtokenexchange"]), Err(Aadsts::CaseMismatch));
    }

    #[test]
    fn no_credential_at_all() {
        let claims = TokenClaims::of(A, REPO, []);
        let error = accept(&[], "client", &claims, &[]).expect_err("refused");
        assert_eq!(error.code, Aadsts::CredentialNone);
    }
}
