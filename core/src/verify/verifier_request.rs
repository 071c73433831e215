//! A request to a verifier. Its JSON form: `docs/protocol.md`, section 8.

use crate::json::config::Document;
use crate::json::strict;
use crate::{Error, Timestamp};
use alloc::format;
use alloc::string::String;
use core::fmt;
use serde::Deserialize;

const DOCUMENT: Document = Document::REQUEST;

/// The members of the JSON form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    keys_of: Option<i64>,
    token: Option<String>,
    deadline: Option<i64>,
}

/// One request.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierRequest {
    /// What is requested.
    pub kind: VerifierRequestKind,
    /// When the caller stops waiting.
    pub deadline: Option<Timestamp>,
}

/// What a request asks of a verifier.
#[derive(Clone, PartialEq, Eq)]
pub enum VerifierRequestKind {
    /// Verify a token.
    Token(String),
    /// Fetch the keys of an issuer, by its index in the configuration.
    KeysOf(usize),
}

impl VerifierRequest {
    /// A request to verify a token.
    #[must_use]
    pub fn token(token: impl Into<String>) -> Self {
        Self { kind: VerifierRequestKind::Token(token.into()), deadline: None }
    }

    /// Parses the JSON form.
    ///
    /// # Errors
    /// `request_invalid` names the member that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let value = strict::parse(bytes)
            .map_err(|fault| DOCUMENT.error(format!("the request is {}", fault.reason())))?;
        if !value.is_object() {
            return Err(DOCUMENT.error("`request` is not an object"));
        }
        let members: Members = DOCUMENT.member("request.", value)?;
        let keys_of = members.keys_of.map(usize::try_from);
        let kind = match (members.token, keys_of) {
            (Some(token), None) => VerifierRequestKind::Token(token),
            (None, Some(Ok(index))) => VerifierRequestKind::KeysOf(index),
            _ => return Err(DOCUMENT.error("the request has neither `token` nor `keys_of`")),
        };
        Ok(Self { kind, deadline: members.deadline.map(Timestamp::from_millis) })
    }
}

/// Shows no token.
impl fmt::Debug for VerifierRequestKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VerifierRequestKind::Token(_) => formatter.write_str("Token"),
            VerifierRequestKind::KeysOf(index) => write!(formatter, "KeysOf({index})"),
        }
    }
}

impl fmt::Debug for VerifierRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("VerifierRequest").field("kind", &self.kind).finish_non_exhaustive()
    }
}
