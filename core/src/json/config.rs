//! Configuration and requests: `serde` types, and error messages that name the member and never show its value.
//!
//! `serde_json`'s own messages quote values, which may be secrets. Only the path of the member and what was expected there
//! leave this module.

use super::non_empty::{EMPTY, MISSING};
use super::strict;
use crate::{Code, Error};
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;
use core::marker::PhantomData;
use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Unexpected, Visitor};
use serde::{Deserialize, de};
use serde_json::Value;

/// What a document is called in messages, and the code of its errors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Document {
    /// The code of every error about it.
    pub(crate) code: Code,
    /// `configuration`, `request`.
    pub(crate) name: &'static str,
}

impl Document {
    /// The configuration of an engine or a verifier.
    pub(crate) const CONFIGURATION: Self =
        Self { code: Code::ConfigInvalid, name: "configuration" };
    /// A request to an engine or a verifier.
    pub(crate) const REQUEST: Self = Self { code: Code::RequestInvalid, name: "request" };

    /// Reads the document's JSON text, which must be one object.
    ///
    /// # Errors
    /// The document's code. Names the member that is wrong and what it should be.
    pub(crate) fn read<T: DeserializeOwned>(self, bytes: &[u8]) -> Result<T, Error> {
        let value = strict::parse(bytes)
            .map_err(|fault| self.error(format!("the {} is {}", self.name, fault.reason())))?;
        if !value.is_object() {
            return Err(self.error(format!("the {} is not a JSON object", self.name)));
        }
        self.member("", value)
    }

    /// Reads a part of the document. `place` is what its members' names begin with in messages, for example `source.`.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub(crate) fn member<T: DeserializeOwned>(self, place: &str, value: Value) -> Result<T, Error> {
        serde_path_to_error::deserialize(value).map_err(|error| {
            let path = error.path().to_string();
            self.describe(place, if path == "." { "" } else { &path }, &error.inner().to_string())
        })
    }

    /// As [`Self::member`], of a part whose text was checked by the rules of [`strict`]. An error comes with the line and the
    /// column in that text, both from 1.
    pub(crate) fn part<T: DeserializeOwned>(
        self,
        place: &str,
        text: &str,
    ) -> Result<T, (Error, usize, usize)> {
        let mut reader = serde_json::Deserializer::from_str(text);
        serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let path = error.path().to_string();
            let inner = error.inner();
            let (line, column) = (inner.line(), inner.column());
            let inner = inner.to_string();
            let message = inner.strip_suffix(&format!(" at line {line} column {column}"));
            let path = if path == "." { "" } else { &path };
            (self.describe(place, path, message.unwrap_or(&inner)), line, column)
        })
    }

    /// An error about the document.
    pub(crate) fn error(self, message: impl Into<String>) -> Error {
        Error::new(self.code, message)
    }

    /// Keeps of `serde`'s message the name of a member or the expectation.
    fn describe(self, place: &str, path: &str, message: &str) -> Error {
        let inside = |prefix: &str| Some(message.strip_prefix(prefix)?.split_once('`')?.0);
        if let Some(name) = inside("unknown field `") {
            // The name is the caller's text and may hold anything, so only a plain one is repeated.
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-@$".contains(&byte);
            if name.len() > 64 || !name.bytes().all(plain) {
                return self.error(format!("the {} has an unknown member", self.name));
            }
            // The path ends with the unknown name or with the object that holds it.
            let parent = path.strip_suffix(name).unwrap_or(path).trim_end_matches('.');
            let dot = if parent.is_empty() { "" } else { "." };
            return self.error(format!(
                "`{place}{parent}{dot}{name}` is not a member of the {}",
                self.name
            ));
        }
        if let Some(name) = inside("duplicate field `") {
            let parent = path.strip_suffix(name).unwrap_or(path).trim_end_matches('.');
            let dot = if parent.is_empty() { "" } else { "." };
            return self.error(format!("`{place}{parent}{dot}{name}` is given twice"));
        }
        if let Some(name) = inside("missing field `") {
            let dot = if path.is_empty() { "" } else { "." };
            return self.error(format!("`{place}{path}{dot}{name}` is missing or empty"));
        }
        if let Some(word) = [MISSING, EMPTY].into_iter().find(|word| message == *word) {
            let member = format!("{place}{path}");
            return self.error(format!("`{}` is {word}", member.trim_end_matches('.')));
        }
        let member = format!("{place}{path}");
        let member = member.trim_end_matches('.');
        match message.rsplit_once(", expected ") {
            Some((_, expected)) if member.is_empty() => {
                self.error(format!("the {} is not {}", self.name, plain(expected)))
            }
            Some((_, expected)) => self.error(format!("`{member}` is not {}", plain(expected))),
            None => self.error(format!("`{member}` is invalid")),
        }
    }
}

