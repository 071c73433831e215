//! The reference host: performs the core's effects with the standard library and one HTTP client.

mod clock;
#[cfg(test)]
mod concurrency_tests;
mod core_machine;
mod driver;
#[cfg(test)]
mod faulty_server_tests;
mod machine;
mod names;
mod roots;
mod seed;
mod token_file;
mod transport;

pub(crate) use clock::now;
pub(crate) use driver::{Driver, Host};
pub(crate) use machine::Machine;
pub(crate) use seed::seed;
pub(crate) use transport::Transport;
