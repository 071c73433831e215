//! Instants. The core never reads a clock: callers pass the current time.

/// Milliseconds since 1970-01-01T00:00:00Z without leap seconds (unix time).
///
/// ```
/// use workload_identity_core::Timestamp;
/// let now = Timestamp::from_millis(1_700_000_000_000);
/// assert_eq!(now.plus_seconds(60).seconds(), 1_700_000_060);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The latest instant that a JavaScript number represents exactly.
    pub const MAX: Timestamp = Timestamp(9_007_199_254_740_991);

    /// From unix milliseconds; values outside `0..=MAX` are clamped.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        if millis < 0 {
            Timestamp(0)
        } else if millis > Self::MAX.0 {
            Self::MAX
        } else {
            Timestamp(millis)
        }
    }

    /// From unix seconds, the unit of `exp`, `nbf` and `iat`.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self::from_millis(seconds.saturating_mul(1000))
    }

    /// Unix milliseconds.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Unix seconds, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0 / 1000
    }

    /// This instant moved by `millis`, clamped to the representable range.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// This instant moved by `seconds`, clamped to the representable range.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_millis(seconds.saturating_mul(1000))
    }

    /// Milliseconds from `earlier` to `self`; negative when `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        // Both are within `0..=MAX`.
        self.0 - earlier.0
    }
}
