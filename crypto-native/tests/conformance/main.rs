//! One suite for every provider: all give the same answers.
//!
//! A provider joins by a line in [`providers::PROVIDERS`].

mod certificates;
mod cross_product;
mod edwards;
mod known_answers;
mod mutations;
mod providers;
mod round_trips;
mod signatures;
mod small_keys;
mod wycheproof;
