//! Loops through text: base64url, and the plain parts of JSON with the table that finds members again.
//!
//! Every character of every token goes through them. They are a crate of their own so that the edge module, which is compiled
//! for size, has them compiled for speed: whatever is rare, long or branches much belongs to the core instead, and so does
//! every decision about what a text may be.
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::indexing_slicing, clippy::string_slice))]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod base64url;
#[cfg(target_arch = "wasm32")]
mod base64url_vectors;
mod member;
mod members;
mod natural;
mod scan;
#[cfg(target_arch = "wasm32")]
mod vectors;

pub use base64url::decode;
pub use member::{PlainMember, plain_member};
pub use members::{FewMembers, Member, Part, Stop};
pub use natural::natural;
pub use scan::{dot, mark, plain_run, same};
