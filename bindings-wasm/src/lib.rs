//! WebAssembly form of the driver protocol (`docs/protocol.md`, section 1).
//!
//! The exports take and give numbers only, so nothing stands between them and the host: bytes go in through a room in this
//! module's memory, and text comes out where `answer` says. The other side is `bindings-wasm/src-ts/wasm-module.ts`.
//!
//! Without the standard library: its panic machinery alone weighs as much as the token cache. The core has no panic that
//! input can reach; should one happen all the same it becomes a trap, and the driver starts a new machine.

#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

mod answer;
#[cfg(feature = "acquire")]
mod engine;
mod machine;
mod number;
mod place;
mod room;
#[cfg(feature = "verify")]
mod verifier;

/// Less than half the code of the standard library's allocator.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[cfg(target_family = "wasm")]
#[panic_handler]
fn trap(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
