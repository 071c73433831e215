//! The directory: an application and a user-assigned managed identity, each with its federated identity credentials.

mod credential;
mod credential_error;
pub(crate) mod identity;
pub(crate) mod managed_identity;
mod store;

pub use credential::FederatedCredential;
pub(crate) use credential::NewCredential;
pub use credential_error::CredentialError;
pub(crate) use identity::{Client, Directory, Identity};
pub(crate) use store::Effective;
