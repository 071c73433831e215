//! The members of one object as they stand in the text: all rules are checked, nothing is copied.
//!
//! A token's claims are read once or never; building a tree of them costs more than checking them.

use super::reader::{Named, Reader, mark, place};
use super::{Json, JsonError, MAX_DEPTH};
use alloc::vec::Vec;

/// The members of an object, in no particular order.
///
/// ```
/// use workload_identity_core::json::{Json, RawMembers};
/// let claims = RawMembers::read(br#"{"iss":"i","exp":1.5,"a":{"b":[]}}"#).unwrap();
/// assert_eq!(claims.raw("a"), Some(r#"{"b":[]}"#));
/// assert_eq!(claims.get("iss"), Some(Json::Text("i".into())));
/// assert!(RawMembers::read(br#"{"a":{"b":1,"b":2}}"#).is_err());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawMembers<'a>(Vec<Named<'a, &'a str>>);

impl<'a> RawMembers<'a> {
    /// Reads a document that is one object, under the rules of [`parse`](super::parse).
    ///
    /// # Errors
    /// [`JsonError`] says which rule was broken; `Syntax` also for a document that is not an object.
    pub fn read(bytes: &'a [u8]) -> Result<Self, JsonError> {
        Self::read_within(bytes, MAX_DEPTH)
    }

    /// As [`Self::read`], for a document that may be nested no deeper than this.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn read_within(bytes: &'a [u8], max_depth: usize) -> Result<Self, JsonError> {
        let text = core::str::from_utf8(bytes).map_err(|_| JsonError::Syntax)?;
        Reader::within(text, max_depth).members().map(Self)
    }

    /// As [`Self::read`], for text.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn read_text(text: &'a str) -> Result<Self, JsonError> {
        Reader::new(text).members().map(Self)
    }

    /// A member's value as JSON text.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&'a str> {
        let place = place(&self.0, mark(name), name).ok()?;
        self.0.get(place).map(|member| member.value)
    }

    /// A member's value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Json> {
        // It was read already under the same rules.
        self.raw(name).and_then(|raw| Reader::new(raw).document().ok())
    }

    /// Whether there is such a member.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|member| &*member.name)
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use alloc::format;
    use alloc::string::String;

    #[test]
    fn the_same_documents_are_refused_as_by_the_tree() {
        let deep = |depth: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
        let texts = [
            "{}",
            " { } ",
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":1}"#,
            r#"{"x":{"b":[],"b":[]}}"#,
            r#"{"x":[{"b":[],"\u0062":[]}]}"#,
            r#"{"x":{"b":[],"c":{"b":"\ud83d\ude00"}}}"#,
            r#"{"x":"\ud83d"}"#,
            r#"{"x":01}"#,
            r#"{"x":1e999}"#,
            r#"{"x":-1.5e-3,"y":true,"z":null}"#,
            r#"{"x":tru}"#,
            r#"{"x":1}{}"#,
            r#"{"x":1,}"#,
            r#"{"x":[1,]}"#,
            "{\"x\":\"\t\"}",
            &deep(63),
            &deep(64),
            &deep(10_000),
        ];
        for text in texts {
            let tree = parse(text.as_bytes()).map(|_| ());
            assert_eq!(RawMembers::read(text.as_bytes()).map(|_| ()), tree, "{text:.60}");
        }
        for text in ["[]", "1", "\"a\"", "null", ""] {
            assert_eq!(RawMembers::read(text.as_bytes()), Err(JsonError::Syntax), "{text}");
        }
    }

    #[test]
    fn values_are_those_of_the_tree() {
        let text = r#" {"b" : [1, {"c":"d"}] , "a\n":"x\ty", "aa":-1.5} "#;
        let members = RawMembers::read_text(text).unwrap();
        let tree = parse(text.as_bytes()).unwrap();
        let mut names: Vec<&str> = members.names().collect();
        names.sort_unstable();
        assert_eq!(names, ["a\n", "aa", "b"]);
        for (name, value) in tree.as_object().unwrap().iter() {
            assert_eq!(members.get(name).as_ref(), Some(value));
        }
        assert_eq!(members.raw("b"), Some(r#"[1, {"c":"d"}]"#));
        assert_eq!(members.get("missing"), None);
        let many: String = (0..3000).map(|n| format!("\"{n}\":0,")).collect();
        let many = format!("{{{many}\"end\":0}}");
        assert!(RawMembers::read_text(&many).is_ok_and(|members| members.contains("2999")));
    }
}
