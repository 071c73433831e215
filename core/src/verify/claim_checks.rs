//! The checks of claims that only count once the signature is valid.

use super::claim_rule::{find, mismatch, missing, not_text};
use super::{Policy, glob};
use crate::jose::RegisteredClaims;
use crate::json::strict;
use crate::{Challenge, Code, Error, Timestamp};
use alloc::string::{String, ToString};
use serde_json::{Value, json};

/// Claims that name the party which a token is for or was issued to.
pub(super) const PARTIES: [&str; 5] = ["client_id", "azp", "appid", "cid", "sub"];

impl Policy {
    /// Checks what the policy requires of claims beside issuer, audience and validity.
    ///
    /// # Errors
    /// `too_old`, `claim_missing`, `claim_type`, `claim_mismatch`.
    pub(super) fn check_claims(
        &self,
        payload: &str,
        registered: &RegisteredClaims,
        now: Timestamp,
    ) -> Result<(), Error> {
        if let Some(oldest) = self.max_age_seconds {
            let of_rule = |error: Error| error.of_rule("max_age_seconds");
            let issued = registered.issued_at.ok_or_else(|| of_rule(missing("iat")))?;
            let allowed = oldest.saturating_add(self.leeway());
            if now > issued.plus_seconds(allowed) {
                let message = "the token was issued longer ago than the policy allows";
                let mut error = of_rule(Error::new(Code::TooOld, message).about_claim("iat"));
                let earliest = now.plus_seconds(-oldest).seconds().to_string();
                error.challenge = self.challenge(payload, "nbf", &[earliest.into()]);
                return Err(error);
            }
        }
        let subject = registered.subject.as_deref().unwrap_or_default();
        let forms = self.profile.subjects;
        if !forms.is_empty() && !forms.iter().any(|form| glob(form, subject)) {
            let error = if subject.is_empty() { missing("sub") } else { mismatch("sub") };
            return Err(error.of_rule("profile"));
        }
        if !self.needs_all_claims() {
            return Ok(());
        }
        // It was read under the same rules before.
        let claims = strict::parse(payload.as_bytes()).unwrap_or_default();
        for name in self.profile.required {
            let present = find(name, &claims).is_some_and(has_content);
            if !present && !self.not_required.iter().any(|optional| optional == name) {
                return Err(missing(name).of_rule("profile"));
            }
        }
        for rule in &self.claims {
            rule.check(&claims).map_err(|mut error| {
                if let ("acrs", Some(wanted)) = (rule.claim.as_str(), rule.wanted()) {
                    error.challenge = self.challenge(payload, "acrs", wanted);
                }
                error
            })?;
        }
        if let Some(parties) = &self.authorized_parties {
            check_party(parties, &claims).map_err(|error| error.of_rule("authorized_parties"))?;
        }
        if let Some(roles) = &self.roles {
            one_of(roles, "roles", &["roles"], &claims).map_err(|error| error.of_rule("roles"))?;
        }
        if let Some(scopes) = &self.scopes {
            one_of(scopes, "scp", &["scp", "scope"], &claims).map_err(|error| {
                let mut error = error.of_rule("scopes");
                error.challenge = Some(Challenge::Scopes(scopes.clone()));
                error
            })?;
        }
        if self.app_only {
            let refused = match claims.get("idtyp") {
                None => Some(missing("idtyp")),
                Some(kind) if kind == "app" => None,
                Some(_) => Some(mismatch("idtyp")),
            };
            if let Some(error) = refused {
                return Err(error.of_rule("app_only"));
            }
        }
        // A rule holds if one item of a list fits, but these claims are no lists.
        let parties = if self.without_audience { PARTIES.as_slice() } else { &[] };
        for name in self.profile.texts.iter().chain(parties) {
            if find(name, &claims).is_some_and(|value| !value.is_string() && !value.is_null()) {
                return Err(not_text(name).of_rule("profile"));
            }
        }
        Ok(())
    }

    /// The claims challenge that leads to a token with this claim. Entra answers one, and only for clients that announce
    /// that they handle it: `cp1` in `xms_cc` (Microsoft, "Claims challenges, claims requests and client capabilities").
    fn challenge(&self, payload: &str, claim: &str, wanted: &[Value]) -> Option<Challenge> {
        let claims = strict::parse(payload.as_bytes()).ok().filter(|_| self.profile.entra())?;
        let capable = match claims.get("xms_cc")? {
            Value::Array(capabilities) => capabilities.iter().any(|capability| capability == "cp1"),
            capability => capability == "cp1",
        };
        let request = match wanted {
            _ if !capable || !wanted.iter().all(Value::is_string) => return None,
            [value] => json!({"essential": true, "value": value}),
            values => json!({"essential": true, "values": values}),
        };
        Some(Challenge::Claims(json!({"access_token": {claim: request}}).to_string()))
    }

    /// Whether a check needs the tree of all claims.
    fn needs_all_claims(&self) -> bool {
        self.app_only
            || !(self.profile.required.is_empty()
                && self.claims.is_empty()
                && self.authorized_parties.is_none()
                && self.roles.is_none()
                && self.scopes.is_none())
    }
}

/// Whether a required claim has content: it is neither `null` nor an empty string.
fn has_content(value: &Value) -> bool {
    !value.is_null() && value != ""
}

/// The party the token was issued to (OpenID Connect Core, section 3.1.3.7).
fn check_party(parties: &[String], claims: &Value) -> Result<(), Error> {
    let named = ["azp", "appid", "client_id"].into_iter().find(|name| claims.get(*name).is_some());
    let Some(name) = named else { return Err(missing("azp")) };
    match claims.get(name).and_then(Value::as_str) {
        Some(party) if parties.iter().any(|own| own == party) => Ok(()),
        _ => Err(mismatch(name)),
    }
}

/// Checks that one of the claims, a list or a string of words, contains one of the wanted values.
/// `name` is the one that an error names.
fn one_of(wanted: &[String], name: &str, names: &[&str], claims: &Value) -> Result<(), Error> {
    let among = |word: &str| wanted.iter().any(|own| own == word);
    let mut present = false;
    for spelling in names {
        let held = match claims.get(*spelling) {
            None => continue,
            Some(Value::String(words)) => words.split(' ').any(among),
            Some(Value::Array(items)) => items.iter().any(|item| item.as_str().is_some_and(among)),
            Some(_) => false,
        };
        if held {
            return Ok(());
        }
        present = true;
    }
    Err(if present { mismatch(name) } else { missing(name) })
}
