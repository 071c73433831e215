//! When to retry an HTTP request: `Retry-After`, and exponential back-off with full jitter.

use super::{Headers, delta_seconds};
use crate::Timestamp;
use crate::entropy::Entropy;
use jiff::fmt::rfc2822::DateTimeParser;

/// Retries after the first attempt.
pub(crate) const MAX_RETRIES: u32 = 2;
/// Longest `Retry-After` that is honoured, in seconds.
const MAX_RETRY_AFTER: i64 = 3600;
/// No pause is longer than this: the longest `Retry-After` and the largest jitter.
pub(crate) const MAX_PAUSE_MS: i64 = MAX_RETRY_AFTER * 1000 + 10_000;

/// Whether a status can change when the request is repeated.
pub(crate) fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 429) || status >= 500
}

/// Returns the instant of `Retry-After` (RFC 9110, section 10.2.3).
pub(crate) fn after(headers: &Headers, now: Timestamp) -> Option<Timestamp> {
    seconds(headers, now).map(|seconds| now.plus_seconds(seconds))
}

/// Returns `Retry-After` in seconds, at most an hour.
pub(crate) fn seconds(headers: &Headers, now: Timestamp) -> Option<i64> {
    let value = headers.first("retry-after")?.trim_ascii();
    // Some servers count down below zero.
    let overdue = value.strip_prefix("-");
    let seconds = match rounded_up(overdue.unwrap_or(value)) {
        Some(_) if overdue.is_some() => 0,
        Some(seconds) => seconds,
        // Entra sends seconds. A date is compared with the server's own clock, because ours may be wrong.
        None => {
            let server = headers.first("date").and_then(http_date);
            http_date(value)? - server.unwrap_or(now.seconds())
        }
    };
    Some(seconds.clamp(0, MAX_RETRY_AFTER))
}

/// Returns the number of seconds, the next whole one for a fraction: some gateways send `1.5`.
fn rounded_up(text: &str) -> Option<i64> {
    let Some((whole, fraction)) = text.split_once('.') else { return delta_seconds(text) };
    delta_seconds(fraction)?;
    let begun = fraction.bytes().any(|digit| digit != b'0');
    Some(delta_seconds(whole)? + i64::from(begun))
}

/// The lengths of pauses. The bound of a pause doubles with each failure; the pause is uniform between 0 and its bound.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pauses {
    /// Bound of the first pause.
    first_ms: u64,
    /// Bound of every pause, and of what a server may ask for.
    longest_ms: i64,
}

impl Pauses {
    /// Between requests to a token source, a token endpoint, Microsoft Graph or ARM.
    pub(crate) const TOKENS: Self = Self { first_ms: 500, longest_ms: MAX_RETRY_AFTER * 1000 };
    /// Between requests for keys.
    pub(crate) const KEYS: Self = Self { first_ms: 1_000, longest_ms: 300_000 };

    /// Returns the pause after some number of earlier failures, added to what the server asked for.
    pub(crate) fn next_ms(self, failures: u32, asked_ms: i64, entropy: &mut Entropy) -> i64 {
        let bound = (self.first_ms << failures.min(16)).min(self.longest_ms as u64);
        asked_ms.clamp(0, self.longest_ms) + entropy.up_to(bound) as i64
    }
}

/// The pauses between fetches of keys that keep failing. Instants are milliseconds of the key source's clock.
#[derive(Clone, Debug, Default)]
pub(crate) struct BackOff {
    failures: u32,
    until: i64,
}

impl BackOff {
    /// Returns when the pause ends, if it has not ended yet.
    pub(crate) fn until(&self, at: i64) -> Option<i64> {
        (self.failures > 0 && self.until > at).then_some(self.until)
    }

    /// Begins a pause.
    pub(crate) fn failed(&mut self, asked_ms: i64, at: i64, entropy: &mut Entropy) {
        self.until = at + Pauses::KEYS.next_ms(self.failures, asked_ms, entropy);
        self.failures = self.failures.saturating_add(1);
    }

    /// Forgets earlier failures.
    pub(crate) fn succeeded(&mut self) {
        *self = Self::default();
    }
}

