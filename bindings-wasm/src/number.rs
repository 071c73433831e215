//! Ids and instants are below 2^53, so `f64` carries them exactly.

#[expect(clippy::cast_precision_loss, reason = "ids are below 2^53")]
pub(crate) fn number(id: u64) -> f64 {
    id as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, NaN becomes 0"
)]
pub(crate) fn id(number: f64) -> u64 {
    number as u64
}

#[expect(clippy::cast_possible_truncation, reason = "`as` saturates, NaN becomes 0")]
pub(crate) fn instant(now: f64) -> i64 {
    now as i64
}
