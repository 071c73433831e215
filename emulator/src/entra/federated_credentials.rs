//! Federated identity credentials of an application. The core's `trust` decides whether one of them accepts an assertion.

use super::error::{Aadsts, EntraError};
use std::fmt;
use workload_identity_core::trust::{self, Field, Refusal, TokenClaims};

pub use workload_identity_core::trust::{MAX_CREDENTIALS, MAX_VALUE_CHARACTERS as MAX_CHARACTERS};

const ADVICE: &str = "Please check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation";

/// A federated identity credential: assertions with exactly this issuer, subject and audience are accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// `iss`, compared exactly, including a trailing slash.
    pub issuer: String,
    /// `sub`, compared exactly.
    pub subject: String,
    /// `aud`, compared exactly.
    pub audience: String,
}

/// Why a credential cannot be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialError {
    /// The application has [`MAX_CREDENTIALS`] already.
    TooMany,
    /// The named member is longer than [`MAX_CHARACTERS`].
    TooLong(&'static str),
    /// The named member is empty.
    Empty(&'static str),
    /// Another credential has the same issuer and subject.
    Duplicate,
}

impl fmt::Display for CredentialError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CredentialError::TooMany => write!(
                formatter,
                "an application has at most {MAX_CREDENTIALS} federated identity credentials"
            ),
            CredentialError::TooLong(member) => {
                write!(formatter, "the credential's {member} is over {MAX_CHARACTERS} characters")
            }
            CredentialError::Empty(member) => {
                write!(formatter, "the credential's {member} is empty")
            }
            CredentialError::Duplicate => formatter
                .write_str("a federated identity credential with this issuer and subject exists"),
        }
    }
}

impl std::error::Error for CredentialError {}

/// The credentials of one application.
#[derive(Clone, Debug, Default)]
pub(crate) struct Credentials(Vec<Credential>);

impl Credentials {
    pub(crate) fn add(&mut self, credential: Credential) -> Result<(), CredentialError> {
        trust::Credential::from(&credential).check_limits()?;
        if self
            .0
            .iter()
            .any(|known| known.issuer == credential.issuer && known.subject == credential.subject)
        {
            return Err(CredentialError::Duplicate);
        }
        if self.0.len() >= MAX_CREDENTIALS {
            return Err(CredentialError::TooMany);
        }
        self.0.push(credential);
        Ok(())
    }

    /// Removes the credential with this issuer and subject. Returns whether it existed.
    pub(crate) fn remove(&mut self, issuer: &str, subject: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|known| known.issuer != issuer || known.subject != subject);
        self.0.len() != before
    }

    pub(crate) fn all(&self) -> &[Credential] {
        &self.0
    }

    /// Refuses an assertion that no credential accepts. `own_issuers` are the emulator's issuers of access tokens.
    pub(crate) fn accept(
        &self,
        client: &str,
        claims: &TokenClaims,
        own_issuers: &[&str],
    ) -> Result<(), EntraError> {
        let credentials: Vec<trust::Credential> = self.0.iter().map(Into::into).collect();
        match trust::decide(claims, &credentials, own_issuers) {
            Ok(_) => Ok(()),
            Err(refusal) => Err(error(refusal, client, claims)),
        }
    }
}

impl From<&Credential> for trust::Credential {
    fn from(credential: &Credential) -> Self {
        Self::exact(&credential.issuer, &credential.subject, &credential.audience)
    }
}

impl From<trust::CredentialError> for CredentialError {
    fn from(error: trust::CredentialError) -> Self {
        match error {
            trust::CredentialError::TooLong(field) => Self::TooLong(field.name()),
            trust::CredentialError::Empty(field) => Self::Empty(field.name()),
            // No credential of the emulator has an expression.
            _ => Self::Empty(Field::Expression.name()),
        }
    }
}

/// Entra's text of a refusal.
fn error(refusal: Refusal, client: &str, claims: &TokenClaims) -> EntraError {
    let known = Aadsts::ALL.iter().find(|known| known.number() == refusal.aadsts);
    let code = known.copied().unwrap_or(Aadsts::AssertionMalformed);
    let algorithm = claims.header.as_ref().and_then(|header| header.algorithm.as_deref());
    let text = match (code, refusal.field) {
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

    fn credential(issuer: &str, subject: &str) -> Credential {
        Credential {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            audience: "api://AzureADTokenExchange".to_owned(),
        }
    }

    fn store() -> Credentials {
        let mut store = Credentials::default();
        for (issuer, subject) in [
            ("https://a.example", "repo:Octo/app:ref:refs/heads/main"),
            ("https://b.example/", "system:serviceaccount:default:app"),
        ] {
            store.add(credential(issuer, subject)).expect("added");
        }
        store
    }

    fn outcome(issuer: &str, subject: &str, audience: &[&str]) -> Result<(), Aadsts> {
        let claims = TokenClaims::of(issuer, subject, audience.iter().copied());
        store().accept("client", &claims, &[]).map_err(|error| error.code)
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
        let error = Credentials::default().accept("client", &claims, &[]).expect_err("refused");
        assert_eq!(error.code, Aadsts::CredentialNone);
    }

    #[test]
    fn limits() {
        let mut store = Credentials::default();
        for number in 0..MAX_CREDENTIALS {
            assert_eq!(store.add(credential(A, &format!("s{number}"))), Ok(()));
        }
        assert_eq!(store.add(credential(A, "one more")), Err(CredentialError::TooMany));
        assert_eq!(store.add(credential(A, "s0")), Err(CredentialError::Duplicate));
        assert!(store.remove(A, "s0"));
        assert!(!store.remove(A, "s0"));
        assert_eq!(store.add(credential(A, &"é".repeat(600))), Ok(()));
        store.remove(A, "s1");
        assert_eq!(
            store.add(credential(A, &"x".repeat(601))),
            Err(CredentialError::TooLong("subject"))
        );
        assert_eq!(store.add(credential("", "s")), Err(CredentialError::Empty("issuer")));
        // Uniqueness is about issuer and subject together.
        assert_eq!(store.add(credential("https://b.example", "s2")), Ok(()));
    }
}
