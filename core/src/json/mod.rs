//! Strict JSON (RFC 8259) on `serde_json`.
//!
//! [`strict`] refuses ambiguous documents. `config` and `non_empty` read configurations and
//! requests, and write their error messages.

pub(crate) mod config;
pub(crate) mod non_empty;
pub mod strict;

pub use strict::{MAX_DEPTH, check, parse, read};

use core::fmt;

/// Why a document was refused. Never contains text of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonError {
    /// Not UTF-8, not JSON, cut off, or followed by more text.
    Syntax,
    /// A member appears twice in one object.
    Duplicate,
    /// Nested too deeply.
    TooDeep,
    /// Valid JSON, but not what was asked for.
    Shape,
}

impl JsonError {
    /// The rule that was broken.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            JsonError::Syntax => "not valid JSON",
            JsonError::Duplicate => "a JSON object names the same member twice",
            JsonError::TooDeep => "JSON nested too deeply",
            JsonError::Shape => "JSON of another form than expected",
        }
    }
}

/// The text of a document that was fetched, without the byte order mark that some servers put in front (RFC 8259,
/// section 8.1, allows to ignore it). Tokens, configurations and requests have none.
pub(crate) fn without_byte_order_mark(document: &[u8]) -> &[u8] {
    document.strip_prefix(b"\xef\xbb\xbf").unwrap_or(document)
}

impl fmt::Display for JsonError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.reason())
    }
}

impl core::error::Error for JsonError {}