/// An expectation of `serde`'s in words for people who write JSON.
fn plain(expected: &str) -> String {
    match expected {
        "a boolean" => "true or false".into(),
        "a sequence" => "a list".into(),
        "a map" => "an object".into(),
        "u8" | "u16" | "u32" | "u64" | "usize" | "i32" | "i64" => "an integer".into(),
        // The variants of an enum: "`a` or `b`", "one of `a`, `b`, `c`".
        words if words.contains('`') => {
            let words = words.trim_start_matches("one of ").replace('`', "").replace(" or ", ", ");
            format!("one of {words}")
        }
        other => other.into(),
    }
}

/// An integer from 0 to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounded<const MAX: u32>(pub(crate) u32);

impl<'de, const MAX: u32> Deserialize<'de> for Bounded<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_u32(BoundedVisitor::<MAX>)
    }
}

struct BoundedVisitor<const MAX: u32>;

impl<const MAX: u32> Visitor<'_> for BoundedVisitor<MAX> {
    type Value = Bounded<MAX>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "an integer from 0 to {MAX}")
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
        match u32::try_from(value) {
            Ok(value) if value <= MAX => Ok(Bounded(value)),
            _ => Err(E::invalid_value(Unexpected::Unsigned(value), &self)),
        }
    }
}

/// Reads an object or `null`: `#[serde(default, deserialize_with = "object")]`.
///
/// A derived `Deserialize` alone would accept a list of the members' values, too.
pub(crate) fn object<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(ObjectVisitor(PhantomData))
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(Some)
    }
}

/// Reads a variant's name or `null`: `#[serde(default, deserialize_with = "word")]`.
///
/// A derived `Deserialize` alone would accept an object `{"name": null}`, too.
pub(crate) fn word<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: DeserializeOwned,
    D: Deserializer<'de>,
{
    let value = Value::deserialize(deserializer)?;
    if value.is_null() {
        return Ok(None);
    }
    // No variant has an empty name, so that a value of another type gives the same message as an unknown name.
    T::deserialize(StrDeserializer::new(value.as_str().unwrap_or_default())).map(Some)
}

