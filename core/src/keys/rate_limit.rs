//! The rate of requests of a key source: ten a minute, three at once.

/// One request.
const COST_MS: i64 = 6_000;
/// Three of them.
const FULL_MS: i64 = 3 * COST_MS;

/// A token bucket that fills with time.
#[derive(Clone, Debug)]
pub(super) struct RateLimit {
    level_ms: i64,
    at: i64,
}

impl RateLimit {
    pub(super) const fn new() -> Self {
        Self { level_ms: FULL_MS, at: 0 }
    }

    fn level(&self, at: i64) -> i64 {
        (self.level_ms + (at - self.at).max(0)).min(FULL_MS)
    }

    /// Returns when the next request may be sent.
    pub(super) fn next(&self, at: i64) -> i64 {
        at + (COST_MS - self.level(at)).max(0)
    }

    /// Takes a request out of the bucket, if there is one.
    pub(super) fn take(&mut self, at: i64) -> bool {
        let level = self.level(at);
        let enough = level >= COST_MS;
        if enough {
            *self = Self { level_ms: level - COST_MS, at };
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_at_once_and_then_ten_a_minute() {
        let mut rate_limit = RateLimit::new();
        assert_eq!(rate_limit.next(1_000), 1_000);
        assert!((0..3).all(|_| rate_limit.take(1_000)));
        assert!(!rate_limit.take(1_000) && !rate_limit.take(6_999));
        assert_eq!(rate_limit.next(2_000), 7_000);
        assert!(rate_limit.take(7_000) && !rate_limit.take(7_000));
        let minute = (7_000..67_000).filter(|at| rate_limit.take(*at)).count();
        assert!((9..=10).contains(&minute), "{minute}");
    }

    #[test]
    fn an_hour_of_rest_is_worth_three() {
        let mut rate_limit = RateLimit::new();
        assert!(rate_limit.take(0));
        assert!((0..3).all(|_| rate_limit.take(3_600_000)));
        assert!(!rate_limit.take(3_600_000));
    }
}
