//! The members of one object as they stand in the text: all rules are checked, nothing is copied.
//!
//! A token's claims are read once or never; building a tree of them costs more than checking them.

use super::lexer::{Lexer, Number};
use super::{Json, JsonError, MAX_DEPTH, reader};
use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::cmp::Ordering;
use workload_identity_text::{mark, plain_member};

/// So many members are found by a table of places; more are kept in order, so that a document costs no more than its size
/// times its logarithm, whatever its names.
const FEW: usize = 32;
/// Places of the table: twice as many as there are members.
const PLACES: usize = 2 * FEW;

/// The members of an object, in no particular order.
///
/// ```
/// use workload_identity_core::json::{Json, RawMembers};
/// let claims = RawMembers::read(br#"{"iss":"i","exp":1.5,"a":{"b":[]}}"#).unwrap();
/// assert_eq!(claims.raw("a"), Some(r#"{"b":[]}"#));
/// assert_eq!(claims.get("iss"), Some(Json::Text("i".into())));
/// assert!(RawMembers::read(br#"{"a":{"b":1,"b":2}}"#).is_err());
/// ```
#[derive(Clone, Debug)]
pub struct RawMembers<'a> {
    text: &'a str,
    /// As in the document, or in order if there are more than a few.
    members: Vec<Member>,
    /// By the first bits of the mark: one more than the place of a member, and 0 for none.
    places: [u8; PLACES],
}

/// A part of the text.
#[derive(Clone, Copy, Debug)]
struct Part {
    start: u32,
    end: u32,
}

/// A member, by places in the text.
#[derive(Clone, Copy, Debug)]
struct Member {
    /// [`mark`] of the name.
    mark: u32,
    /// In its quotation marks if it has escapes.
    name: Part,
    value: Part,
}

impl<'a> RawMembers<'a> {
    /// Reads a document that is one object, under the rules of [`parse`](super::parse).
    ///
    /// # Errors
    /// [`JsonError`] says which rule was broken; `Syntax` also for a document that is not an object.
    pub fn read(bytes: &'a [u8]) -> Result<Self, JsonError> {
        Self::read_within(bytes, MAX_DEPTH)
    }

    /// As [`Self::read`], for a document that may be nested no deeper than this.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn read_within(bytes: &'a [u8], max_depth: usize) -> Result<Self, JsonError> {
        let text = core::str::from_utf8(bytes).map_err(|_| JsonError::Syntax)?;
        Self::read_text_within(text, max_depth)
    }

    /// As [`Self::read`], for text.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn read_text(text: &'a str) -> Result<Self, JsonError> {
        Self::read_text_within(text, MAX_DEPTH)
    }

    fn read_text_within(text: &'a str, max_depth: usize) -> Result<Self, JsonError> {
        if u32::try_from(text.len()).is_err() {
            return Err(JsonError::Syntax);
        }
        let mut found = Self { text, ..Self::default() };
        // Most members of a token are longer.
        found.members.reserve(FEW.min(text.len() / 24 + 4));
        let mut reader = Reader { lexer: Lexer::new(text), max_depth, names: Vec::new() };
        reader.lexer.expect(b'{')?;
        if !reader.lexer.take(b'}') {
            let mut at = reader.lexer.place();
            while let Some(next) = found.read_one(&mut reader, at)? {
                at = next;
            }
        }
        reader.lexer.end()?;
        Ok(found)
    }

    /// Reads a member. Returns the place of the next one, if there is another.
    #[inline]
    fn read_one(&mut self, reader: &mut Reader<'_>, at: usize) -> Result<Option<usize>, JsonError> {
        // A plain member may have a list.
        let plain =
            if reader.max_depth > 1 { plain_member(self.text.as_bytes(), at) } else { None };
        let end = match plain {
            Some(plain) => {
                let name = Part::between(plain.name, plain.name_end);
                self.insert(plain.mark, name, Part::between(plain.value, plain.end))?;
                plain.end
            }
            None => self.read_other(reader, at)?,
        };
        if self.text.as_bytes().get(end) == Some(&b',') {
            return Ok(Some(end + 1));
        }
        reader.lexer.go_on(end);
        let more = reader.lexer.more(b'}')?;
        Ok(more.then(|| reader.lexer.place()))
    }

    /// Reads a member that is not written as most are. Returns where it ends.
    #[cold]
    fn read_other(&mut self, reader: &mut Reader<'_>, at: usize) -> Result<usize, JsonError> {
        reader.lexer.go_on(at);
        let (mark, name) = reader.name()?;
        let start = reader.lexer.place();
        reader.skip(1)?;
        let end = reader.lexer.place();
        self.insert(mark, name, Part::between(start, end))?;
        Ok(end)
    }

    /// A member's value as JSON text.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&'a str> {
        let mark = mark(name);
        let member = if self.members.len() > FEW {
            let place = self.members.binary_search_by(|known| known.order(self.text, mark, name));
            self.members.get(place.ok()?)?
        } else {
            let mut place = first(mark);
            loop {
                let known = self.at(place)?;
                if known.mark == mark && known.name.unescaped(self.text) == name {
                    break known;
                }
                place = next(place);
            }
        };
        Some(member.value.of(self.text))
    }

    /// A member's value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Json> {
        // It was read already under the same rules.
        self.raw(name).and_then(|raw| reader::document(raw).ok())
    }

    /// A member's value if it is a string: `Some(None)` for every other value.
    pub(crate) fn text(&self, name: &str) -> Option<Option<Cow<'a, str>>> {
        self.raw(name).map(|raw| Lexer::new(raw).quoted().ok())
    }

    /// A member's value if it is a number: `Some(None)` for every other value.
    pub(crate) fn number(&self, name: &str) -> Option<Option<f64>> {
        self.raw(name).map(|raw| match Lexer::new(raw).number() {
            Ok(Number::Integer(value)) => Some(value as f64),
            Ok(Number::Real(value)) => Some(value),
            Err(_) => None,
        })
    }

    /// Whether there is such a member.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// All names.
    pub fn names(&self) -> impl ExactSizeIterator<Item = Cow<'a, str>> {
        self.members.iter().map(|member| member.name.unescaped(self.text))
    }

    /// What is at a place of the table.
    fn at(&self, place: usize) -> Option<&Member> {
        let number = usize::from(*self.places.get(place)?);
        self.members.get(number.checked_sub(1)?)
    }

    /// Numbers instead of a member: it is then written once, where it stays.
    #[inline(always)]
    fn insert(&mut self, mark: u32, name: Part, value: Part) -> Result<(), JsonError> {
        if self.members.len() >= FEW {
            return self.insert_in_order(Member { mark, name, value });
        }
        let mut place = first(mark);
        while let Some(known) = self.at(place) {
            if known.mark == mark && known.name.unescaped(self.text) == name.unescaped(self.text) {
                return Err(JsonError::Duplicate);
            }
            place = next(place);
        }
        self.members.push(Member { mark, name, value });
        if let Some(number) = self.places.get_mut(place) {
            // No more than a few.
            *number = self.members.len() as u8;
        }
        Ok(())
    }

    #[cold]
    fn insert_in_order(&mut self, member: Member) -> Result<(), JsonError> {
        if self.members.len() == FEW {
            for member in core::mem::take(&mut self.members) {
                put(self.text, &mut self.members, 0, member)?;
            }
        }
        put(self.text, &mut self.members, 0, member)
    }
}

