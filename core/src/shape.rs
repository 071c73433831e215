//! The shape of a configuration's objects as data: which members there are and what each must be. Once an object is known
//! to have its shape, its members are read without a case for the wrong type.

use crate::json::{self, Json};
use crate::{Code, Error};
use alloc::string::String;
use alloc::vec::Vec;

/// What a member is. One that is `null` is absent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Text,
    /// A string that is there and not blank.
    Required,
    Flag,
    Integer,
    /// An integer from 0 to this; see [`size`].
    Size(u32, &'static str),
    Object,
    Texts,
    /// One of these; see [`word`].
    Word(&'static [&'static str], &'static str),
}

/// [`Kind::Size`] with the end of its message.
macro_rules! size {
    ($max:literal) => {
        Kind::Size($max, concat!("an integer from 0 to ", $max))
    };
}

/// [`Kind::Word`] with the end of its message.
macro_rules! word {
    ($first:literal $(, $word:literal)*) => {
        Kind::Word(&[$first $(, $word)*], concat!("one of ", $first $(, ", ", $word)*))
    };
}

pub(crate) use {size, word};

/// An object of the configuration.
pub(crate) struct Shape {
    /// The code of its faults.
    pub(crate) code: Code,
    /// What is said of a value that is no object.
    pub(crate) not_an_object: &'static str,
    /// What its members' names begin with in messages; nothing for the configuration itself.
    pub(crate) place: &'static str,
    pub(crate) members: &'static [(&'static str, Kind)],
}

impl Kind {
    fn fits(self, value: &Json) -> bool {
        match value {
            Json::Null => !matches!(self, Kind::Required),
            Json::Bool(_) => matches!(self, Kind::Flag),
            Json::Integer(number) => match self {
                Kind::Size(max, _) => (0..=i64::from(max)).contains(number),
                kind => matches!(kind, Kind::Integer),
            },
            Json::Number(_) => false,
            Json::Text(text) => match self {
                Kind::Required => !text.bytes().all(|byte| byte.is_ascii_whitespace()),
                Kind::Word(words, _) => words.contains(&text.as_str()),
                kind => matches!(kind, Kind::Text),
            },
            Json::List(items) => match self {
                Kind::Texts => items.iter().all(|item| matches!(item, Json::Text(_))),
                _ => false,
            },
            Json::Object(_) => matches!(self, Kind::Object),
        }
    }

    /// The end of a sentence about a value that does not fit.
    const fn wanted(self) -> &'static str {
        match self {
            Kind::Text | Kind::Required => "a string",
            Kind::Flag => "true or false",
            Kind::Integer => "an integer",
            Kind::Object => "an object",
            Kind::Texts => "a list of strings",
            Kind::Size(_, wanted) | Kind::Word(_, wanted) => wanted,
        }
    }
}

impl Shape {
    /// Whether a value is an object of this shape.
    ///
    /// # Errors
    /// The shape's code. Names a member that is not known, else the first of the shape that is missing or wrong.
    pub(crate) fn check(&self, value: &Json) -> Result<(), Error> {
        let Json::Object(object) = value else { return self.refuse(&[self.not_an_object]) };
        let known = |name: &str| self.members.iter().any(|(known, _)| *known == name);
        if let Some(name) = object.keys().find(|name| !known(name)) {
            // The name is the caller's own text and may hold anything, so only a clean one is repeated.
            let clean = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            if name.len() > 64 || !name.bytes().all(clean) {
                return self.refuse(&["the configuration has an unknown member"]);
            }
            return self.refuse_member(name, "not a member of the configuration", "");
        }
        for (name, kind) in self.members {
            let value = object.get(*name).unwrap_or(&Json::Null);
            if !kind.fits(value) {
                return match (kind, value) {
                    (Kind::Required, Json::Null | Json::Text(_)) => {
                        self.refuse_member(name, "missing or empty", "")
                    }
                    _ => self.refuse_member(name, "not ", kind.wanted()),
                };
            }
        }
        Ok(())
    }

    fn refuse_member(&self, name: &str, what: &str, wanted: &str) -> Result<(), Error> {
        self.refuse(&["`", self.place, name, "` is ", what, wanted])
    }

    fn refuse(&self, message: &[&str]) -> Result<(), Error> {
        Err(Error::of(self.code, message))
    }
}

/// The members of an object whose shape has been checked.
#[derive(Clone, Copy)]
pub(crate) struct Members<'a>(pub(crate) &'a Json);

impl<'a> Members<'a> {
    /// The member as it stands, `null` too.
    pub(crate) fn get(self, name: &str) -> Option<&'a Json> {
        self.0.member(name)
    }

    /// A string, where the member is one. A `&String` is one word where a `&str` is two.
    pub(crate) fn text(self, name: &str) -> Option<&'a String> {
        match self.get(name) {
            Some(Json::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn integer(self, name: &str) -> Option<i64> {
        self.get(name)?.as_integer()
    }

    pub(crate) fn size(self, name: &str, default: u32) -> u32 {
        self.integer(name).and_then(|size| u32::try_from(size).ok()).unwrap_or(default)
    }

    /// Whether the member is `true`.
    pub(crate) fn flag(self, name: &str) -> bool {
        matches!(self.get(name), Some(Json::Bool(true)))
    }

    /// An object, where the member is one.
    pub(crate) fn object(self, name: &str) -> Option<&'a Json> {
        self.get(name).filter(|value| matches!(value, Json::Object(_)))
    }

    /// The items of a list, none where the member is absent.
    pub(crate) fn list(self, name: &str) -> &'a [Json] {
        self.get(name).and_then(Json::as_list).unwrap_or_default()
    }

    /// Adds the strings of a list, or the only one.
    pub(crate) fn texts(self, name: &str, texts: &mut Vec<String>) {
        let items = match self.get(name) {
            Some(Json::List(items)) => items,
            value => value.map_or(&[][..], core::slice::from_ref),
        };
        for item in items {
            if let Json::Text(text) = item {
                texts.push(text.clone());
            }
        }
    }
}

/// Reads a document that the message calls by this name.
pub(crate) fn document(bytes: &[u8], code: Code, name: &str) -> Result<Json, Error> {
    json::parse(bytes).map_err(|fault| Error::of(code, &["the ", name, " is ", fault.reason()]))
}
