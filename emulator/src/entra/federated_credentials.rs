//! Federated identity credentials of an application, and the rules by which Entra matches assertions against them.

use super::error::{Aadsts, EntraError};
use std::fmt;

/// Most credentials of one application.
pub const MAX_CREDENTIALS: usize = 20;
/// Most characters of issuer, subject and audience each.
pub const MAX_CHARACTERS: usize = 600;

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
        let members = [
            ("issuer", &credential.issuer),
            ("subject", &credential.subject),
            ("audience", &credential.audience),
        ];
        for (name, value) in members {
            if value.is_empty() {
                return Err(CredentialError::Empty(name));
            }
            if value.chars().count() > MAX_CHARACTERS {
                return Err(CredentialError::TooLong(name));
            }
        }
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

    /// The credential that accepts the assertion: issuer first, then subject, then audience, each exactly.
    pub(crate) fn matching(
        &self,
        client: &str,
        issuer: &str,
        subject: &str,
        audience: &[String],
    ) -> Result<&Credential, EntraError> {
        if self.0.is_empty() {
            return Err(EntraError::new(
                Aadsts::CredentialNone,
                format!("The client {client} has no configured federated identity credentials."),
            ));
        }
        let same_issuer: Vec<&Credential> =
            self.0.iter().filter(|known| known.issuer == issuer).collect();
        if same_issuer.is_empty() {
            let near = self.0.iter().any(|known| differs_by_case(&known.issuer, issuer));
            return Err(mismatch(Aadsts::IssuerMismatch, "issuer", issuer, near));
        }
        let same_subject: Vec<&Credential> =
            same_issuer.iter().copied().filter(|known| known.subject == subject).collect();
        if same_subject.is_empty() {
            let near = same_issuer.iter().any(|known| differs_by_case(&known.subject, subject));
            return Err(mismatch(Aadsts::SubjectMismatch, "subject", subject, near));
        }
        let same_audience =
            same_subject.iter().copied().find(|known| audience.contains(&known.audience));
        same_audience.ok_or_else(|| {
            let near = same_subject.iter().any(|known| {
                audience.iter().any(|presented| differs_by_case(&known.audience, presented))
            });
            mismatch(Aadsts::AudienceMismatch, "audience", &audience.join(", "), near)
        })
    }
}

fn differs_by_case(known: &str, presented: &str) -> bool {
    known != presented && known.to_lowercase() == presented.to_lowercase()
}

fn mismatch(code: Aadsts, member: &str, presented: &str, near: bool) -> EntraError {
    let start = format!(
        "No matching federated identity record found for presented assertion {member} '{presented}'."
    );
    if near {
        return EntraError::new(
            Aadsts::CaseMismatch,
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
        let audience: Vec<String> = audience.iter().map(|text| (*text).to_owned()).collect();
        let store = store();
        let found = store.matching("client", issuer, subject, &audience);
        found.map(|_| ()).map_err(|error| error.code)
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
        let error = Credentials::default().matching("client", A, REPO, &[]).expect_err("refused");
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
