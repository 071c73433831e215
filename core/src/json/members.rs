//! The members of one object as they stand in the text: all rules are checked, nothing is copied.
//!
//! A token's claims are read once or never; building a tree of them costs more than checking them.

use super::lexer::Lexer;
use super::{Json, JsonError, MAX_DEPTH, reader};
use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::cmp::Ordering;
use workload_identity_text::{FewMembers, Member, Part, Stop, mark};

/// The members of an object, in no particular order.
///
/// ```
/// use workload_identity_core::json::{Json, RawMembers};
/// let claims = RawMembers::read(br#"{"iss":"i","exp":1.5,"a":{"b":[]}}"#).unwrap();
/// assert_eq!(claims.raw("a"), Some(r#"{"b":[]}"#));
/// assert_eq!(claims.get("iss"), Some(Json::Text("i".into())));
/// assert!(RawMembers::read(br#"{"a":{"b":1,"b":2}}"#).is_err());
/// ```
#[derive(Clone, Debug, Default)]
pub struct RawMembers<'a> {
    text: &'a str,
    few: FewMembers,
    /// All, in order, if there are more than a few: a document then costs no more than its size times its logarithm,
    /// whatever its names.
    many: Vec<Member>,
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
        let mut found = Self { text, few: FewMembers::of(text.len()), many: Vec::new() };
        let mut reader = Reader { lexer: Lexer::new(text), max_depth };
        reader.lexer.next();
        reader.object(1, &mut found)?;
        reader.lexer.end()?;
        Ok(found)
    }

    /// Adds a member.
    fn add(&mut self, member: Member) -> Result<(), JsonError> {
        if self.many.is_empty() {
            let name = unescaped(member.name, self.text);
            let same = |known: &Member| is(known, self.text, &name);
            if self.few.add(member, same) {
                return Ok(());
            }
            if self.few.find(member.mark, same).is_some() {
                return Err(JsonError::Duplicate);
            }
            for member in self.few.list() {
                put(self.text, &mut self.many, *member)?;
            }
        }
        put(self.text, &mut self.many, member)
    }

    fn member(&self, name: &str) -> Option<&Member> {
        let mark = mark(name);
        if self.many.is_empty() {
            return self.few.find(mark, |known| is(known, self.text, name));
        }
        let place = self.many.binary_search_by(|known| order(known, self.text, mark, name));
        self.many.get(place.ok()?)
    }

    fn list(&self) -> &[Member] {
        if self.many.is_empty() { self.few.list() } else { &self.many }
    }

    /// A member's value as JSON text.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&'a str> {
        self.member(name).map(|member| of(member.value, self.text))
    }

    /// A member's value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Json> {
        // It was read already under the same rules.
        self.raw(name).and_then(|raw| reader::document(raw).ok())
    }

    /// Whether there is such a member.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.member(name).is_some()
    }

    /// All names.
    pub fn names(&self) -> impl ExactSizeIterator<Item = Cow<'a, str>> {
        self.list().iter().map(|member| unescaped(member.name, self.text))
    }
}

/// Two objects are equal if each member of one stands in the other as it is.
impl PartialEq for RawMembers<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.list().len() == other.list().len()
            && self.names().all(|name| self.raw(&name) == other.raw(&name))
    }
}

impl Eq for RawMembers<'_> {}

/// Puts a member among others, which are in order.
fn put(text: &str, members: &mut Vec<Member>, member: Member) -> Result<(), JsonError> {
    let order = |known: &Member| {
        let names = || unescaped(known.name, text).cmp(&unescaped(member.name, text));
        known.mark.cmp(&member.mark).then_with(names)
    };
    match members.binary_search_by(order) {
        Ok(_) => Err(JsonError::Duplicate),
        Err(place) => {
            members.insert(place, member);
            Ok(())
        }
    }
}

fn of(part: Part, text: &str) -> &str {
    text.get(part.start as usize..part.end as usize).unwrap_or_default()
}

/// A name as it is meant.
fn unescaped(name: Part, text: &str) -> Cow<'_, str> {
    let name = of(name, text);
    if name.starts_with('"') {
        // It was read already under the same rules.
        return Lexer::new(name).quoted().unwrap_or_default();
    }
    Cow::Borrowed(name)
}

/// Whether a member is the one of a name.
fn is(member: &Member, text: &str, name: &str) -> bool {
    let Part { start, end } = member.name;
    match text.as_bytes().get(start as usize..end as usize) {
        Some([b'"', ..]) => unescaped(member.name, text) == name,
        own => own == Some(name.as_bytes()),
    }
}

fn order(known: &Member, text: &str, mark: u32, name: &str) -> Ordering {
    known.mark.cmp(&mark).then_with(|| unescaped(known.name, text).as_ref().cmp(name))
}

/// What reads members without keeping their values.
struct Reader<'a> {
    lexer: Lexer<'a>,
    max_depth: usize,
}

impl<'a> Reader<'a> {
    /// Reads the members of the object that starts here.
    fn object(&mut self, depth: usize, found: &mut RawMembers<'a>) -> Result<(), JsonError> {
        self.lexer.expect(b'{')?;
        let mut more = !self.lexer.take(b'}');
        while more {
            let at = self.lexer.place();
            // A plain member may have a list.
            let stop = match depth < self.max_depth && found.many.is_empty() {
                true => found.few.read_plain(found.text.as_bytes(), at),
                false => Stop::Before(at),
            };
            match stop {
                Stop::After(end) => self.lexer.go_on(end),
                Stop::Before(place) => {
                    self.lexer.go_on(place);
                    let (mark, name) = self.name()?;
                    let start = self.lexer.place();
                    self.skip(depth)?;
                    let value = Part::between(start, self.lexer.place());
                    found.add(Member { mark, name, plain: false, value })?;
                }
            }
            more = self.lexer.more(b'}')?;
        }
        Ok(())
    }

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
            b'{' => self.object(
                depth + 1,
                &mut RawMembers { text: self.lexer.text(), ..RawMembers::default() },
            ),
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
}

#[cfg(test)]
mod tests;
