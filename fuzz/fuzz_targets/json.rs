//! The strict reader accepts nothing that a lenient one refuses, and reads back what we write.
#![no_main]

use libfuzzer_sys::fuzz_target;
use workload_identity_core::json::{self, Json};

fuzz_target!(|bytes: &[u8]| {
    let lenient = serde_json::from_slice::<serde_json::Value>(bytes);
    if let Ok(strict) = json::parse(bytes) {
        let lenient = lenient.expect("a lenient reader accepts what the strict one does");
        assert!(same(&strict, &lenient));
    }
    if let Ok(text) = core::str::from_utf8(bytes) {
        let written = json::object(|o| {
            o.text(text, text).texts("list", [text, text]);
        });
        let read = json::parse(written.as_bytes());
        if text == "list" {
            return;
        }
        let read = read.expect("what is written reads back");
        assert_eq!(read.member(text).and_then(Json::as_text), Some(text));
    }
});

/// Without duplicate members both readers see the same document.
fn same(strict: &Json, lenient: &serde_json::Value) -> bool {
    use serde_json::Value;
    match (strict, lenient) {
        (Json::Null, Value::Null) => true,
        (Json::Bool(ours), Value::Bool(theirs)) => ours == theirs,
        (Json::Integer(ours), Value::Number(theirs)) => theirs.as_i64() == Some(*ours),
        (Json::Number(ours), Value::Number(theirs)) => theirs.as_f64() == Some(*ours),
        (Json::Text(ours), Value::String(theirs)) => ours == theirs,
        (Json::List(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| same(a, b))
        }
        (Json::Object(ours), Value::Object(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().all(|(name, a)| theirs.get(name).is_some_and(|b| same(a, b)))
        }
        _ => false,
    }
}
