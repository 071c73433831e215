//! Management of federated identity credentials: which an application or a managed identity has, and which it should have.
//!
//! [`TrustFile`] is the file that lists what an identity should trust.

mod trust_file;

pub use trust_file::{
    CredentialEntry, FileIdentity, MAX_TRUST_FILE_BYTES, TrustFile, trust_file_schema,
};
