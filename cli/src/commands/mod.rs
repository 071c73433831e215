//! The commands of `wif`, one module each.

mod addresses;
pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod emulator;
pub(crate) mod man;
mod source_args;
pub(crate) mod sources;
pub(crate) mod token;
pub(crate) mod verify;
