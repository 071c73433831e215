//! Where the host writes the bytes of its next call.

use crate::place::Place;
use alloc::vec::Vec;

pub(crate) static ROOM: Place<Vec<u8>> = Place::new(Vec::new());

/// Where in this module's memory the host writes so many bytes.
#[unsafe(no_mangle)]
extern "C" fn room(bytes: usize) -> usize {
    let mut room = ROOM.take();
    if room.len() < bytes {
        room.resize(bytes, 0);
    }
    let place = room.as_ptr() as usize;
    ROOM.put(room);
    place
}
