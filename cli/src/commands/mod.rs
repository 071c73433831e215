//! The commands of `wif`, one module each.

pub(crate) mod demo;
pub(crate) mod emulator;
pub(crate) mod token;
pub(crate) mod verify;
