//! What the verifier answers.

use super::{Unproven, VerifiedClaims};
use crate::jose::UnusableKey;
use crate::json::Members;
use crate::machine::{FlightId, Ticket};
use crate::{Effect, EffectId, Error, Timestamp};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// What [`Verifier::check`](super::Verifier::check) finds at once.
#[derive(Debug)]
pub enum Checked<'t> {
    /// The token was verified before, and the verdict still holds.
    Accepted {
        /// The claims.
        verified: Arc<VerifiedClaims>,
        /// The verdict holds until then, unless the key set changes before.
        fresh_until: Timestamp,
    },
    /// The token is refused.
    Refused(Error),
    /// Only the signature, and what comes after it, is missing.
    Unproven(Box<Unproven<'t>>),
    /// Keys have to be fetched: begin a request with the token and drive it.
    Drive,
}

/// The result of a request.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// The token is accepted.
    Accepted(Arc<VerifiedClaims>),
    /// The keys of an issuer are at hand.
    Keys(KeysAtHand),
}

/// What is known of an issuer's keys.
#[derive(Clone, Debug)]
pub struct KeysAtHand {
    /// How many may be used.
    pub usable: usize,
    /// The others, with the reason.
    pub unusable: Vec<UnusableKey>,
    /// How old the set is, in milliseconds; `None` for keys given directly.
    pub age_ms: Option<i64>,
}

/// The next step of a ticket.
#[derive(Clone, Debug)]
pub enum VerifierStep {
    /// The request is answered.
    Done {
        /// The answer.
        value: Verdict,
        /// A background refresh of keys to drive; dropping it is allowed if it is ended.
        refresh: Option<Ticket>,
    },
    /// The token is refused, or its keys are not to be had.
    Fail(Error),
    /// The caller leads: perform the effect, resolve it, poll again.
    Perform {
        /// Whose waiters the answer wakes.
        flight: FlightId,
        /// Names the effect.
        id: EffectId,
        /// What to do.
        effect: Effect,
    },
    /// Somebody else leads: poll again when woken, or at that instant.
    Wait {
        /// Who wakes.
        flight: FlightId,
        /// When to look again at the latest.
        until: Timestamp,
    },
}

impl Verdict {
    /// Writes the members of the wire form.
    pub fn write(&self, o: &mut Members<'_>) {
        match self {
            Verdict::Accepted(verified) => verified.write(o),
            Verdict::Keys(keys) => {
                o.integer("keys", i64::try_from(keys.usable).unwrap_or(i64::MAX))
                    .objects("unusable", &keys.unusable, |key, o| {
                        o.text_if("key_id", key.key_id.as_deref())
                            .text("code", key.error.code.name())
                            .text("message", &key.error.message);
                    })
                    .integer_if("key_set_age", keys.age_ms.map(|age| age / 1000));
            }
        }
    }
}
