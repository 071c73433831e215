//! The words of JSON (RFC 8259), read strictly: no lone surrogate, finite numbers.

use super::JsonError;
use crate::number;
use alloc::borrow::Cow;
use alloc::string::String;

use workload_identity_text::plain_run;

/// Exponents beyond this make every number zero or infinite.
const MAX_EXPONENT: i64 = 400;
/// Digits after this many change nothing that a double can hold.
const ENOUGH_DIGITS: f64 = 1e17;
/// So many digits fit 64 bits without a sign, whatever they are; an integer has no more.
const FITTING_DIGITS: usize = 19;

/// A number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    /// Without fraction or exponent, and it fits 64 bits.
    Integer(i64),
    /// Any other; finite.
    Real(f64),
}

/// A place in JSON text.
///
/// White space before a word is skipped by [`Self::next`], which whoever reads a word calls first.
#[derive(Clone, Debug)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    /// The start of a text.
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    #[inline]
    fn since(&self, start: usize) -> Result<&'a str, JsonError> {
        self.text.get(start..self.at).ok_or(JsonError::Syntax)
    }

    /// The whole text.
    pub(super) const fn text(&self) -> &'a str {
        self.text
    }

    /// Goes to a place further on.
    pub(super) const fn go_on(&mut self, place: usize) {
        self.at = place;
    }

    /// This place.
    #[inline]
    pub(super) const fn place(&self) -> usize {
        self.at
    }

    #[inline]
    fn peek(&self) -> u8 {
        byte(self.text.as_bytes(), self.at)
    }

    #[inline]
    fn took(&mut self, byte: u8) -> bool {
        let found = self.peek() == byte;
        self.at += usize::from(found);
        found
    }

    /// The byte that the next word starts with; 0 where the text ends.
    #[inline]
    #[allow(clippy::should_implement_trait, reason = "nothing is taken")]
    pub(super) fn next(&mut self) -> u8 {
        let (at, byte) = word(self.text.as_bytes(), self.at);
        self.at = at;
        byte
    }

    /// Takes a mark of punctuation if it comes next.
    #[inline]
    pub(super) fn take(&mut self, mark: u8) -> bool {
        let found = self.next() == mark;
        self.at += usize::from(found);
        found
    }

    /// Takes a mark of punctuation.
    ///
    /// # Errors
    /// `Syntax` when something else comes.
    #[inline]
    pub(super) fn expect(&mut self, mark: u8) -> Result<(), JsonError> {
        if self.take(mark) { Ok(()) } else { Err(JsonError::Syntax) }
    }

    /// After an item of a list or an object: whether another one follows.
    ///
    /// # Errors
    /// `Syntax` when there is neither a comma nor the end.
    #[inline]
    pub(super) fn more(&mut self, end: u8) -> Result<bool, JsonError> {
        if self.take(b',') { Ok(true) } else { self.expect(end).map(|()| false) }
    }

    /// The end of the text.
    ///
    /// # Errors
    /// `Syntax` when something else comes.
    pub(super) fn end(&mut self) -> Result<(), JsonError> {
        self.next();
        if self.at == self.text.len() { Ok(()) } else { Err(JsonError::Syntax) }
    }

    /// `null`, `true` or `false`.
    ///
    /// # Errors
    /// `Syntax` when something else comes.
    pub(super) fn word(&mut self, word: &str) -> Result<(), JsonError> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err(JsonError::Syntax);
        }
        self.at += word.len();
        Ok(())
    }

    /// A string; borrowed where nothing is escaped.
    ///
    /// # Errors
    /// `Syntax`.
    #[inline]
    pub(super) fn quoted(&mut self) -> Result<Cow<'a, str>, JsonError> {
        if !self.took(b'"') {
            return Err(JsonError::Syntax);
        }
        let first = self.unescaped()?;
        if self.took(b'"') {
            return Ok(Cow::Borrowed(first));
        }
        self.escaped_after(first).map(Cow::Owned)
    }

    /// The rest of a string that has escapes.
    #[cold]
    fn escaped_after(&mut self, first: &str) -> Result<String, JsonError> {
        let mut text = String::from(first);
        loop {
            if !self.took(b'\\') {
                return Err(JsonError::Syntax);
            }
            text.push(self.escaped()?);
            text.push_str(self.unescaped()?);
            if self.took(b'"') {
                return Ok(text);
            }
        }
    }

    /// Everything up to a quotation mark, an escape or a control character.
    #[inline]
    fn unescaped(&mut self) -> Result<&'a str, JsonError> {
        let start = self.at;
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        self.at += plain_run(rest);
        self.since(start)
    }

    fn escaped(&mut self) -> Result<char, JsonError> {
        let escape = self.peek();
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
                    self.word("\\u")?;
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
            let digit = char::from(self.peek()).to_digit(16).ok_or(JsonError::Syntax)?;
            unit = (unit << 4) | digit;
            self.at += 1;
        }
        Ok(unit)
    }

    /// A number.
    ///
    /// # Errors
    /// `Syntax`, also for one that no double holds.
    pub(super) fn number(&mut self) -> Result<Number, JsonError> {
        let negative = self.took(b'-');
        let whole = self.digits()?;
        if whole.len() > 1 && whole.starts_with('0') {
            return Err(JsonError::Syntax);
        }
        if !matches!(self.peek(), b'.' | b'e' | b'E')
            && let Some(value) = integer(whole, negative)
        {
            return Ok(Number::Integer(value));
        }
        self.real_after(whole, negative).map(Number::Real)
    }

    /// Fraction and exponent of a number.
    #[cold]
    fn real_after(&mut self, whole: &str, negative: bool) -> Result<f64, JsonError> {
        let fraction = if self.took(b'.') { self.digits()? } else { "" };
        let mut exponent = 0;
        if self.took(b'e') || self.took(b'E') {
            let down = self.took(b'-');
            if !down {
                self.took(b'+');
            }
            // Bounded only so that the count of digits can be added: a long number may take back a large exponent.
            let size = number::read(self.digits()?.as_bytes()).unwrap_or(number::LARGEST);
            exponent = if down { -size } else { size };
        }
        let value = real(whole, fraction, exponent);
        if value.is_finite() {
            Ok(if negative { -value } else { value })
        } else {
            Err(JsonError::Syntax)
        }
    }

    #[inline]
    fn digits(&mut self) -> Result<&'a str, JsonError> {
        let start = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        if self.at == start { Err(JsonError::Syntax) } else { self.since(start) }
    }
}

/// The byte at a place. No word has the one that stands for the end.
#[inline]
fn byte(text: &[u8], at: usize) -> u8 {
    text.get(at).copied().unwrap_or_default()
}

/// Where the next word is, and the byte that it starts with: 0 where the text ends.
#[inline]
pub(super) fn word(text: &[u8], at: usize) -> (usize, u8) {
    let byte = byte(text, at);
    if byte > b' ' { (at, byte) } else { word_after_space(text, at) }
}

#[cold]
fn word_after_space(text: &[u8], mut at: usize) -> (usize, u8) {
    while matches!(byte(text, at), b' ' | b'\t' | b'\n' | b'\r') {
        at += 1;
    }
    (at, byte(text, at))
}

/// Without a product that may overflow: looking whether it did would take 128 bits.
#[inline]
fn integer(digits: &str, negative: bool) -> Option<i64> {
    if digits.len() > FITTING_DIGITS {
        return None;
    }
    let value = digits.bytes().fold(0u64, |value, digit| value * 10 + u64::from(digit - b'0'));
    if negative { 0i64.checked_sub_unsigned(value) } else { i64::try_from(value).ok() }
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
