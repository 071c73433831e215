//! Strict JSON (RFC 8259) for everything that carries trust.
//!
//! Reading refuses what lenient readers let pass: a member that appears twice in an object at any
//! depth (compared after unescaping), nesting deeper than [`MAX_DEPTH`], numbers that are not
//! finite, text after the document, a byte order mark, invalid UTF-8. Writing is deterministic: members keep the
//! order in which they were added, without white space, so that the same steps give the same bytes everywhere.

mod lexer;
mod members;
mod read;
mod reader;
mod write;

pub use lexer::JsonError;
pub use members::RawMembers;
pub(crate) use read::text_of;
pub use read::{Json, MAX_DEPTH, Object, parse};
pub(crate) use write::object_of;
pub use write::{Members, object, text};
