//! Patterns of claims matching expressions: `*` stands for any run of characters, `?` for one. Nothing escapes them.

use crate::verify::glob;
use alloc::borrow::Cow;

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
/// Behind the first `*` any text can be continued to one that matches.
pub(super) fn longest_prefix(pattern: &str, text: &str) -> usize {
    let mut rest = text.chars();
    for (at, wanted) in pattern.chars().enumerate() {
        match (wanted, rest.next()) {
            ('*', _) => return text.chars().count(),
            ('?', Some(_)) => {}
            (wanted, Some(found)) if wanted == found => {}
            _ => return at,
        }
    }
    pattern.chars().count()
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
            ("é*z", "xé", 0),
            ("*", "", 0),
            ("a??", "ab", 2),
        ] {
            assert_eq!(longest_prefix(pattern, text), position, "{pattern} {text}");
        }
    }
}
