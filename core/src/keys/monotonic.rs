//! A clock in milliseconds that never goes back: it stops when the host's clock is set back, and continues from there.
//!
//! Ages and pauses measured by it never shrink, so that a wrong clock cannot keep an old key alive.

use crate::Timestamp;

/// The last instant: so far from the end of the type that a sum of an instant and a time needs no care.
const END: i64 = i64::MAX / 4;

#[derive(Clone, Debug)]
pub(super) struct MonotonicClock {
    /// How far the host's clock has been set back in all.
    ahead: i64,
    latest: i64,
}

impl MonotonicClock {
    pub(super) const fn new() -> Self {
        Self { ahead: 0, latest: 0 }
    }

    /// The source's time at the host's.
    pub(super) fn read(&self, now: Timestamp) -> i64 {
        (now.millis() + self.ahead).max(self.latest).min(END)
    }

    /// The same, taking note of a clock that was set back.
    pub(super) fn tick(&mut self, now: Timestamp) -> i64 {
        let at = self.read(now);
        self.ahead = at - now.millis();
        self.latest = at;
        at
    }

    /// The host's time of an instant of the source's.
    pub(super) fn to_host(&self, at: i64, now: Timestamp) -> Timestamp {
        now.plus_millis(at - self.read(now))
    }

    /// The source's time of an instant of the host's.
    pub(super) fn to_source(&self, instant: Timestamp, now: Timestamp) -> i64 {
        self.read(now) + instant.since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_forward_with_the_hosts_and_never_back() {
        let at = Timestamp::from_millis;
        let mut clock = MonotonicClock::new();
        assert_eq!(clock.tick(at(1_000)), 1_000);
        assert_eq!(clock.tick(at(5_000)), 5_000);
        assert_eq!(clock.tick(at(2_000)), 5_000);
        assert_eq!(clock.read(at(2_500)), 5_500);
        assert_eq!(clock.tick(at(3_000)), 6_000);
        assert_eq!(clock.read(at(0)), 6_000);
        assert_eq!(clock.to_host(7_000, at(3_000)), at(4_000));
        assert_eq!(clock.to_source(at(4_000), at(3_000)), 7_000);
        // Not even a clock at the end of all time stops it.
        let end = clock.tick(Timestamp::MAX);
        assert_eq!(clock.tick(at(0)), end);
        assert_eq!(clock.tick(at(10)), end + 10);
    }
}
