//! What a caller asks of a verifier. Shape: `docs/protocol.md`, section 8.

use crate::config::Members;
use crate::json;
use crate::{Code, Error, Timestamp};
use alloc::string::{String, ToString};
use core::fmt;

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
        let wrong = |message: String| Error::new(Code::RequestInvalid, message);
        let document =
            json::parse(bytes).map_err(|fault| wrong(alloc::format!("the request is {fault}")))?;
        let read = || {
            let members = Members::of(&document, "request.")?;
            members.only(&["token", "keys_of", "deadline"])?;
            let keys_of = members.integer("keys_of")?.map(|index| usize::try_from(index).ok());
            let want = match (members.text("token")?, keys_of) {
                (Some(token), None) => Want::Token(token.to_string()),
                (None, Some(Some(index))) => Want::KeysOf(index),
                _ => {
                    return Err(wrong("the request has neither `token` nor `keys_of`".to_string()));
                }
            };
            let deadline = members.integer("deadline")?.map(Timestamp::from_millis);
            Ok(Self { want, deadline })
        };
        read().map_err(|mut error: Error| {
            error.code = Code::RequestInvalid;
            error
        })
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
