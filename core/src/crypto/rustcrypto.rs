//! The provider in pure Rust; public-key operations only (RUSTSEC-2023-0071 concerns private ones).

use super::{Verifier, signature_invalid};
use crate::jose::{Algorithm, Curve, Family, Hash, Jwk, PublicKey};
use crate::{Code, Error};
use alloc::vec::Vec;
use rsa::signature::Verifier as _;
use rsa::{BoxedUint, RsaPublicKey, pkcs1v15, pss};
use sha2::{Sha256, Sha384, Sha512};

/// RustCrypto: `rsa`, `p256` and `p384`.
#[derive(Clone, Copy, Debug, Default)]
pub struct RustCrypto;

impl Verifier for RustCrypto {
    fn verify_checked(
        &self,
        algorithm: Algorithm,
        key: &Jwk,
        input: &[u8],
        signature: &[u8],
    ) -> Result<(), Error> {
        match key.key() {
            PublicKey::Rsa { modulus, exponent } => {
                let key = RsaPublicKey::new(
                    BoxedUint::from_be_slice_vartime(modulus),
                    BoxedUint::from_be_slice_vartime(exponent),
                )
                .map_err(|_| rejected())?;
                verify_rsa(algorithm, key, input, signature)
            }
            PublicKey::Ec { curve, x, y } => {
                let mut point = Vec::with_capacity(1 + x.len() + y.len());
                point.push(4);
                point.extend_from_slice(x);
                point.extend_from_slice(y);
                verify_ec(*curve, &point, input, signature)
            }
        }
    }
}

fn verify_rsa(
    algorithm: Algorithm,
    key: RsaPublicKey,
    input: &[u8],
    signature: &[u8],
) -> Result<(), Error> {
    macro_rules! verify {
        ($scheme:ident, $digest:ty) => {{
            let signature = $scheme::Signature::try_from(signature);
            signature.and_then(|signature| {
                $scheme::VerifyingKey::<$digest>::new(key).verify(input, &signature)
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

fn verify_ec(curve: Curve, point: &[u8], input: &[u8], signature: &[u8]) -> Result<(), Error> {
    macro_rules! verify {
        ($crate_name:ident) => {{
            let key =
                $crate_name::ecdsa::VerifyingKey::from_sec1_bytes(point).map_err(|_| rejected())?;
            $crate_name::ecdsa::Signature::from_slice(signature)
                .and_then(|signature| key.verify(input, &signature))
        }};
    }
    match curve {
        Curve::P256 => verify!(p256),
        Curve::P384 => verify!(p384),
    }
    .map_err(|_| signature_invalid())
}

fn rejected() -> Error {
    Error::new(Code::KeyRejected, "the key's numbers are not those of a public key")
}
