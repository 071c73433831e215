//! Node.js addon: the classes of the driver protocol (`docs/protocol.md`) over Node-API.
//!
//! All functions are synchronous and start no threads, so the addon loads in any number of worker threads and unloads with
//! them. Ids and instants are below 2^53, so `f64` represents them exactly.

mod engine;
pub mod environment;
mod manager;
pub mod trust;
mod verifier;
