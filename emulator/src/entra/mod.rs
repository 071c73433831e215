//! Entra: token endpoint, its rules and error messages, access tokens, metadata.

pub(crate) mod access_token;
pub(crate) mod access_token_check;
mod client_assertion;
pub(crate) mod discovery;
pub(crate) mod error;
pub(crate) mod exchange;
pub(crate) mod federated_credentials;
pub(crate) mod issuer_metadata;
mod scope;
mod tenant;
pub(crate) mod token_endpoint;
mod version;

pub(crate) use version::Version;
