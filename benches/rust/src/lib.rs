//! What the benches in Rust share: turns and rows, tokens and keys, a load of requests.

pub mod load;
pub mod rounds;
pub mod tokens;
