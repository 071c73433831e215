//! The provider in pure Rust; public-key operations only (RUSTSEC-2023-0071 concerns private ones).

use super::{Prepared, PreparedKey, Provider, key_rejected, signature_invalid};
use crate::Error;
use crate::jose::{Algorithm, Curve, Family, Hash, Jwk, PublicKey};
use alloc::boxed::Box;
use rsa::signature::Verifier;
use rsa::{BoxedUint, Pkcs1v15Sign, Pss, RsaPublicKey};
use sha2::{Digest, Sha256, Sha384, Sha512};

/// RustCrypto: `rsa`, `p256`, `p384`, `p521` and `ed25519-dalek`; with the feature of that name also `ml-dsa`.
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
            PublicKey::Ec { curve, x, y } => prepare_point(*curve, x, y)?,
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

fn prepare_point(curve: Curve, x: &[u8], y: &[u8]) -> Result<Box<dyn PreparedKey>, Error> {
    // SEC 1, section 2.3.3: an uncompressed point.
    let point = [&[4], x, y].concat();
    macro_rules! prepare {
        ($crate_name:ident) => {
            Box::new(
                $crate_name::ecdsa::VerifyingKey::from_sec1_bytes(&point)
                    .map_err(|_| key_rejected())?,
            )
        };
    }
    Ok(match curve {
        Curve::P256 => prepare!(p256),
        Curve::P384 => prepare!(p384),
        Curve::P521 => prepare!(p521),
    })
}

impl PreparedKey for RsaPublicKey {
    fn verify(&self, algorithm: Algorithm, input: &[u8], signature: &[u8]) -> Result<(), Error> {
        macro_rules! verify {
            ($digest:ty) => {{
                let hashed = <$digest>::digest(input);
                match algorithm.family() {
                    Family::RsaPkcs1 => RsaPublicKey::verify(
                        self,
                        Pkcs1v15Sign::new::<$digest>(),
                        &hashed,
                        signature,
                    ),
                    Family::RsaPss => {
                        // RFC 7518, section 3.5: the salt is as long as the digest.
                        let scheme = Pss::<$digest>::new_with_salt(hashed.len());
                        RsaPublicKey::verify(self, scheme, &hashed, signature)
                    }
                    _ => return Err(key_rejected()),
                }
            }};
        }
        match algorithm.hash() {
            Hash::Sha256 => verify!(Sha256),
            Hash::Sha384 => verify!(Sha384),
            Hash::Sha512 => verify!(Sha512),
            Hash::Shake256 => return Err(key_rejected()),
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
elliptic_curve!(p521);

impl PreparedKey for ed25519_dalek::VerifyingKey {
    fn verify(&self, _: Algorithm, input: &[u8], signature: &[u8]) -> Result<(), Error> {
        ed25519_dalek::Signature::from_slice(signature)
            // `verify_strict` would take a square root for each signature to check what `check_signature` and `prepare` have
            // checked: one encoding of each half, no point of small order, a key in the group of the base point.
            .and_then(|signature| Verifier::verify(self, input, &signature))
            .map_err(|_| signature_invalid())
    }
}

#[cfg(not(feature = "ml-dsa"))]
fn not_built_in() -> Error {
    Error::new(crate::Code::AlgUnsupported, "this build does not support the key's algorithm")
}
