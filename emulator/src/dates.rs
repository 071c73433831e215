//! Instants as text, in the formats of the emulated services.

use jiff::Timestamp as Instant;
use workload_identity_core::Timestamp;

/// `2026-11-22 13:29:05Z`: the `timestamp` of Entra's errors.
pub(crate) fn entra(instant: Timestamp) -> String {
    format(instant, "%Y-%m-%d %H:%M:%SZ")
}

/// `2026-11-22T13:29:05.1230000Z`: .NET's round-trip format, in the message of AADSTS700024.
pub(crate) fn round_trip(instant: Timestamp) -> String {
    format(instant, "%Y-%m-%dT%H:%M:%S.%3f0000Z")
}

/// `2026-11-22T13:29:05`: the `date` of Microsoft Graph's errors.
pub(crate) fn graph(instant: Timestamp) -> String {
    format(instant, "%Y-%m-%dT%H:%M:%S")
}

/// `2026-11-22T13:29:05Z` (RFC 3339).
pub(crate) fn rfc3339(instant: Timestamp) -> String {
    format(instant, "%Y-%m-%dT%H:%M:%SZ")
}

/// `Sun, 22 Nov 2026 13:29:05 GMT` (RFC 9110, section 5.6.7).
pub(crate) fn http_date(instant: Timestamp) -> String {
    format(instant, "%a, %d %b %Y %H:%M:%S GMT")
}

/// Instants outside jiff's range become its first or last one.
fn format(instant: Timestamp, format: &str) -> String {
    let (first, last) = (Instant::MIN.as_millisecond(), Instant::MAX.as_millisecond());
    let millis = instant.millis().clamp(first, last);
    Instant::from_millisecond(millis).unwrap_or_default().strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        let instant = Timestamp::from_millis(1_795_354_145_123);
        assert_eq!(entra(instant), "2026-11-22 13:29:05Z");
        assert_eq!(rfc3339(instant), "2026-11-22T13:29:05Z");
        assert_eq!(round_trip(instant), "2026-11-22T13:29:05.1230000Z");
        assert_eq!(http_date(instant), "Sun, 22 Nov 2026 13:29:05 GMT");
    }

    #[test]
    fn any_instant_has_a_text() {
        for millis in [i64::MIN, 0, i64::MAX] {
            assert!(entra(Timestamp::from_millis(millis)).ends_with('Z'));
        }
    }
}
