//! The real binary, from the outside: exit status, standard output, standard error, sockets.

mod authority;
mod demo;
mod emulator;
mod fault;
mod help;
mod process;
mod refusal;
mod token;
