//! YAML (1.2) as a JSON tree: the subset that configuration files use. JSON is part of it.
//!
//! Anchors, aliases and tags are refused, so that a small file cannot become a large tree. All scalars are texts, except that a
//! plain `null`, `~` or nothing is `null`: the reader expects texts.

use crate::json::strict::MAX_DEPTH;
use alloc::string::String;
use alloc::vec::Vec;
use granit_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};

/// A list or object that is being read.
enum Open {
    List(Vec<Value>),
    /// The members, and the name whose value comes next.
    Object(Map<String, Value>, Option<String>),
}

/// Reads one document. `None`: it is not YAML, or uses what is refused.
pub(super) fn parse(text: &str) -> Option<Value> {
    let mut open: Vec<Open> = Vec::new();
    let mut document = None;
    for event in Parser::new_from_str(text) {
        let value = match event.ok()?.0 {
            Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(..)
            | Event::DocumentEnd => {
                continue;
            }
            Event::Scalar(text, style, 0, None) => {
                let is_null = style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null");
                if is_null { Value::Null } else { Value::String(text.into_owned()) }
            }
            Event::SequenceStart(_, 0, None) => {
                open.push(Open::List(Vec::new()));
                if open.len() > MAX_DEPTH {
                    return None;
                }
                continue;
            }
            Event::MappingStart(_, 0, None) => {
                open.push(Open::Object(Map::new(), None));
                if open.len() > MAX_DEPTH {
                    return None;
                }
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop()? {
                Open::List(items) => Value::Array(items),
                Open::Object(members, _) => Value::Object(members),
            },
            _ => return None,
        };
        match open.last_mut() {
            // A second document is refused: only one of them would be used.
            None if document.is_some() => return None,
            None => document = Some(value),
            Some(Open::List(items)) => items.push(value),
            Some(Open::Object(members, name)) => match name.take() {
                None => *name = Some(value.as_str()?.into()),
                Some(name) => {
                    // A member that appears twice is refused, as in JSON.
                    if members.insert(name, value).is_some() {
                        return None;
                    }
                }
            },
        }
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn yaml_and_json_give_the_same_tree() {
        let yaml = "# a comment\nusers:\n- name: 'a'\n  user:\n    token: \"t\"\n    exec: null\nempty: {}\nlist: [x, y]\nnumber: 7\n";
        let json = r#"{"users":[{"name":"a","user":{"token":"t","exec":null}}],"empty":{},"list":["x","y"],"number":"7"}"#;
        let expected: Value = serde_json::from_str(json).unwrap();
        assert_eq!(parse(yaml), Some(expected.clone()));
        assert_eq!(parse(json), Some(expected));
        assert!(parse("--- {a: |-\n  b\n}\n").is_none());
        assert_eq!(parse("a: |\n  b\n  c\n"), Some(json!({ "a": "b\nc\n" })));
    }

    #[test]
    fn what_hides_or_multiplies_is_refused() {
        let deep = alloc::format!("{}{}", "[".repeat(200), "]".repeat(200));
        for text in [
            "a: &x 1\nb: *x\n",
            "a: !!binary aGk=\n",
            "a: 1\na: 2\n",
            "a: 1\n---\nb: 2\n",
            "a: [1\n",
            "? [a]\n: b\n",
            &deep,
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(""), None);
    }
}
