//! Strict JSON (RFC 8259) for everything that carries trust.
//!
//! Reading refuses what lenient readers let pass: a member that appears twice in an object at any
//! depth (compared after unescaping), nesting deeper than [`MAX_DEPTH`], numbers that are not
//! finite, text after the document, a byte order mark, invalid UTF-8. Writing is deterministic: members keep the
//! order in which they were added, without white space, so that the same steps give the same bytes everywhere.

pub(crate) mod config;
mod lexer;
mod members;
mod read;
mod reader;
#[allow(dead_code, reason = "readers move here one by one")]
pub mod strict;
mod write;

pub use members::RawMembers;
pub use read::{Json, MAX_DEPTH, Object, parse};
pub use write::{Members, object, text};

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

impl fmt::Display for JsonError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.reason())
    }
}

impl core::error::Error for JsonError {}
