//! Removal of tokens from text of other parties, before it goes into a message.

use alloc::string::String;

/// Longest detail of a host's failure that a message repeats, in characters.
pub(crate) const MAX_DETAIL: usize = 200;

/// Replaces each word that contains the start of a JWT with `[token]` and cuts the text to `most` characters.
///
/// A JWT begins with `eyJ`, which is `{"` in base64url.
pub(crate) fn redact(text: &str, most: usize) -> String {
    let mut clean = String::new();
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 {
            clean.push(' ');
        }
        clean.push_str(if word.contains("eyJ") { "[token]" } else { word });
    }
    if let Some((end, _)) = clean.char_indices().nth(most) {
        clean.truncate(end);
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_a_token_are_replaced_and_the_rest_is_cut() {
        assert_eq!(redact("bad token=eyJhbGciOiJub25lIn0 here ", 99), "bad [token] here ");
        assert_eq!(redact("äöü", 2), "äö");
        assert_eq!(redact("", 2), "");
    }
}
