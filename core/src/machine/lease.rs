//! How long a leader may take before another ticket replaces it.

use crate::{Effect, Timestamp};

/// Time that a leader has beyond the end of its effect, and to come back for the next one.
const GRACE_MS: i64 = 2_000;
/// Time for an effect that has no timeout of its own.
const DEFAULT_EFFECT_MS: i64 = 10_000;
/// A clock that is set back by at most this does not end a lease.
const CLOCK_STEP_MS: i64 = 60_000;

/// The time during which a leader keeps its flight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lease {
    granted: Timestamp,
    until: Timestamp,
}

impl Lease {
    /// A lease for a leader that has no effect to perform yet.
    pub(super) fn idle(now: Timestamp) -> Self {
        Self { granted: now, until: now.plus_millis(GRACE_MS) }
    }

    /// A lease for a leader that performs an effect.
    pub(super) fn performing(effect: &Effect, now: Timestamp) -> Self {
        let end = match effect {
            Effect::Http(request) => now.plus_millis(i64::from(request.timeout_ms)),
            Effect::AskHost { timeout_ms, .. } => now.plus_millis(i64::from(*timeout_ms)),
            Effect::Sleep { until } => *until,
            Effect::ReadFile { .. }
            | Effect::Sign { .. }
            | Effect::Verify { .. }
            | Effect::Store(_) => now.plus_millis(DEFAULT_EFFECT_MS),
        };
        Self { granted: now, until: end.max(now).plus_millis(GRACE_MS) }
    }

    /// Whether the leader still leads. A clock that was set back to well before the grant makes the rest of the lease
    /// meaningless, so the lease has ended then.
    pub(super) fn holds(&self, now: Timestamp) -> bool {
        self.until > now && now.plus_millis(CLOCK_STEP_MS) >= self.granted
    }

    /// When the lease ends.
    pub(super) fn until(&self) -> Timestamp {
        self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    #[test]
    fn a_lease_ends_after_its_effect_and_the_grace() {
        let lease = Lease::performing(&Effect::Sleep { until: NOW.plus_millis(500) }, NOW);
        assert_eq!(lease.until(), NOW.plus_millis(2_500));
        assert!(lease.holds(NOW.plus_millis(2_499)));
        assert!(!lease.holds(NOW.plus_millis(2_500)));
        let past = Lease::performing(&Effect::Sleep { until: Timestamp::from_millis(0) }, NOW);
        assert_eq!(past.until(), NOW.plus_millis(2_000));
    }

    #[test]
    fn a_clock_set_back_by_more_than_a_minute_ends_a_lease() {
        let lease = Lease::idle(NOW);
        assert!(lease.holds(NOW.plus_millis(-60_000)));
        assert!(!lease.holds(NOW.plus_millis(-60_001)));
    }
}
