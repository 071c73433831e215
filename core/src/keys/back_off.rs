//! How long to leave a server alone that failed: twice as long each time, with full jitter.

use crate::entropy::Entropy;

/// Bound of the first pause.
const BASE_MS: u64 = 1_000;
/// Bound of every pause, and of what a server may ask for.
const MAX_MS: u64 = 300_000;

/// The state after some number of failed fetches in a row.
#[derive(Clone, Debug, Default)]
pub(super) struct BackOff {
    failures: u32,
    until: i64,
}

/// A pause after the given number of failures: uniform below its bound, after what the server asked for.
pub(super) fn pause_ms(failures: u32, asked_ms: i64, entropy: &mut Entropy) -> i64 {
    let bound = (BASE_MS << failures.min(16)).min(MAX_MS);
    asked_ms.clamp(0, MAX_MS as i64) + entropy.up_to(bound) as i64
}

impl BackOff {
    /// The instant until which nothing is fetched, if it is still to come.
    pub(super) fn until(&self, at: i64) -> Option<i64> {
        (self.failures > 0 && self.until > at).then_some(self.until)
    }

    pub(super) fn failed(&mut self, asked_ms: i64, at: i64, entropy: &mut Entropy) {
        self.until = at + pause_ms(self.failures, asked_ms, entropy);
        self.failures = self.failures.saturating_add(1);
    }

    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_five_minutes_and_end_with_success() {
        let mut entropy = Entropy::new([5; 32]);
        let mut back_off = BackOff::default();
        assert_eq!(back_off.until(0), None);
        let mut longest = 0;
        for failure in 0..200u32 {
            back_off.failed(0, 1_000, &mut entropy);
            let pause = back_off.until(0).expect("a pause") - 1_000;
            assert!((0..=1_000i64 << failure.min(9)).contains(&pause), "{failure}: {pause}");
            longest = longest.max(pause);
        }
        assert!((200_000..=300_000).contains(&longest), "{longest}");
        assert_eq!(back_off.until(400_000), None);
        back_off.succeeded();
        assert_eq!(back_off.until(0), None);
    }

    #[test]
    fn what_the_server_asks_for_is_the_least() {
        let mut entropy = Entropy::new([5; 32]);
        let mut back_off = BackOff::default();
        back_off.failed(60_000, 0, &mut entropy);
        assert!((60_000..=61_000).contains(&back_off.until(0).expect("a pause")));
    }
}
