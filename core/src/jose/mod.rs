//! JOSE: the compact form of a JSON Web Token, JSON Web Keys, and signing client assertions.
//!
//! Only what workload identity needs exists here: compact JWS with public-key algorithms. `none`, HMAC
//! (a shared secret), JWE (encryption) and the JSON serialisations are absent from the types, so no
//! configuration can switch them on.

mod algorithm;
mod assertion;
mod base64url;
mod certificate;
mod claims;
mod compact;
mod header;
mod jwk;
mod jwks;
mod key_checks;
mod key_use;
mod member;
mod pem;
mod public_key;
mod sign;
mod signer;
mod subject_public_key_info;
mod thumbprint;
mod unverified;

pub use algorithm::{Algorithm, Family, Hash};
pub use assertion::ClientAssertion;
pub(crate) use assertion::check_certificate;
pub use base64url::{base64url_decode, base64url_encode};
pub use certificate::Certificate;
pub use claims::RegisteredClaims;
pub(crate) use claims::{Claims, EntraClaims};
pub(crate) use compact::read_claims;
pub use compact::{CompactJwt, Limits, MAX_HEADER_BYTES, MAX_TOKEN_BYTES};
pub use header::Header;
pub(crate) use jwk::has_private_members;
pub use jwk::{Jwk, MAX_KEY_ID_BYTES};
pub use jwks::{Jwks, KeySelector, MAX_KEYS, MAX_SET_BYTES, UnusableKey};
pub use key_checks::{Curve, KeyRules, MAX_RSA_BITS, MIN_RSA_BITS};
pub(crate) use key_checks::{is_sound_point, is_sound_scalar};
pub use key_use::KeyUse;
pub use public_key::PublicKey;
pub use sign::{attach, sign_compact, signing_input};
pub use signer::Signer;
pub use unverified::UnverifiedClaims;
