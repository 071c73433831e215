//! A flight: one piece of work that several callers wait for. One of them, the leader, performs its effects.

use crate::effect::EffectId;
use crate::machine::{FlightId, Ticket};
use crate::{Code, Effect, Error, Timestamp};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// A leader that has not answered this long after its effect should have ended is taken for lost.
const GRACE_MS: i64 = 2_000;
/// Small corrections of a clock are no reason to replace a leader.
const CLOCK_STEP_MS: i64 = 60_000;

/// Requests open at the same time.
pub(crate) const MAX_TICKETS: usize = 100_000;
/// Given to requests beyond that; it is never registered.
pub(crate) const REFUSED: Ticket = Ticket(0);

/// What a ticket's caller does next. Steps are written from where they are kept, so this only says where.
#[derive(Debug)]
pub(crate) enum Turn {
    /// Take the final step, which is kept with the ticket.
    Ready,
    /// Perform the effect that is pending in the flight.
    Perform(FlightId),
    /// Wait for the flight's wake-up until an instant.
    Wait(FlightId, Timestamp),
    /// The host made a mistake, which is not kept.
    Fail(Error),
}

impl Turn {
    /// There is no such ticket.
    pub(crate) fn unknown(ticket: Ticket) -> Self {
        Turn::Fail(match ticket {
            REFUSED => Error::new(
                Code::TooManyRequests,
                "100000 requests are open already; end those that are finished",
            ),
            _ => Error::new(Code::Misuse, "the ticket is unknown or has ended"),
        })
    }

    pub(crate) fn no_seed() -> Self {
        Turn::Fail(Error::new(Code::Misuse, "no seed: call reseed before the first request"))
    }

    pub(crate) fn no_flight() -> Self {
        Turn::Fail(Error::new(Code::Internal, "a ticket waits for a flight that is gone"))
    }
}

#[derive(Debug)]
pub(crate) struct Flight<W> {
    pub(crate) work: W,
    /// Who waits, and until when.
    pub(crate) waiting: Vec<(Ticket, Timestamp)>,
    pub(crate) leader: Option<Ticket>,
    pub(crate) lease: Timestamp,
    granted: Timestamp,
    /// The effect handed to the leader.
    pub(crate) pending: Option<Box<(EffectId, Effect)>>,
    /// An effect whose answer no longer counts.
    pub(crate) void: Option<EffectId>,
}

impl<W> Flight<W> {
    pub(crate) fn new(work: W, now: Timestamp) -> Self {
        Self {
            work,
            waiting: Vec::new(),
            leader: None,
            lease: now,
            granted: now,
            pending: None,
            void: None,
        }
    }

    /// The latest deadline of all who wait.
    pub(crate) fn deadline(&self) -> Timestamp {
        self.waiting.iter().map(|(_, deadline)| *deadline).max().unwrap_or_default()
    }

    /// Makes a ticket the leader if nobody leads or the leader's lease has run out. Its pending effect, if any,
    /// is void then: a late answer must not disturb the successor.
    pub(crate) fn claim(&mut self, ticket: Ticket, now: Timestamp) -> bool {
        if self.leader == Some(ticket) {
            return true;
        }
        // A clock that was set back past the moment of the grant says nothing about the rest of the lease.
        let held = self.lease > now && now.plus_millis(CLOCK_STEP_MS) >= self.granted;
        if self.leader.is_some() && held {
            return false;
        }
        self.leader = Some(ticket);
        self.void = self.pending.take().map(|pending| pending.0);
        true
    }

    /// Notes the effect handed to the leader and renews the lease.
    pub(crate) fn hand_out(&mut self, id: EffectId, effect: Effect, now: Timestamp) {
        let ends = match &effect {
            Effect::Http(request) => now.plus_millis(i64::from(request.timeout_ms)),
            Effect::AskHost { timeout_ms, .. } => now.plus_millis(i64::from(*timeout_ms)),
            Effect::Sleep { until } => *until,
            Effect::ReadFile { .. }
            | Effect::Sign { .. }
            | Effect::Verify { .. }
            | Effect::Store(_) => now.plus_millis(10_000),
        };
        self.granted = now;
        self.lease = ends.max(now).plus_millis(GRACE_MS);
        self.pending = Some(Box::new((id, effect)));
    }

    /// The effect is answered; the leader has a moment to come back for the next.
    pub(crate) fn answered(&mut self, now: Timestamp) {
        self.pending = None;
        self.granted = now;
        self.lease = now.plus_millis(GRACE_MS);
    }

    /// A caller leaves; true when it led and somebody else should now.
    pub(crate) fn leave(&mut self, ticket: Ticket) -> bool {
        if let Some(index) = self.waiting.iter().position(|(waiting, _)| *waiting == ticket) {
            self.waiting.swap_remove(index);
        }
        if self.leader != Some(ticket) {
            return false;
        }
        self.leader = None;
        self.void = self.pending.take().map(|pending| pending.0);
        !self.waiting.is_empty()
    }
}
