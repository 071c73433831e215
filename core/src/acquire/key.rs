//! Keys that tell requests apart.

use alloc::format;
use alloc::string::String;

/// Appends a part with its length, so that different requests never share a key.
pub(super) fn append(key: &mut String, part: &str) {
    key.push_str(&format!("|{}:{part}", part.len()));
}

/// Appends a part that most requests lack. The mark is one that [`append`] does not write.
pub(super) fn append_optional(key: &mut String, mark: char, part: Option<&str>) {
    if let Some(part) = part {
        key.push_str(&format!("{mark}{}:{part}", part.len()));
    }
}
