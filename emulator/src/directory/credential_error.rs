//! Why the directory does not store a credential.

use std::fmt;
use workload_identity_core::trust::{
    self, ExpressionError, Field, MAX_CREDENTIALS, MAX_VALUE_CHARACTERS,
};

/// Why a credential cannot be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialError {
    /// The identity has [`MAX_CREDENTIALS`] already.
    TooMany,
    /// The named member is longer than [`MAX_VALUE_CHARACTERS`].
    TooLong(&'static str),
    /// The named member is empty.
    Empty(&'static str),
    /// Another credential has the same issuer and the same subject or expression.
    Duplicate,
    /// Another credential has the same name.
    NameTaken,
    /// The name has another form than 3 to 120 letters, digits, `-` and `_`, first a letter or digit.
    Name,
    /// The expression does not follow the grammar.
    Expression(ExpressionError),
}

impl fmt::Display for CredentialError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany => write!(
                formatter,
                "an identity has at most {MAX_CREDENTIALS} federated identity credentials"
            ),
            Self::TooLong(member) => write!(
                formatter,
                "the credential's {member} is over {MAX_VALUE_CHARACTERS} characters"
            ),
            Self::Empty(member) => write!(formatter, "the credential's {member} is empty"),
            Self::Duplicate => formatter
                .write_str("a federated identity credential with this issuer and subject exists"),
            Self::NameTaken => {
                formatter.write_str("a federated identity credential with this name exists")
            }
            Self::Name => formatter.write_str(
                "a credential's name has 3 to 120 letters, digits, - and _, and begins with a letter or digit",
            ),
            Self::Expression(error) => {
                write!(formatter, "the credential's expression is refused: {error}")
            }
        }
    }
}

impl std::error::Error for CredentialError {}

impl From<trust::CredentialError> for CredentialError {
    fn from(error: trust::CredentialError) -> Self {
        match error {
            trust::CredentialError::TooLong(field) => Self::TooLong(field.name()),
            trust::CredentialError::Empty(field) => Self::Empty(field.name()),
            trust::CredentialError::Expression(error) => Self::Expression(error),
            // The core has no further limit today.
            _ => Self::Empty(Field::Subject.name()),
        }
    }
}
