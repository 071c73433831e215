//! The provider in pure Rust; public-key operations only (RUSTSEC-2023-0071 concerns private ones).

use super::{Prepared, PreparedKey, Provider, key_rejected, signature_invalid};
use crate::Error;
use crate::jose::{Algorithm, Curve, Family, Hash, Jwk, PublicKey};
use alloc::boxed::Box;
use alloc::vec::Vec;
use rsa::signature::Verifier;
use rsa::{BoxedUint, RsaPublicKey, pkcs1v15, pss};
use sha2::{Sha256, Sha384, Sha512};

/// RustCrypto: `rsa`, `p256`, `p384` and `ed25519-dalek`; with the features of these names also `p521` and `ml-dsa`.
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
                .map_err(|_| key_rejected())?,
            ),
            PublicKey::Ec { curve, x, y } => {
                // SEC 1, section 2.3.3: an uncompressed point.
                let mut point = Vec::with_capacity(1 + x.len() + y.len());
                point.push(4);
                point.extend_from_slice(x);
                point.extend_from_slice(y);
                prepare_point(*curve, &point)?
            }
            PublicKey::Okp { x } => {
                let key = ed25519_dalek::VerifyingKey::from_bytes(x).map_err(|_| key_rejected())?;
                // A point outside the group of the base point verifies differently from library to library.
                if !key.to_edwards().is_torsion_free() {
                    return Err(key_rejected());
                }
                Box::new(key)
            }
            #[cfg(feature = "ml-dsa")]
            PublicKey::Akp { algorithm, public } => super::ml_dsa::prepare(*algorithm, public)?,
            #[cfg(not(feature = "ml-dsa"))]
            PublicKey::Akp { .. } => return Err(not_built_in()),
        }))
    }
}

fn prepare_point(curve: Curve, point: &[u8]) -> Result<Box<dyn PreparedKey>, Error> {
    macro_rules! prepare {
        ($crate_name:ident) => {
            Box::new(
                $crate_name::ecdsa::VerifyingKey::from_sec1_bytes(point)
                    .map_err(|_| key_rejected())?,
            )
        };
    }
    Ok(match curve {
        Curve::P256 => prepare!(p256),
        Curve::P384 => prepare!(p384),
        #[cfg(feature = "p521")]
        Curve::P521 => prepare!(p521),
        #[cfg(not(feature = "p521"))]
        Curve::P521 => return Err(not_built_in()),
    })
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
            _ => return Err(key_rejected()),
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
#[cfg(feature = "p521")]
elliptic_curve!(p521);

impl PreparedKey for ed25519_dalek::VerifyingKey {
    fn verify(&self, _: Algorithm, input: &[u8], signature: &[u8]) -> Result<(), Error> {
        ed25519_dalek::Signature::from_slice(signature)
            .and_then(|signature| self.verify_strict(input, &signature))
            .map_err(|_| signature_invalid())
    }
}

#[cfg(not(all(feature = "p521", feature = "ml-dsa")))]
fn not_built_in() -> Error {
    Error::new(crate::Code::AlgUnsupported, "this build has not the key's algorithm")
}
