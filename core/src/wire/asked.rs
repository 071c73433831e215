//! What the hot path's host knows already, by number, and the verdicts that wait for its word.

use crate::Error;
use crate::jose::{Jwk, base64url_encode};
use crate::json::object;
use crate::verify::{Sealed, Unproven};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// More keys than any issuers have at once. Then all are forgotten, here and by the host.
const MAX_KEYS: usize = 256;
/// Refusals have few texts: those of the code, and some with the name of a claim in them.
const MAX_REFUSALS: usize = 64;

/// A place in a list that both sides keep.
pub(super) struct Place {
    pub(super) number: usize,
    /// The host has to forget all numbers before.
    pub(super) anew: bool,
}

/// Keys with what is said of every token that they verify.
#[derive(Debug, Default)]
pub(super) struct KnownKeys {
    keys: Vec<KnownKey>,
}

#[derive(Debug)]
struct KnownKey {
    thumbprint: [u8; 32],
    key_id: Option<String>,
    algorithm_name: String,
    profile: &'static str,
    text: String,
}

impl KnownKeys {
    /// The place of a token's key.
    pub(super) fn place(&mut self, unproven: &Unproven<'_>) -> Place {
        let key = unproven.key();
        let thumbprint = key.map(|key| *key.thumbprint()).unwrap_or_default();
        let key_id = key.and_then(Jwk::key_id);
        let (profile, name) = (unproven.profile().name, unproven.algorithm_name());
        let known = |key: &KnownKey| {
            key.thumbprint == thumbprint
                && key.algorithm_name == name
                && key.profile == profile
                && key.key_id.as_deref() == key_id
        };
        if let Some(number) = self.keys.iter().position(known) {
            return Place { number, anew: false };
        }
        let anew = self.keys.len() >= MAX_KEYS;
        if anew {
            self.keys.clear();
        }
        let text = object(|o| {
            o.text("alg", name)
                .text("algorithm", unproven.algorithm().name())
                .text("profile", profile)
                .text_if("key_id", key_id)
                .text("key_thumbprint", &base64url_encode(&thumbprint));
            if let (true, Some(key)) = (unproven.by_host(), key) {
                o.raw("key", &key.to_json());
            }
        });
        self.keys.push(KnownKey {
            thumbprint,
            key_id: key_id.map(String::from),
            algorithm_name: String::from(name),
            profile,
            text,
        });
        Place { number: self.keys.len() - 1, anew }
    }

    pub(super) fn text(&self, number: usize) -> String {
        self.keys.get(number).map(|key| key.text.clone()).unwrap_or_default()
    }
}

/// Refusals that were told before.
#[derive(Debug, Default)]
pub(super) struct KnownRefusals {
    errors: Vec<Error>,
}

impl KnownRefusals {
    /// The place of a refusal, and whether it is new; nothing for one of its moment only.
    pub(super) fn place(&mut self, error: &Error) -> Option<(Place, bool)> {
        if error.retry_at.is_some() || error.service.is_some() || error.presented.is_some() {
            return None;
        }
        if let Some(number) = self.errors.iter().position(|known| known == error) {
            return Some((Place { number, anew: false }, false));
        }
        let anew = self.errors.len() >= MAX_REFUSALS;
        if anew {
            self.errors.clear();
        }
        self.errors.push(error.clone());
        Some((Place { number: self.errors.len() - 1, anew }, true))
    }
}

/// Verdicts by number. The host opens each one, also when its own work fails.
#[derive(Default)]
pub(super) struct SealedVerdicts {
    verdicts: Vec<Option<Box<Sealed>>>,
    free: Vec<usize>,
}

/// Claims can be personal data.
impl fmt::Debug for SealedVerdicts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SealedVerdicts").finish_non_exhaustive()
    }
}

impl SealedVerdicts {
    pub(super) fn put(&mut self, sealed: Sealed) -> usize {
        let sealed = Some(Box::new(sealed));
        match self.free.pop() {
            Some(number) => {
                if let Some(place) = self.verdicts.get_mut(number) {
                    *place = sealed;
                }
                number
            }
            None => {
                self.verdicts.push(sealed);
                self.verdicts.len() - 1
            }
        }
    }

    pub(super) fn take(&mut self, number: usize) -> Option<Box<Sealed>> {
        let sealed = self.verdicts.get_mut(number)?.take()?;
        self.free.push(number);
        Some(sealed)
    }
}
