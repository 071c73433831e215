//! The commands of `wif`, one module each.

mod addresses;
pub(crate) mod check_issuer;
pub(crate) mod completions;
pub(crate) mod demo;
mod detected;
pub(crate) mod discovery;
pub(crate) mod emulator;
pub(crate) mod explain;
mod external_signer;
pub(crate) mod fic;
mod input;
pub(crate) mod issue;
pub(crate) mod jwks;
mod key_files;
pub(crate) mod man;
mod option_values;
pub(crate) mod preflight;
mod private_key;
pub(crate) mod publish;
mod source_args;
pub(crate) mod sources;
pub(crate) mod token;
mod token_args;
mod token_engine;
pub(crate) mod verify;
