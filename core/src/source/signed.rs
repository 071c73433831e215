//! A client assertion made here and signed by a key that only the host can use (RFC 7523, section 3).
//!
//! Key Vault, a KMS or a non-extractable WebCrypto key sign; the private key never enters the core.

use super::{Purpose, Question, Refusal};
use crate::config::{Members, invalid};
use crate::jose::{Algorithm, ClientAssertion, attach};
use crate::secret::Secret;
use crate::{Code, Effect, Error, Failure, Outcome};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Life of an assertion in seconds; Entra's documentation asks for five to ten minutes.
const LIFETIME: i64 = 600;
/// Longest signature: RSA with 8192 bits.
const MAX_SIGNATURE: usize = 1024;

#[derive(Clone, Debug)]
pub(crate) struct SignedAssertion {
    key: String,
    algorithm: Algorithm,
    x5t_s256: Option<String>,
    x5c: Vec<String>,
}

impl SignedAssertion {
    pub(super) fn read(members: &Members<'_>) -> Result<Self, Error> {
        const NAMES: [&str; 4] = ["PS256", "RS256", "ES256", "ES384"];
        members.only(&["kind", "key", "algorithm", "x5t_s256", "x5c"])?;
        let algorithm = members.one_of("algorithm", &NAMES)?;
        let algorithm = algorithm
            .and_then(|index| NAMES.get(index))
            .and_then(|name| Algorithm::from_name(name))
            .ok_or_else(|| invalid("`source.algorithm` is missing".to_string()))?;
        Ok(Self {
            key: members.required("key")?.to_string(),
            algorithm,
            x5t_s256: members.text("x5t_s256")?.map(ToString::to_string),
            x5c: members.texts("x5c")?.into_iter().map(ToString::to_string).collect(),
        })
    }

    pub(super) fn ask(&self, purpose: &Purpose<'_>, jti: &str) -> Question {
        let assertion = ClientAssertion {
            client_id: purpose.client_id.unwrap_or_default(),
            audience: purpose.token_endpoint,
            id: jti,
            issued_at: purpose.now,
            lifetime_seconds: LIFETIME,
            algorithm: self.algorithm,
            typ: "JWT",
            key_id: None,
            certificate_thumbprint: self.x5t_s256.as_deref(),
            certificate_chain: &self.x5c,
        };
        let memory = assertion.signing_input();
        Question {
            effect: Effect::Sign {
                key: self.key.clone(),
                algorithm: self.algorithm.name(),
                input: memory.clone().into_bytes(),
            },
            memory,
        }
    }
}

pub(super) fn answer(outcome: &Outcome, memory: &str) -> Result<Secret<String>, Refusal> {
    match outcome {
        Outcome::Signed(signature) if (64..=MAX_SIGNATURE).contains(&signature.len()) => {
            Ok(Secret::new(attach(memory, signature)))
        }
        Outcome::Signed(_) => Err(Error::new(
            Code::SigningFailed,
            "the signature has a length that no allowed algorithm makes; ECDSA signatures are r and s, not DER",
        )
        .into()),
        Outcome::Failed { failure: Failure::Cancelled, .. } => {
            Err(Error::new(Code::Cancelled, "the caller gave up").into())
        }
        Outcome::Failed { failure, detail } => Err(Error::new(
            Code::SigningFailed,
            format!("signing the client assertion failed ({}): {}", failure.name(), super::detail(detail)),
        )
        .into()),
        _ => Err(super::unexpected()),
    }
}
