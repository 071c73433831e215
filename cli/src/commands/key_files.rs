//! Options that name files of public keys, and how the files are read.

use super::input::{file, in_file};
use super::private_key;
use clap::Args;
use std::path::{Path, PathBuf};
use workload_identity_core::Error;
use workload_identity_core::crypto::Signer as _;
use workload_identity_core::jose::{Jwk, PublicKey};
use workload_identity_core::publish::public_keys;

const FROM_PRIVATE_KEY: &str = "`--from-private-key` publishes the public part of a private key";

/// The options, in the order in which their keys are published.
#[derive(Args, Debug)]
pub(super) struct KeyFileArgs {
    /// Files with public keys, PEM or DER
    #[arg(long, value_name = "FILE", num_args = 1.., group = "keys")]
    public_key: Vec<PathBuf>,
    /// Files with X.509 certificates, PEM or DER, whose keys are published
    #[arg(long, value_name = "FILE", num_args = 1.., group = "keys")]
    certificate: Vec<PathBuf>,
    /// Files with private keys, PEM or DER, whose public part is published
    #[arg(long, value_name = "FILE", num_args = 1.., group = "keys")]
    from_private_key: Vec<PathBuf>,
}

impl KeyFileArgs {
    /// Reads the keys of all files.
    pub(super) fn read(&self) -> Result<Vec<PublicKey>, Error> {
        let mut keys = Vec::new();
        for path in self.public_key.iter().chain(&self.certificate) {
            keys.extend(read(path)?);
        }
        for path in &self.from_private_key {
            for signer in private_key::signers(path)? {
                keys.push(Jwk::parse(signer.public_jwk().as_bytes())?.key().clone());
            }
        }
        Ok(keys)
    }
}

/// Reads the public keys of one file.
pub(super) fn read(path: &Path) -> Result<Vec<PublicKey>, Error> {
    public_keys(&file(path)?).map_err(|error| {
        let is_private = error.message.contains("private key");
        let error = in_file(path, error);
        if is_private { error.with_hint(FROM_PRIVATE_KEY) } else { error }
    })
}
