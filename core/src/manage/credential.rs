//! A federated identity credential as the services store it, and the rules that it must meet before it is sent there.

use super::limits::fault;
use crate::Error;
use crate::json::config::Document;
use crate::trust::{Credential, TokenClaims, evaluate};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

/// A federated identity credential.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FederatedCredential {
    /// Its name, which never changes.
    pub name: String,
    /// `iss` of the tokens that it accepts, compared exactly.
    pub issuer: String,
    /// `sub` of these tokens, compared exactly; `None` if it has an expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// A claims matching expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    /// `aud` of these tokens, compared exactly.
    pub audience: String,
    /// Text for people. A managed identity's credentials have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The service's own id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The version of the object, where the service gives one.
    #[serde(skip)]
    pub(super) etag: Option<String>,
}

/// What an update changes: the members that are given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CredentialUpdate {
    /// Which credential.
    pub name: String,
    /// The new issuer.
    pub issuer: Option<String>,
    /// The new subject, instead of a subject or an expression.
    pub subject: Option<String>,
    /// The new expression, instead of a subject or an expression.
    pub expression: Option<String>,
    /// The new audience.
    pub audience: Option<String>,
    /// The new description; an empty text removes it.
    pub description: Option<String>,
}

/// The JSON form. `id` may be there, so that a credential of a list can be passed on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CredentialForm {
    name: Option<String>,
    issuer: Option<String>,
    subject: Option<String>,
    expression: Option<String>,
    audience: Option<String>,
    description: Option<String>,
    #[serde(rename = "id")]
    _id: Option<IgnoredAny>,
}

/// What the rules need to know beside the values.
#[derive(Clone, Copy)]
pub(super) struct Rules<'r> {
    /// The document that the values are of.
    pub(super) document: Document,
    /// What the names of members begin with in messages.
    pub(super) place: &'r str,
    /// Whether the credentials are of a managed identity.
    pub(super) managed: bool,
    /// Whether the preview with its expressions may be asked.
    pub(super) expressions: bool,
    /// The audience of a credential that names none.
    pub(super) audience: &'r str,
}

impl CredentialForm {
    /// A whole credential.
    pub(super) fn credential(self, rules: Rules<'_>) -> Result<FederatedCredential, Error> {
        let credential = FederatedCredential {
            name: self.name.unwrap_or_default(),
            issuer: self.issuer.unwrap_or_default(),
            subject: self.subject,
            expression: self.expression,
            audience: self.audience.unwrap_or_else(|| rules.audience.to_string()),
            description: self.description,
            id: None,
            etag: None,
        };
        credential.check(rules)?;
        Ok(credential)
    }

    /// A change of a credential.
    pub(super) fn update(self, rules: Rules<'_>) -> Result<CredentialUpdate, Error> {
        rules.check_lookup("name", self.name.as_deref())?;
        rules.text("issuer", self.issuer.as_deref())?;
        rules.condition(self.subject.as_deref(), self.expression.as_deref())?;
        rules.text("audience", self.audience.as_deref())?;
        rules.description(self.description.as_deref())?;
        Ok(CredentialUpdate {
            name: self.name.unwrap_or_default(),
            issuer: self.issuer,
            subject: self.subject,
            expression: self.expression,
            audience: self.audience,
            description: self.description,
        })
    }
}

impl FederatedCredential {
    /// Checks what the services check, and what they do not check although no token could be accepted then.
    pub(super) fn check(&self, rules: Rules<'_>) -> Result<(), Error> {
        rules.text("name", Some(&self.name))?;
        rules.text("issuer", Some(&self.issuer))?;
        if self.subject.is_none() && self.expression.is_none() {
            let place = rules.place;
            let message = format!("`{place}subject` or `{place}expression` is missing");
            return Err(rules.document.error(message));
        }
        rules.condition(self.subject.as_deref(), self.expression.as_deref())?;
        rules.text("audience", Some(&self.audience))?;
        rules.description(self.description.as_deref())
    }

