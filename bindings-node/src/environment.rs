//! What the environment offers: the names and paths that a host looks up, and the report on token sources.

use napi_derive::napi;
use workload_identity_core::wire;

/// Returns the names of the environment variables that a host passes in the configuration, as a JSON list.
#[napi(js_name = "environment_names", catch_unwind)]
pub fn environment_names() -> String {
    wire::environment_names()
}

/// Returns the paths of which a host passes those that exist, as a JSON list.
#[napi(js_name = "environment_paths", catch_unwind)]
pub fn environment_paths() -> String {
    wire::environment_paths()
}

/// Reports on every token source, as a JSON list. Throws an `Error` whose message is the error's JSON.
#[napi(catch_unwind)]
pub fn sources(environment: &[u8]) -> napi::Result<String> {
    wire::sources(environment).map_err(napi::Error::from_reason)
}
