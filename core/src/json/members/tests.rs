//! Members as they stand beside the tree of the same documents.

use crate::json::{JsonError, RawMembers, parse};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

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
    let mut names: Vec<_> = members.names().collect();
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
#[test]
fn members_are_found_however_many_there_are() {
    let mut state = 3_u32;
    let mut below = |limit: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % limit
    };
    let mut refused = 0;
    for round in 0..3_000 {
        let (members, different) = (1 + round % 90, 30 + below(4_000));
        let mut text = String::from("{");
        for place in 0..members {
            let number = below(different);
            // Each name in one of two spellings, and of all lengths.
            let name = match (number % 7, below(2)) {
                (0, 0) => format!("\\u0061{number}"),
                (0, _) => format!("a{number}"),
                (long, _) => "n".repeat(long as usize * 3) + &format!("{number}"),
            };
            let inner = [below(3_000), below(3_000), below(3_000)];
            let inner = inner.map(|name| format!("\"{name}\":0")).join(",");
            text += &format!("{}\"{name}\" : [{place},{{{inner}}}]", ["", ","][place.min(1)]);
        }
        text.push('}');
        let read = RawMembers::read_text(&text);
        match (read, parse(text.as_bytes())) {
            (Ok(read), Ok(tree)) => {
                let tree = tree.as_object().unwrap();
                assert_eq!(read.names().len(), tree.len());
                for (name, value) in tree.iter() {
                    assert_eq!(read.get(name).as_ref(), Some(value), "{name} {text}");
                    assert!(!read.contains(&format!("{name}x")));
                }
            }
            (Err(one), Err(other)) => {
                refused += 1;
                assert_eq!(one, other, "{text}");
            }
            (one, other) => panic!("{text}: {one:?} {other:?}"),
        }
    }
    assert!((500..2_500).contains(&refused), "{refused}");
}
