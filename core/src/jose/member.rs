//! The members of a token's header or payload that the library reads, without a tree of the rest.

use crate::json::JsonError;
use crate::json::strict::{Name, Names, Rules, Skip, document};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// The value of a member.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Member {
    /// A string, unescaped.
    Text(String),
    /// A number.
    Number(f64),
    /// A list of strings, perhaps empty.
    Texts(Vec<String>),
    /// Any other value.
    Other,
}

impl Member {
    /// The string, if this is one.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Member::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// The members of one object that are kept.
pub(super) trait Members: Default {
    /// The place for the value of a member, or `None` to check the value and drop it.
    fn slot(&mut self, name: &str) -> Option<&mut Option<Member>>;
}

/// Reads a document that is one object under the rules of [`crate::json::strict`].
///
/// # Errors
/// [`JsonError`] says which rule was broken; `Syntax` also for a document that is not an object.
pub(super) fn read<M: Members>(text: &str, max_depth: usize) -> Result<M, JsonError> {
    document(text, max_depth, |rules, reader| {
        reader.deserialize_map(ObjectVisitor { rules, members: PhantomData })
    })
}

struct ObjectVisitor<'f, M> {
    rules: Rules<'f>,
    members: PhantomData<M>,
}

impl<'de, M: Members> Visitor<'de> for ObjectVisitor<'_, M> {
    type Value = M;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<M, A::Error> {
        let rules = self.rules.inner()?;
        let mut members = M::default();
        let mut names = Names::default();
        while let Some(name) = object.next_key_seed(Name)? {
            match members.slot(&name) {
                Some(slot) => *slot = Some(object.next_value_seed(MemberVisitor(rules))?),
                None => object.next_value_seed(Skip(rules))?,
            }
            if !names.insert(name) {
                return Err(self.rules.refuse(JsonError::Duplicate));
            }
        }
        Ok(members)
    }
}

/// Reads one value.
#[derive(Clone, Copy)]
struct MemberVisitor<'f>(Rules<'f>);

impl<'de> DeserializeSeed<'de> for MemberVisitor<'_> {
    type Value = Member;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Member, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for MemberVisitor<'_> {
    type Value = Member;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Member, E> {
        Ok(Member::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Member, E> {
        Ok(Member::Other)
    }

    fn visit_i64<E>(self, value: i64) -> Result<Member, E> {
        Ok(Member::Number(value as f64))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Member, E> {
        Ok(Member::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Member, E> {
        Ok(Member::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Member, E> {
        Ok(Member::Text(String::from(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Member, A::Error> {
        let inner = Self(self.0.inner()?);
        let mut texts = Some(Vec::new());
        while let Some(item) = items.next_element_seed(inner)? {
            match (&mut texts, item) {
                (Some(texts), Member::Text(text)) => texts.push(text),
                _ => texts = None,
            }
        }
        Ok(texts.map_or(Member::Other, Member::Texts))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Member, A::Error> {
        Skip(self.0).visit_map(members).map(|()| Member::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::strict;
    use alloc::format;

    #[derive(Debug, Default, PartialEq)]
    struct One(Option<Member>);

    impl Members for One {
        fn slot(&mut self, name: &str) -> Option<&mut Option<Member>> {
            (name == "a").then_some(&mut self.0)
        }
    }

    fn member(value: &str) -> Result<Member, JsonError> {
        read::<One>(&format!(r#"{{"b":[1,{{}}],"\u0061":{value}}}"#), 8).map(|one| one.0.unwrap())
    }

    #[test]
    fn values_are_read_by_their_kind() {
        assert_eq!(member(r#""t\n""#), Ok(Member::Text("t\n".into())));
        assert_eq!(member("-1"), Ok(Member::Number(-1.0)));
        assert_eq!(member("1.5e1"), Ok(Member::Number(15.0)));
        assert_eq!(member(r#"["x","y"]"#), Ok(Member::Texts(alloc::vec!["x".into(), "y".into()])));
        assert_eq!(member("[]"), Ok(Member::Texts(Vec::new())));
        for other in ["null", "true", "{}", "[1]", r#"["x",[]]"#, r#"[["x"]]"#] {
            assert_eq!(member(other), Ok(Member::Other), "{other}");
        }
        assert_eq!(read::<One>("{}", 1), Ok(One(None)));
    }

    #[test]
    fn the_rules_are_those_of_the_tree() {
        for text in [
            r#"{"a":1,"a":2}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"b":1,"b":2}"#,
            r#"{"a":{"c":1,"c":2}}"#,
            r#"{"a":[{"c":1,"c":2}]}"#,
            r#"{"b":{"c":"\ud800"}}"#,
            r#"{"a":"\ud800"}"#,
            r#"{"a":1e999}"#,
            r#"{"b":[1e999]}"#,
            r#"{"a":1}x"#,
            r#"{"a":1,}"#,
            "\u{feff}{}",
            "{",
            "",
        ] {
            let fault = strict::parse(text.as_bytes()).unwrap_err();
            assert_eq!(read::<One>(text, strict::MAX_DEPTH), Err(fault), "{text}");
        }
        for text in ["[]", "null", "1", r#""a""#] {
            assert_eq!(read::<One>(text, 8), Err(JsonError::Syntax), "{text}");
        }
    }

    #[test]
    fn depth_is_limited() {
        for name in ["a", "b"] {
            let nested = |depth: usize| {
                let (open, close) = ("[".repeat(depth - 1), "]".repeat(depth - 1));
                format!(r#"{{"{name}":{open}{close}}}"#)
            };
            assert!(read::<One>(&nested(8), 8).is_ok());
            assert_eq!(read::<One>(&nested(9), 8), Err(JsonError::TooDeep));
        }
    }
}
