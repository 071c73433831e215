//! A federated identity credential as Microsoft Graph stores it.

use super::{Expression, ExpressionError};
use crate::entra::Cloud;
use crate::verdict::Field;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

/// Most characters of issuer, subject and audience each.
pub const MAX_VALUE_CHARACTERS: usize = 600;
/// Most federated identity credentials of one application or user-assigned identity.
pub const MAX_CREDENTIALS: usize = 20;
/// The audience of a credential that names none: that of the public cloud.
pub const DEFAULT_AUDIENCE: &str = Cloud::PUBLIC.exchange_audience;

/// A federated identity credential: which tokens an application or a user-assigned identity accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Credential {
    /// Its name, unique within the application.
    pub name: Option<String>,
    /// `iss`, compared exactly, including a trailing slash.
    pub issuer: String,
    /// What is required of the other claims.
    pub condition: Condition,
    /// `aud`, compared exactly.
    pub audience: String,
}

/// What a credential requires beside issuer and audience.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// `sub`, compared exactly.
    Subject(String),
    /// A claims matching expression.
    Expression(MatchingExpression),
}

/// The text of a claims matching expression, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MatchingExpression {
    /// As it is written.
    pub text: String,
    /// As it is read.
    pub parsed: Result<Expression, ExpressionError>,
}

impl MatchingExpression {
    /// Reads an expression.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { text: text.to_string(), parsed: Expression::parse(text) }
    }
}

/// Why Entra does not store a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialError {
    /// The value is empty.
    Empty(Field),
    /// The value is longer than [`MAX_VALUE_CHARACTERS`]. An expression has a limit of its own.
    TooLong(Field),
    /// The expression does not follow the grammar.
    Expression(ExpressionError),
}

impl fmt::Display for CredentialError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty(field) => write!(formatter, "the credential's {} is empty", field.name()),
            Self::TooLong(field) => write!(
                formatter,
                "the credential's {} is over {MAX_VALUE_CHARACTERS} characters",
                field.name()
            ),
            Self::Expression(error) => {
                write!(formatter, "the credential's expression is refused: {error}")
            }
        }
    }
}

impl core::error::Error for CredentialError {}

impl Credential {
    /// A credential for one subject.
    #[must_use]
    pub fn exact(issuer: &str, subject: &str, audience: &str) -> Self {
        Self::new(issuer, Condition::Subject(subject.to_string()), audience)
    }

    /// A flexible credential. An expression that cannot be read matches nothing.
    #[must_use]
    pub fn flexible(issuer: &str, expression: &str, audience: &str) -> Self {
        let expression = MatchingExpression::new(expression);
        Self::new(issuer, Condition::Expression(expression), audience)
    }

    fn new(issuer: &str, condition: Condition, audience: &str) -> Self {
        Self { name: None, issuer: issuer.to_string(), condition, audience: audience.to_string() }
    }

    /// Gives it a name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The subject, unless the credential is flexible.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        match &self.condition {
            Condition::Subject(subject) => Some(subject),
            Condition::Expression(_) => None,
        }
    }

    /// The expression of a flexible credential.
    #[must_use]
    pub fn expression(&self) -> Option<&str> {
        match &self.condition {
            Condition::Subject(_) => None,
            Condition::Expression(expression) => Some(&expression.text),
        }
    }

    /// Checks the limits within which Entra stores a credential.
    ///
    /// # Errors
    /// The first limit that it exceeds.
    pub fn check_limits(&self) -> Result<(), CredentialError> {
        let condition = match &self.condition {
            Condition::Subject(subject) => (Field::Subject, subject),
            Condition::Expression(expression) => {
                if let Err(error) = expression.parsed {
                    return Err(CredentialError::Expression(error));
                }
                (Field::Expression, &expression.text)
            }
        };
        let values = [(Field::Issuer, &self.issuer), condition, (Field::Audience, &self.audience)];
        for (field, value) in values {
            if value.is_empty() {
                return Err(CredentialError::Empty(field));
            }
            let limited = field != Field::Expression;
            if limited && value.chars().nth(MAX_VALUE_CHARACTERS).is_some() {
                return Err(CredentialError::TooLong(field));
            }
        }
        Ok(())
    }

    /// Its name in messages.
    pub(super) fn label(&self, index: usize) -> String {
        match &self.name {
            Some(name) => format!("`{}`", super::shown(name)),
            None => format!("number {}", index + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_those_of_graph() {
        let subject = |text: &str| Credential::exact("https://i", text, "a").check_limits();
        assert_eq!(subject(&"é".repeat(600)), Ok(()));
        assert_eq!(subject(&"x".repeat(601)), Err(CredentialError::TooLong(Field::Subject)));
        assert_eq!(subject(""), Err(CredentialError::Empty(Field::Subject)));
        let flexible = |text: &str| Credential::flexible("https://i", text, "a").check_limits();
        assert_eq!(flexible("claims['sub'] eq 'a'"), Ok(()));
        let error = flexible("claims['sub'] eq 'a").unwrap_err();
        assert!(error.to_string().contains("at character 19"), "{error}");
    }
}
