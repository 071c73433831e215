//! Public keys as SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7).

use super::{Curve, PublicKey};
use alloc::vec::Vec;
use der::asn1::{Any, BitString, Null, ObjectIdentifier, UintRef};
use der::{Decode as _, Encode as _, Sequence};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

/// RFC 8017, appendix A.1.
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
/// RFC 5480, section 2.1.
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
/// RFC 8410, section 3.
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// First byte of an uncompressed point (SEC 1, section 2.3.3).
const UNCOMPRESSED: u8 = 4;

/// `RSAPublicKey` (RFC 8017, appendix A.1.1).
#[derive(Sequence)]
struct RsaNumbers<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}

/// The RSA, EC or Ed25519 key of a certificate.
pub(super) fn read(info: &SubjectPublicKeyInfoOwned) -> Option<PublicKey> {
    let key = info.subject_public_key.as_bytes()?;
    match info.algorithm.oid {
        RSA | RSA_PSS => PublicKey::from_pkcs1_der(key),
        EC => {
            let named = info.algorithm.parameters.as_ref()?.decode_as().ok()?;
            let curve = Curve::ALL.iter().copied().find(|curve| identifier(*curve) == named)?;
            let (&UNCOMPRESSED, point) = key.split_first()? else { return None };
            let (x, y) = point.split_at_checked(curve.field_bytes())?;
            (y.len() == x.len()).then(|| PublicKey::Ec { curve, x: x.to_vec(), y: y.to_vec() })
        }
        ED25519 => Some(PublicKey::Okp { x: key.try_into().ok()? }),
        _ => None,
    }
}

impl PublicKey {
    /// Reads an RSA, EC or Ed25519 key from SubjectPublicKeyInfo in DER, or `None`. [`Jwk::new`](super::Jwk::new) checks it.
    #[must_use]
    pub fn from_spki_der(der: &[u8]) -> Option<Self> {
        read(&SubjectPublicKeyInfoOwned::from_der(der).ok()?)
    }

    /// Reads an RSA key from `RSAPublicKey` in DER (PKCS #1), or `None`.
    #[must_use]
    pub fn from_pkcs1_der(der: &[u8]) -> Option<Self> {
        let numbers = RsaNumbers::from_der(der).ok()?;
        Some(Self::Rsa {
            modulus: numbers.modulus.as_bytes().to_vec(),
            exponent: numbers.exponent.as_bytes().to_vec(),
        })
    }

    /// The key as SubjectPublicKeyInfo in DER, or `None` for an ML-DSA key.
    #[must_use]
    pub fn to_spki_der(&self) -> Option<Vec<u8>> {
        let (oid, parameters, key) = match self {
            PublicKey::Rsa { modulus, exponent } => {
                let modulus = UintRef::new(modulus).ok()?;
                let exponent = UintRef::new(exponent).ok()?;
                (RSA, Some(Any::from(Null)), RsaNumbers { modulus, exponent }.to_der().ok()?)
            }
            PublicKey::Ec { curve, x, y } => {
                (EC, Some(Any::from(identifier(*curve))), [&[UNCOMPRESSED][..], x, y].concat())
            }
            PublicKey::Okp { x } => (ED25519, None, x.to_vec()),
            PublicKey::Akp { .. } => return None,
        };
        let algorithm = AlgorithmIdentifierOwned { oid, parameters };
        let subject_public_key = BitString::from_bytes(&key).ok()?;
        SubjectPublicKeyInfoOwned { algorithm, subject_public_key }.to_der().ok()
    }
}

const fn identifier(curve: Curve) -> ObjectIdentifier {
    match curve {
        Curve::P256 => P256,
        Curve::P384 => P384,
        Curve::P521 => P521,
    }
}
