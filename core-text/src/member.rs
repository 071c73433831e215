//! Members of JSON objects that are written as most are.

use crate::scan::{digit_run, marked_run, run};

/// Digits of a number that has no more than 64 bits, whatever they are.
const FITTING_DIGITS: usize = 18;

/// A member, by places in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlainMember {
    /// [`mark`](crate::mark) of the name.
    pub mark: u32,
    /// Where the name starts, after the quotation mark.
    pub name: usize,
    /// Where the name ends.
    pub name_end: usize,
    /// Where the value starts.
    pub value: usize,
    /// Where the value ends.
    pub end: usize,
}

/// The member that starts at a place, if it is a plain one: neither its name nor a string in its value has escapes, its value
/// is a string, a natural number, a list of strings or a word, and there is no white space but a single blank after colons and commas.
///
/// ```
/// use workload_identity_text::plain_member;
/// let member = plain_member(br#"{"iss": "i","a":[]}"#, 1).unwrap();
/// assert_eq!((member.name, member.name_end, member.value, member.end), (2, 5, 8, 11));
/// assert_eq!(plain_member(br#"{"iss":{}}"#, 1), None);
/// ```
#[must_use]
#[inline]
pub fn plain_member(text: &[u8], at: usize) -> Option<PlainMember> {
    let start = after_blank(text, at);
    if byte(text, start) != b'"' {
        return None;
    }
    let name = start + 1;
    let (length, mark) = marked_run(text.get(name..)?);
    let name_end = name + length;
    if byte(text, name_end) != b'"' || byte(text, name_end + 1) != b':' {
        return None;
    }
    let value = after_blank(text, name_end + 2);
    let end = match byte(text, value) {
        b'"' => string(text, value)?,
        b'1'..=b'9' => number(text, value)?,
        b'[' => list(text, value)?,
        b't' => word(text, value, b"true")?,
        b'f' => word(text, value, b"false")?,
        b'n' => word(text, value, b"null")?,
        _ => return None,
    };
    Some(PlainMember { mark, name, name_end, value, end })
}

/// The byte at a place. JSON has nowhere the one that stands for the end.
#[inline]
pub(crate) fn byte(text: &[u8], at: usize) -> u8 {
    text.get(at).copied().unwrap_or_default()
}

#[inline]
fn after_blank(text: &[u8], at: usize) -> usize {
    if byte(text, at) == b' ' { rare(at + 1) } else { at }
}

/// Most issuers write no blanks: a branch that is foreseen costs less than looking.
#[cold]
#[inline(never)]
const fn rare(at: usize) -> usize {
    at
}

/// Where the string ends that starts here.
#[inline(always)]
fn string(text: &[u8], at: usize) -> Option<usize> {
    let end = at + 1 + run(text.get(at + 1..)?);
    (byte(text, end) == b'"').then_some(end + 1)
}

/// Where the natural number ends that starts here, if it ends the member too.
#[inline]
fn number(text: &[u8], at: usize) -> Option<usize> {
    let digits = digit_run(text.get(at..)?);
    let end = at + digits;
    (digits <= FITTING_DIGITS && matches!(byte(text, end), b',' | b'}')).then_some(end)
}

/// Where the word ends, if it ends the member too.
#[inline]
fn word(text: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    let end = at + word.len();
    let is = text.get(at..end)? == word;
    (is && matches!(byte(text, end), b',' | b'}')).then_some(end)
}

/// Where the list of strings ends that starts here, with at least one of them.
#[inline]
fn list(text: &[u8], at: usize) -> Option<usize> {
    let mut item = at + 1;
    while byte(text, item) == b'"' {
        let end = string(text, item)?;
        match byte(text, end) {
            b',' => item = after_blank(text, end + 1),
            b']' => return Some(end + 1),
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Option<(&str, &str)> {
        let member = plain_member(text.as_bytes(), 0)?;
        Some((&text[member.name..member.name_end], &text[member.value..member.end]))
    }

    #[test]
    fn only_plain_members_are_read() {
        for (text, name, value) in [
            (r#""iss": "https://a"}"#, "iss", r#""https://a""#),
            (r#" "":"""#, "", r#""""#),
            (r#""exp":1700000000,"#, "exp", "1700000000"),
            (r#""exp": 999999999999999999}"#, "exp", "999999999999999999"),
            (r#""b":true}"#, "b", "true"),
            (r#""b": false,"#, "b", "false"),
            (r#""b":null,"#, "b", "null"),
            (r#""aud":["a"]"#, "aud", r#"["a"]"#),
            (r#""aud":["a","b", "c"]]"#, "aud", r#"["a","b", "c"]"#),
        ] {
            assert_eq!(parts(text), Some((name, value)), "{text}");
        }
        for text in [
            "",
            " ",
            "\"",
            "\"a",
            "\"a\"",
            "\"a\":",
            "\"a\" :1,",
            "\"a\":  1,",
            "  \"a\":1,",
            "\"a\":1",
            "\"a\":01,",
            "\"a\":0,",
            "\"a\":-1,",
            "\"a\":1.5,",
            "\"a\":1e5,",
            "\"a\":1 ,",
            "\"a\":nul,",
            "\"a\":true",
            "\"a\":true ,",
            "\"a\":truex,",
            "\"a\":9999999999999999999,",
            "\"a\":\"",
            "\"a\":\"b",
            "\"a\":\"\\n\",",
            "\"\\n\":1,",
            "\"a\":\"\n\",",
            "\"\n\":1,",
            "\"a\":[],",
            "\"a\":[\"b\"",
            "\"a\":[\"b\",]",
            "\"a\":[\"b\" ]",
            "\"a\":[\"b\\n\"]",
            "\"a\":[\"b\",1]",
            "\"a\":[1]",
            "\"a\":{}",
        ] {
            assert_eq!(parts(text), None, "{text:?}");
        }
        assert_eq!(plain_member(b"{}", 7), None);
    }
}
