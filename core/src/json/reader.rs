//! The grammar of RFC 8259, read strictly: no duplicate member, no lone surrogate, bounded depth, finite numbers.
//!
//! Written out here because it is a tenth of the size of a general reader, which matters to edge workers.

use super::read::{Json, JsonError, MAX_DEPTH, Object};
use crate::scan::plain_run;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

/// Exponents beyond this make every number zero or infinite.
const MAX_EXPONENT: i64 = 400;
/// Digits after this many change nothing that a double can hold.
const ENOUGH_DIGITS: f64 = 1e17;

pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    max_depth: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self::within(text, MAX_DEPTH)
    }

    /// A reader of documents that are nested less deeply.
    pub(super) fn within(text: &'a str, max_depth: usize) -> Self {
        Self { text, at: 0, max_depth }
    }

    /// The one value of the document.
    pub(super) fn document(mut self) -> Result<Json, JsonError> {
        let value = self.value(0)?;
        self.space();
        if self.at == self.text.len() { Ok(value) } else { Err(JsonError::Syntax) }
    }

    /// The members of the document's one object, each with its value as it stands.
    pub(super) fn members(mut self) -> Result<Vec<Named<'a, &'a str>>, JsonError> {
        let mut members = Vec::with_capacity(32);
        self.space();
        if self.peek() != Some(b'{') {
            return Err(JsonError::Syntax);
        }
        self.object_with(|reader, name| {
            reader.space();
            let start = reader.at;
            reader.skip(1)?;
            let value = reader.text.get(start..reader.at).ok_or(JsonError::Syntax)?;
            insert(&mut members, name, value)
        })?;
        self.space();
        if self.at == self.text.len() { Ok(members) } else { Err(JsonError::Syntax) }
    }

    /// Reads a value under the same rules as [`Self::value`], without keeping it.
    fn skip(&mut self, depth: usize) -> Result<(), JsonError> {
        self.space();
        match self.peek() {
            Some(b'"') => self.quoted().map(|_| ()),
            Some(b'[' | b'{') if depth >= self.max_depth => Err(JsonError::TooDeep),
            Some(b'[') => self.list_with(|reader| reader.skip(depth + 1)),
            Some(b'{') => {
                let mut names = Vec::new();
                self.object_with(|reader, name| {
                    insert(&mut names, name, ())?;
                    reader.skip(depth + 1)
                })
            }
            _ => self.value(depth).map(|_| ()),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.take(byte) { Ok(()) } else { Err(JsonError::Syntax) }
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) -> usize {
        let start = self.at;
        while self.peek().is_some_and(&wanted) {
            self.at += 1;
        }
        self.at - start
    }

    fn space(&mut self) {
        self.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    }

    fn value(&mut self, depth: usize) -> Result<Json, JsonError> {
        self.space();
        match self.peek() {
            Some(b'n') => self.word("null", Json::Null),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(b'"') => self.quoted().map(|text| Json::Text(text.into_owned())),
            Some(b'[' | b'{') if depth >= self.max_depth => Err(JsonError::TooDeep),
            Some(b'[') => self.list(depth + 1),
            Some(b'{') => self.object(depth + 1),
            _ => self.number(),
        }
    }

    fn word(&mut self, word: &str, value: Json) -> Result<Json, JsonError> {
        for byte in word.bytes() {
            self.expect(byte)?;
        }
        Ok(value)
    }

    fn list(&mut self, depth: usize) -> Result<Json, JsonError> {
        let mut items = Vec::new();
        self.list_with(|reader| {
            items.push(reader.value(depth)?);
            Ok(())
        })?;
        Ok(Json::List(items))
    }

    fn list_with(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        self.at += 1;
        self.space();
        if self.take(b']') {
            return Ok(());
        }
        loop {
            item(self)?;
            self.space();
            if self.take(b']') {
                return Ok(());
            }
            self.expect(b',')?;
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, JsonError> {
        let mut members = Object::new();
        self.object_with(|reader, name| {
            let value = reader.value(depth)?;
            match members.insert(name.into_owned(), value) {
                None => Ok(()),
                Some(_) => Err(JsonError::Duplicate),
            }
        })?;
        Ok(Json::Object(members))
    }

    fn object_with(
        &mut self,
        mut member: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        self.at += 1;
        self.space();
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            self.space();
            let name = self.quoted()?;
            self.space();
            self.expect(b':')?;
            member(self, name)?;
            self.space();
            if self.take(b'}') {
                return Ok(());
            }
            self.expect(b',')?;
        }
    }

    /// A string; borrowed where nothing is escaped.
    fn quoted(&mut self) -> Result<Cow<'a, str>, JsonError> {
        self.expect(b'"')?;
        let first = self.unescaped()?;
        if self.take(b'"') {
            return Ok(Cow::Borrowed(first));
        }
        let mut text = String::from(first);
        loop {
            self.expect(b'\\')?;
            text.push(self.escaped()?);
            text.push_str(self.unescaped()?);
            if self.take(b'"') {
                return Ok(Cow::Owned(text));
            }
        }
    }

    /// Everything up to a quotation mark, an escape or a control character.
    fn unescaped(&mut self) -> Result<&'a str, JsonError> {
        let start = self.at;
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        self.at += plain_run(rest);
        self.text.get(start..self.at).ok_or(JsonError::Syntax)
    }

    fn escaped(&mut self) -> Result<char, JsonError> {
        let escape = self.peek().ok_or(JsonError::Syntax)?;
        self.at += 1;
        Ok(match escape {
            b'"' | b'\\' | b'/' => char::from(escape),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let mut scalar = self.utf16_unit()?;
                if (0xd800..0xdc00).contains(&scalar) {
                    self.expect(b'\\')?;
                    self.expect(b'u')?;
                    let low = self.utf16_unit()?;
                    if !(0xdc00..0xe000).contains(&low) {
                        return Err(JsonError::Syntax);
                    }
                    scalar = 0x1_0000 + ((scalar & 0x3ff) << 10) + (low & 0x3ff);
                }
                // A lone low surrogate is no character.
                char::from_u32(scalar).ok_or(JsonError::Syntax)?
            }
            _ => return Err(JsonError::Syntax),
        })
    }

    fn utf16_unit(&mut self) -> Result<u32, JsonError> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            unit = (unit << 4) | digit.ok_or(JsonError::Syntax)?;
            self.at += 1;
        }
        Ok(unit)
    }

    fn number(&mut self) -> Result<Json, JsonError> {
        let negative = self.take(b'-');
        let leading_zero = self.peek() == Some(b'0');
        let whole = self.digits()?;
        if leading_zero && whole.len() > 1 {
            return Err(JsonError::Syntax);
        }
        let fraction = if self.take(b'.') { Some(self.digits()?) } else { None };
        let mut exponent = None;
        if self.take(b'e') || self.take(b'E') {
            let down = self.take(b'-');
            if !down {
                self.take(b'+');
            }
            // Bounded only so that the count of digits can be added: a long number may take back a large exponent.
            let size = integer(self.digits()?, false).unwrap_or(i64::MAX).min(i64::MAX / 2);
            exponent = Some(if down { -size } else { size });
        }
        if fraction.is_none()
            && exponent.is_none()
            && let Some(value) = integer(whole, negative)
        {
            return Ok(Json::Integer(value));
        }
        let fraction = fraction.unwrap_or_default();
        let value = real(whole, fraction, exponent.unwrap_or_default());
        if value.is_finite() {
            Ok(Json::Number(if negative { -value } else { value }))
        } else {
            Err(JsonError::Syntax)
        }
    }

    fn digits(&mut self) -> Result<&'a str, JsonError> {
        let start = self.at;
        if self.skip_while(|byte| byte.is_ascii_digit()) == 0 {
            return Err(JsonError::Syntax);
        }
        self.text.get(start..self.at).ok_or(JsonError::Syntax)
    }
}

