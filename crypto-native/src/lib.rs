//! Signatures by aws-lc-rs for native builds: verification with prepared keys, and signing.
//!
//! ```
//! use workload_identity_core::crypto::{Provider, Signer};
//! use workload_identity_core::jose::{Curve, Jwk};
//! use workload_identity_crypto_native::{AwsLc, AwsLcSigner};
//!
//! let signer = AwsLcSigner::generate_ec(Curve::P256)?;
//! let key = Jwk::parse(signer.public_jwk().as_bytes())?;
//! let signature = signer.sign(b"message")?;
//! AwsLc.verify(signer.algorithm(), &key, b"message", &signature)?;
//! # Ok::<(), workload_identity_core::Error>(())
//! ```
#![forbid(unsafe_code)]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod sign;
mod verify;

pub use sign::AwsLcSigner;
pub use verify::AwsLc;
