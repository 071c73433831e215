//! The short form of an event, of which the stream consists.

use super::change::Change;
use super::client_event::ClientEvent;
use super::exchange::ExchangeSummary;
use super::recorded_request::{RecordedFetch, RecordedRequest};
use serde::Serialize;

/// The members of an event beside its number, time and kind.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Summary<'e> {
    Exchange(ExchangeSummary<'e>),
    Request(&'e RecordedRequest),
    Fetch(&'e RecordedFetch),
    Change(&'e Change),
    Client(&'e ClientEvent),
}
