//! The shape of a configuration's objects as data: which members there are and what each must be. Once an object is known
//! to have its shape, its members are read without a case for the wrong type.

use crate::json::{self, Json, Object};
use crate::number;
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
    /// An integer from 0 to this.
    Size(u32),
    Object,
    List,
    Texts,
    /// A string or a list of strings, none of them empty.
    OneOrMore,
    /// One of these.
    Word(&'static [&'static str]),
    /// Whatever it is, `null` too, the reader has a use for it.
    Any,
}

/// An object of the configuration.
pub(crate) struct Shape {
    /// The code of its faults.
    pub(crate) code: Code,
    /// What its members' names begin with in messages; nothing for the configuration itself.
    pub(crate) place: &'static str,
    pub(crate) members: &'static [(&'static str, Kind)],
}

impl Kind {
    fn fits(self, value: &Json) -> bool {
        match (self, value) {
            (Kind::Text | Kind::Required, Json::Text(_))
            | (Kind::Flag, Json::Bool(_))
            | (Kind::Integer, Json::Integer(_))
            | (Kind::Object, Json::Object(_))
            | (Kind::List, Json::List(_))
            | (Kind::Any, _) => true,
            (Kind::OneOrMore, Json::Text(text)) => !text.is_empty(),
            (Kind::Word(words), Json::Text(text)) => words.contains(&text.as_str()),
            (Kind::Size(max), Json::Integer(size)) => (0..=i64::from(max)).contains(size),
            (Kind::Texts, Json::List(items)) => items.iter().all(|item| Kind::Text.fits(item)),
            (Kind::OneOrMore, Json::List(items)) => {
                items.iter().all(|item| matches!(item, Json::Text(text) if !text.is_empty()))
            }
            _ => false,
        }
    }

    /// The end of a sentence about a value that does not fit.
    fn wanted(self) -> String {
        let mut wanted = String::from(match self {
            Kind::Text | Kind::Required => "a string",
            Kind::Flag => "true or false",
            Kind::Integer => "an integer",
            Kind::Size(_) => "an integer from 0 to ",
            Kind::Object => "an object",
            Kind::List => "a list",
            Kind::Texts => "a list of strings",
            Kind::OneOrMore => "a string or a list of strings that are not empty",
            Kind::Word(_) => "one of ",
            Kind::Any => "a value",
        });
        match self {
            Kind::Size(max) => number::write(&mut wanted, i64::from(max)),
            Kind::Word(words) => wanted.push_str(&words.join(", ")),
            _ => {}
        }
        wanted
    }
}

/// The members of an object that has its shape.
#[derive(Clone, Copy)]
pub(crate) struct Members<'a>(&'a Object);

impl<'a> Members<'a> {
    /// Checks an object's shape.
    ///
    /// # Errors
    /// The shape's code. Names a member that is not known, else the first of the shape that is missing or wrong.
    pub(crate) fn read(value: &'a Json, shape: &Shape) -> Result<Self, Error> {
        let place = shape.place;
        let refuse = |message: &[&str]| Err(Error::of(shape.code, message));
        let Json::Object(object) = value else {
            return match place.strip_suffix('.') {
                Some(name) => refuse(&["`", name, "` is not an object"]),
                None => refuse(&["the configuration is not a JSON object"]),
            };
        };
        for name in object.keys() {
            if shape.members.iter().any(|(known, _)| known == name) {
                continue;
            }
            // The name is the caller's own text and may hold anything, so only a clean one is repeated.
            let clean = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            return if name.len() <= 64 && name.bytes().all(clean) {
                refuse(&["`", place, name, "` is not a member of the configuration"])
            } else {
                refuse(&["the configuration has an unknown member"])
            };
        }
        let members = Self(object);
        for (name, kind) in shape.members {
            let value = members.get(name).filter(|value| !matches!(value, Json::Null));
            let blank = match value {
                None => true,
                Some(Json::Text(text)) => text.trim_ascii().is_empty(),
                _ => false,
            };
            if blank && matches!(kind, Kind::Required) {
                return refuse(&["`", place, name, "` is missing or empty"]);
            }
            if value.is_some_and(|value| !kind.fits(value)) {
                return refuse(&["`", place, name, "` is not ", &kind.wanted()]);
            }
        }
        Ok(members)
    }

    /// The member as it stands, `null` too.
    pub(crate) fn get(self, name: &str) -> Option<&'a Json> {
        self.0.get(name)
    }

    /// A string, where the member is one.
    pub(crate) fn text(self, name: &str) -> Option<&'a str> {
        self.get(name)?.as_text()
    }

    pub(crate) fn integer(self, name: &str) -> Option<i64> {
        self.get(name)?.as_integer()
    }

    pub(crate) fn size(self, name: &str) -> Option<usize> {
        usize::try_from(self.integer(name)?).ok()
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

    /// The strings of a list, or the only one.
    pub(crate) fn texts(self, name: &str) -> Vec<String> {
        let value = self.get(name);
        let items = match value {
            Some(Json::List(items)) => items,
            _ => value.map_or(&[][..], core::slice::from_ref),
        };
        items.iter().filter_map(Json::as_text).map(String::from).collect()
    }
}

/// Reads a document that the message calls by this name.
pub(crate) fn document(bytes: &[u8], code: Code, name: &str) -> Result<Json, Error> {
    json::parse(bytes).map_err(|fault| Error::of(code, &["the ", name, " is ", fault.reason()]))
}
