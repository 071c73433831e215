//! The elliptic curves of ECDSA, with the bounds of coordinates and signatures (SP 800-186, section 3.2.1).

/// Elliptic curve of an `EC` key (RFC 7518, section 6.2.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Curve {
    /// NIST P-256, secp256r1
    P256,
    /// NIST P-384, secp384r1
    P384,
    /// NIST P-521, secp521r1
    P521,
}

impl Curve {
    /// Every curve. secp256k1 is not supported, although its coordinates are as long as those of P-256.
    pub const ALL: &'static [Curve] = &[Curve::P256, Curve::P384, Curve::P521];

    /// The value of a JWK's `crv`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Curve::P256 => "P-256",
            Curve::P384 => "P-384",
            Curve::P521 => "P-521",
        }
    }

    /// Returns the curve of a `crv`; case matters.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|curve| curve.name() == name)
    }

    /// Bytes of a coordinate, and of each half of a signature.
    #[must_use]
    pub const fn field_bytes(self) -> usize {
        match self {
            Curve::P256 => 32,
            Curve::P384 => 48,
            Curve::P521 => 66,
        }
    }

    /// The order of the base point, big-endian: both halves of a signature lie in `1..order`.
    #[must_use]
    pub const fn order(self) -> &'static [u8] {
        match self {
            Curve::P256 => &P256_ORDER,
            Curve::P384 => &P384_ORDER,
            Curve::P521 => &P521_ORDER,
        }
    }

    /// Returns whether these big-endian bytes are a coordinate: as long as the field and below its prime.
    pub(in crate::jose) fn is_coordinate(self, bytes: &[u8]) -> bool {
        bytes.len() == self.field_bytes() && bytes < self.prime()
    }

    /// Returns whether a signature is two numbers from 1 to the order less one, each as long as the field: the form of JWS,
    /// never DER (RFC 7518, section 3.4). Zeros verify for every message in a faulty library (CVE-2022-21449).
    pub(crate) fn is_signature(self, signature: &[u8]) -> bool {
        let in_range = |half: &[u8]| {
            half.len() == self.field_bytes()
                && half < self.order()
                && half.iter().any(|byte| *byte != 0)
        };
        let halves = signature.split_at_checked(self.field_bytes());
        halves.is_some_and(|(r, s)| in_range(r) && in_range(s))
    }

    /// The prime of the field, big-endian: coordinates lie below it.
    pub(in crate::jose) const fn prime(self) -> &'static [u8] {
        match self {
            Curve::P256 => &P256_PRIME,
            Curve::P384 => &P384_PRIME,
            Curve::P521 => &P521_PRIME,
        }
    }
}

const P256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

const P384_ORDER: [u8; 48] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf,
    0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73,
];

const P521_ORDER: [u8; 66] = [
    0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xfa, 0x51, 0x86, 0x87, 0x83, 0xbf, 0x2f, 0x96, 0x6b, 0x7f, 0xcc, 0x01, 0x48, 0xf7, 0x09,
    0xa5, 0xd0, 0x3b, 0xb5, 0xc9, 0xb8, 0x89, 0x9c, 0x47, 0xae, 0xbb, 0x6f, 0xb7, 0x1e, 0x91, 0x38,
    0x64, 0x09,
];

const P256_PRIME: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
];

const P384_PRIME: [u8; 48] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff,
];

/// 2^521 - 1
const P521_PRIME: [u8; 66] = {
    let mut prime = [0xff; 66];
    prime[0] = 0x01;
    prime
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_have_the_length_of_the_field() {
        for curve in Curve::ALL {
            assert_eq!(curve.order().len(), curve.field_bytes());
            assert_eq!(curve.prime().len(), curve.field_bytes());
            assert!(curve.order() < curve.prime());
            assert_eq!(Curve::from_name(curve.name()), Some(*curve));
        }
        for name in ["secp256k1", "p-256", "P-256 ", ""] {
            assert_eq!(Curve::from_name(name), None, "{name:?}");
        }
    }
}
