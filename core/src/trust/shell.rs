//! Text as words of a command line.

use alloc::format;
use alloc::string::String;
use core::fmt::Write;

/// A text as one word of a POSIX shell. The result is ASCII without control characters, whatever the text is.
///
/// Control characters and characters beyond ASCII are written as octets in `$'...'` (POSIX.1-2024, section 2.2.4).
///
/// ```
/// use workload_identity_core::trust::shell_word;
/// assert_eq!(shell_word("repo:octo/app"), "repo:octo/app");
/// assert_eq!(shell_word("it's; rm -rf $HOME"), r"'it'\''s; rm -rf $HOME'");
/// assert_eq!(shell_word("\u{1b}[31m"), r"$'\033[31m'");
/// ```
#[must_use]
pub fn shell_word(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@%+,=".contains(&byte);
    // A word that begins with a dash would be an option, which quotes do not change; the caller writes `--name=WORD`.
    if !text.is_empty() && text.bytes().all(plain) {
        return text.into();
    }
    if text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    let mut word = String::from("$'");
    for byte in text.bytes() {
        match byte {
            b'\'' | b'\\' => {
                word.push('\\');
                word.push(char::from(byte));
            }
            b' '..=b'~' => word.push(char::from(byte)),
            // Writing to a String cannot fail. Three digits, so that a digit behind them is not read along.
            other => _ = write!(word, "\\{other:03o}"),
        }
    }
    word.push('\'');
    word
}

/// JSON text in ASCII without control characters: other characters are escaped (RFC 8259, section 7).
#[must_use]
pub fn ascii_json(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() && !character.is_ascii_control() {
            text.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_ascii_and_quoted() {
        for (text, word) in [
            ("", "''"),
            ("a b", "'a b'"),
            ("`id`", "'`id`'"),
            ("a\n'\\7", r"$'a\012\'\\7'"),
            ("\u{1}7", r"$'\0017'"),
            ("ä", r"$'\303\244'"),
            ("\u{202e}", r"$'\342\200\256'"),
        ] {
            assert_eq!(shell_word(text), word, "{text:?}");
        }
    }

    #[test]
    fn json_reads_back() {
        let text = "a\u{7f}\u{202e}😀\u{9b}'";
        let json = ascii_json(&serde_json::to_string(text).unwrap());
        assert!(json.is_ascii() && !json.contains('\u{7f}'));
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}
