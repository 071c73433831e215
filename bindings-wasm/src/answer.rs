//! What a call answers: a number, or a text in this module's memory.

use crate::place::Place;
use alloc::string::String;

/// What a machine says.
pub(crate) enum Said {
    /// The number that the call returns.
    Number(f64),
    /// The call returns -1.
    Text(String),
}

/// Two words: where the text of the last call is, and its bytes.
static WORDS: Place<[usize; 2]> = Place::new([0; 2]);
static TEXT: Place<String> = Place::new(String::new());

/// Where in this module's memory the two words are.
#[unsafe(no_mangle)]
extern "C" fn answer() -> usize {
    &raw const WORDS as usize
}

/// Shows a text until the next one.
pub(crate) fn show(text: String) {
    WORDS.put([text.as_ptr() as usize, text.len()]);
    TEXT.put(text);
}
