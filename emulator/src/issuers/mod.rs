//! The workload issuers whose tokens are exchanged.

pub(crate) mod discovery;
pub(crate) mod github;
pub(crate) mod kubernetes;
