//! Patterns of claims matching expressions: `*` stands for any run of characters, `?` for one. Nothing escapes them.

use crate::verify::glob;
use alloc::borrow::Cow;
use alloc::vec::Vec;

/// Whether a text matches a pattern. The time is at most proportional to the product of both lengths.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    // In the pattern language of policies a backslash escapes.
    let pattern = if pattern.contains('\\') {
        Cow::Owned(pattern.replace('\\', r"\\"))
    } else {
        Cow::Borrowed(pattern)
    };
    glob(&pattern, text)
}

/// The length in characters of the longest beginning of the text that a matching text could have.
///
/// The positions in the pattern that the text read so far can lead to are followed all at once.
pub(super) fn longest_prefix(pattern: &str, text: &str) -> usize {
    let pattern: Vec<char> = pattern.chars().collect();
    let mut reached: Vec<bool> = alloc::vec![false; pattern.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    skip_runs(&pattern, &mut reached);
    for (at, character) in text.chars().enumerate() {
        let mut next: Vec<bool> = alloc::vec![false; pattern.len() + 1];
        for (index, wanted) in pattern.iter().enumerate() {
            if reached.get(index) != Some(&true) {
                continue;
            }
            let to = match wanted {
                '*' => index,
                '?' => index + 1,
                wanted if *wanted == character => index + 1,
                _ => continue,
            };
            if let Some(place) = next.get_mut(to) {
                *place = true;
            }
        }
        skip_runs(&pattern, &mut next);
        if !next.contains(&true) {
            return at;
        }
        reached = next;
    }
    text.chars().count()
}

/// A run may be empty.
fn skip_runs(pattern: &[char], reached: &mut [bool]) {
    for (index, wanted) in pattern.iter().enumerate() {
        if *wanted == '*'
            && reached.get(index) == Some(&true)
            && let Some(after) = reached.get_mut(index + 1)
        {
            *after = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_escaped() {
        assert!(matches(r"a\*", r"a\b") && !matches(r"a\*", "a*"));
        assert!(matches("a?c*", "abcdef") && !matches("a?c", "ac"));
    }

    #[test]
    fn the_first_character_that_cannot_match_is_found() {
        for (pattern, text, position) in [
            ("repo:octo/*:ref:*", "repo:octa/x:ref:y", 8),
            ("repo:octo/*:ref:refs/heads/main", "repo:octo/app:pull_request", 26),
            ("a?c", "abd", 2),
            ("abc", "ab", 2),
            ("ab", "abc", 2),
            ("", "x", 0),
            ("é*z", "éé", 2),
        ] {
            assert_eq!(longest_prefix(pattern, text), position, "{pattern} {text}");
        }
    }
}
