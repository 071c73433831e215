//! The signature algorithms as a table (RFC 7518, section 3.1; RFC 8037; RFC 9864; RFC 9964).

use super::Curve;

/// The digest an algorithm signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hash {
    /// SHA-256
    Sha256,
    /// SHA-384
    Sha384,
    /// SHA-512
    Sha512,
    /// SHAKE256
    Shake256,
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
    /// EdDSA on edwards25519 (RFC 8032, section 5.1), verified strictly: one spelling of each point and number, and
    /// nothing of small order
    Ed25519,
    /// ML-DSA (FIPS 204) with an empty context (RFC 9964)
    MlDsa {
        /// Bytes of a public key.
        key_bytes: usize,
        /// Bytes of a signature.
        signature_bytes: usize,
    },
}

macro_rules! algorithms {
    ($($variant:ident $name:literal $(or $alias:literal)?, $family:expr, $hash:ident, $meaning:literal;)*) => {
        /// A signature algorithm that can be verified. Nothing else can be named.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Algorithm {
            $(#[doc = $meaning] $variant,)*
        }

        impl Algorithm {
            /// Every algorithm, in the order of the table.
            pub const ALL: &'static [Algorithm] = &[$(Algorithm::$variant,)*];

            /// The value of the header's `alg`, as it is written.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Algorithm::$variant => $name,)* }
            }

            /// The algorithm of an `alg`; case and every other octet matter (RFC 7515, section 4.1.1).
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name $(| $alias)? => Some(Algorithm::$variant),)*
                    _ => None,
                }
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
    Rs256 "RS256", Family::RsaPkcs1, Sha256, "RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518, section 3.3)";
    Rs384 "RS384", Family::RsaPkcs1, Sha384, "RSASSA-PKCS1-v1_5 with SHA-384 (RFC 7518, section 3.3)";
    Rs512 "RS512", Family::RsaPkcs1, Sha512, "RSASSA-PKCS1-v1_5 with SHA-512 (RFC 7518, section 3.3)";
    Ps256 "PS256", Family::RsaPss, Sha256, "RSASSA-PSS with SHA-256 (RFC 7518, section 3.5)";
    Ps384 "PS384", Family::RsaPss, Sha384, "RSASSA-PSS with SHA-384 (RFC 7518, section 3.5)";
    Ps512 "PS512", Family::RsaPss, Sha512, "RSASSA-PSS with SHA-512 (RFC 7518, section 3.5)";
    Es256 "ES256", Family::Ecdsa(Curve::P256), Sha256, "ECDSA on P-256 with SHA-256 (RFC 7518, section 3.4)";
    Es384 "ES384", Family::Ecdsa(Curve::P384), Sha384, "ECDSA on P-384 with SHA-384 (RFC 7518, section 3.4)";
    Es512 "ES512", Family::Ecdsa(Curve::P521), Sha512, "ECDSA on P-521 with SHA-512 (RFC 7518, section 3.4)";
    Ed25519 "EdDSA" or "Ed25519", Family::Ed25519, Sha512, "Ed25519 under its old name, which everybody reads, or its own (RFC 8037, section 3.1; RFC 9864)";
    MlDsa44 "ML-DSA-44", Family::MlDsa { key_bytes: 1312, signature_bytes: 2420 }, Shake256, "ML-DSA-44 (RFC 9964)";
    MlDsa65 "ML-DSA-65", Family::MlDsa { key_bytes: 1952, signature_bytes: 3309 }, Shake256, "ML-DSA-65 (RFC 9964)";
    MlDsa87 "ML-DSA-87", Family::MlDsa { key_bytes: 2592, signature_bytes: 4627 }, Shake256, "ML-DSA-87 (RFC 9964)";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::from_name(algorithm.name()), Some(*algorithm));
        }
        assert_eq!(Algorithm::from_name("Ed25519"), Some(Algorithm::Ed25519));
        for name in [
            "none",
            "None",
            "HS256",
            "rs256",
            " RS256",
            "RS256 ",
            "ES256K",
            "eddsa",
            "ed25519",
            "Ed448",
            "ML-DSA-43",
            "",
        ] {
            assert_eq!(Algorithm::from_name(name), None, "{name:?}");
        }
    }
}
