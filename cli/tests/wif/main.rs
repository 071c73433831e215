//! The real binary, from the outside: exit status, standard output, standard error, sockets.

mod authority;
mod demo;
mod emulator;
mod emulator_log;
mod fault;
mod help;
mod keys;
mod messages;
mod process;
mod proxy;
mod proxy_tunnel;
mod refusal;
mod server;
mod terminal;
mod time_limit;
mod token;
mod token_env;
mod verify;
mod verify_attacks;
mod verify_batch;
mod verify_bundles;
mod verify_keys;
mod verify_network;
