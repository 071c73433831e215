//! Management of federated identity credentials: which an application or a managed identity has, and which it should have.
//!
//! [`TrustFile`] is the file that lists what an identity should trust.

mod identity;
mod limits;
mod trust_file;

pub use identity::Identity;
pub use trust_file::{CredentialEntry, MAX_TRUST_FILE_BYTES, TrustFile};
