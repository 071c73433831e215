//! The reference host: everything the core asks for, done with the standard library and one HTTP client.

#[cfg(test)]
mod bad_servers;
mod clock;
mod core_machine;
#[cfg(test)]
mod crowd;
mod driver;
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
