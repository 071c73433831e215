//! The provider outside: the host computes.

use super::{Prepared, Provider};
use crate::Error;
use crate::jose::Jwk;

/// Every signature is a `Verify` effect: WebCrypto on the edge and in browsers.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostCrypto;

impl Provider for HostCrypto {
    fn prepare(&self, _key: &Jwk) -> Result<Prepared, Error> {
        Ok(Prepared::Host)
    }
}
