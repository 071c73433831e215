//! When to try again: which answers are passing, how long to wait, what the server asked for.

use crate::Timestamp;
use crate::entropy::Entropy;
use crate::http::Headers;
use crate::number;
use crate::scan::cut;

/// Retries after a first attempt.
pub(crate) const MAX_RETRIES: u32 = 2;
/// First back-off; each further one doubles. Full jitter: the actual wait is uniform in `0..=bound`.
const BASE_MS: u64 = 500;
/// Longest `Retry-After` believed, in seconds.
const MAX_RETRY_AFTER: i64 = 3600;
/// No pause is longer than this: the longest `Retry-After` and the largest jitter.
pub(crate) const MAX_PAUSE_MS: i64 = MAX_RETRY_AFTER * 1000 + 10_000;

/// Whether a status can be different next time.
pub(crate) fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 429) || status >= 500
}

/// The instant before which the server does not want to be asked again (RFC 9110, section 10.2.3).
pub(crate) fn after(headers: &Headers, now: Timestamp) -> Option<Timestamp> {
    seconds(headers).map(|seconds| now.plus_seconds(seconds))
}

/// For how many seconds the server does not want to be asked again.
pub(crate) fn seconds(headers: &Headers) -> Option<i64> {
    let value = headers.first("retry-after")?.trim_ascii();
    // Some servers count down past zero.
    let overdue = value.strip_prefix("-");
    let seconds = match number::read(overdue.unwrap_or(value).as_bytes()) {
        Some(_) if overdue.is_some() => 0,
        Some(seconds) => seconds,
        // Entra sends seconds. A date is turned into seconds by the server's own clock, so that ours does not matter.
        None => http_date(value)? - http_date(headers.first("date")?)?,
    };
    Some(seconds.clamp(0, MAX_RETRY_AFTER))
}

/// When to make attempt number `attempt + 1`, given what the server asked for.
pub(crate) fn pause(
    attempt: u32,
    asked: Option<Timestamp>,
    now: Timestamp,
    entropy: &mut Entropy,
) -> Timestamp {
    let bound = BASE_MS << attempt.min(8);
    let jitter = i64::try_from(entropy.up_to(bound)).unwrap_or(0);
    asked.unwrap_or(now).max(now).plus_millis(jitter)
}

const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";

/// The parts of a date: what follows each, and the largest number it can be. A month is a number from 0 here.
const DATE: [(u8, i64); 6] =
    [(b' ', 31), (b' ', 11), (b' ', 9999), (b':', 23), (b':', 59), (b' ', 60)];

/// Unix seconds of an IMF-fixdate such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
fn http_date(text: &str) -> Option<i64> {
    let mut rest = cut(text, b',')?.1.trim_ascii_start();
    let mut parts = [0; 6];
    for (part, (end, limit)) in parts.iter_mut().zip(DATE) {
        let (word, next) = cut(rest, end).unwrap_or((rest, ""));
        *part = match MONTHS.as_bytes().chunks(3).position(|name| name == word.as_bytes()) {
            Some(month) => month as i64,
            None => number::read(word.as_bytes())?,
        };
        if *part > limit {
            return None;
        }
        rest = next;
    }
    let [day, month, year, hour, minute, second] = parts;
    // Days from civil date, with years that begin in March so that the leap day comes last.
    let (year, month) = if month < 2 { (year - 1, month + 10) } else { (year, month - 2) };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let days = 365 * year + year / 4 - year / 100 + year / 400 + day_of_year - 719_468;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
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
    fn pauses_grow_and_respect_the_server() {
        let mut entropy = Entropy::new([3; 32]);
        for attempt in 0..3 {
            let wait = pause(attempt, None, NOW, &mut entropy).since(NOW);
            assert!((0..=500 << attempt).contains(&wait));
        }
        let asked = NOW.plus_seconds(10);
        assert!(pause(0, Some(asked), NOW, &mut entropy) >= asked);
    }
}
