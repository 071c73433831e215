//! A federated identity credential as the directory stores it, and the rules for its values.

use super::credential_error::CredentialError;
use workload_identity_core::trust::{Condition, Credential, MAX_VALUE_CHARACTERS};

/// Fewest and most characters of a name.
const NAME_CHARACTERS: std::ops::RangeInclusive<usize> = 3..=120;
/// Most characters of a derived name, so that a number fits behind it.
const DERIVED_CHARACTERS: usize = 100;

/// A federated identity credential with what the directory knows about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FederatedCredential {
    /// Its object id, which the directory assigns.
    pub id: String,
    /// Which tokens it accepts. It has a name.
    pub credential: Credential,
    /// A text for people.
    pub description: Option<String>,
}

/// A credential that is to be stored.
#[derive(Clone, Debug)]
pub(crate) struct NewCredential {
    pub(crate) credential: Credential,
    pub(crate) description: Option<String>,
}

impl From<Credential> for NewCredential {
    fn from(credential: Credential) -> Self {
        Self { credential, description: None }
    }
}

impl FederatedCredential {
    /// Its name, unique within the identity.
    #[must_use]
    pub fn name(&self) -> &str {
        self.credential.name.as_deref().unwrap_or_default()
    }

    /// Whether a path or a program means this credential: by its id or its name.
    pub(crate) fn is(&self, id_or_name: &str) -> bool {
        self.name() == id_or_name || self.id.eq_ignore_ascii_case(id_or_name)
    }

    /// Whether it accepts the tokens that the other one accepts, except for the audience.
    pub(crate) fn coincides(&self, other: &Credential) -> bool {
        let own = &self.credential;
        let condition = match (&own.condition, &other.condition) {
            (Condition::Subject(own), Condition::Subject(other)) => own == other,
            (Condition::Expression(own), Condition::Expression(other)) => own.text == other.text,
            _ => false,
        };
        condition && own.issuer == other.issuer
    }
}

impl NewCredential {
    /// Checks each value by itself.
    pub(crate) fn check(&self) -> Result<(), CredentialError> {
        self.credential.check_limits()?;
        check_name(self.credential.name.as_deref().unwrap_or_default())?;
        let description = self.description.as_deref().unwrap_or_default();
        if description.chars().nth(MAX_VALUE_CHARACTERS).is_some() {
            return Err(CredentialError::TooLong("description"));
        }
        Ok(())
    }
}

fn check_name(name: &str) -> Result<(), CredentialError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let starts = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    if starts && name.bytes().all(allowed) && NAME_CHARACTERS.contains(&name.len()) {
        Ok(())
    } else {
        Err(CredentialError::Name)
    }
}

/// A valid name for a credential that has none: its subject with `-` in place of other characters.
pub(super) fn derived_name(credential: &Credential, taken: impl Fn(&str) -> bool) -> String {
    let source = credential.subject().unwrap_or(&credential.issuer);
    let words = source.split(|character: char| !character.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let mut name = words.join("-");
    name.truncate(DERIVED_CHARACTERS);
    if name.len() < *NAME_CHARACTERS.start() {
        name = format!("credential-{name}").trim_end_matches('-').to_owned();
    }
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let free = std::iter::once(name.clone()).chain(numbered).find(|name| !taken(name));
    free.unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_form_that_both_services_take() {
        for name in ["abc", "0-_", "a".repeat(120).as_str()] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for name in ["", "ab", "-ab", "_ab", "a b", "a.b", "äbc", "a/b", "a".repeat(121).as_str()]
        {
            assert_eq!(check_name(name), Err(CredentialError::Name), "{name}");
        }
    }

    #[test]
    fn derived_names_are_valid_and_free() {
        for (subject, wanted) in [
            (
                "repo:octo-org/octo-repo:ref:refs/heads/main",
                "repo-octo-org-octo-repo-ref-refs-heads-main",
            ),
            ("s", "credential-s"),
            ("äöü/", "credential"),
            ("{3d4e}:{5f60}", "3d4e-5f60"),
        ] {
            let credential = Credential::exact("https://i.example", subject, "a");
            assert_eq!(derived_name(&credential, |_| false), wanted);
            assert_eq!(derived_name(&credential, |name| name == wanted), format!("{wanted}-2"));
        }
        let long = Credential::exact("https://i.example", &"x".repeat(600), "a");
        assert_eq!(check_name(&derived_name(&long, |name| name.len() < 101)), Ok(()));
        let flexible = Credential::flexible("https://i.example/a", "claims['sub'] eq 'a'", "a");
        assert_eq!(derived_name(&flexible, |_| false), "https-i-example-a");
    }
}
