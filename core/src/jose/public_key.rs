//! Public keys (RFC 7518, section 6; RFC 8037; RFC 9964).

use super::key_checks::{
    Curve, KeyRules, MIN_RSA_BITS, NO_EXPONENT, NO_MODULUS, bit_length, check_rsa, is_sound_point,
};
use super::{Algorithm, Family, base64url_decode, base64url_encode};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use serde_json::{Map, Value};

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
        /// `x`, the encoded point (RFC 8032, section 5.1.2).
        x: [u8; 32],
    },
    /// ML-DSA (RFC 9964)
    Akp {
        /// `alg`, which every such key has.
        algorithm: Algorithm,
        /// `pub`
        public: Vec<u8>,
    },
}

impl PublicKey {
    /// Returns whether an algorithm is for a key of this type, curve and size.
    #[must_use]
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        match (self, algorithm.family()) {
            (PublicKey::Rsa { modulus, .. }, Family::RsaPkcs1 | Family::RsaPss) => {
                algorithm == Algorithm::Rs256 || bit_length(modulus) >= MIN_RSA_BITS
            }
            (PublicKey::Ec { curve, .. }, Family::Ecdsa(wanted)) => *curve == wanted,
            (PublicKey::Okp { .. }, Family::Ed25519) => true,
            (PublicKey::Akp { algorithm: own, .. }, Family::MlDsa { .. }) => *own == algorithm,
            _ => false,
        }
    }

    /// Returns the only algorithm for this key, unless there are several.
    #[must_use]
    pub fn only_algorithm(&self) -> Option<Algorithm> {
        let mut fitting = Algorithm::ALL.iter().copied().filter(|own| self.fits(*own));
        fitting.next().filter(|_| fitting.next().is_none())
    }

    /// Returns the members of a JWK that make up the key, in the order in which they are written.
    pub(super) fn members(&self) -> Vec<(&'static str, String)> {
        match self {
            PublicKey::Rsa { modulus, exponent } => vec![
                ("kty", "RSA".into()),
                ("n", base64url_encode(modulus)),
                ("e", base64url_encode(exponent)),
            ],
            PublicKey::Ec { curve, x, y } => vec![
                ("kty", "EC".into()),
                ("crv", curve.name().into()),
                ("x", base64url_encode(x)),
                ("y", base64url_encode(y)),
            ],
            PublicKey::Okp { x } => {
                vec![("kty", "OKP".into()), ("crv", ED25519.into()), ("x", base64url_encode(x))]
            }
            PublicKey::Akp { algorithm, public } => vec![
                ("kty", "AKP".into()),
                ("alg", algorithm.name().into()),
                ("pub", base64url_encode(public)),
            ],
        }
    }

    /// Returns whether `alg` is among the members that make up the key.
    pub(super) fn names_algorithm(&self) -> bool {
        matches!(self, PublicKey::Akp { .. })
    }

    /// Reads the key of a JWK with this `alg`. The error is the reason why it cannot be used.
    pub(super) fn read(
        members: &Map<String, Value>,
        algorithm: Option<Algorithm>,
        rules: KeyRules,
    ) -> Result<Self, &'static str> {
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let number = |name: &str, fault: &'static str| {
            base64url_decode(text(name).ok_or("a number of the key is missing")?).ok_or(fault)
        };
        // RFC 7518, section 2, forbids leading zero octets, and some issuers publish them.
        let integer = |name, fault| {
            let mut octets = number(name, fault)?;
            let zeros = octets.iter().take_while(|octet| **octet == 0).count();
            octets.drain(..zeros);
            Ok::<_, &'static str>(octets)
        };
        match text("kty").ok_or("`kty` is missing or not a string")? {
            "RSA" => {
                let modulus = integer("n", NO_MODULUS)?;
                let exponent = integer("e", NO_EXPONENT)?;
                check_rsa(&modulus, &exponent, rules)?;
                Ok(PublicKey::Rsa { modulus, exponent })
            }
            "EC" => {
                let fault = "a coordinate is not a number of the curve's field";
                let curve = text("crv").and_then(Curve::from_name).ok_or(NO_CURVE)?;
                let x = number("x", fault)?;
                let y = number("y", fault)?;
                if curve.is_coordinate(&x) && curve.is_coordinate(&y) {
                    Ok(PublicKey::Ec { curve, x, y })
                } else {
                    Err(fault)
                }
            }
            "OKP" => {
                if text("crv") != Some(ED25519) {
                    return Err(NO_CURVE);
                }
                let fault = "the point is not in its one encoding, or of small order";
                let x = number("x", fault)?.try_into().map_err(|_| fault)?;
                if is_sound_point(&x) { Ok(PublicKey::Okp { x }) } else { Err(fault) }
            }
            "AKP" => {
                let Some((algorithm, Family::MlDsa { key_bytes, .. })) =
                    algorithm.map(|own| (own, own.family()))
                else {
                    return Err("an AKP key needs an `alg` that is supported");
                };
                let fault = "`pub` does not have the length of the algorithm's keys";
                let public = number("pub", fault)?;
                if public.len() == key_bytes {
                    Ok(PublicKey::Akp { algorithm, public })
                } else {
                    Err(fault)
                }
            }
            "oct" => Err("it is a shared secret, which never verifies"),
            _ => Err("the key type is not supported"),
        }
    }
}

const NO_CURVE: &str = "the curve is not supported";
const ED25519: &str = "Ed25519";
