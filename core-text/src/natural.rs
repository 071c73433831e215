//! Numbers as most are written.

/// Digits of a number that every double holds exactly.
const EXACT_DIGITS: usize = 15;

/// The value of a text that consists of digits, if there are at least one and no more than 15.
///
/// ```
/// use workload_identity_text::natural;
/// assert_eq!(natural(b"1700000000"), Some(1_700_000_000));
/// assert_eq!(natural(b"1.5"), None);
/// ```
#[must_use]
pub fn natural(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > EXACT_DIGITS {
        return None;
    }
    text.iter().try_fold(0, |value, byte| {
        byte.is_ascii_digit().then(|| value * 10 + u64::from(byte - b'0'))
    })
}
