//! The signature algorithms as a table (RFC 7518, section 3.1).

/// Elliptic curve of a key (RFC 7518, section 6.2.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Curve {
    /// NIST P-256, secp256r1
    P256,
    /// NIST P-384, secp384r1
    P384,
}

impl Curve {
    /// The value of a JWK's `crv`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Curve::P256 => "P-256",
            Curve::P384 => "P-384",
        }
    }

    /// The curve of a `crv`; case matters.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Curve::P256, Curve::P384].into_iter().find(|curve| curve.name() == name)
    }

    /// Bytes of a coordinate, and of each half of a signature.
    #[must_use]
    pub const fn field_bytes(self) -> usize {
        match self {
            Curve::P256 => 32,
            Curve::P384 => 48,
        }
    }

    /// The order of the base point, big-endian (FIPS 186-5 by SP 800-186, section 3.2.1): both halves of
    /// a signature lie in `1..order`.
    #[must_use]
    pub const fn order(self) -> &'static [u8] {
        match self {
            Curve::P256 => &[
                0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2,
                0xfc, 0x63, 0x25, 0x51,
            ],
            Curve::P384 => &[
                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81,
                0xf4, 0x37, 0x2d, 0xdf, 0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec,
                0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73,
            ],
        }
    }
}

/// The digest an algorithm signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hash {
    /// SHA-256
    Sha256,
    /// SHA-384
    Sha384,
    /// SHA-512
    Sha512,
}

/// The mathematics of an algorithm, and with it the kind of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// RSASSA-PKCS1-v1_5 (RFC 7518, section 3.3)
    RsaPkcs1,
    /// RSASSA-PSS with MGF1 of the same digest and a salt of its length (RFC 7518, section 3.5)
    RsaPss,
    /// ECDSA, signature as R || S (RFC 7518, section 3.4)
    Ecdsa(Curve),
}

macro_rules! algorithms {
    ($($variant:ident $name:literal $family:expr, $hash:ident, $meaning:literal;)*) => {
        /// A signature algorithm that can be verified. Nothing else can be named.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Algorithm {
            $(#[doc = $meaning] $variant,)*
        }

        impl Algorithm {
            /// Every algorithm, in the order of the table.
            pub const ALL: &'static [Algorithm] = &[$(Algorithm::$variant,)*];

            /// The value of the header's `alg`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Algorithm::$variant => $name,)* }
            }

            /// The mathematics.
            #[must_use]
            pub const fn family(self) -> Family {
                match self { $(Algorithm::$variant => $family,)* }
            }

            /// The digest.
            #[must_use]
            pub const fn hash(self) -> Hash {
                match self { $(Algorithm::$variant => Hash::$hash,)* }
            }
        }
    };
}

algorithms! {
    Rs256 "RS256" Family::RsaPkcs1, Sha256, "RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518, section 3.3)";
    Rs384 "RS384" Family::RsaPkcs1, Sha384, "RSASSA-PKCS1-v1_5 with SHA-384 (RFC 7518, section 3.3)";
    Rs512 "RS512" Family::RsaPkcs1, Sha512, "RSASSA-PKCS1-v1_5 with SHA-512 (RFC 7518, section 3.3)";
    Ps256 "PS256" Family::RsaPss, Sha256, "RSASSA-PSS with SHA-256 (RFC 7518, section 3.5)";
    Ps384 "PS384" Family::RsaPss, Sha384, "RSASSA-PSS with SHA-384 (RFC 7518, section 3.5)";
    Ps512 "PS512" Family::RsaPss, Sha512, "RSASSA-PSS with SHA-512 (RFC 7518, section 3.5)";
    Es256 "ES256" Family::Ecdsa(Curve::P256), Sha256, "ECDSA on P-256 with SHA-256 (RFC 7518, section 3.4)";
    Es384 "ES384" Family::Ecdsa(Curve::P384), Sha384, "ECDSA on P-384 with SHA-384 (RFC 7518, section 3.4)";
}

impl Algorithm {
    /// The algorithm of an `alg`; case and every other octet matter (RFC 7515, section 4.1.1).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::from_name(algorithm.name()), Some(*algorithm));
        }
        for name in ["none", "None", "HS256", "rs256", " RS256", "RS256 ", "ES256K", "EdDSA", ""] {
            assert_eq!(Algorithm::from_name(name), None, "{name:?}");
        }
    }

    #[test]
    fn orders_have_the_length_of_the_field() {
        for curve in [Curve::P256, Curve::P384] {
            assert_eq!(curve.order().len(), curve.field_bytes());
            assert_eq!(Curve::from_name(curve.name()), Some(curve));
        }
        assert_eq!(Curve::from_name("secp256k1"), None);
    }
}
