//! The provider for hosts that verify signatures themselves.

use super::{Prepared, Provider};
use crate::jose::{Jwk, PublicKey};
use crate::{Code, Error};

/// Leaves every signature to the host, by a `Verify` effect or a `verify_signature` step: WebCrypto in edge workers and
/// browsers.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostCrypto;

impl Provider for HostCrypto {
    fn prepare(&self, key: &Jwk) -> Result<Prepared, Error> {
        match key.key() {
            PublicKey::Akp { .. } => {
                Err(Error::new(Code::AlgUnsupported, "hosts do not verify ML-DSA"))
            }
            _ => Ok(Prepared::Host),
        }
    }
}
