//! Random seeds for the core, which has no randomness of its own.

use workload_identity_core::{Code, Error, Seed};

/// 32 bytes from the operating system.
pub(crate) fn seed() -> Result<Seed, Error> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)
        .map_err(|_| Error::new(Code::Internal, "the operating system returned no random bytes"))?;
    Ok(seed)
}
