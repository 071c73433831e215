//! The hot path's answers as numbers and one text, for hosts that read memory: what they know already is a number, and
//! claims are the payload as it stands, to be read when somebody looks at them.

use super::asked::Place;
use crate::Error;
use crate::verify::VerifiedClaims;
use alloc::string::String;
use alloc::vec::Vec;

/// An answer. Its words:
///
/// | word | |
/// | --- | --- |
/// | 0 | [`Self::DRIVE`], [`Self::REFUSED`], [`Self::SEEN`], [`Self::ACCEPTED`] or [`Self::ASK`] |
/// | 1 | number of the refusal or, if accepted or asked, of the key |
/// | 2 | 1 if such numbers begin anew |
/// | 3 | asked: number of the verdict, to be opened |
/// | 4, 5 | number of a verdict that is remembered, low half and high half; 0 for none |
/// | 6 | age of the key set in seconds, plus 1; 0 for keys given directly |
/// | 7, 8 | length of `sub` and of the header's `typ` in UTF-16 units, plus 1; 0 for none |
/// | 9 | 1 if the token names its key by the `kid` that the key has |
/// | 10 | asked: how many bytes of the token are signed |
/// | 11, 12 | where the text is and its bytes, for the binding to fill in |
/// | 13, 14 | the same for the signature |
///
/// The text is a refusal's wire form if it is new; or `sub`, `typ` and the payload, one after another, of a token whose claims
/// hold.
#[derive(Debug, Default)]
pub struct Answer {
    /// See above.
    pub words: [u32; 15],
    /// See above.
    pub text: String,
    /// The signature that the host is asked about.
    pub signature: Vec<u8>,
}

impl Answer {
    /// The token has to be driven.
    pub const DRIVE: u32 = 0;
    /// The token is refused. Number and text: a new refusal has both, a known one its number, one of its moment its text
    /// and the number [`Self::NONE`].
    pub const REFUSED: u32 = 1;
    /// A verdict that is remembered still holds.
    pub const SEEN: u32 = 2;
    /// The token is accepted.
    pub const ACCEPTED: u32 = 3;
    /// The host computes the signature; the rest is what holds if it is good.
    pub const ASK: u32 = 4;
    /// No number.
    pub const NONE: u32 = u32::MAX;

    pub(super) fn begin(&mut self) {
        self.words = [0; 15];
        self.text.clear();
        self.signature.clear();
    }

    pub(super) fn refused(&mut self, error: &Error, place: Option<(Place, bool)>) {
        let [kind, number, anew, ..] = &mut self.words;
        *kind = Self::REFUSED;
        *number = place.as_ref().map_or(Self::NONE, |(place, _)| word(place.number));
        *anew = place.as_ref().is_some_and(|(place, _)| place.anew).into();
        if place.is_none_or(|(_, new)| new) {
            self.text = error.to_json();
        }
    }

    pub(super) fn seen(&mut self, serial: u64) {
        let [kind, _, _, _, low, high, ..] = &mut self.words;
        *kind = Self::SEEN;
        (*low, *high) = halves(serial);
    }

    pub(super) fn key(&mut self, kind_of_answer: u32, place: &Place) {
        let [kind, number, anew, ..] = &mut self.words;
        *kind = kind_of_answer;
        *number = word(place.number);
        *anew = place.anew.into();
    }

    /// The number of the verdict, and what the host computes.
    pub(super) fn asked(&mut self, number: usize, signed_bytes: usize) {
        let [_, _, _, verdict, _, _, _, _, _, _, signed, ..] = &mut self.words;
        *verdict = word(number);
        *signed = word(signed_bytes);
    }

    /// What is said of the token.
    pub(super) fn claims(&mut self, claims: &VerifiedClaims) {
        let [_, _, _, _, low, high, age, subject, typ, has_key_id, ..] = &mut self.words;
        (*low, *high) = halves(claims.serial().unwrap_or_default());
        *age = claims.key_set_age().map_or(0, |age| word((age / 1000).max(0)).saturating_add(1));
        *has_key_id = claims.header().kid.is_some().into();
        let text = &mut self.text;
        text.reserve(claims.payload().len() + 128);
        let mut short = |part: Option<&str>| {
            part.map_or(0, |part| {
                text.push_str(part);
                word(utf16_units(part)).saturating_add(1)
            })
        };
        *subject = short(claims.registered().subject.as_deref());
        *typ = short(claims.header().typ.as_deref());
        text.push_str(claims.payload());
    }
}

/// A unit for each character, and a second one for those of four bytes.
fn utf16_units(text: &str) -> usize {
    text.bytes().map(|byte| usize::from(byte & 0xc0 != 0x80) + usize::from(byte >= 0xf0)).sum()
}

fn halves(serial: u64) -> (u32, u32) {
    (word(serial & u64::from(u32::MAX)), word(serial >> 32))
}

fn word<T>(value: T) -> u32
where
    u32: TryFrom<T>,
{
    u32::try_from(value).unwrap_or(u32::MAX)
}
