//! Google Cloud's sources: the metadata server, and the IAM Credentials API with a token of the metadata server.

mod metadata_server;

#[cfg(feature = "source-probe")]
pub(super) use metadata_server::{availability_request, is_available};

pub(super) mod metadata;
pub(super) mod service_account;

/// What Google's endpoints call the account that a workload runs as.
const DEFAULT_ACCOUNT: &str = "default";
