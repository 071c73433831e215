//! Tickets, flights and leases: what all machines of the core have in common.
//!
//! A *ticket* stands for one request of one caller. Tickets that need the same work join one *flight*. One of them, the
//! *leader*, performs the effects of the flight; the others, its followers, wait. The leader holds a *lease* that ends
//! shortly after its effect should have. When the leader leaves, or its lease ends, the next ticket that is polled takes
//! over: it gets the same effect under a new id, and an outcome for the old id changes nothing.
//!
//! [`Flights`] implements this once. A machine adds what its requests are, what its flights do, and how a flight's end
//! becomes the final step of each ticket. `docs/protocol.md` describes the same rules for hosts.

mod flights;
mod lease;

use crate::{Code, Effect, EffectId, Error, Timestamp};

pub(crate) use flights::{Finished, Flights, Polled};

/// Names one request of one caller.
///
/// Ids of all kinds are 1, 2, 3 and so on. They are never reused and stay below 2^53, the largest integer that JavaScript
/// represents exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// Names the work that one or more requests wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlightId(pub u64);

/// What the caller of a ticket does next.
#[derive(Clone, Debug)]
pub enum Step<V> {
    /// The request has succeeded.
    Done {
        /// The result.
        value: V,
        /// A background refresh that is due. The caller drives this ticket like any other, or ends it. Only one caller
        /// gets it.
        refresh: Option<Ticket>,
    },
    /// The request has failed.
    Fail(Error),
    /// The caller is the leader: perform the effect, pass its outcome to `resolve`, poll again.
    Perform {
        /// The flight that needs the effect.
        flight: FlightId,
        /// Names the effect in `resolve`.
        effect_id: EffectId,
        /// What to perform.
        effect: Effect,
    },
    /// Another caller is the leader: wait until the flight is woken, at most until `until`, and poll again.
    Wait {
        /// The flight to wait for.
        flight: FlightId,
        /// When to poll again without having been woken.
        until: Timestamp,
    },
}

/// Returns the error of a machine that is polled before it has a seed.
pub(crate) fn no_seed() -> Error {
    Error::new(Code::Misuse, "no seed: call reseed before the first request")
}

#[cfg(test)]
mod tests;
