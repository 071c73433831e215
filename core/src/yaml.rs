//! YAML (1.2) as a tree with lines and columns: the subset that configuration files use. JSON is part of it.
//!
//! Anchors, aliases and tags are refused, so that a small file cannot become a large tree. A name that appears twice is refused,
//! as in JSON, and so is a second document, of which only one would be used.

use crate::json::strict::MAX_DEPTH;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use granit_parser::{ErrorKind, Event, Parser, ScalarStyle};
use serde_json::Value;

/// A place in a file, both numbers from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// A value and where it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Tree,
}

/// A value of YAML's core schema (YAML 1.2.2, section 10.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tree {
    Null,
    /// As it is written, without quotes.
    NumberOrBoolean(String),
    Text(String),
    List(Vec<Node>),
    Object(Vec<Member>),
}

/// A member of an object; its place is that of the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) value: Node,
}

/// All scalars become texts, for readers that expect texts.
impl From<Node> for Value {
    fn from(node: Node) -> Self {
        match node.value {
            Tree::Null => Self::Null,
            Tree::NumberOrBoolean(text) | Tree::Text(text) => Self::String(text),
            Tree::List(items) => items.into_iter().map(Self::from).collect(),
            Tree::Object(members) => members
                .into_iter()
                .map(|member| (member.name, Self::from(member.value)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }
}

/// Why a file is not read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct YamlError {
    pub(crate) place: Place,
    pub(crate) fault: YamlFault,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum YamlFault {
    Syntax,
    Tab,
    Anchor,
    Tag,
    NameNotText,
    Repeated(String),
    SecondDocument,
    TooDeep,
    Empty,
}

impl fmt::Display for YamlFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self {
            Self::Repeated(name) => {
                return write!(
                    formatter,
                    "the name `{}` appears twice in one object; leave one out",
                    crate::redact::redact(name, MAX_NAME)
                );
            }
            Self::Syntax => "this is neither YAML nor JSON; check indentation, colons and quotes",
            Self::Tab => "a tab stands where YAML has spaces; indent with spaces",
            Self::Anchor => "anchors (`&`) and aliases (`*`) are not read; write the value out",
            Self::Tag => "tags (`!`) are not read; leave the tag out",
            Self::NameNotText => "the name of a member is not a text; put it in quotes",
            Self::SecondDocument => {
                "a second document begins (`---`); a file has one, so split the file"
            }
            Self::TooDeep => "lists and objects are nested too deeply",
            Self::Empty => "the file is empty",
        };
        formatter.write_str(reason)
    }
}

/// Longest name in a message, in characters.
const MAX_NAME: usize = 100;

/// A list or object that is being read.
struct Open {
    place: Place,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Object {
        members: Vec<Member>,
        /// The names so far: a list would be searched once for each member.
        names: BTreeSet<String>,
        /// The name whose value comes next.
        name: Option<(String, Place)>,
    },
}

impl Open {
    fn list(place: Place) -> Self {
        Self { place, content: Content::List(Vec::new()) }
    }

    fn object(place: Place) -> Self {
        let (members, names) = (Vec::new(), BTreeSet::new());
        Self { place, content: Content::Object { members, names, name: None } }
    }

    fn add(&mut self, node: Node) -> Result<(), YamlError> {
        let place = node.place;
        match &mut self.content {
            Content::List(items) => items.push(node),
            Content::Object { members, names, name } => match name.take() {
                Some((name, place)) => members.push(Member { name, place, value: node }),
                None => {
                    let (Tree::Text(text) | Tree::NumberOrBoolean(text)) = node.value else {
                        return Err(YamlError { place, fault: YamlFault::NameNotText });
                    };
                    if !names.insert(text.clone()) {
                        return Err(YamlError { place, fault: YamlFault::Repeated(text) });
                    }
                    *name = Some((text, place));
                }
            },
        }
        Ok(())
    }

