//! The whole evaluation: the comparison of values, then the issuer's documents, the lifetime and the signature.

use super::evaluate::{evaluate, refuse};
use super::metadata::{self, MAX_ISSUER_KEYS};
use super::{Credential, Refusal, TokenClaims, decision, first_keys, shown};
use crate::crypto::Provider;
use crate::http::{AddressPolicy, PrivateAddresses, Refusal as AddressRefusal};
use crate::jose::{Algorithm, CompactJwt, Jwks, KeyUse};
use crate::keys::DiscoveryDocument;
use crate::verdict::{CheckOutcome, TrustCheck, Verdict};
use crate::{Code, Timestamp};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// How far Entra's clock may be from the issuer's, in seconds.
pub const CLOCK_TOLERANCE_SECONDS: i64 = 300;

/// What a check lacks.
const NO_TOKEN: &str = "supply the token instead of its claims";
const NO_KEY_ID: &str = "the token names no key (`kid`)";
const NO_EXPIRY: &str = "the token has no `exp`, which Entra requires";

/// What is known beside a token's claims. What is absent is not checked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Documents<'d> {
    /// The token in compact form, for its signature.
    pub token: Option<&'d str>,
    /// The issuer's discovery document, or why it could not be fetched.
    pub discovery: Option<Result<&'d [u8], &'d str>>,
    /// The issuer's key set, or why it could not be fetched.
    pub keys: Option<Result<&'d [u8], &'d str>>,
    /// When the token is exchanged.
    pub now: Option<Timestamp>,
}

/// Evaluates a token with everything that is known about it.
///
/// The verdict is that of [`evaluate`]; a token that a credential accepts is still refused if a document, the lifetime or the
/// signature speaks against it. An issuer on a private address fails its check and changes nothing else, because an emulator
/// accepts it.
#[must_use]
pub fn evaluate_whole(
    claims: &TokenClaims,
    credentials: &[Credential],
    documents: &Documents<'_>,
    provider: &dyn Provider,
) -> Verdict {
    let mut verdict = evaluate(claims, credentials);
    let mut checks = Checks::default();
    checks.issuer(claims, documents);
    let keys = checks.keys(claims, documents);
    checks.algorithm(claims);
    checks.signature(documents.token, keys.as_ref(), provider);
    checks.lifetime(claims, documents.now);
    if let (true, Some(aadsts)) = (verdict.accepted, checks.refusal) {
        refuse(&mut verdict, Refusal { aadsts, field: None }, claims, credentials);
    }
    verdict.checks = checks.done;
    verdict
}

/// The checks that have been made, and the number of the first that Entra refuses a token for.
#[derive(Default)]
struct Checks {
    done: Vec<TrustCheck>,
    refusal: Option<u32>,
}

impl Checks {
    fn add(&mut self, check: &'static str, outcome: CheckOutcome, message: impl Into<String>) {
        self.done.push(TrustCheck { check, outcome, message: message.into() });
    }

    fn pass(&mut self, check: &'static str, message: impl Into<String>) {
        self.add(check, CheckOutcome::Pass, message);
    }

    fn unknown(&mut self, check: &'static str, message: impl Into<String>) {
        self.add(check, CheckOutcome::Unknown, message);
    }

    fn refuse(&mut self, check: &'static str, aadsts: u32, message: impl Into<String>) {
        self.refusal.get_or_insert(aadsts);
        self.add(check, CheckOutcome::Fail, message);
    }

