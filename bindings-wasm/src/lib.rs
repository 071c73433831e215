//! WebAssembly form of the driver protocol (`docs/protocol.md`, section 1).
//!
//! Every function takes numbers and bytes: the generated glue would copy a long `&str` one character at a time. On the way
//! out a `String` is as good, decoded where it lies. Ids and instants are below 2^53, so `f64` carries them exactly.
//!
//! Without the standard library: its panic machinery alone weighs as much as the token cache. The core has no panic that
//! input can reach; should one happen all the same it becomes a trap, and the driver starts a new engine.

#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

#[cfg(feature = "acquire")]
pub mod engine;
mod number;
#[cfg(feature = "verify")]
pub mod verifier;

/// Less than half the code of the standard library's allocator.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[cfg(target_family = "wasm")]
#[panic_handler]
fn trap(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