    /// The members in which this credential, which is wanted, differs from the one that is there. A description that is not
    /// given is left as it is.
    #[must_use]
    pub fn differs_from(&self, there: &Self) -> Vec<&'static str> {
        let mut members = Vec::new();
        if self.issuer != there.issuer {
            members.push("issuer");
        }
        if self.subject != there.subject {
            members.push("subject");
        }
        if self.expression != there.expression {
            members.push("expression");
        }
        if self.audience != there.audience {
            members.push("audience");
        }
        let text = |description: &Option<String>| description.clone().unwrap_or_default();
        if self.description.is_some() && text(&self.description) != text(&there.description) {
            members.push("description");
        }
        members
    }

    /// This credential as it is after it replaced the one that is there.
    pub(super) fn replacing(&self, there: &Self) -> Self {
        let mut after = self.clone();
        if after.description.is_none() {
            after.description.clone_from(&there.description);
        }
        if after.description.as_deref() == Some("") {
            after.description = None;
        }
        after.id.clone_from(&there.id);
        after
    }

    /// Whether it would accept a token by issuer, subject or expression, and audience.
    #[must_use]
    pub fn accepts(&self, claims: &TokenClaims) -> bool {
        let credential = match (&self.subject, &self.expression) {
            (Some(subject), _) => Credential::exact(&self.issuer, subject, &self.audience),
            (None, expression) => {
                let expression = expression.as_deref().unwrap_or_default();
                Credential::flexible(&self.issuer, expression, &self.audience)
            }
        };
        evaluate(claims, &[credential]).credentials.iter().any(|compared| compared.accepted)
    }

    /// Whether both are for the same issuer and subject, or expression. An identity has one credential for both.
    pub(super) fn same_subject(&self, other: &Self) -> bool {
        let one = (&self.issuer, &self.subject, &self.expression);
        one == (&other.issuer, &other.subject, &other.expression)
    }
}

impl CredentialUpdate {
    /// What the credential becomes.
    pub(super) fn of(&self, there: &FederatedCredential) -> FederatedCredential {
        let mut after = there.clone();
        let set = |member: &mut String, value: &Option<String>| {
            if let Some(value) = value {
                member.clone_from(value);
            }
        };
        set(&mut after.issuer, &self.issuer);
        set(&mut after.audience, &self.audience);
        if self.subject.is_some() || self.expression.is_some() {
            after.subject.clone_from(&self.subject);
            after.expression.clone_from(&self.expression);
        }
        after.description.clone_from(&self.description);
        after
    }
}

impl Rules<'_> {
    pub(super) fn wrong(&self, member: &str, what: &str) -> Error {
        self.document.error(format!("`{}{member}` {what}", self.place))
    }

    /// The name of a credential that may be there. Some were made by tools that use other characters.
    pub(super) fn check_lookup(&self, member: &str, name: Option<&str>) -> Result<(), Error> {
        if is_lookup(name.unwrap_or_default()) {
            return Ok(());
        }
        Err(self.wrong(
            member,
            "is not the name of a credential: 1 to 120 printable characters without slashes",
        ))
    }

    /// A value that is there and that the services store.
    fn text(&self, member: &str, value: Option<&str>) -> Result<(), Error> {
        match value {
            None => Ok(()),
            Some("") => Err(self.wrong(member, "is missing or empty")),
            Some(value) => match fault(member, value) {
                Some(fault) => Err(self.wrong(member, &fault)),
                None => Ok(()),
            },
        }
    }

    fn condition(&self, subject: Option<&str>, expression: Option<&str>) -> Result<(), Error> {
        let place = self.place;
        if subject.is_some() && expression.is_some() {
            return Err(self
                .document
                .error(format!("`{place}subject` and `{place}expression` exclude each other")));
        }
        if expression.is_some() && !self.expressions {
            return Err(
                self.wrong("expression", "needs `graph_version` beta; leave `graph_version` out")
            );
        }
        self.text("subject", subject)?;
        self.text("expression", expression)
    }

    /// An empty description is none.
    fn description(&self, description: Option<&str>) -> Result<(), Error> {
        if description.is_some() && self.managed {
            return Err(self.wrong(
                "description",
                "is not stored with a managed identity's credentials; leave it out",
            ));
        }
        self.text("description", description.filter(|text| !text.is_empty()))
    }
}

/// Whether a name can stand in the path of a request. A name of dots would be another path.
pub(super) fn is_lookup(name: &str) -> bool {
    (1..=120).contains(&name.chars().count())
        && !matches!(name, "." | "..")
        && !name.chars().any(|c| c.is_control() || matches!(c, '/' | '\\'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_tools_can_be_looked_up() {
        assert!(is_lookup("q83vEjRWeJA="));
        for bad in ["", ".", "..", "a/b", "a\\b", "a\u{1b}[2J"] {
            assert!(!is_lookup(bad), "{bad}");
        }
    }

    #[test]
    fn a_description_that_is_not_given_is_left_as_it_is() {
        let there = FederatedCredential { description: Some("d".into()), ..Default::default() };
        let mut wanted = FederatedCredential::default();
        assert!(wanted.differs_from(&there).is_empty());
        assert_eq!(wanted.replacing(&there).description.as_deref(), Some("d"));
        wanted.description = Some(String::new());
        assert_eq!(wanted.differs_from(&there), ["description"]);
        assert_eq!(wanted.replacing(&there).description, None);
    }
}
