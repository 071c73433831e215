//! The numbers of a public key, checked as far as bytes show (RFC 7518, section 6; RFC 8037; RFC 9964).

use super::{
    Algorithm, Curve, Family, KeyRules, base64url_decode, base64url_encode, edwards, rsa_key,
};
use crate::json::{Json, Members, Object};
use alloc::vec::Vec;

/// The numbers of a public key, big-endian where the type of key does not say otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PublicKey {
    /// RSA (RFC 7518, section 6.3.1)
    Rsa {
        /// `n`, odd, of 2048 to 8192 bits unless the rules allow less, no leading zero.
        modulus: Vec<u8>,
        /// `e`, odd, 3 or more, no leading zero.
        exponent: Vec<u8>,
    },
    /// Elliptic curve (RFC 7518, section 6.2.1)
    Ec {
        /// `crv`
        curve: Curve,
        /// `x`, exactly as long as the field.
        x: Vec<u8>,
        /// `y`, exactly as long as the field.
        y: Vec<u8>,
    },
    /// Ed25519 (RFC 8037, section 2)
    Okp {
        /// `x`, the point as RFC 8032 spells it.
        x: [u8; 32],
    },
    /// ML-DSA (RFC 9964)
    Akp {
        /// `alg`, which such a key always names.
        algorithm: Algorithm,
        /// `pub`
        public: Vec<u8>,
    },
}

impl PublicKey {
    /// Whether an algorithm is for this kind of key: its type, its curve, its size.
    #[must_use]
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        match (self, algorithm.family()) {
            (PublicKey::Rsa { modulus, .. }, Family::RsaPkcs1 | Family::RsaPss) => {
                algorithm == Algorithm::Rs256
                    || rsa_key::bit_length(modulus) >= rsa_key::MIN_RSA_BITS
            }
            (PublicKey::Ec { curve, .. }, Family::Ecdsa(wanted)) => *curve == wanted,
            (PublicKey::Okp { .. }, Family::Ed25519) => true,
            (PublicKey::Akp { algorithm: own, .. }, Family::MlDsa { .. }) => *own == algorithm,
            _ => false,
        }
    }

    /// The only algorithm for this kind of key, if there is but one.
    #[must_use]
    pub fn only_algorithm(&self) -> Option<Algorithm> {
        let mut fitting = Algorithm::ALL.iter().copied().filter(|own| self.fits(*own));
        fitting.next().filter(|_| fitting.next().is_none())
    }

    /// Writes the members that make up the key; for an `AKP` key that includes `alg`.
    pub(super) fn write(&self, o: &mut Members<'_>) {
        match self {
            PublicKey::Rsa { modulus, exponent } => {
                o.text("kty", "RSA")
                    .text("n", &base64url_encode(modulus))
                    .text("e", &base64url_encode(exponent));
            }
            PublicKey::Ec { curve, x, y } => {
                o.text("kty", "EC")
                    .text("crv", curve.name())
                    .text("x", &base64url_encode(x))
                    .text("y", &base64url_encode(y));
            }
            PublicKey::Okp { x } => {
                o.text("kty", "OKP").text("crv", "Ed25519").text("x", &base64url_encode(x));
            }
            PublicKey::Akp { algorithm, public } => {
                o.text("kty", "AKP")
                    .text("alg", algorithm.name())
                    .text("pub", &base64url_encode(public));
            }
        }
    }

    /// Reads the key of a JWK, whose `alg` is known, or says why it cannot be used.
    pub(super) fn read(
        members: &Object,
        algorithm: Option<Algorithm>,
        rules: KeyRules,
    ) -> Result<Self, &'static str> {
        let text = |name: &str| members.get(name).and_then(Json::as_text);
        let number = |name: &str| text(name).ok_or("a number of the key is missing");
        match text("kty").ok_or("`kty` is missing or not a string")? {
            "RSA" => {
                let (modulus, exponent) = rsa_key::read(number("n")?, number("e")?, rules)?;
                Ok(PublicKey::Rsa { modulus, exponent })
            }
            "EC" => {
                let curve =
                    text("crv").and_then(Curve::from_name).ok_or("the curve is not supported")?;
                let coordinate = |name: &str| {
                    base64url_decode(number(name)?)
                        .filter(|bytes| bytes.len() == curve.field_bytes())
                        .filter(|bytes| bytes.as_slice() < curve.prime())
                        .ok_or("a coordinate is not a number of the curve's field")
                };
                Ok(PublicKey::Ec { curve, x: coordinate("x")?, y: coordinate("y")? })
            }
            "OKP" => {
                if text("crv") != Some("Ed25519") {
                    return Err("the curve is not supported");
                }
                base64url_decode(number("x")?)
                    .and_then(|bytes| bytes.try_into().ok())
                    .filter(edwards::is_sound_point)
                    .map(|x| PublicKey::Okp { x })
                    .ok_or("the point is not in its one spelling, or of small order")
            }
            "AKP" => {
                let (algorithm, size) = algorithm
                    .and_then(|own| match own.family() {
                        Family::MlDsa { key_bytes, .. } => Some((own, key_bytes)),
                        _ => None,
                    })
                    .ok_or("an AKP key needs an `alg` that is supported")?;
                base64url_decode(number("pub")?)
                    .filter(|bytes| bytes.len() == size)
                    .map(|public| PublicKey::Akp { algorithm, public })
                    .ok_or("`pub` has not the length of the algorithm's keys")
            }
            "oct" => Err("it is a shared secret, which never verifies"),
            _ => Err("the key type is not supported"),
        }
    }
}
