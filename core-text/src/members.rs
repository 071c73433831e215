//! The members of an object by their places in the text, found by their names' marks.

use crate::member::{PlainMember, byte, plain_member};
use alloc::vec::Vec;

/// So many members are found by a table of places.
const FEW: usize = 32;
/// Places of the table: twice as many as there are members.
const PLACES: usize = 2 * FEW;

/// A part of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where it starts.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
}

/// A member, by places in the text.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// [`mark`](crate::mark) of the name.
    pub mark: u32,
    /// In its quotation marks if it has escapes.
    pub name: Part,
    /// Whether the value is known to be a string without escapes.
    pub plain: bool,
    /// The value.
    pub value: Part,
}

/// Where [`FewMembers::read_plain`] stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Before a member that starts here and is not plain, or may be there already, or is one too many.
    Before(usize),
    /// After a plain member that ends here, with something else than a comma following it.
    After(usize),
}

/// A few members, as in the document.
#[derive(Clone, Debug)]
pub struct FewMembers {
    list: Vec<Member>,
    /// By the first bits of the mark: one more than the place of a member, and 0 for none.
    places: [u8; PLACES],
}

impl FewMembers {
    /// Room for the members of a text of so many bytes.
    #[must_use]
    pub fn of(bytes: usize) -> Self {
        // Most members of a token are longer.
        Self { list: Vec::with_capacity(FEW.min(bytes / 24 + 4)), ..Self::default() }
    }

    /// All of them.
    #[must_use]
    pub fn list(&self) -> &[Member] {
        &self.list
    }

    /// The member with a mark that `is` the right one.
    pub fn find(&self, mark: u32, is: impl Fn(&Member) -> bool) -> Option<&Member> {
        let mut place = first(mark);
        loop {
            let known = self.at(place)?;
            if known.mark == mark && is(known) {
                return Some(known);
            }
            place = next(place);
        }
    }

    /// Adds a member, unless they are no longer few or one that is the `same` is among them.
    pub fn add(&mut self, member: Member, same: impl Fn(&Member) -> bool) -> bool {
        if self.list.len() >= FEW {
            return false;
        }
        let mut place = first(member.mark);
        while let Some(known) = self.at(place) {
            if known.mark == member.mark && same(known) {
                return false;
            }
            place = next(place);
        }
        self.list.push(member);
        if let Some(number) = self.places.get_mut(place) {
            // No more than a few.
            *number = self.list.len() as u8;
        }
        true
    }

    /// Adds the plain members that follow one another from a place on.
    ///
    /// ```
    /// use workload_identity_text::{FewMembers, Stop};
    /// let mut members = FewMembers::of(20);
    /// assert_eq!(members.read_plain(br#"{"a":"b","c":{}}"#, 1), Stop::Before(9));
    /// assert_eq!(members.read_plain(br#"{"a":"b","d":1}"#, 9), Stop::After(14));
    /// assert_eq!(members.list().len(), 2);
    /// ```
    #[must_use]
    #[inline(never)]
    pub fn read_plain(&mut self, text: &[u8], mut at: usize) -> Stop {
        while let Some(PlainMember { mark, name, name_end, value, end }) = plain_member(text, at) {
            let plain = byte(text, value) == b'"';
            let (name, value) = (Part::between(name, name_end), Part::between(value, end));
            let member = Member { mark, name, plain, value };
            if !self.add(member, |_| true) {
                break;
            }
            if byte(text, end) != b',' {
                return Stop::After(end);
            }
            at = end + 1;
        }
        Stop::Before(at)
    }

    /// What is at a place of the table.
    #[inline]
    fn at(&self, place: usize) -> Option<&Member> {
        let number = usize::from(*self.places.get(place)?);
        self.list.get(number.checked_sub(1)?)
    }
}

impl Part {
    /// Of a text whose places 32 bits can say.
    #[must_use]
    pub const fn between(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }
}

impl Default for FewMembers {
    fn default() -> Self {
        Self { list: Vec::new(), places: [0; PLACES] }
    }
}

/// The first place to look for a member.
#[inline]
const fn first(mark: u32) -> usize {
    (mark >> (u32::BITS - PLACES.trailing_zeros())) as usize
}

/// The place to look next. There is a free one.
#[inline]
const fn next(place: usize) -> usize {
    (place + 1) % PLACES
}
