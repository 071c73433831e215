//! The real binary, from the outside: exit status, standard output, standard error, sockets.

mod authority;
mod demo;
mod emulator;
mod fault;
mod help;
mod keys;
mod process;
mod refusal;
mod terminal;
mod token;
mod verify;
mod verify_attacks;
mod verify_batch;
mod verify_network;