    fn issuer(&mut self, claims: &TokenClaims, documents: &Documents<'_>) {
        const REACHABLE: &str = "issuer_reachable";
        const NAMED: &str = "discovery_issuer";
        let issuer = claims.issuer.as_deref().unwrap_or_default();
        let public = AddressPolicy { private: PrivateAddresses::Deny, allow_loopback_http: false };
        let refused = public.parse(issuer).err().map(|refusal| match refusal {
            AddressRefusal::Insecure | AddressRefusal::LoopbackHttp => "uses http".into(),
            AddressRefusal::Denied | AddressRefusal::OutsideNetworks => {
                "is on a private network or on this machine".into()
            }
            other => format!("{other}"),
        });
        match (&refused, documents.discovery) {
            (_, Some(Err(reason))) => {
                let message =
                    format!("the discovery document cannot be fetched: {}", shown(reason));
                self.refuse(REACHABLE, 90_061, message);
            }
            (Some(reason), _) => {
                let message =
                    format!("Entra fetches documents over public https: the issuer {reason}");
                self.add(REACHABLE, CheckOutcome::Fail, message);
            }
            (None, Some(Ok(_))) => self.pass(REACHABLE, "the discovery document is at hand"),
            (None, None) => self.unknown(
                REACHABLE,
                "the issuer is not on a private address; supply `discovery` to check its document",
            ),
        }
        let Some(Ok(document)) = documents.discovery else {
            let at = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
            let message = format!("supply `discovery`, the document at `{}`", shown(&at));
            return self.unknown(NAMED, message);
        };
        match DiscoveryDocument::parse(document).map(|document| document.issuer) {
            Ok(Some(named)) if named == issuer => {
                self.pass(NAMED, "the discovery document names the token's issuer");
            }
            Ok(Some(named)) => {
                let (named, issuer) = (shown(&named), shown(issuer));
                let message = format!(
                    "the discovery document names the issuer `{named}`, the token `{issuer}`; they must be equal"
                );
                self.refuse(NAMED, 50_166, message);
            }
            Ok(None) => self.refuse(NAMED, 50_166, "the discovery document has no issuer"),
            Err(fault) => {
                self.refuse(NAMED, 50_166, format!("the discovery document is refused: {fault}"));
            }
        }
    }

    /// Checks the key set and returns the keys that Entra keeps.
    fn keys(&mut self, claims: &TokenClaims, documents: &Documents<'_>) -> Option<Jwks> {
        const COUNT: &str = "key_count";
        const SIGNING: &str = "signing_key";
        let key_id = claims.header.as_ref().and_then(|header| header.key_id.as_deref());
        let (document, listed) = match documents.keys {
            None => {
                self.unknown(COUNT, "supply `jwks`, the key set of the issuer");
                match (key_id, &claims.header) {
                    (Some(key_id), _) => {
                        let key_id = shown(key_id);
                        self.unknown(
                            SIGNING,
                            format!("supply `jwks`; the token's key is `{key_id}`"),
                        );
                    }
                    (None, Some(_)) => self.unknown(SIGNING, NO_KEY_ID),
                    (None, None) => self.unknown(SIGNING, NO_TOKEN),
                }
                return None;
            }
            Some(Err(reason)) => {
                let message = format!("the key set cannot be fetched: {}", shown(reason));
                self.refuse(COUNT, 90_061, message);
                self.unknown(SIGNING, "the key set cannot be fetched");
                return None;
            }
            Some(Ok(document)) => match metadata::listed(document, key_id) {
                Ok(listed) => (document, listed),
                Err(error) => {
                    self.refuse(COUNT, 50_166, error.message.clone());
                    self.unknown(SIGNING, "the key set cannot be read");
                    return None;
                }
            },
        };
        let count = listed.count;
        if count <= MAX_ISSUER_KEYS {
            self.pass(COUNT, format!("the issuer has {count} keys"));
        } else {
            // Tokens of the first keys are accepted all the same.
            let message =
                format!("the issuer has {count} keys; Entra keeps the first {MAX_ISSUER_KEYS}");
            self.add(COUNT, CheckOutcome::Fail, message);
        }
        match listed.signing {
            Some(index) if index < MAX_ISSUER_KEYS => {
                self.pass(SIGNING, format!("the token's key is number {} of the set", index + 1));
            }
            Some(index) => {
                let message = format!(
                    "the token's key is number {} of the set; Entra keeps the first {MAX_ISSUER_KEYS}",
                    index + 1
                );
                self.refuse(SIGNING, 7_000_272, message);
            }
            None if key_id.is_some() => {
                self.refuse(SIGNING, 7_000_272, "the key set does not have the token's key");
            }
            None if claims.header.is_some() => self.unknown(SIGNING, NO_KEY_ID),
            None => self.unknown(SIGNING, NO_TOKEN),
        }
        match first_keys(document) {
            Ok(keys) => Some(keys),
            Err(error) => {
                self.refuse(SIGNING, 50_166, error.message.clone());
                None
            }
        }
    }

