//! JOSE: the compact form of a JSON Web Token, JSON Web Keys, and signing client assertions.
//!
//! Only what workload identity needs exists here: compact JWS with public-key algorithms. `none`, HMAC
//! (a shared secret), JWE (encryption) and the JSON serialisations are absent from the types, so no
//! configuration can switch them on.

mod algorithm;
mod assertion;
mod base64url;
mod claims;
mod compact;
mod header;
mod jwk;
mod jwks;
mod rsa_key;
mod sign;
mod thumbprint;
mod unverified;

pub use algorithm::{Algorithm, Curve, Family, Hash};
pub use assertion::ClientAssertion;
pub use base64url::{base64url_decode, base64url_encode};
pub use claims::RegisteredClaims;
pub use compact::{Compact, MAX_HEADER_BYTES, MAX_TOKEN_BYTES};
pub use header::Header;
pub use jwk::{Jwk, PublicKey};
pub use jwks::{Jwks, MAX_KEYS, MAX_SET_BYTES, UnusableKey};
pub use rsa_key::{MAX_RSA_BITS, MIN_RSA_BITS};
pub use sign::{attach, sign_compact, signing_input};
pub use unverified::UnverifiedClaims;
