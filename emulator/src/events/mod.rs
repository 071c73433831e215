//! What happens in the emulator, as events: a bounded log that the inspector page and other readers follow.
//!
//! A host passes each request and its answer to [`EventLog::record`]. Nothing is decoded before someone reads it, so that
//! recording costs a copy of the message.

mod change;
mod checks;
mod client_event;
mod decoded_token;
mod exchange;
mod identity;
mod log;
mod recorded_request;
mod summary;

pub(crate) use change::Change;
pub(crate) use client_event::ClientEvent;
pub use log::{EventLog, MAX_EVENTS, MAX_RECORDED_BYTES};