/// Returns the Unix seconds of an HTTP date such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
fn http_date(text: &str) -> Option<i64> {
    // The day of the week adds nothing, so a wrong one is accepted.
    let parser = DateTimeParser::new().relaxed_weekday(true);
    parser.parse_timestamp(text).ok().map(|instant| instant.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn asked(pairs: &[(&str, &str)]) -> Option<i64> {
        after(&Headers::from_pairs(pairs.iter().copied()), NOW).map(|at| at.since(NOW) / 1000)
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_capped() {
        assert_eq!(asked(&[("Retry-After", "7")]), Some(7));
        assert_eq!(asked(&[("retry-after", "999999")]), Some(3600));
        assert_eq!(asked(&[("retry-after", "-5")]), Some(0));
        assert_eq!(asked(&[("retry-after", "soon")]), None);
        assert_eq!(asked(&[]), None);
        let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(asked(&[date, ("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT")]), Some(30));
        assert_eq!(asked(&[date, ("retry-after", "Sun, 06 Nov 1994 08:49:07 GMT")]), Some(0));
        assert_eq!(asked(&[date, ("retry-after", "Sun, 06 Nov 2094 08:49:07 GMT")]), Some(3600));
    }

    #[test]
    fn a_date_without_a_date_header_counts_by_the_hosts_clock() {
        // `NOW` is a thousand seconds after the epoch.
        for (date, seconds) in [
            ("Thu, 01 Jan 1970 00:17:10 GMT", 30),
            ("Thu, 01 Jan 1970 00:16:40 GMT", 0),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Thu, 01 Jan 2099 00:00:00 GMT", 3600),
        ] {
            assert_eq!(asked(&[("retry-after", date)]), Some(seconds), "{date}");
            assert_eq!(asked(&[("date", "now"), ("retry-after", date)]), Some(seconds), "{date}");
        }
    }

    #[test]
    fn fractions_are_rounded_up() {
        for (text, seconds) in [
            ("1.5", Some(2)),
            ("0.1", Some(1)),
            ("0.0", Some(0)),
            ("2.000", Some(2)),
            ("3599.9", Some(3600)),
            ("99999999999999999999.9", Some(3600)),
            ("-0.5", Some(0)),
            ("1.", None),
            (".5", None),
            ("1.5.1", None),
            ("1,5", None),
            ("1e3", None),
            ("+1.5", None),
        ] {
            assert_eq!(asked(&[("retry-after", text)]), seconds, "{text}");
        }
    }

    #[test]
    fn dates_are_read() {
        assert_eq!(http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(http_date("Thu, 29 Feb 2024 00:00:00 GMT"), Some(1_709_164_800));
        for bad in ["", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, x", "Sun, 06 Nov 1994 25:49:37 GMT"]
        {
            assert_eq!(http_date(bad), None, "{bad}");
        }
    }

    #[test]
    fn pauses_of_token_requests_double_and_follow_the_server() {
        let mut entropy = Entropy::new([3; 32]);
        for failures in 0..3 {
            let pause = Pauses::TOKENS.next_ms(failures, 0, &mut entropy);
            assert!((0..=500 << failures).contains(&pause));
            assert!(Pauses::TOKENS.next_ms(failures, 10_000, &mut entropy) >= 10_000);
        }
    }

    #[test]
    fn pauses_grow_to_five_minutes_and_end_with_success() {
        let mut entropy = Entropy::new([5; 32]);
        let mut back_off = BackOff::default();
        assert_eq!(back_off.until(0), None);
        let mut longest = 0;
        for failure in 0..200u32 {
            back_off.failed(0, 1_000, &mut entropy);
            let pause = back_off.until(0).expect("a pause") - 1_000;
            assert!((0..=1_000i64 << failure.min(9)).contains(&pause), "{failure}: {pause}");
            longest = longest.max(pause);
        }
        assert!((200_000..=300_000).contains(&longest), "{longest}");
        assert_eq!(back_off.until(400_000), None);
        back_off.succeeded();
        assert_eq!(back_off.until(0), None);
    }

    #[test]
    fn a_pause_is_not_shorter_than_the_server_asks() {
        let mut entropy = Entropy::new([5; 32]);
        let mut back_off = BackOff::default();
        back_off.failed(60_000, 0, &mut entropy);
        assert!((60_000..=61_000).contains(&back_off.until(0).expect("a pause")));
    }
}
