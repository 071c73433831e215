//! Strict reading of JSON (RFC 8259) with `serde_json`.
//!
//! Refuses what `serde_json` alone accepts: a member that appears twice in an object at any depth (compared after
//! unescaping), nesting deeper than a limit, and lone surrogates or numbers out of range in members that no type reads.
//! Invalid UTF-8, a byte order mark and text after the document are refused as well.

use super::JsonError;
use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Nesting allowed in a document.
pub const MAX_DEPTH: usize = 64;

/// Reads one document as a tree. Members of objects are sorted by name.
///
/// # Errors
/// [`JsonError`] says which rule was broken.
///
/// ```
/// use workload_identity_core::json::{JsonError, strict};
/// assert!(strict::parse(br#"{"a":1}"#).is_ok());
/// assert_eq!(strict::parse(br#"{"a":1,"\u0061":2}"#), Err(JsonError::Duplicate));
/// ```
pub fn parse(bytes: &[u8]) -> Result<Value, JsonError> {
    document(text(bytes)?, MAX_DEPTH, |rules, reader| Tree(rules).deserialize(reader))
}

/// Checks one document against all rules and returns its text.
///
/// # Errors
/// [`JsonError`] says which rule was broken.
pub fn check(bytes: &[u8]) -> Result<&str, JsonError> {
    let text = text(bytes)?;
    document(text, MAX_DEPTH, |rules, reader| Skip(rules).deserialize(reader))?;
    Ok(text)
}

/// Reads one document into a type. The whole document is checked first, so that members which the type does not read
/// follow the same rules.
///
/// # Errors
/// [`JsonError`]: which rule was broken, or `Shape` when the document is not of this type.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    serde_json::from_str(check(bytes)?).map_err(|_| JsonError::Shape)
}

fn text(bytes: &[u8]) -> Result<&str, JsonError> {
    core::str::from_utf8(bytes).map_err(|_| JsonError::Syntax)
}

/// Reads a whole document of at most `max_depth` levels with `read`.
pub(crate) fn document<'de, T>(
    text: &'de str,
    max_depth: usize,
    read: impl FnOnce(
        Rules<'_>,
        &mut serde_json::Deserializer<serde_json::de::StrRead<'de>>,
    ) -> serde_json::Result<T>,
) -> Result<T, JsonError> {
    let fault = Cell::new(JsonError::Syntax);
    let mut reader = serde_json::Deserializer::from_str(text);
    let value =
        read(Rules { depth: max_depth, fault: &fault }, &mut reader).map_err(|_| fault.get())?;
    reader.end().map_err(|_| JsonError::Syntax)?;
    Ok(value)
}

/// The rules of a document while it is read: how much deeper it may go, and which rule was broken.
///
/// The fault travels beside the deserializer, because the text of `serde_json`'s errors quotes values.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'f> {
    pub(crate) depth: usize,
    pub(crate) fault: &'f Cell<JsonError>,
}

impl Rules<'_> {
    /// The rules one level further down.
    pub(crate) fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth, ..self }),
            None => Err(self.refuse(JsonError::TooDeep)),
        }
    }

    /// An error whose kind is `fault`.
    pub(crate) fn refuse<E: serde::de::Error>(self, fault: JsonError) -> E {
        self.fault.set(fault);
        E::custom("refused")
    }
}

/// The names of one object's members, to find duplicates.
///
/// Few names are compared one by one, many are sorted, so that an object of a thousand members costs no more than its size
/// times its logarithm. A 64-bit filter of hashes saves most comparisons.
#[derive(Default)]
pub(crate) struct Names<'de> {
    filter: u64,
    few: Vec<Cow<'de, str>>,
    many: BTreeSet<Cow<'de, str>>,
}

impl<'de> Names<'de> {
    const FEW: usize = 32;

    /// Adds a name. Returns false if it was there.
    pub(crate) fn insert(&mut self, name: Cow<'de, str>) -> bool {
        let bit = Self::bit(&name);
        let seen = self.filter & bit != 0;
        self.filter |= bit;
        if !self.many.is_empty() {
            return self.many.insert(name);
        }
        if seen && self.few.contains(&name) {
            return false;
        }
        self.few.push(name);
        if self.few.len() > Self::FEW {
            self.many = core::mem::take(&mut self.few).into_iter().collect();
        }
        true
    }

    fn bit(name: &str) -> u64 {
        let bytes = name.as_bytes();
        let mix = bytes
            .iter()
            .fold(bytes.len(), |mix, byte| mix.wrapping_mul(31).wrapping_add(usize::from(*byte)));
        1 << (mix % 64)
    }
}

/// Member names that `serde_json` reserves. It would read the value as another document.
const RESERVED: &str = "$serde_json::private::";

/// A member's name: borrowed from the document unless it has escapes. Names that `serde_json` reserves are refused.
pub(crate) struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, name: &'de str) -> Result<Self::Value, E> {
        if name.starts_with(RESERVED) {
            return Err(E::custom("a reserved name"));
        }
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Self::Value, E> {
        if name.starts_with(RESERVED) {
            return Err(E::custom("a reserved name"));
        }
        Ok(Cow::Owned(String::from(name)))
    }
}