/// Reads a member whose `null` means that it is absent: `#[serde(default, deserialize_with = "null_is_default")]`.
pub(crate) fn null_is_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Default + Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests {
    use super::super::non_empty::{NonBlank, list, names, strings};
    use super::*;
    use alloc::vec::Vec;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only errors are looked at")]
    struct Example {
        name: String,
        flag: Option<bool>,
        size: Option<Bounded<300>>,
        #[serde(default, deserialize_with = "null_is_default")]
        texts: Vec<String>,
        #[serde(default, deserialize_with = "word")]
        word: Option<Word>,
        #[serde(default, deserialize_with = "object")]
        inner: Option<Inner>,
        #[serde(default, deserialize_with = "strings")]
        strings: Vec<String>,
        #[serde(default, deserialize_with = "list")]
        list: Option<Vec<u8>>,
        #[serde(default, deserialize_with = "names")]
        names: Option<Vec<String>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Word {
        One,
        Two,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only errors are looked at")]
    struct Inner {
        path: NonBlank,
    }

    fn message(text: &str) -> String {
        let error = Document::CONFIGURATION.read::<Example>(text.as_bytes()).unwrap_err();
        assert_eq!(error.code, Code::ConfigInvalid);
        error.message.clone()
    }

    #[test]
    fn messages_name_the_member_and_what_it_should_be() {
        for (text, expected) in [
            ("[]", "the configuration is not a JSON object"),
            ("{", "the configuration is not valid JSON"),
            ("{}", "`name` is missing or empty"),
            (r#"{"name":7}"#, "`name` is not a string"),
            (r#"{"name":"n","flag":"x"}"#, "`flag` is not true or false"),
            (r#"{"name":"n","size":301}"#, "`size` is not an integer from 0 to 300"),
            (r#"{"name":"n","size":-1}"#, "`size` is not an integer from 0 to 300"),
            (r#"{"name":"n","size":1.5}"#, "`size` is not an integer from 0 to 300"),
            (r#"{"name":"n","texts":{}}"#, "`texts` is not a list"),
            (r#"{"name":"n","texts":["a",1]}"#, "`texts[1]` is not a string"),
            (r#"{"name":"n","word":"three"}"#, "`word` is not one of one, two"),
            (r#"{"name":"n","word":{"one":null}}"#, "`word` is not one of one, two"),
            (r#"{"name":"n","strings":"a"}"#, "`strings` is not a list of strings"),
            (r#"{"name":"n","strings":["a",1]}"#, "`strings[1]` is not a string"),
            (r#"{"name":"n","list":{}}"#, "`list` is not a list"),
            (r#"{"name":"n","names":"a"}"#, "`names` is not a list of strings"),
            (r#"{"name":"n","names":["a",1]}"#, "`names[1]` is not a string"),
            (r#"{"name":"n","names":["a"," "]}"#, "`names[1]` is missing or empty"),
            (r#"{"name":"n","list":[]}"#, &format!("`list` is {EMPTY}")),
            (r#"{"name":"n","names":[]}"#, &format!("`names` is {EMPTY}")),
            (r#"{"name":"n","inner":["p"]}"#, "`inner` is not an object"),
            (r#"{"name":"n","inner":{"path":null}}"#, "`inner.path` is missing or empty"),
            (r#"{"name":"n","inner":{"path":" "}}"#, "`inner.path` is missing or empty"),
            (r#"{"name":"n","inner":1}"#, "`inner` is not an object"),
            (r#"{"name":"n","inner":{}}"#, "`inner.path` is missing or empty"),
            (r#"{"name":"n","inner":{"p":1}}"#, "`inner.p` is not a member of the configuration"),
            (r#"{"name":"n","nmae":1}"#, "`nmae` is not a member of the configuration"),
            (r#"{"name":"n","a b":1}"#, "the configuration has an unknown member"),
        ] {
            assert_eq!(message(text), expected, "{text}");
        }
        assert!(
            Document::REQUEST
                .read::<Example>(br#"{"x":1}"#)
                .is_err_and(|error| error.message == "`x` is not a member of the request")
        );
    }

    #[test]
    fn values_are_never_shown() {
        let secret = "ghs_secret, expected nothing";
        for member in ["flag", "size", "texts", "word", "inner", "strings", "list", "names"] {
            let text = format!(r#"{{"name":"n","{member}":"{secret}"}}"#);
            assert!(!message(&text).contains("secret"), "{member}");
        }
        let text = format!(r#"{{"name":"n","inner":{{"path":["{secret}"]}}}}"#);
        assert_eq!(message(&text), "`inner.path` is not a string");
    }

    #[test]
    fn null_is_absent() {
        let text = br#"{"name":"n","flag":null,"size":null,"texts":null,"word":null,"inner":null,"strings":null,"list":null,"names":null}"#;
        assert!(Document::CONFIGURATION.read::<Example>(text).is_ok());
    }
}
