//! Removal of tokens from text of other parties, before it goes into a message.

use alloc::string::String;

/// Longest detail of a host's failure that a message repeats, in characters.
pub(crate) const MAX_DETAIL: usize = 200;

/// Replaces each word that contains the start of a JWT or follows `Bearer` with `[token]`, the user information of URLs with
/// `[secret]`, control characters and directional marks with spaces, and cuts the text to `most` characters.
///
/// A JWT begins with `eyJ`, which is `{"` in base64url.
pub(crate) fn redact(text: &str, most: usize) -> String {
    let mut clean = String::new();
    let mut after_bearer = false;
    for (index, word) in text.split(hides_text).enumerate() {
        if index > 0 {
            clean.push(' ');
        }
        let secret = word.contains("eyJ") || (after_bearer && !word.is_empty());
        match user_information(word) {
            _ if secret => clean.push_str("[token]"),
            Some((before, after)) => clean.extend([before, "[secret]@", after]),
            None => clean.push_str(word),
        }
        if !word.is_empty() {
            after_bearer = word.to_ascii_lowercase().ends_with("bearer");
        }
    }
    if let Some((end, _)) = clean.char_indices().nth(most) {
        clean.truncate(end);
    }
    clean
}

/// What stands before and behind the user information of a URL (RFC 3986, section 3.2.1), if it has one.
fn user_information(word: &str) -> Option<(&str, &str)> {
    let start = word.find("://")? + 3;
    let (before, rest) = word.split_at_checked(start)?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let after = rest.split_at_checked(authority.rfind('@')? + 1)?.1;
    Some((before, after))
}

/// Whether a character ends a word: a space, or one that would break or reorder the line.
fn hides_text(character: char) -> bool {
    let directional = matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    character == ' ' || character.is_control() || directional
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_a_token_are_replaced_and_the_rest_is_cut() {
        assert_eq!(redact("bad token=eyJhbGciOiJub25lIn0 here ", 99), "bad [token] here ");
        assert_eq!(redact("äöü", 2), "äö");
        assert_eq!(redact("", 2), "");
        assert_eq!(
            redact("Authorization: Bearer s3cret, x", 99),
            "Authorization: Bearer [token] x"
        );
        assert_eq!(redact("a\r\nb\u{1b}[31mc\u{202e}d", 99), "a  b [31mc d");
        assert_eq!(
            redact("at https://u:s3@cret@h.example:1/a@b?c@d and c@d", 99),
            "at https://[secret]@h.example:1/a@b?c@d and c@d"
        );
        assert_eq!(redact("a\neyJhbGciOiJub25lIn0\tb", 99), "a [token] b");
    }
}
