//! A client assertion made here and signed by a key that only the host can use (RFC 7523, section 3).
//!
//! Key Vault, a KMS or a non-extractable WebCrypto key sign; the private key never enters the core. With `public_jwk`
//! the host verifies each signature before it is sent: a faulty RSA signature can give the private key away, and a key
//! that is not the registered one is reported here instead of by the token service.

use super::{Answer, Purpose, Question, Refusal};
use crate::jose::{Algorithm, ClientAssertion, Jwk, attach, check_certificate};
use crate::json::{Json, object};
use crate::secret::Secret;
use crate::shape::{Kind, Members, word};
use crate::{Code, Effect, Error, Outcome};
use alloc::string::String;
use alloc::vec::Vec;

/// Life of an assertion in seconds; Entra's documentation asks for five to ten minutes.
const LIFETIME: i64 = 600;
/// Longest signature: RSA with 8192 bits.
const MAX_SIGNATURE: usize = 1024;

pub(super) const MEMBERS: &[(&str, Kind)] = &[
    ("kind", Kind::Text),
    ("key", Kind::Required),
    ("algorithm", word!("PS256", "RS256", "ES256", "ES384", "EdDSA", "Ed25519")),
    ("x5t_s256", Kind::Text),
    ("x5c", Kind::Texts),
    ("public_jwk", Kind::Object),
];

#[derive(Clone, Debug)]
pub(crate) struct SignedAssertion {
    key: String,
    algorithm: Algorithm,
    /// The algorithm's name as configured: Ed25519 has two.
    algorithm_name: &'static str,
    x5t_s256: Option<String>,
    x5c: Vec<String>,
    /// The members of a public JWK, as the host's crypto imports it.
    public_key: Option<String>,
}

impl SignedAssertion {
    pub(super) fn read(members: Members<'_>) -> Result<Self, Error> {
        let name = members.text("algorithm").map_or("", String::as_str);
        let Some(algorithm) = Algorithm::from_name(name) else {
            return Err(invalid("`source.algorithm` is missing"));
        };
        let algorithm_name = if name == "Ed25519" { "Ed25519" } else { algorithm.name() };
        let public_key = members.object("public_jwk").map(public_members).transpose()?;
        let x5t_s256 = members.text("x5t_s256");
        let mut x5c = Vec::new();
        members.texts("x5c", &mut x5c);
        // A key that cannot be read as one is left to the host's crypto.
        let key = public_key.as_ref().and_then(|key| Jwk::parse(key.as_bytes()).ok());
        check_certificate(&x5c, x5t_s256.map(String::as_str), key.as_ref())?;
        Ok(Self {
            key: members.text("key").cloned().unwrap_or_default(),
            algorithm,
            algorithm_name,
            x5t_s256: x5t_s256.cloned(),
            x5c,
            public_key,
        })
    }

    pub(super) fn ask(&self, purpose: &Purpose<'_>, jti: &str) -> Question {
        let assertion = ClientAssertion {
            client_id: purpose.client_id.unwrap_or_default(),
            audience: purpose.token_endpoint,
            id: jti,
            issued_at: purpose.now,
            lifetime_seconds: LIFETIME,
            algorithm_name: self.algorithm_name,
            typ: "JWT",
            key_id: None,
            certificate_thumbprint: self.x5t_s256.as_deref(),
            certificate_chain: &self.x5c,
        };
        let memory = assertion.signing_input();
        Question {
            effect: Effect::Sign {
                key: self.key.clone(),
                algorithm: self.algorithm_name,
                input: memory.clone().into_bytes(),
            },
            memory,
        }
    }

    fn fits(&self, length: usize) -> bool {
        match self.algorithm {
            Algorithm::Es256 | Algorithm::Ed25519 => length == 64,
            Algorithm::Es384 => length == 96,
            _ => (256..=MAX_SIGNATURE).contains(&length),
        }
    }

    /// A signature, or the verdict on one; `memory` holds the signing input, then the whole assertion.
    pub(super) fn answer(&self, outcome: &Outcome, memory: &str) -> Result<Answer, Refusal> {
        // Two parts are waiting for their signature, three for the verdict on it.
        let signed = memory.bytes().filter(|byte| *byte == b'.').count() == 2;
        match outcome {
            Outcome::Signed(_) if signed => Err(super::unexpected()),
            Outcome::Verified(_) if !signed => Err(super::unexpected()),
            Outcome::Signed(signature) if self.fits(signature.len()) => {
                let assertion = attach(memory, signature);
                Ok(match &self.public_key {
                    Some(key) => Answer::Ask(Question {
                        effect: Effect::Verify {
                            key: key.clone(),
                            algorithm: self.algorithm_name,
                            input: memory.as_bytes().to_vec(),
                            signature: signature.clone(),
                        },
                        memory: assertion,
                    }),
                    None => Answer::Assertion(Secret::new(assertion)),
                })
            }
            Outcome::Signed(_) => Err(refuse(
                "the signature has a length that no allowed algorithm makes; ECDSA signatures are r and s, not DER",
            )),
            Outcome::Verified(true) => Ok(Answer::Assertion(Secret::new(String::from(memory)))),
            Outcome::Verified(false) => Err(refuse(
                "the signature does not verify with `public_jwk`: the host signed with another key, or wrongly",
            )),
            _ => Err(super::unexpected()),
        }
    }
}

/// What makes up a public key (RFC 7518, section 6) and nothing else, private members least of all. Whether it is a
/// good key is found out by the host's crypto, at the first verification.
fn public_members(jwk: &Json) -> Result<String, Error> {
    let text = |name| jwk.member(name).and_then(Json::as_text);
    let names: &[&str] = match text("kty") {
        Some("RSA") => &["kty", "n", "e"],
        Some("EC") => &["kty", "crv", "x", "y"],
        Some("OKP") => &["kty", "crv", "x"],
        _ => &["kty"],
    };
    if names.len() == 1 || names.iter().any(|name| text(name).is_none()) {
        return Err(invalid(
            "`source.public_jwk` is not an RSA, EC or OKP key with all its members",
        ));
    }
    Ok(object(|o| {
        for name in names {
            o.text_if(name, text(name));
        }
    }))
}

fn invalid(message: &str) -> Error {
    Error::new(Code::ConfigInvalid, message)
}

fn refuse(message: &str) -> Refusal {
    Error::new(Code::SigningFailed, message).into()
}
