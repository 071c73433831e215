//! Members that must have content: a list that was filtered to nothing must not turn a check off.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};

/// The message about a required member without content.
pub(crate) const MISSING: &str = "missing or empty";

/// A string with more than white space. `null` is the same as a missing member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NonBlank(pub(crate) String);

impl<'de> Deserialize<'de> for NonBlank {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NonBlankVisitor)
    }
}

struct NonBlankVisitor;

impl Visitor<'_> for NonBlankVisitor {
    type Value = NonBlank;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Err(E::custom(MISSING))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        if text.trim_ascii().is_empty() { self.visit_unit() } else { Ok(NonBlank(text.into())) }
    }
}

/// The message about a list without items.
pub(crate) const EMPTY: &str =
    "an empty list, which would check nothing: name what is accepted, or leave the member out";

/// Reads a list with at least one item, or `null`: `#[serde(default, deserialize_with = "list")]`.
///
/// A list that was filtered to nothing must not turn a check off.
pub(crate) fn list<'de, T, D>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(ListVisitor { expected: "a list", items: PhantomData })
}

/// As [`list`], of strings that are not blank.
pub(crate) fn names<'de, D>(deserializer: D) -> Result<Option<Vec<String>>, D::Error>
where
    D: Deserializer<'de>,
{
    let visitor = ListVisitor::<NonBlank> { expected: "a list of strings", items: PhantomData };
    let names = deserializer.deserialize_any(visitor)?;
    Ok(names.map(|names| names.into_iter().map(|NonBlank(name)| name).collect()))
}

struct ListVisitor<T> {
    expected: &'static str,
    items: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = Option<Vec<T>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.expected)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        if list.is_empty() { Err(de::Error::custom(EMPTY)) } else { Ok(Some(list)) }
    }
}

/// Reads a list of strings; `null` is an empty one: `#[serde(default, deserialize_with = "strings")]`.
pub(crate) fn strings<'de, D>(deserializer: D) -> Result<Vec<String>, D::Error>
where
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(StringsVisitor)
}

struct StringsVisitor;

impl<'de> Visitor<'de> for StringsVisitor {
    type Value = Vec<String>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of strings")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(list)
    }
}
