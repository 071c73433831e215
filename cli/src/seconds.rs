//! Durations on the command line.

use std::time::Duration;

const LONGEST: f64 = 24.0 * 60.0 * 60.0;

/// Reads `20`, `2.5`, `20s` or `500ms`; up to a day.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read() {
        assert_eq!(parse("20"), Ok(Duration::from_secs(20)));
        assert_eq!(parse("2.5s"), Ok(Duration::from_millis(2500)));
        assert_eq!(parse("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse("0"), Ok(Duration::ZERO));
    }

    #[test]
    fn other_text_is_refused() {
        for text in ["", "s", "-1", "nan", "inf", "1e3", "1h", "86401", "1 s", "+1"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
