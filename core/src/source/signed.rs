//! A client assertion that is made here and signed with a key that only the host can use (RFC 7523, section 3).
//!
//! Key Vault, a KMS or a non-extractable WebCrypto key signs; the private key never enters the core. With `public_jwk`
//! each signature is verified before it is sent: a faulty RSA signature can reveal the private key, and a key that is not
//! the registered one is reported here instead of by the token service.

use super::{
    Detection, SourceContext, SourceEffect, SourceError, SourceKind, SourceResult, TokenSource,
    members,
};
use crate::jose::{Algorithm, ClientAssertion, Jwk, attach, check_certificate};
use crate::json::config::{object, word};
use crate::json::non_empty::{NonBlank, names};
use crate::secret::Secret;
use crate::{Code, Effect, Error, Failure, Outcome, Timestamp};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(super) const KIND: SourceKind = SourceKind {
    name: "signed",
    variables: &[],
    paths: &[],
    detect: Detection::only_configured,
    configure: |form, _| Ok(Arc::new(SignedAssertion::new(members(form)?)?)),
};

/// Life of an assertion in seconds; Entra's documentation asks for five to ten minutes.
const LIFETIME: i64 = 600;
/// Longest signature: RSA with 8192 bits.
const MAX_SIGNATURE: usize = 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignedForm {
    key: NonBlank,
    #[serde(default, deserialize_with = "word")]
    algorithm: Option<AlgorithmForm>,
    x5t_s256: Option<String>,
    #[serde(default, deserialize_with = "names")]
    x5c: Option<Vec<String>>,
    #[serde(default, deserialize_with = "object")]
    public_jwk: Option<Map<String, Value>>,
}

/// The algorithms that token services accept for client assertions.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum AlgorithmForm {
    Ps256,
    Rs256,
    Es256,
    Es384,
    #[serde(rename = "EdDSA")]
    EdDsa,
    #[serde(rename = "Ed25519")]
    Ed25519,
}

/// A public key (RFC 7518, section 6).
#[derive(Deserialize, Serialize)]
#[serde(tag = "kty")]
enum PublicJwk {
    #[serde(rename = "RSA")]
    Rsa { n: String, e: String },
    #[serde(rename = "EC")]
    Ec { crv: String, x: String, y: String },
    #[serde(rename = "OKP")]
    Okp { crv: String, x: String },
}

#[derive(Debug)]
struct SignedAssertion {
    key: String,
    algorithm: Algorithm,
    /// The algorithm's name as configured: Ed25519 has two.
    algorithm_name: &'static str,
    x5t_s256: Option<String>,
    x5c: Vec<String>,
    /// The members of a public JWK, as the host's crypto imports it.
    public_key: Option<String>,
}

impl AlgorithmForm {
    fn algorithm(self) -> (Algorithm, &'static str) {
        match self {
            AlgorithmForm::Ps256 => (Algorithm::Ps256, "PS256"),
            AlgorithmForm::Rs256 => (Algorithm::Rs256, "RS256"),
            AlgorithmForm::Es256 => (Algorithm::Es256, "ES256"),
            AlgorithmForm::Es384 => (Algorithm::Es384, "ES384"),
            AlgorithmForm::EdDsa => (Algorithm::Ed25519, "EdDSA"),
            AlgorithmForm::Ed25519 => (Algorithm::Ed25519, "Ed25519"),
        }
    }
}

impl SignedAssertion {
    fn new(form: SignedForm) -> Result<Self, Error> {
        let algorithm = form.algorithm.ok_or_else(|| invalid("`source.algorithm` is missing"))?;
        let (algorithm, algorithm_name) = algorithm.algorithm();
        let public_key = form.public_jwk.map(public_members).transpose()?;
        // A key that cannot be parsed here is left to the host's crypto.
        let key = public_key.as_ref().and_then(|key| Jwk::parse(key.as_bytes()).ok());
        let x5c = form.x5c.unwrap_or_default();
        check_certificate(&x5c, form.x5t_s256.as_deref(), key.as_ref())?;
        Ok(Self {
            key: form.key.0,
            algorithm,
            algorithm_name,
            x5t_s256: form.x5t_s256,
            x5c,
            public_key,
        })
    }

    /// Whether a signature of the algorithm can have this length.
    fn fits(&self, length: usize) -> bool {
        match self.algorithm {
            Algorithm::Es256 | Algorithm::Ed25519 => length == 64,
            Algorithm::Es384 => length == 96,
            _ => (256..=MAX_SIGNATURE).contains(&length),
        }
    }
}

impl TokenSource for SignedAssertion {
    fn ask(&self, context: &SourceContext<'_>) -> SourceEffect {
        let assertion = ClientAssertion {
            client_id: context.client_id.unwrap_or_default(),
            audience: context.token_endpoint,
            id: context.jti,
            issued_at: context.now,
            lifetime_seconds: LIFETIME,
            algorithm_name: self.algorithm_name,
            typ: "JWT",
            key_id: None,
            certificate_thumbprint: self.x5t_s256.as_deref(),
            certificate_chain: &self.x5c,
        };
        let state = assertion.signing_input();
        SourceEffect {
            effect: Effect::Sign {
                key: self.key.clone(),
                algorithm: self.algorithm_name,
                input: state.clone().into_bytes(),
            },
            state,
        }
    }

    /// Reads a signature, or the result of its verification. `state` is the signing input, then the whole assertion.
    fn read(
        &self,
        outcome: &Outcome,
        state: &str,
        _now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        // A signing input has two parts, an assertion three.
        let signed = state.bytes().filter(|byte| *byte == b'.').count() == 2;
        match outcome {
            Outcome::Signed(signature) if !signed => {
                if !self.fits(signature.len()) {
                    return Err(refuse(
                        "the signature has a length that no allowed algorithm makes; ECDSA signatures are r and s, not DER",
                    ));
                }
                let assertion = attach(state, signature);
                Ok(match &self.public_key {
                    Some(key) => SourceResult::Ask(SourceEffect {
                        effect: Effect::Verify {
                            key: key.clone(),
                            algorithm: self.algorithm_name,
                            input: state.as_bytes().to_vec(),
                            signature: signature.clone(),
                        },
                        state: assertion,
                    }),
                    None => SourceResult::Assertion(Secret::new(assertion)),
                })
            }
            Outcome::Verified(true) if signed => {
                Ok(SourceResult::Assertion(Secret::new(String::from(state))))
            }
            Outcome::Verified(false) if signed => Err(refuse(
                "the signature does not verify with `public_jwk`: the host signed with another key, or wrongly",
            )),
            _ => Err(SourceError::unexpected()),
        }
    }

    fn failed(&self, failure: Failure, detail: &str, _state: &str) -> SourceError {
        let what = "signing the client assertion failed";
        SourceError::failed(Code::SigningFailed, what, failure, detail, None)
    }

    fn is_single_use(&self) -> bool {
        true
    }
}

/// The members of a public key without any other, above all without private ones. The host's crypto checks the key itself at
/// the first verification.
fn public_members(jwk: Map<String, Value>) -> Result<String, Error> {
    serde_json::from_value::<PublicJwk>(Value::Object(jwk))
        .and_then(|jwk| serde_json::to_string(&jwk))
        .map_err(|_| {
            invalid("`source.public_jwk` is not an RSA, EC or OKP key with all its members")
        })
}

fn invalid(message: &str) -> Error {
    Error::new(Code::ConfigInvalid, message)
}

fn refuse(message: &str) -> SourceError {
    Error::new(Code::SigningFailed, message).into()
}