/// Walks a value without keeping it. Unlike `serde::de::IgnoredAny` it looks at every string and number.
#[derive(Clone, Copy)]
pub(crate) struct Skip<'f>(pub(crate) Rules<'f>);

impl<'de> DeserializeSeed<'de> for Skip<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Skip<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let inner = Self(self.0.inner()?);
        while items.next_element_seed(inner)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let inner = Self(self.0.inner()?);
        let mut names = Names::default();
        while let Some(name) = members.next_key_seed(Name)? {
            if !names.insert(name) {
                return Err(self.0.refuse(JsonError::Duplicate));
            }
            members.next_value_seed(inner)?;
        }
        Ok(())
    }
}

/// Reads a value as a tree.
#[derive(Clone, Copy)]
pub(crate) struct Tree<'f>(pub(crate) Rules<'f>);

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        // `serde_json` reads `-0` as a double, but it is the integer 0.
        if value == 0.0 && value.is_sign_negative() {
            return Ok(Value::from(0));
        }
        Number::from_f64(value).map(Value::Number).ok_or_else(|| self.0.refuse(JsonError::Syntax))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = Self(self.0.inner()?);
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = Self(self.0.inner()?);
        let mut object = Map::new();
        while let Some(name) = members.next_key_seed(Name)? {
            let value = members.next_value_seed(inner)?;
            if object.insert(name.into_owned(), value).is_some() {
                return Err(self.0.refuse(JsonError::Duplicate));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    /// The tree and the walk apply the same rules.
    fn fault(text: &str) -> Option<JsonError> {
        let found = parse(text.as_bytes()).err();
        assert_eq!(check(text.as_bytes()).err(), found, "{text}");
        found
    }

    #[test]
    fn duplicates_are_refused_at_any_depth_and_by_escaped_spelling() {
        for text in [r#"{"a":1,"a":1}"#, r#"{"a":1,"\u0061":1}"#, r#"[{"x":{"b":[],"b":[]}}]"#] {
            assert_eq!(fault(text), Some(JsonError::Duplicate), "{text}");
        }
        assert_eq!(fault(r#"{"a":{"a":1}}"#), None);
    }

    #[test]
    fn duplicates_are_found_among_many_members() {
        for count in [31, 32, 33, 34, 500] {
            let members: Vec<String> = (0..count).map(|n| format!("\"m{n}\":{n}")).collect();
            let text = members.join(",");
            assert_eq!(fault(&format!("{{{text}}}")), None);
            for again in [0, count / 2, count - 1] {
                let text = format!("{{{text},\"m{again}\":0}}");
                assert_eq!(fault(&text), Some(JsonError::Duplicate), "{again} of {count}");
            }
        }
    }

    #[test]
    fn broken_documents_are_refused() {
        for text in [
            "",
            " ",
            "{",
            "{}x",
            "\u{feff}{}",
            "nul",
            "[1,]",
            "1e999",
            "\"\\ud800\"",
            "{\"a\" 1}",
            "{\"a\":[\"\\ud800\"]}",
            "{\"a\":1e999}",
            "{\"a\":\"\u{1}\"}",
            "01",
            "1.",
            "+1",
            "NaN",
        ] {
            assert_eq!(fault(text), Some(JsonError::Syntax), "{text:?}");
        }
        assert_eq!(parse(&[b'"', 0xff, b'"']), Err(JsonError::Syntax));
    }

    #[test]
    fn names_that_serde_json_reserves_are_refused() {
        for name in ["$serde_json::private::RawValue", "\\u0024serde_json::private::Number"] {
            let text = format!(r#"[{{"{name}":"{{}}"}}]"#);
            assert_eq!(fault(&text), Some(JsonError::Syntax), "{text}");
        }
        assert_eq!(fault(r#"{"$serde_json":1}"#), None);
    }

    #[test]
    fn depth_is_limited() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert_eq!(fault(&nested(MAX_DEPTH)), None);
        assert_eq!(fault(&nested(MAX_DEPTH + 1)), Some(JsonError::TooDeep));
        assert!(fault(&nested(100_000)).is_some());
    }

    #[test]
    fn numbers_are_exact() {
        assert_eq!(parse(b"9223372036854775807"), Ok(Value::from(i64::MAX)));
        assert_eq!(parse(b"18446744073709551615"), Ok(Value::from(u64::MAX)));
        assert_eq!(parse(b"1.7976931348623157e308"), Ok(Value::from(f64::MAX)));
    }

    #[test]
    fn types_are_read_from_checked_documents() {
        #[derive(Debug, PartialEq, serde::Deserialize)]
        struct Document {
            a: u32,
        }
        assert_eq!(read(br#"{"a":1,"b":{"c":[]}}"#), Ok(Document { a: 1 }));
        assert_eq!(read::<Document>(br#"{"a":"1"}"#), Err(JsonError::Shape));
        assert_eq!(read::<Document>(br#"{"a":1,"b":{"c":1,"c":2}}"#), Err(JsonError::Duplicate));
    }
}
