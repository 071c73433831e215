//! WebAssembly module: the classes of the driver protocol (`docs/protocol.md`) by wasm-bindgen.
//!
//! Ids and instants are below 2^53, so `f64` represents them exactly. A panic is a trap; the driver then makes a new object.

mod engine;
mod manager;
mod trust;
mod verifier;

pub use trust::{
    SourcePreflight, credentials, explain, expression, preflight, subject, trust_file,
};
use wasm_bindgen::prelude::*;
use workload_identity_core::wire;

/// Returns the names of the environment variables that a host passes in the configuration, as a JSON list.
#[wasm_bindgen]
#[must_use]
pub fn environment_names() -> String {
    wire::environment_names()
}

/// Returns the paths of which a host passes those that exist, as a JSON list.
#[wasm_bindgen]
#[must_use]
pub fn environment_paths() -> String {
    wire::environment_paths()
}

/// Reports on every token source, as a JSON list. Throws the JSON of the error.
#[wasm_bindgen]
pub fn sources(environment: &[u8]) -> Result<String, JsValue> {
    wire::sources(environment).map_err(JsValue::from)
}
