//! Instants as text, in the spellings of the services played here.

use workload_identity_core::Timestamp;

struct Civil {
    year: i64,
    month: usize,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    millisecond: i64,
    weekday: usize,
}

/// The Gregorian calendar from a day count (Howard Hinnant's `civil_from_days`).
fn civil(instant: Timestamp) -> Civil {
    let days = instant.seconds() / 86_400;
    let time = instant.seconds() % 86_400;
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    Civil {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month: usize::try_from(month).unwrap_or(1),
        day: day_of_year - (153 * month_from_march + 2) / 5 + 1,
        hour: time / 3600,
        minute: time % 3600 / 60,
        second: time % 60,
        millisecond: instant.millis() % 1000,
        weekday: usize::try_from((days + 4) % 7).unwrap_or(0),
    }
}

/// `2026-11-22 13:29:05Z`: the `timestamp` of Entra's errors.
pub(crate) fn entra(instant: Timestamp) -> String {
    let c = civil(instant);
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}Z",
        c.year, c.month, c.day, c.hour, c.minute, c.second
    )
}

/// `2026-11-22T13:29:05.1230000Z`: .NET's round-trip form, in the text of AADSTS700024.
pub(crate) fn round_trip(instant: Timestamp) -> String {
    let c = civil(instant);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}0000Z",
        c.year, c.month, c.day, c.hour, c.minute, c.second, c.millisecond
    )
}

/// `2026-11-22T13:29:05Z` (RFC 3339).
pub(crate) fn rfc3339(instant: Timestamp) -> String {
    entra(instant).replacen(' ', "T", 1)
}

/// `Sun, 22 Nov 2026 13:29:05 GMT` (RFC 9110, section 5.6.7).
pub(crate) fn http_date(instant: Timestamp) -> String {
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let c = civil(instant);
    format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        DAYS[c.weekday % 7],
        c.day,
        MONTHS[(c.month + 11) % 12],
        c.year,
        c.hour,
        c.minute,
        c.second
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        let instant = Timestamp::from_millis(1_795_354_145_123);
        assert_eq!(entra(instant), "2026-11-22 13:29:05Z");
        assert_eq!(rfc3339(instant), "2026-11-22T13:29:05Z");
        assert_eq!(round_trip(instant), "2026-11-22T13:29:05.1230000Z");
        assert_eq!(http_date(instant), "Sun, 22 Nov 2026 13:29:05 GMT");
    }

    #[test]
    fn leap_days_and_the_epoch() {
        assert_eq!(entra(Timestamp::from_seconds(0)), "1970-01-01 00:00:00Z");
        assert_eq!(entra(Timestamp::from_seconds(1_709_164_800)), "2024-02-29 00:00:00Z");
        assert_eq!(entra(Timestamp::from_seconds(4_107_542_399)), "2100-02-28 23:59:59Z");
        assert_eq!(entra(Timestamp::from_seconds(4_107_542_400)), "2100-03-01 00:00:00Z");
    }
}