    fn node(self) -> Node {
        let value = match self.content {
            Content::List(items) => Tree::List(items),
            Content::Object { members, .. } => Tree::Object(members),
        };
        Node { place: self.place, value }
    }
}

/// Reads one document.
///
/// # Errors
/// The first fault and its place.
pub(crate) fn parse(text: &str) -> Result<Node, YamlError> {
    let mut open: Vec<Open> = Vec::new();
    let mut document: Option<Node> = None;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let (fault, place) = (fault(error.kind()), place(error.marker()));
            let tab = || (fault == YamlFault::Tab).then(|| tab_from(text, place.line)).flatten();
            YamlError { place: tab().unwrap_or(place), fault }
        })?;
        let place = place(&span.start);
        let refuse = |fault| Err(YamlError { place, fault });
        let node = match event {
            Event::Scalar(text, style, 0, None) => {
                Node { place, value: scalar(text.into_owned(), style) }
            }
            Event::SequenceStart(_, 0, None) | Event::MappingStart(_, 0, None)
                if open.len() >= MAX_DEPTH =>
            {
                return refuse(YamlFault::TooDeep);
            }
            Event::SequenceStart(_, 0, None) => {
                open.push(Open::list(place));
                continue;
            }
            Event::MappingStart(_, 0, None) => {
                open.push(Open::object(place));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(open) => open.node(),
                None => return refuse(YamlFault::Syntax),
            },
            Event::Scalar(_, _, anchor, _)
            | Event::SequenceStart(_, anchor, _)
            | Event::MappingStart(_, anchor, _) => {
                return refuse(if anchor == 0 { YamlFault::Tag } else { YamlFault::Anchor });
            }
            Event::Alias(_) => return refuse(YamlFault::Anchor),
            Event::DocumentStart(..) if document.is_some() => {
                return refuse(YamlFault::SecondDocument);
            }
            _ => continue,
        };
        match open.last_mut() {
            Some(open) => open.add(node)?,
            None => document = Some(node),
        }
    }
    document.ok_or(YamlError { place: Place { line: 1, column: 1 }, fault: YamlFault::Empty })
}

/// The parser counts columns from 0.
fn place(marker: &granit_parser::Marker) -> Place {
    Place { line: marker.line(), column: marker.col() + 1 }
}

/// The first tab in a line or behind it: the parser names a place near it.
fn tab_from(text: &str, line: usize) -> Option<Place> {
    let mut lines = text.lines().zip(1..).skip(line.saturating_sub(1));
    lines.find_map(|(content, line)| {
        let column = content.chars().position(|character| character == '\t')? + 1;
        Some(Place { line, column })
    })
}

fn fault(kind: &ErrorKind) -> YamlFault {
    match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar => YamlFault::Tab,
        ErrorKind::UnknownAnchor => YamlFault::Anchor,
        _ => YamlFault::Syntax,
    }
}

fn scalar(text: String, style: ScalarStyle) -> Tree {
    if style != ScalarStyle::Plain {
        return Tree::Text(text);
    }
    match text.as_str() {
        "" | "~" | "null" | "Null" | "NULL" => Tree::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Tree::NumberOrBoolean(text),
        number if is_number(number) => Tree::NumberOrBoolean(text),
        _ => Tree::Text(text),
    }
}

