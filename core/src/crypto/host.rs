//! The provider outside: the host computes.

use super::{Prepared, Provider};
use crate::jose::{Jwk, PublicKey};
use crate::{Code, Error};

/// Every signature is a `Verify` effect: WebCrypto on the edge and in browsers.
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
