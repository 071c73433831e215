//! What a caller asks of a verifier. Shape: `docs/protocol.md`, section 8.

use crate::shape::{Kind, Members, Shape, document};
use crate::{Code, Error, Timestamp};
use alloc::string::String;
use core::fmt;

const SHAPE: Shape = Shape {
    code: Code::RequestInvalid,
    not_an_object: "`request` is not an object",
    place: "request.",
    members: &[("keys_of", Kind::Integer), ("token", Kind::Text), ("deadline", Kind::Integer)],
};

/// One request.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierRequest {
    /// What is asked.
    pub want: Want,
    /// When the caller stops waiting.
    pub deadline: Option<Timestamp>,
}

/// What is asked.
#[derive(Clone, PartialEq, Eq)]
pub enum Want {
    /// Judge a token.
    Token(String),
    /// Fetch the keys of an issuer, by its place in the configuration.
    KeysOf(usize),
}

impl VerifierRequest {
    /// To judge a token.
    #[must_use]
    pub fn token(token: impl Into<String>) -> Self {
        Self { want: Want::Token(token.into()), deadline: None }
    }

    /// Parses the JSON form.
    ///
    /// # Errors
    /// `request_invalid` names the member that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let document = document(bytes, SHAPE.code, "request")?;
        SHAPE.check(&document)?;
        let members = Members(&document);
        let want = match (members.text("token"), members.integer("keys_of")) {
            (Some(token), None) => Some(Want::Token(token.clone())),
            (None, Some(index)) => usize::try_from(index).ok().map(Want::KeysOf),
            _ => None,
        };
        let Some(want) = want else {
            return Err(Error::new(SHAPE.code, "the request has neither `token` nor `keys_of`"));
        };
        let deadline = members.integer("deadline").map(Timestamp::from_millis);
        Ok(Self { want, deadline })
    }
}

/// A token is secret.
impl fmt::Debug for Want {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Want::Token(_) => formatter.write_str("Token"),
            Want::KeysOf(index) => write!(formatter, "KeysOf({index})"),
        }
    }
}

impl fmt::Debug for VerifierRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("VerifierRequest").field("want", &self.want).finish_non_exhaustive()
    }
}
