//! The strict reader accepts exactly what a lenient one accepts, less duplicates and depth, sees the same
//! values, and reads back what we write.
#![no_main]

use libfuzzer_sys::fuzz_target;
use workload_identity_core::json::{self, Json, JsonError};

fuzz_target!(|bytes: &[u8]| {
    let lenient = serde_json::from_slice::<serde_json::Value>(bytes);
    match json::parse(bytes) {
        Ok(strict) => {
            let lenient = lenient.expect("a lenient reader accepts what the strict one does");
            assert!(same(&strict, &lenient));
        }
        Err(JsonError::Syntax) => {
            // At the edge of what a double holds, rounding decides between a number and infinity.
            let may_overflow = bytes.len() > 300 || bytes.contains(&b'e') || bytes.contains(&b'E');
            assert!(lenient.is_err() || may_overflow, "a good document is refused");
        }
        Err(_) => {}
    }
    let Ok(text) = core::str::from_utf8(bytes) else { return };
    let written = json::object(|o| {
        o.text(text, text).texts("list", [text, text]);
    });
    match json::parse(written.as_bytes()) {
        Ok(read) => assert_eq!(read.member(text).and_then(Json::as_text), Some(text)),
        Err(fault) => assert!(fault == JsonError::Duplicate && text == "list"),
    }
});

/// Without duplicate members both readers see the same document.
fn same(strict: &Json, lenient: &serde_json::Value) -> bool {
    use serde_json::Value;
    match (strict, lenient) {
        (Json::Null, Value::Null) => true,
        (Json::Bool(ours), Value::Bool(theirs)) => ours == theirs,
        // The other reader keeps the sign of zero and with it makes a fraction of it.
        (Json::Integer(0), Value::Number(theirs)) => theirs.as_f64() == Some(0.0),
        (Json::Integer(ours), Value::Number(theirs)) => theirs.as_i64() == Some(*ours),
        (Json::Number(ours), Value::Number(theirs)) => {
            theirs.as_f64().is_some_and(|theirs| near(*ours, theirs))
        }
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

/// Dates need no more than twelve digits, and numbers beside zero count as zero.
fn near(ours: f64, theirs: f64) -> bool {
    ours.is_finite() && (ours - theirs).abs() <= theirs.abs() * 1e-12 + 1e-290
}
