//! Our reader beside another one, on two hundred thousand small damages.

use crate::json::{Json, parse};
use std::format;
use std::string::String;
use std::vec::Vec;

fn same(ours: &Json, other: &serde_json::Value) -> bool {
    use serde_json::Value;
    match (ours, other) {
        (Json::Null, Value::Null) => true,
        (Json::Bool(a), Value::Bool(b)) => a == b,
        // The other reader keeps the sign of `-0`.
        (Json::Integer(0), Value::Number(b)) => b.as_f64() == Some(0.0),
        (Json::Integer(a), Value::Number(b)) => b.as_i64() == Some(*a),
        (Json::Number(a), Value::Number(b)) => {
            let b = b.as_f64().unwrap();
            (a - b).abs() <= b.abs() * 1e-14
        }
        (Json::Text(a), Value::String(b)) => a == b,
        (Json::List(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Json::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        _ => false,
    }
}

#[test]
fn serde_json_reads_the_same() {
    let seeds = [
        r#"{"access_token":"eyJ.a-_b","expires_in":3599,"x":[1,-2.5e3,null,true,false,{}]}"#,
        r#"["\u0041\ud83d\ude00\n\"\\\/","\ud800",0,-0,0.5,1e400,12345678901234567890,1E-7]"#,
        "{\"\u{e9}\u{1f600}\": [[[]]], \"b\" : \"\u{7f}\"}\n",
        "1.00000000000000000000000000000000000000001",
    ];
    let alphabet: Vec<char> = "{}[]:,\"\\u0019-+.eEntf \nd8x\u{e9}".chars().collect();
    let mut state = 7u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as usize % below
    };
    let mut accepted = 0;
    for round in 0..200_000 {
        let mut text: Vec<char> = seeds[round % seeds.len()].chars().collect();
        for _ in 0..next(4) {
            let at = next(text.len());
            match next(3) {
                0 => drop(text.remove(at)),
                1 => text.insert(at, alphabet[next(alphabet.len())]),
                _ => text[at] = alphabet[next(alphabet.len())],
            }
        }
        let text: String = text.into_iter().collect();
        match (parse(text.as_bytes()), serde_json::from_str(&text)) {
            (Ok(ours), Ok(other)) => {
                accepted += 1;
                assert!(same(&ours, &other), "{text}");
            }
            (Err(_), Err(_)) => {}
            (Err(crate::json::JsonError::Duplicate), Ok(serde_json::Value::Object(_))) => {}
            (ours, other) => panic!("{text}: {}", format!("{ours:?} {other:?}")),
        }
    }
    assert!(accepted > 20_000, "{accepted}");
}

#[test]
fn digits_and_exponent_may_take_each_other_back() {
    let zeros = "0".repeat(450);
    for text in
        [format!("1{zeros}e-450"), format!("0.{zeros}1e451"), format!("1{zeros}.5E-{zeros}450")]
    {
        assert_eq!(parse(text.as_bytes()), Ok(Json::Number(1.0)));
    }
    assert_eq!(parse(b"1e-99999999999999999999"), Ok(Json::Number(0.0)));
    assert!(parse(b"1e99999999999999999999").is_err());
    assert_eq!(parse(format!("0.{zeros}e999999999999999999").as_bytes()), Ok(Json::Number(0.0)));
}
