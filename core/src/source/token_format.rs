//! How a token is written in a file or an answer: as the whole text, or in a member of a JSON object.

use super::MAX_ASSERTION;
use super::endpoint::MAX_RESPONSE;
use crate::json::non_empty::NonBlank;
use crate::json::strict;
use crate::secret::Secret;
use crate::{Code, Error};
use alloc::string::String;
use serde::Deserialize;
use serde_json::Value;

/// The member `format` of a source (google-auth's `credential_source.format.type`).
#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum FormatForm {
    Text,
    Json,
}

/// How a token is written.
#[derive(Debug)]
pub(super) enum TokenFormat {
    /// It is the whole text, with white space around it.
    Text,
    /// It is in a member of a JSON object.
    Json {
        /// The member's name.
        field: String,
    },
}

/// What is wrong with a text that should hold a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FormatFault {
    TooLarge,
    Empty,
    NotText,
    NotJson,
    FieldMissing,
}

impl TokenFormat {
    /// Reads the members `format` and `field` of a source.
    pub(super) fn of(form: Option<FormatForm>, field: Option<NonBlank>) -> Result<Self, Error> {
        match (form, field) {
            (None | Some(FormatForm::Text), None) => Ok(Self::Text),
            (None | Some(FormatForm::Json), Some(field)) => Ok(Self::Json { field: field.0 }),
            (Some(FormatForm::Json), None) => Err(Error::new(
                Code::ConfigInvalid,
                "`source.field` is missing; with `source.format` json it names the member that holds the token",
            )),
            (Some(FormatForm::Text), Some(_)) => Err(Error::new(
                Code::ConfigInvalid,
                "`source.field` is only for `source.format` json; leave one of them out",
            )),
        }
    }

    /// The longest text that is read.
    pub(super) fn max_bytes(&self) -> u32 {
        match self {
            Self::Text => MAX_ASSERTION,
            Self::Json { .. } => MAX_RESPONSE,
        }
    }

    /// The token in a text.
    pub(super) fn token(&self, bytes: &[u8]) -> Result<Secret<String>, FormatFault> {
        if bytes.len() > self.max_bytes() as usize {
            return Err(FormatFault::TooLarge);
        }
        let bytes = bytes.trim_ascii();
        if bytes.is_empty() {
            return Err(FormatFault::Empty);
        }
        let text = core::str::from_utf8(bytes).map_err(|_| FormatFault::NotText)?;
        let Self::Json { field } = self else { return Ok(Secret::new(text.into())) };
        let document = strict::parse(bytes).map_err(|_| FormatFault::NotJson)?;
        match document.get(field).and_then(Value::as_str).map(str::trim_ascii) {
            Some(token) if !token.is_empty() => Ok(Secret::new(token.into())),
            _ => Err(FormatFault::FieldMissing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json() -> TokenFormat {
        TokenFormat::Json { field: "value".into() }
    }

    #[test]
    fn the_token_is_the_text_or_in_its_member() {
        let token = |format: &TokenFormat, text: &[u8]| {
            format.token(text).map(|token| token.expose().clone())
        };
        assert_eq!(token(&TokenFormat::Text, b" a.b.c\r\n"), Ok("a.b.c".into()));
        assert_eq!(token(&json(), br#"{"count":1,"value":" a.b.c "}"#), Ok("a.b.c".into()));
        for (text, fault) in [
            (&b""[..], FormatFault::Empty),
            (b" \n", FormatFault::Empty),
            (b"\xff", FormatFault::NotText),
            (b"<html>", FormatFault::NotJson),
            (b"[]", FormatFault::FieldMissing),
            (b"{}", FormatFault::FieldMissing),
            (br#"{"value":""}"#, FormatFault::FieldMissing),
            (br#"{"value":["a"]}"#, FormatFault::FieldMissing),
            (br#"{"value":"a","value":"b"}"#, FormatFault::NotJson),
            (&[b' '; 64 * 1024 + 1], FormatFault::TooLarge),
        ] {
            assert_eq!(token(&json(), text), Err(fault));
        }
    }
}
