//! The reference host: performs the core's effects with the standard library and one HTTP client.

#[cfg(test)]
mod concurrency_tests;
#[cfg(test)]
mod connection_tests;
mod content_coding;
mod driver;
pub(crate) mod effect_report;
mod environment;
mod execution;
#[cfg(test)]
mod faulty_server_tests;
mod host_call;
#[cfg(test)]
mod host_call_tests;
mod no_proxy;
mod operating_system;
mod proxies;
mod roots;
mod server_tls;
mod system_host;
#[cfg(test)]
mod time_limit_tests;
mod transport;
#[cfg(unix)]
mod unix_socket;
#[cfg(feature = "spiffe")]
mod workload_api;

pub(crate) use driver::{Driver, Host};
pub(crate) use environment::{environment, variable};
pub(crate) use operating_system::{now, seed};
pub(crate) use server_tls::thumbprint;
pub(crate) use system_host::SystemHost;
pub(crate) use transport::Transport;
