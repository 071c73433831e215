//! The reference host: performs the core's effects with the standard library and one HTTP client.

mod clock;
#[cfg(test)]
mod concurrency_tests;
mod driver;
#[cfg(test)]
mod faulty_server_tests;
mod names;
mod roots;
mod seed;
mod system_host;
mod token_file;
mod transport;

pub(crate) use clock::now;
pub(crate) use driver::{Driver, Host};
pub(crate) use seed::seed;
pub(crate) use system_host::SystemHost;
pub(crate) use transport::Transport;
