//! The freshness lifetime that a server states (RFC 9111), and its bounds.

use crate::http::{Headers, delta_seconds};
use serde_json::Value;

/// Nobody is asked more often than this because of a header.
const MIN_MS: i64 = 300_000;
/// Nor less often than this.
const MAX_MS: i64 = 86_400_000;
/// SPIFFE bundles change faster than documents for browsers.
const MIN_HINT_MS: i64 = 60_000;
/// Without a hint (SPIFFE Trust Domain and Bundle, section 4.1.2).
const DEFAULT_HINT_MS: i64 = 300_000;

/// Returns `max-age` less `Age`, within the bounds; 0 without `max-age`. `no-store` and `no-cache` concern caches of responses
/// and are ignored: SPIRE sends both with every key set.
pub(super) fn max_age_ms(headers: &Headers) -> i64 {
    let directives = headers.first("cache-control").unwrap_or_default().split(',');
    let stated =
        directives.filter_map(|directive| directive.split_once('=')).find_map(|(name, value)| {
            let is_max_age = name.trim_ascii().eq_ignore_ascii_case("max-age");
            is_max_age.then(|| delta_seconds(unquoted(value.trim_ascii()))).flatten()
        });
    let Some(stated) = stated else { return 0 };
    let age = headers.first("age").and_then(|age| delta_seconds(age.trim_ascii())).unwrap_or(0);
    ((stated - age) * 1000).clamp(MIN_MS, MAX_MS)
}

/// A word of a header without the quotation marks that it may stand in.
fn unquoted(word: &str) -> &str {
    let word = word.strip_prefix("\"").unwrap_or(word);
    word.strip_suffix("\"").unwrap_or(word)
}

/// A stated lifetime, within the bounds.
pub(super) fn bounded_ms(millis: i64) -> i64 {
    millis.clamp(MIN_HINT_MS, MAX_MS)
}

/// `spiffe_refresh_hint` of a bundle, in seconds.
pub(super) fn hint_ms(bundle: &Value) -> i64 {
    match bundle.get("spiffe_refresh_hint").and_then(Value::as_i64) {
        Some(seconds) => bounded_ms(seconds.clamp(0, MAX_MS) * 1000),
        None => DEFAULT_HINT_MS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::strict::parse;

    fn of(pairs: &[(&str, &str)]) -> Option<i64> {
        let millis = max_age_ms(&Headers::from_pairs(pairs.iter().copied()));
        (millis > 0).then_some(millis / 1000)
    }

    #[test]
    fn max_age_is_clamped_and_age_counts() {
        assert_eq!(of(&[("cache-control", "max-age=3600")]), Some(3600));
        assert_eq!(
            of(&[("Cache-Control", "public, MAX-AGE=\"3600\" , must-revalidate")]),
            Some(3600)
        );
        assert_eq!(of(&[("cache-control", "max-age=3600"), ("age", "600")]), Some(3000));
        assert_eq!(of(&[("cache-control", "max-age=3600"), ("age", "x")]), Some(3600));
        assert_eq!(of(&[("cache-control", "max-age=0")]), Some(300));
        assert_eq!(
            of(&[("cache-control", "max-age=600"), ("age", "99999999999999999999")]),
            Some(300)
        );
        assert_eq!(of(&[("cache-control", "max-age=99999999999999999999")]), Some(86_400));
    }

    #[test]
    fn what_is_no_max_age_says_nothing() {
        for value in [
            "",
            "no-store",
            "no-cache, no-store",
            "max-age",
            "max-age=-1",
            "max-age=1.5",
            "s-maxage=9",
        ] {
            assert_eq!(of(&[("cache-control", value)]), None, "{value}");
        }
        assert_eq!(of(&[("age", "5")]), None);
        assert_eq!(of(&[("cache-control", "no-store, max-age=900")]), Some(900));
    }

    #[test]
    fn the_hint_of_a_bundle() {
        let of = |text: &str| hint_ms(&parse(text.as_bytes()).unwrap()) / 1000;
        assert_eq!(of(r#"{"keys":[],"spiffe_refresh_hint":120}"#), 120);
        assert_eq!(of(r#"{"keys":[],"spiffe_refresh_hint":1}"#), 60);
        assert_eq!(of(r#"{"keys":[],"spiffe_refresh_hint":9999999}"#), 86_400);
        for absent in [r#"{"keys":[]}"#, r#"{"spiffe_refresh_hint":"120"}"#, "[]"] {
            assert_eq!(of(absent), 300, "{absent}");
        }
    }
}
