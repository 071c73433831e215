//! One suite for every provider: the same answers, whoever computes.
//!
//! A provider joins by a line in [`judge::PROVIDERS`].

mod certificates;
mod cross_product;
mod edwards;
mod judge;
mod known_answers;
mod mutations;
mod round_trips;
mod signatures;
mod small_keys;
mod wycheproof;
