//! What the tickets and flights of a verifier hold.

use super::{PendingVerification, VerifierRequestKind};
use crate::{Effect, Error};
use alloc::boxed::Box;
use alloc::sync::Arc;

/// The request of a ticket.
#[derive(Debug)]
pub(super) struct TicketRequest {
    pub(super) kind: Result<Arc<VerifierRequestKind>, Error>,
    /// Whether keys were fetched for it. They are not fetched again.
    pub(super) fetched: bool,
}

/// The work of a flight.
#[derive(Debug)]
pub(super) enum Job {
    /// Fetches the keys of a source, by its index. Tickets that need the same keys share the flight.
    FetchKeys(usize),
    /// Lets the host verify the signature of one token.
    VerifySignature(Box<SignatureJob>),
}

/// A signature that the host verifies.
#[derive(Debug)]
pub(super) struct SignatureJob {
    pub(super) pending: PendingVerification,
    pub(super) effect: Effect,
    /// Whether the signature is valid, once the host has answered.
    pub(super) result: Option<Result<bool, Error>>,
}
