//! Whole numbers as text, in one short form each: the standard library's formatter and parsers cost edge workers five kilobytes.

use alloc::string::String;

/// What is larger reads as this: more than any limit here, and safe to multiply and add.
pub(crate) const LARGEST: i64 = 1_000_000_000_000_000;

/// The number that consists of these decimal digits, without a sign; at most [`LARGEST`].
pub(crate) fn read(digits: &[u8]) -> Option<i64> {
    let mut value = if digits.is_empty() { None } else { Some(0) };
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        value =
            value.filter(|_| digit < 10).map(|value| LARGEST.min(value * 10 + i64::from(digit)));
    }
    value
}

/// Appends a number in decimal digits.
pub(crate) fn write(text: &mut String, value: i64) {
    if value < 0 {
        text.push('-');
    }
    write_digits(text, value.unsigned_abs());
}

fn write_digits(text: &mut String, value: u64) {
    if value > 9 {
        write_digits(text, value / 10);
    }
    text.push(char::from(b'0' + (value % 10) as u8));
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn numbers_are_written_as_by_the_standard_library() {
        for value in [0, 7, 10, -1, 1_700_000_000_000, i64::MAX, i64::MIN] {
            let mut text = String::new();
            write(&mut text, value);
            assert_eq!(text, value.to_string());
        }
    }

    #[test]
    fn digits_and_nothing_else_are_read() {
        for (text, value) in
            [("0", 0), ("007", 7), ("65535", 65_535), ("99999999999999999999", LARGEST)]
        {
            assert_eq!(read(text.as_bytes()), Some(value), "{text}");
        }
        for text in ["", "-1", "+1", "1.5", " 1", "1 ", "1e3", "x", "\u{661}"] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }
}
