//! The writing half: compact text in the order of the calls, escaped as `JSON.stringify` does.

use crate::number;
use alloc::string::String;
use workload_identity_text::plain_run;

/// Builds one object.
///
/// ```
/// use workload_identity_core::json::object;
/// let text = object(|o| {
///     o.text("alg", "RS256").texts("aud", ["a", "b"]).object("cnf", |o| {
///         o.integer("n", 1);
///     });
/// });
/// assert_eq!(text, r#"{"alg":"RS256","aud":["a","b"],"cnf":{"n":1}}"#);
/// ```
#[must_use]
pub fn object(fill: impl FnOnce(&mut Members<'_>)) -> String {
    // Room for most objects: growing from nothing takes eight steps.
    object_of(256, fill)
}

/// Builds one object that is expected to have so many bytes.
fn object_of(bytes: usize, fill: impl FnOnce(&mut Members<'_>)) -> String {
    let mut text = begun(bytes);
    fill(&mut Members { text: &mut text, first: true });
    text.push('}');
    text
}

fn begun(bytes: usize) -> String {
    let mut text = String::with_capacity(bytes);
    text.push('{');
    text
}

/// A JSON string.
#[must_use]
pub fn text(value: &str) -> String {
    let mut text = String::new();
    quote(&mut text, value);
    text
}

fn write_object(text: &mut String, fill: impl FnOnce(&mut Members<'_>)) {
    text.push('{');
    fill(&mut Members { text, first: true });
    text.push('}');
}

/// The members of an object being written; each call adds one and returns the builder.
pub struct Members<'a> {
    text: &'a mut String,
    first: bool,
}

impl Members<'_> {
    fn name(&mut self, name: &str) -> &mut String {
        if self.first {
            self.first = false;
        } else {
            self.text.push(',');
        }
        quote(self.text, name);
        self.text.push(':');
        self.text
    }

    /// A string.
    pub fn text(&mut self, name: &str, value: &str) -> &mut Self {
        let text = self.name(name);
        quote(text, value);
        self
    }

    /// A string, left out when `None`.
    pub fn text_if(&mut self, name: &str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    /// An integer.
    pub fn integer(&mut self, name: &str, value: i64) -> &mut Self {
        number::write(self.name(name), value);
        self
    }

    /// An integer, left out when `None`.
    pub fn integer_if(&mut self, name: &str, value: Option<i64>) -> &mut Self {
        match value {
            Some(value) => self.integer(name, value),
            None => self,
        }
    }

    /// `true` or `false`.
    pub fn bool(&mut self, name: &str, value: bool) -> &mut Self {
        self.name(name).push_str(if value { "true" } else { "false" });
        self
    }

    /// An array of strings.
    pub fn texts<'v>(
        &mut self,
        name: &str,
        values: impl IntoIterator<Item = &'v str>,
    ) -> &mut Self {
        let text = self.name(name);
        text.push('[');
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            quote(text, value);
        }
        text.push(']');
        self
    }

    /// A nested object.
    pub fn object(&mut self, name: &str, fill: impl FnOnce(&mut Members<'_>)) -> &mut Self {
        write_object(self.name(name), fill);
        self
    }

    /// An array of objects, one per item.
    pub fn objects<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut fill: impl FnMut(T, &mut Members<'_>),
    ) -> &mut Self {
        let text = self.name(name);
        text.push('[');
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            write_object(text, |members| fill(item, members));
        }
        text.push(']');
        self
    }

    /// A member whose value is already JSON text. The caller vouches for it.
    pub fn raw(&mut self, name: &str, json: &str) -> &mut Self {
        self.name(name).push_str(json);
        self
    }
}

/// The lower-case hexadecimal digit of a number below 16.
fn hex_digit(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap_or('0')
}

/// Appends `value` as a JSON string: the escapes of `JSON.stringify`, everything else as it is.
fn quote(text: &mut String, value: &str) {
    text.reserve(value.len() + 2);
    text.push('"');
    let mut rest = value;
    // Runs without an escape are copied whole: tokens are long and have none.
    while let Some((plain, tail)) = rest.split_at_checked(plain_run(rest.as_bytes())) {
        text.push_str(plain);
        // What is escaped is ASCII.
        let Some(byte) = tail.bytes().next() else { break };
        text.push('\\');
        match byte {
            b'\n' => text.push('n'),
            b'\r' => text.push('r'),
            b'\t' => text.push('t'),
            0x08 => text.push('b'),
            0x0c => text.push('f'),
            control if control < b' ' => {
                text.push_str("u00");
                text.push(hex_digit(control >> 4));
                text.push(hex_digit(control & 15));
            }
            other => text.push(char::from(other)),
        }
        rest = tail.get(1..).unwrap_or_default();
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Json, parse};
    use alloc::vec::Vec;

    #[test]
    fn what_is_written_reads_back() {
        let nasty = "\"\\\n\r\t\u{8}\u{c}\u{1}\u{7f}\u{2028}é😀/";
        let text = object(|o| {
            o.text(nasty, nasty).bool("b", true).integer_if("none", None).objects(
                "list",
                [1, 2],
                |n, o| {
                    o.integer("n", n);
                },
            );
        });
        let read = parse(text.as_bytes()).expect("reads back");
        assert_eq!(read.member(nasty).and_then(Json::as_text), Some(nasty));
        let list: Vec<_> = read
            .member("list")
            .and_then(Json::as_list)
            .expect("list")
            .iter()
            .filter_map(|item| item.member("n").and_then(Json::as_integer))
            .collect();
        assert_eq!(list, [1, 2]);
    }
}
