//! A member of a configuration that is one string or a list of strings.

use crate::json::non_empty::EMPTY;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Unexpected, Visitor};

/// The strings, none of them blank. A list has at least one.
#[derive(Default)]
pub(super) struct OneOrMore {
    pub(super) texts: Vec<String>,
    /// Whether it is not a list.
    pub(super) single: bool,
}

impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrMoreVisitor)
    }
}

struct OneOrMoreVisitor;

impl<'de> Visitor<'de> for OneOrMoreVisitor {
    type Value = OneOrMore;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string or a list of strings that are not empty")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<OneOrMore, E> {
        if text.trim_ascii().is_empty() {
            return Err(E::invalid_value(Unexpected::Str(text), &self));
        }
        Ok(OneOrMore { texts: alloc::vec![String::from(text)], single: true })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<OneOrMore, A::Error> {
        let mut texts = Vec::new();
        while let Some(text) = items.next_element::<String>()? {
            if text.trim_ascii().is_empty() {
                return Err(de::Error::invalid_value(Unexpected::Str(&text), &self));
            }
            texts.push(text);
        }
        if texts.is_empty() {
            return Err(de::Error::custom(EMPTY));
        }
        Ok(OneOrMore { texts, single: false })
    }
}
