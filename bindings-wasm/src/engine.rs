//! Engines, which acquire tokens.

use crate::answer::show;
use crate::machine::{Machine, make};
use alloc::boxed::Box;
use workload_identity_core::wire;

/// Parses the configuration and makes an engine of it. Returns its number, or -1 with the error's JSON as text.
#[unsafe(no_mangle)]
extern "C" fn engine_new(bytes: usize) -> f64 {
    make(bytes, |config| Ok(Machine::Engine(Box::new(wire::Engine::new(config)?))))
}

/// The environment variables that a host snapshots for the configuration, as a JSON list.
#[unsafe(no_mangle)]
extern "C" fn environment_names() {
    show(wire::environment_names());
}
