//! What the benches in Rust share: turns and rows, tokens and keys.

pub mod rounds;
pub mod tokens;
