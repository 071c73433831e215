//! The strict reader accepts what `serde_json` accepts, less duplicates and depth, and reads the same values.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use workload_identity_core::json::{self, JsonError};

fuzz_target!(|bytes: &[u8]| {
    let lenient = serde_json::from_slice::<Value>(bytes);
    let strict = json::parse(bytes);
    assert_eq!(json::check(bytes).is_ok(), strict.is_ok());
    match strict {
        Ok(strict) => {
            let lenient = lenient.expect("the lenient reader accepts every strict document");
            assert_eq!(one_zero(lenient), one_zero(strict.clone()));
            let written = serde_json::to_vec(&strict).expect("JSON");
            assert_eq!(json::parse(&written), Ok(strict));
        }
        Err(JsonError::Syntax) => {
            // Names that `serde_json` reserves, plain or with escapes, are refused.
            let reserved = [&b"$serde_json"[..], b"\\u"];
            let may_be_reserved =
                reserved.iter().any(|part| bytes.windows(part.len()).any(|window| window == *part));
            assert!(lenient.is_err() || may_be_reserved, "a valid document is refused");
        }
        Err(_) => {}
    }
});

/// The value with the integer 0 for every zero: the strict reader reads `-0` as an integer, `serde_json` as a double.
fn one_zero(value: Value) -> Value {
    match value {
        Value::Number(number) if number.as_f64() == Some(0.0) => Value::from(0),
        Value::Array(items) => items.into_iter().map(one_zero).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(name, member)| (name, one_zero(member))).collect()
        }
        other => other,
    }
}
