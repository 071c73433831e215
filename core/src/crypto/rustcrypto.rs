//! The provider in pure Rust; public-key operations only (RUSTSEC-2023-0071 concerns private ones).

use super::{Prepared, PreparedKey, Provider, signature_invalid};
use crate::jose::{Algorithm, Curve, Family, Hash, Jwk, PublicKey};
use crate::{Code, Error};
use alloc::boxed::Box;
use alloc::vec::Vec;
use rsa::signature::Verifier;
use rsa::{BoxedUint, RsaPublicKey, pkcs1v15, pss};
use sha2::{Sha256, Sha384, Sha512};

/// RustCrypto: `rsa`, `p256` and `p384`.
#[derive(Clone, Copy, Debug, Default)]
pub struct RustCrypto;

impl Provider for RustCrypto {
    fn prepare(&self, key: &Jwk) -> Result<Prepared, Error> {
        Ok(Prepared::Here(match key.key() {
            PublicKey::Rsa { modulus, exponent } => Box::new(
                RsaPublicKey::new(
                    BoxedUint::from_be_slice_vartime(modulus),
                    BoxedUint::from_be_slice_vartime(exponent),
                )
                .map_err(|_| rejected())?,
            ),
            PublicKey::Ec { curve, x, y } => {
                let mut point = Vec::with_capacity(1 + x.len() + y.len());
                point.push(4);
                point.extend_from_slice(x);
                point.extend_from_slice(y);
                match curve {
                    Curve::P256 => Box::new(
                        p256::ecdsa::VerifyingKey::from_sec1_bytes(&point)
                            .map_err(|_| rejected())?,
                    ),
                    Curve::P384 => Box::new(
                        p384::ecdsa::VerifyingKey::from_sec1_bytes(&point)
                            .map_err(|_| rejected())?,
                    ),
                }
            }
        }))
    }
}

impl PreparedKey for RsaPublicKey {
    fn verify(&self, algorithm: Algorithm, input: &[u8], signature: &[u8]) -> Result<(), Error> {
        macro_rules! verify {
            ($scheme:ident, $digest:ty) => {{
                let signature = $scheme::Signature::try_from(signature);
                signature.and_then(|signature| {
                    $scheme::VerifyingKey::<$digest>::new(self.clone()).verify(input, &signature)
                })
            }};
        }
        match (algorithm.family(), algorithm.hash()) {
            (Family::RsaPkcs1, Hash::Sha256) => verify!(pkcs1v15, Sha256),
            (Family::RsaPkcs1, Hash::Sha384) => verify!(pkcs1v15, Sha384),
            (Family::RsaPkcs1, Hash::Sha512) => verify!(pkcs1v15, Sha512),
            (Family::RsaPss, Hash::Sha256) => verify!(pss, Sha256),
            (Family::RsaPss, Hash::Sha384) => verify!(pss, Sha384),
            (Family::RsaPss, Hash::Sha512) => verify!(pss, Sha512),
            (Family::Ecdsa(_), _) => return Err(rejected()),
        }
        .map_err(|_| signature_invalid())
    }
}

macro_rules! elliptic_curve {
    ($crate_name:ident) => {
        impl PreparedKey for $crate_name::ecdsa::VerifyingKey {
            fn verify(&self, _: Algorithm, input: &[u8], signature: &[u8]) -> Result<(), Error> {
                $crate_name::ecdsa::Signature::from_slice(signature)
                    .and_then(|signature| Verifier::verify(self, input, &signature))
                    .map_err(|_| signature_invalid())
            }
        }
    };
}

elliptic_curve!(p256);
elliptic_curve!(p384);

fn rejected() -> Error {
    Error::new(Code::KeyRejected, "the key's numbers are not those of a public key")
}