/// A member of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named<'a, V> {
    mark: u64,
    pub(super) name: Cow<'a, str>,
    pub(super) value: V,
}

/// A number of a name: comparing it tells most names apart without looking at them.
pub(super) fn mark(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let ends = match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(first), Some(last)) => {
            u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(29)
        }
        _ => bytes.iter().fold(0, |ends, byte| (ends << 8) | u64::from(*byte)),
    };
    ends ^ (bytes.len() as u64).rotate_left(56)
}

/// Where a name is, or belongs.
pub(super) fn place<V>(members: &[Named<'_, V>], mark: u64, name: &str) -> Result<usize, usize> {
    members
        .binary_search_by(|known| known.mark.cmp(&mark).then_with(|| known.name.as_ref().cmp(name)))
}

/// Keeps members in order, so that a document of many costs no more than its size times its logarithm, whatever
/// their names.
fn insert<'a, V>(
    members: &mut Vec<Named<'a, V>>,
    name: Cow<'a, str>,
    value: V,
) -> Result<(), JsonError> {
    let mark = mark(&name);
    match place(members, mark, &name) {
        Ok(_) => Err(JsonError::Duplicate),
        Err(place) => {
            members.insert(place, Named { mark, name, value });
            Ok(())
        }
    }
}

fn integer(digits: &str, negative: bool) -> Option<i64> {
    digits.bytes().try_fold(0i64, |value, digit| {
        let digit = i64::from(digit - b'0');
        let value = value.checked_mul(10)?;
        if negative { value.checked_sub(digit) } else { value.checked_add(digit) }
    })
}

/// The value to about sixteen digits: nothing that is read here needs more, and exact rounding takes tables.
fn real(whole: &str, fraction: &str, mut exponent: i64) -> f64 {
    let mut value = 0.0;
    for digit in whole.bytes() {
        if value < ENOUGH_DIGITS {
            value = value * 10.0 + f64::from(digit - b'0');
        } else {
            exponent += 1;
        }
    }
    for digit in fraction.bytes() {
        if value < ENOUGH_DIGITS {
            value = value * 10.0 + f64::from(digit - b'0');
            exponent -= 1;
        }
    }
    // Zero times an overflown power would be no number.
    if value == 0.0 {
        return 0.0;
    }
    // One division by a power is exact more often than many divisions by ten.
    let mut power = 1.0;
    for _ in 0..exponent.unsigned_abs().min(MAX_EXPONENT.unsigned_abs()) {
        power *= 10.0;
    }
    if exponent < 0 { value / power } else { value * power }
}

#[cfg(test)]
mod tests;
