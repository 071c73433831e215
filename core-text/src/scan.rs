//! Looking through text eight bytes at a time, or sixteen where there are vectors.

#[cfg(target_arch = "wasm32")]
use crate::vectors;

/// Elsewhere words are fast enough.
#[cfg(not(target_arch = "wasm32"))]
mod vectors {
    pub(super) const fn whole(_: &[u8]) -> usize {
        0
    }

    pub(super) const fn run(_: &[u8]) -> usize {
        0
    }

    pub(super) const fn dot(_: &[u8]) -> usize {
        0
    }
}

/// A constant whose bits are spread evenly: 2^64 divided by the golden ratio.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// A byte in every place of a word.
const fn every(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Marks the high bit of the first byte that is zero; bytes above it may be marked as well.
const fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(every(1)) & !word & every(0x80)
}

/// How many bytes of a word come before the first one that is marked, by its high bit.
#[inline]
const fn bytes_before(marks: u64) -> usize {
    marks.trailing_zeros() as usize / 8
}

/// Marks the first byte that a JSON string does not show as it is: a quotation mark, an escape or a control character.
/// Bytes above it may be marked as well.
#[inline]
const fn ends(word: u64) -> u64 {
    let quotes = (word ^ every(b'"')).wrapping_sub(every(1));
    let escapes = (word ^ every(b'\\')).wrapping_sub(every(1));
    let controls = word.wrapping_sub(every(0x20));
    // A byte with its high bit set is none of these, whatever was borrowed.
    (quotes | escapes | controls) & !word & every(0x80)
}

/// Where the run ends that a JSON string shows as it is: before a quotation mark, an escape or a control character. The
/// length if it does not end.
#[must_use]
pub fn plain_run(bytes: &[u8]) -> usize {
    run(bytes)
}

#[inline(always)]
pub(crate) fn run(bytes: &[u8]) -> usize {
    let mut read = vectors::run(bytes);
    if read < vectors::whole(bytes) {
        return read;
    }
    let (words, rest) = bytes.get(read..).unwrap_or_default().as_chunks::<8>();
    for word in words {
        let ends = ends(u64::from_le_bytes(*word));
        if ends != 0 {
            return read + bytes_before(ends);
        }
        read += 8;
    }
    let ends = |byte: &u8| *byte < b' ' || matches!(*byte, b'"' | b'\\');
    read + rest.iter().position(ends).unwrap_or(rest.len())
}

/// Where the run of decimal digits ends; the length if it does not end.
#[inline]
pub(crate) fn digit_run(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut read = 0;
    for word in words {
        let values = u64::from_le_bytes(*word) ^ every(b'0');
        // Ten and more carry into the high bit; what carries beyond comes after.
        let others = (values.wrapping_add(every(0x80 - 10)) | values) & every(0x80);
        if others != 0 {
            return read + bytes_before(others);
        }
        read += 8;
    }
    read + rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len())
}

/// The run that a JSON string shows as it is, and a number of its text.
#[inline(always)]
pub(crate) fn marked_run(bytes: &[u8]) -> (usize, u32) {
    let (words, rest) = bytes.as_chunks::<8>();
    let (mut read, mut mark) = (0, 0);
    for word in words {
        let word = u64::from_le_bytes(*word);
        let ends = ends(word);
        if ends != 0 {
            // The lowest bit that is set, moved down to its byte, less one: all bits of the bytes before.
            let before = ((ends & ends.wrapping_neg()) >> 7).wrapping_sub(1);
            return (read + bytes_before(ends), short(mixed(mark, word & before)));
        }
        mark = mixed(mark, word);
        read += 8;
    }
    let rest = rest.get(..run(rest)).unwrap_or_default();
    (read + rest.len(), short(mixed(mark, last_word(rest))))
}

/// A number of a text: comparing it tells most texts apart without looking at them.
#[must_use]
pub fn mark(text: &str) -> u32 {
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let mark = words.iter().fold(0, |mark, word| mixed(mark, u64::from_le_bytes(*word)));
    short(mixed(mark, last_word(rest)))
}

#[inline]
const fn mixed(mark: u64, word: u64) -> u64 {
    (mark.rotate_left(29) ^ word).wrapping_mul(SPREAD)
}

/// The half of a mark that every byte has a share in.
#[inline]
const fn short(mark: u64) -> u32 {
    (mark >> 32) as u32
}

/// Less than eight bytes as a word.
#[inline]
fn last_word(rest: &[u8]) -> u64 {
    rest.iter().rev().fold(0, |word, byte| (word << 8) | u64::from(*byte))
}

/// Whether two texts are the same, for those that are longer than a name: the edge module compares others byte by byte.
///
/// ```
/// use workload_identity_text::same;
/// assert!(same(b"0123456789", b"0123456789"));
/// assert!(!same(b"0123456789", b"01234567890"));
/// ```
#[must_use]
pub fn same(one: &[u8], other: &[u8]) -> bool {
    let (words, rest) = one.as_chunks::<8>();
    let (other_words, other_rest) = other.as_chunks::<8>();
    let mut pairs = words.iter().zip(other_words);
    let differ =
        |(one, other): (&[u8; 8], &[u8; 8])| u64::from_le_bytes(*one) != u64::from_le_bytes(*other);
    one.len() == other.len() && !pairs.any(differ) && rest == other_rest
}

/// Where the first dot is.
#[must_use]
pub fn dot(bytes: &[u8]) -> Option<usize> {
    let dots = |word: &[u8; 8]| zero_bytes(u64::from_le_bytes(*word) ^ every(b'.'));
    let read = vectors::dot(bytes);
    if read < vectors::whole(bytes) {
        return Some(read);
    }
    let (words, rest) = bytes.get(read..).unwrap_or_default().as_chunks::<8>();
    // Without a branch for each word, vector instructions do it where there are some.
    let (blocks, _) = words.as_chunks::<8>();
    let clear = |block: &&[_; 8]| block.iter().fold(0, |found, word| found | dots(word)) == 0;
    let skipped = blocks.iter().take_while(clear).count() * 8;
    for (at, word) in words.iter().enumerate().skip(skipped) {
        let dots = dots(word);
        if dots != 0 {
            return Some(read + at * 8 + bytes_before(dots));
        }
    }
    rest.iter().position(|byte| *byte == b'.').map(|at| read + words.len() * 8 + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_find_what_a_plain_search_finds() {
        for length in [0, 1, 7, 8, 9, 63, 64, 65, 127, 128, 139] {
            for byte in 0..=255_u8 {
                for at in 0..length {
                    let mut bytes = [b'7'; 139];
                    bytes[at] = byte;
                    bytes[length..].fill(b'"');
                    let text = &bytes[..length];
                    let first = |wanted: fn(u8) -> bool| text.iter().position(|byte| wanted(*byte));
                    assert_eq!(dot(text), first(|byte| byte == b'.'), "{byte} {at} {length}");
                    let digits = first(|byte| !byte.is_ascii_digit()).unwrap_or(length);
                    assert_eq!(digit_run(text), digits, "{byte} {at} {length}");
                    let plain = first(|byte| byte < b' ' || matches!(byte, b'"' | b'\\'));
                    let plain = plain.unwrap_or(length);
                    assert_eq!(plain_run(text), plain, "{byte} {at} {length}");
                    if let Ok(run) = core::str::from_utf8(&text[..plain]) {
                        assert_eq!(marked_run(text), (plain, mark(run)), "{byte} {at} {length}");
                        assert_eq!(marked_run(&bytes), (plain, mark(run)), "{byte} {at} {length}");
                    }
                }
            }
        }
    }
}
