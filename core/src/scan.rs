//! Splitting and cutting of text.

/// What stands before and after the first of a byte; only ASCII cuts text.
pub(crate) fn cut(text: &str, at: u8) -> Option<(&str, &str)> {
    let place = text.bytes().position(|byte| byte == at)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

/// The parts of a text between the places where a byte stands, as `str::split` gives them; at least one.
pub(crate) fn parts(text: &str, at: u8) -> Parts<'_> {
    Parts { rest: Some(text), at }
}

/// See [`parts`].
pub(crate) struct Parts<'a> {
    rest: Option<&'a str>,
    at: u8,
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.rest?;
        let (part, rest) =
            cut(text, self.at).map_or((text, None), |(part, rest)| (part, Some(rest)));
        self.rest = rest;
        Some(part)
    }
}

/// The text up to so many characters.
pub(crate) fn first_chars(text: &str, most: usize) -> &str {
    let mut left = most;
    for (at, byte) in text.bytes().enumerate() {
        // Not the rest of a character.
        if byte & 0xc0 != 0x80 {
            if left == 0 {
                return text.get(..at).unwrap_or(text);
            }
            left -= 1;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_those_of_the_standard_library() {
        for text in ["", "/", "a", "a/b", "/a//\u{e4}/", "a/b/c"] {
            assert!(parts(text, b'/').eq(text.split('/')), "{text}");
        }
    }

    #[test]
    fn text_is_cut_between_characters() {
        for (text, most, kept) in [
            ("", 3, ""),
            ("abc", 3, "abc"),
            ("abcd", 3, "abc"),
            ("a\u{e9}\u{1f600}b", 3, "a\u{e9}\u{1f600}"),
            ("a", 0, ""),
        ] {
            assert_eq!(first_chars(text, most), kept, "{text} {most}");
        }
        assert_eq!(cut("a\u{e9}:b:c", b':'), Some(("a\u{e9}", "b:c")));
        assert_eq!(cut("a", b':'), None);
    }
}