    fn algorithm(&mut self, claims: &TokenClaims) {
        const ALGORITHM: &str = "algorithm";
        match claims.header.as_ref().map(|header| header.algorithm.as_deref()) {
            None => self.unknown(ALGORITHM, NO_TOKEN),
            Some(Some("RS256")) => self.pass(ALGORITHM, "the token is signed with RS256"),
            Some(other) => {
                let message = format!(
                    "the token is signed with {}; Entra takes RS256 only",
                    shown(other.unwrap_or("nothing"))
                );
                self.refuse(ALGORITHM, Refusal::ALGORITHM.aadsts, message);
            }
        }
        // The decision has refused the other defects of a header.
        debug_assert!(
            self.refusal.is_some() || decision::check_header(claims) != Err(Refusal::ALGORITHM)
        );
    }

    fn signature(&mut self, token: Option<&str>, keys: Option<&Jwks>, provider: &dyn Provider) {
        const SIGNATURE: &str = "signature";
        let Some(token) = token else { return self.unknown(SIGNATURE, NO_TOKEN) };
        let Some(keys) = keys else {
            return self.unknown(SIGNATURE, "supply `jwks`, a key set that can be read");
        };
        let Ok((signature, jwt)) =
            CompactJwt::parse(token).and_then(|jwt| Ok((jwt.signature()?, jwt)))
        else {
            return self.unknown(SIGNATURE, "the token is not a signed token");
        };
        let algorithm = Algorithm::Rs256;
        let verified =
            keys.find(algorithm, jwt.header().kid.as_deref(), KeyUse::ORDINARY).and_then(|index| {
                let key = keys.keys().get(index).ok_or_else(crate::crypto::signature_invalid)?;
                provider.verify(algorithm, key, jwt.signing_input(), &signature)
            });
        match verified {
            Ok(()) => self.pass(SIGNATURE, "the signature verifies with a key of the issuer"),
            Err(error) if error.code == Code::AlgUnsupported => {
                self.unknown(SIGNATURE, "this build has no provider that verifies signatures");
            }
            Err(error) if error.code == Code::NoMatchingKey => {
                self.refuse(SIGNATURE, 7_000_272, "the key set does not have the token's key");
            }
            Err(error) => self.refuse(SIGNATURE, 700_027, error.message.clone()),
        }
    }

    fn lifetime(&mut self, claims: &TokenClaims, now: Option<Timestamp>) {
        const LIFETIME: &str = "lifetime";
        let Some(now) = now else {
            return match claims.expires {
                Some(expires) => {
                    let message = format!(
                        "supply `now`, the instant of the exchange; `exp` is {}",
                        expires.seconds()
                    );
                    self.unknown(LIFETIME, message);
                }
                // Nothing is refused without an instant.
                None if claims.header.is_some() => {
                    self.add(LIFETIME, CheckOutcome::Fail, NO_EXPIRY);
                }
                None => self.unknown(LIFETIME, NO_TOKEN),
            };
        };
        let Some(expires) = claims.expires else {
            return self.refuse(LIFETIME, Refusal::MALFORMED.aadsts, NO_EXPIRY);
        };
        let starts = claims.not_before.unwrap_or_default();
        if now >= expires.plus_seconds(CLOCK_TOLERANCE_SECONDS) {
            let ago = now.since(expires) / 1000;
            self.refuse(LIFETIME, 700_024, format!("the token expired {ago} seconds ago"));
        } else if starts > now.plus_seconds(CLOCK_TOLERANCE_SECONDS) {
            let ahead = starts.since(now) / 1000;
            self.refuse(LIFETIME, 700_024, format!("the token is valid in {ahead} seconds"));
        } else {
            let left = expires.since(now) / 1000;
            self.pass(LIFETIME, format!("the token is valid for {left} more seconds"));
        }
    }
}
