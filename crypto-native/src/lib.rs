//! Signatures by aws-lc-rs for native builds: verification with prepared keys, and the signers.
//!
//! ```
//! use workload_identity_core::crypto::{Signer, Verifier};
//! use workload_identity_core::jose::Jwk;
//! use workload_identity_crypto_native::{AwsLc, EcSigner};
//!
//! let signer = EcSigner::generate()?;
//! let key = Jwk::parse(signer.public_jwk().as_bytes())?;
//! let signature = signer.sign(b"message")?;
//! AwsLc::new().verify(signer.algorithm(), &key, b"message", &signature)?;
//! # Ok::<(), workload_identity_core::Error>(())
//! ```
#![forbid(unsafe_code)]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod ec_signer;
mod rsa_signer;
mod verifier;

pub use ec_signer::EcSigner;
pub use rsa_signer::RsaSigner;
pub use verifier::AwsLc;
