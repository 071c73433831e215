//! Checks on the numbers of public keys and signatures, made before any provider sees them. Providers differ in what they
//! accept; after these checks they agree.
//!
//! | file | checks | reference |
//! | --- | --- | --- |
//! | `rsa` | size and form of modulus and exponent | RFC 7518, sections 2, 3.3 and 6.3.1 |
//! | `roca` | moduli of a faulty key generator | CVE-2017-15361; Nemec et al., "The Return of Coppersmith's Attack", 2017 |
//! | `ec` | curves, coordinates below the prime, halves of a signature below the order | SP 800-186, section 3.2.1; CVE-2022-21449 |
//! | `edwards` | one encoding of points and numbers, no point of small order | RFC 8032, sections 5.1.2, 5.1.3 and 5.1.7 |

mod ec;
mod edwards;
mod roca;
mod rsa;

pub use ec::Curve;
pub(crate) use edwards::{is_sound_point, is_sound_scalar};
pub use rsa::{KeyRules, MAX_RSA_BITS, MIN_RSA_BITS};
pub(super) use rsa::{NO_EXPONENT, NO_MODULUS, bit_length, check as check_rsa};
