//! The reading half: values, and what makes a document unacceptable.

use super::{JsonError, reader};
use crate::ordered::Ordered;
use alloc::string::String;
use alloc::vec::Vec;

/// Nesting allowed in a document.
pub const MAX_DEPTH: usize = 64;

/// The members of an object; the reader has already refused duplicates.
pub type Object = Ordered<String, Json>;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number without fraction or exponent that fits 64 bits.
    Integer(i64),
    /// Any other finite number.
    Number(f64),
    /// A string, unescaped.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object.
    Object(Object),
}

impl Json {
    /// The string, if this is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The integer, if this is one.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Json::Integer(value) => Some(*value),
            _ => None,
        }
    }

    /// The boolean, if this is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Json::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The items, if this is an array.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Json]> {
        match self {
            Json::List(items) => Some(items),
            _ => None,
        }
    }

    /// The members, if this is an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Json::Object(members) => Some(members),
            _ => None,
        }
    }

    /// A member of an object by name; `None` for every other value.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Json> {
        self.as_object().and_then(|members| members.get(name))
    }
}

/// Reads one document.
///
/// # Errors
/// [`JsonError`] says which rule was broken.
///
/// ```
/// use workload_identity_core::json::{parse, JsonError};
/// assert!(parse(br#"{"a":1}"#).is_ok());
/// assert_eq!(parse(br#"{"a":1,"\u0061":2}"#), Err(JsonError::Duplicate));
/// ```
pub fn parse(bytes: &[u8]) -> Result<Json, JsonError> {
    let text = core::str::from_utf8(bytes).map_err(|_| JsonError::Syntax)?;
    reader::document(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicates_are_refused_at_any_depth_and_by_escaped_spelling() {
        for text in [r#"{"a":1,"a":1}"#, r#"{"a":1,"\u0061":1}"#, r#"[{"x":{"b":[],"b":[]}}]"#] {
            assert_eq!(parse(text.as_bytes()), Err(JsonError::Duplicate), "{text}");
        }
        assert!(parse(br#"{"a":{"a":1}}"#).is_ok());
    }

    #[test]
    fn broken_documents_are_refused() {
        for text in
            ["", " ", "{", "{}x", "\u{feff}{}", "nul", "[1,]", "1e999", "\"\\ud800\"", "{\"a\" 1}"]
        {
            assert_eq!(parse(text.as_bytes()), Err(JsonError::Syntax), "{text:?}");
        }
        assert_eq!(parse(&[b'"', 0xff, b'"']), Err(JsonError::Syntax));
    }

    #[test]
    fn depth_is_limited() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(parse(nested(MAX_DEPTH + 1).as_bytes()), Err(JsonError::TooDeep));
        assert!(parse(nested(100_000).as_bytes()).is_err());
    }

    #[test]
    fn numbers_keep_their_kind() {
        assert_eq!(parse(b"9223372036854775807"), Ok(Json::Integer(i64::MAX)));
        assert_eq!(parse(b"-3"), Ok(Json::Integer(-3)));
        assert_eq!(parse(b"1.5"), Ok(Json::Number(1.5)));
        assert!(matches!(parse(b"18446744073709551615"), Ok(Json::Number(_))));
    }
}