impl Default for RawMembers<'_> {
    fn default() -> Self {
        Self { text: "", members: Vec::new(), places: [0; PLACES] }
    }
}

/// Two objects are equal if each member of one stands in the other as it is.
impl PartialEq for RawMembers<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.members.len() == other.members.len()
            && self.names().all(|name| self.raw(&name) == other.raw(&name))
    }
}

impl Eq for RawMembers<'_> {}

/// The first place to look for a member.
const fn first(mark: u32) -> usize {
    (mark >> (u32::BITS - PLACES.trailing_zeros())) as usize
}

/// The place to look next. There is a free one.
const fn next(place: usize) -> usize {
    (place + 1) % PLACES
}

/// Puts a member among those after `from`, which are in order.
fn put(
    text: &str,
    members: &mut Vec<Member>,
    from: usize,
    member: Member,
) -> Result<(), JsonError> {
    let name = member.name.unescaped(text);
    let others = members.get(from..).unwrap_or_default();
    match others.binary_search_by(|known| known.order(text, member.mark, &name)) {
        Ok(_) => Err(JsonError::Duplicate),
        Err(place) => {
            members.insert(from + place, member);
            Ok(())
        }
    }
}

impl Part {
    /// Texts that are longer than such numbers can say were refused.
    const fn between(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }

    fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    /// A name as it is meant.
    fn unescaped(self, text: &str) -> Cow<'_, str> {
        let name = self.of(text);
        if name.starts_with('"') {
            // It was read already under the same rules.
            return Lexer::new(name).quoted().unwrap_or_default();
        }
        Cow::Borrowed(name)
    }
}

impl Member {
    fn order(&self, text: &str, mark: u32, name: &str) -> Ordering {
        self.mark.cmp(&mark).then_with(|| self.name.unescaped(text).as_ref().cmp(name))
    }
}

/// What reads members without keeping their values.
struct Reader<'a> {
    lexer: Lexer<'a>,
    max_depth: usize,
    /// The members of the objects around this place, without their values, each object's in order.
    names: Vec<Member>,
}

impl Reader<'_> {
    /// The name of a member and its mark; its value comes next.
    fn name(&mut self) -> Result<(u32, Part), JsonError> {
        self.lexer.next();
        let start = self.lexer.place();
        let name = self.lexer.quoted()?;
        let end = self.lexer.place();
        let part = match name {
            Cow::Borrowed(_) => Part::between(start + 1, end - 1),
            Cow::Owned(_) => Part::between(start, end),
        };
        self.lexer.expect(b':')?;
        self.lexer.next();
        Ok((mark(&name), part))
    }

    /// Reads a value without keeping it.
    fn skip(&mut self, depth: usize) -> Result<(), JsonError> {
        match self.lexer.next() {
            b'"' => self.lexer.quoted().map(|_| ()),
            b'[' | b'{' if depth >= self.max_depth => Err(JsonError::TooDeep),
            b'[' => self.skip_list(depth + 1),
            b'{' => self.skip_object(depth + 1),
            b'n' => self.lexer.word("null"),
            b't' => self.lexer.word("true"),
            b'f' => self.lexer.word("false"),
            _ => self.lexer.number().map(|_| ()),
        }
    }

    fn skip_list(&mut self, depth: usize) -> Result<(), JsonError> {
        self.lexer.expect(b'[')?;
        if self.lexer.take(b']') {
            return Ok(());
        }
        loop {
            self.skip(depth)?;
            if !self.lexer.more(b']')? {
                return Ok(());
            }
        }
    }

    fn skip_object(&mut self, depth: usize) -> Result<(), JsonError> {
        self.lexer.expect(b'{')?;
        if self.lexer.take(b'}') {
            return Ok(());
        }
        let outer = self.names.len();
        loop {
            let (mark, name) = self.name()?;
            let member = Member { mark, name, value: name };
            put(self.lexer.text(), &mut self.names, outer, member)?;
            self.skip(depth)?;
            if !self.lexer.more(b'}')? {
                self.names.truncate(outer);
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests;
