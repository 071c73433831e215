//! The workload issuers whose tokens are exchanged.

mod discovery;
pub(crate) mod github;
pub(crate) mod kubernetes;
