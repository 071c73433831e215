//! Values of options: durations, and claims with their values.

use serde_json::Value;
use std::time::Duration;
use workload_identity_core::json::strict;

const LONGEST: f64 = 24.0 * 60.0 * 60.0;

/// Reads `20`, `2.5`, `20s` or `500ms`; up to a day.
pub(in crate::commands) fn seconds(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (text.strip_suffix('s').unwrap_or(text), 1.0),
    };
    let plain = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    match number.parse::<f64>() {
        Ok(value) if plain && value * unit <= LONGEST => Ok(Duration::from_secs_f64(value * unit)),
        _ => Err("expected seconds up to a day, such as 20, 2.5 or 500ms".to_owned()),
    }
}

/// Reads `NAME=JSON`, a claim and its value.
pub(in crate::commands) fn claim(text: &str) -> Result<(String, Value), String> {
    let form = "expected NAME=JSON, such as 'groups=[\"operators\"]' or 'tid=null'";
    let (name, value) =
        text.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or_else(|| form.to_owned())?;
    let value = strict::parse(value.as_bytes())
        .map_err(|fault| format!("the value is {fault}; {form}, and quotes around text"))?;
    Ok((name.to_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn units_of_durations_are_read() {
        assert_eq!(seconds("20"), Ok(Duration::from_secs(20)));
        assert_eq!(seconds("2.5s"), Ok(Duration::from_millis(2500)));
        assert_eq!(seconds("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(seconds("0"), Ok(Duration::ZERO));
    }

    #[test]
    fn other_durations_are_refused() {
        for text in ["", "s", "-1", "nan", "inf", "1e3", "1h", "86401", "1 s", "+1"] {
            assert!(seconds(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn values_of_claims_are_json() {
        assert_eq!(claim("a=[1,\"=\"]"), Ok(("a".to_owned(), json!([1, "="]))));
        assert_eq!(claim("a=null"), Ok(("a".to_owned(), Value::Null)));
        for text in ["", "a", "=1", "a=", "a=text", "a={\"b\":1,\"b\":2}"] {
            assert!(claim(text).is_err_and(|message| message.contains("NAME=JSON")), "{text}");
        }
    }
}
