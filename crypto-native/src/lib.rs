//! Signatures by aws-lc-rs for native builds: verification with prepared keys, and the signers.
//!
//! ```
//! use workload_identity_core::crypto::{Provider, Signer};
//! use workload_identity_core::jose::Jwk;
//! use workload_identity_crypto_native::{AwsLc, EcSigner};
//!
//! let signer = EcSigner::generate()?;
//! let key = Jwk::parse(signer.public_jwk().as_bytes())?;
//! let signature = signer.sign(b"message")?;
//! AwsLc.verify(signer.algorithm(), &key, b"message", &signature)?;
//! # Ok::<(), workload_identity_core::Error>(())
//! ```
#![forbid(unsafe_code)]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod ec_signer;
mod ed25519_signer;
mod provider;
mod rsa_key;
mod rsa_signer;

pub use ec_signer::EcSigner;
pub use ed25519_signer::Ed25519Signer;
pub use provider::AwsLc;
pub use rsa_signer::RsaSigner;