/// Numbers of the core schema: decimal, octal and hexadecimal integers, and floating point.
fn is_number(text: &str) -> bool {
    let digits =
        |text: &str, radix: u32| !text.is_empty() && text.chars().all(|c| c.is_digit(radix));
    if let Some(octal) = text.strip_prefix("0o") {
        return digits(octal, 8);
    }
    if let Some(hexadecimal) = text.strip_prefix("0x") {
        return digits(hexadecimal, 16);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.map(|text| text.strip_prefix(['-', '+']).unwrap_or(text));
    exponent.is_none_or(|exponent| digits(exponent, 10))
        && (digits(whole, 10) || (whole.is_empty() && digits(fraction, 10)))
        && (fraction.is_empty() || digits(fraction, 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> (usize, usize, YamlFault) {
        let error = parse(text).expect_err(text);
        (error.place.line, error.place.column, error.fault)
    }

    #[test]
    fn yaml_and_json_give_the_same_tree() {
        let yaml = "# a comment\nusers:\n- name: 'a'\n  user:\n    token: \"t\"\n    exec: null\nempty: {}\nlist: [x, y]\nnumber: 7\n";
        let json = r#"{"users":[{"name":"a","user":{"token":"t","exec":null}}],"empty":{},"list":["x","y"],"number":"7"}"#;
        let expected: Value = serde_json::from_str(json).unwrap();
        assert_eq!(Value::from(parse(yaml).unwrap()), expected);
        assert_eq!(Value::from(parse(json).unwrap()), expected);
        let escaped = parse(r#"{"a":"\ud83d\ude00\u007f\/"}"#).unwrap();
        assert_eq!(Value::from(escaped), serde_json::json!({ "a": "😀\u{7f}/" }));
        // YAML has no control characters beside its escapes.
        assert!(parse("{\"a\":\"\u{9b}\"}").is_err());
        assert!(parse("--- {a: |-\n  b\n}\n").is_err());
        let block = Value::from(parse("a: |\n  b\n  c\n").unwrap());
        assert_eq!(block, serde_json::json!({ "a": "b\nc\n" }));
    }

    #[test]
    fn values_know_their_type_and_place() {
        let Tree::Object(members) = parse("a: x\nb:\n  - 1\n  - '1'\n  - ~\n").unwrap().value
        else {
            panic!("no object")
        };
        assert_eq!(members[1].place, Place { line: 2, column: 1 });
        let Tree::List(items) = &members[1].value.value else { panic!("no list") };
        assert_eq!(items[0].value, Tree::NumberOrBoolean("1".into()));
        assert_eq!(items[0].place, Place { line: 3, column: 5 });
        assert_eq!(items[1].value, Tree::Text("1".into()));
        assert_eq!(items[2].value, Tree::Null);
    }

    #[test]
    fn numbers_are_those_of_the_core_schema() {
        for number in
            ["0", "-7", "+1", "0o17", "0xFf", "1.", ".5", "1.5e-3", "1E9", "-.inf", ".nan"]
        {
            assert!(is_number(number), "{number}");
        }
        for text in
            ["", "-", ".", "e1", "1e", "1.2.3", "0o8", "0x", "1_0", "1a", "nan", "inf", "-.nan"]
        {
            assert!(!is_number(text), "{text}");
        }
    }

    #[test]
    fn what_hides_or_multiplies_is_refused_at_its_place() {
        let deep = alloc::format!("{}{}", "[".repeat(200), "]".repeat(200));
        for (text, line, column, wanted) in [
            ("a: &x 1\nb: *x\n", 1, 7, YamlFault::Anchor),
            ("a: &x [1]\n", 1, 7, YamlFault::Anchor),
            ("a: !!binary aGk=\n", 1, 13, YamlFault::Tag),
            ("a: 1\na: 2\n", 2, 1, YamlFault::Repeated("a".into())),
            ("a: 1\n---\nb: 2\n", 2, 1, YamlFault::SecondDocument),
            ("a: [1\n", 1, 4, YamlFault::Syntax),
            ("? [a]\n: b\n", 1, 3, YamlFault::NameNotText),
            ("a:\n\tb: 1\n", 2, 1, YamlFault::Tab),
            ("a:\n  - b: 1\n\t  c: 1\n", 3, 1, YamlFault::Tab),
            (&deep, 1, 65, YamlFault::TooDeep),
            ("", 1, 1, YamlFault::Empty),
            ("# nothing\n", 1, 1, YamlFault::Empty),
        ] {
            assert_eq!(fault(text), (line, column, wanted), "{text}");
        }
    }

    #[test]
    fn a_file_of_many_names_is_read_in_time() {
        let many: String = (0..60_000).map(|number| alloc::format!("n{number}: 1\n")).collect();
        assert!(parse(&many).is_ok());
    }
}
