//! The checks of claims that only count once the signature is valid.

use super::claim_rule::{find, mismatch, missing};
use super::{Policy, glob};
use crate::jose::RegisteredClaims;
use crate::json::strict;
use crate::{Code, Error, Timestamp};
use alloc::string::String;
use serde_json::Value;

impl Policy {
    /// Checks what the policy requires of claims beside issuer, audience and validity.
    ///
    /// # Errors
    /// `too_old`, `claim_missing`, `claim_mismatch`.
    pub(super) fn check_claims(
        &self,
        payload: &str,
        registered: &RegisteredClaims,
        now: Timestamp,
    ) -> Result<(), Error> {
        if let Some(oldest) = self.max_age_seconds {
            let issued = registered.issued_at.ok_or_else(|| missing("iat"))?;
            if now > issued.plus_seconds(oldest.saturating_add(self.leeway())) {
                return Err(Error::new(
                    Code::TooOld,
                    "the token was issued longer ago than the policy allows",
                ));
            }
        }
        let subject = registered.subject.as_deref().unwrap_or_default();
        let forms = self.profile.subjects;
        if !forms.is_empty() && !forms.iter().any(|form| glob(form, subject)) {
            return Err(if subject.is_empty() { missing("sub") } else { mismatch("sub") });
        }
        if !self.needs_all_claims() {
            return Ok(());
        }
        // It was read under the same rules before.
        let claims = strict::parse(payload.as_bytes()).unwrap_or_default();
        for name in self.profile.required {
            let present = find(name, &claims).is_some_and(has_content);
            if !present {
                return Err(missing(name));
            }
        }
        for rule in &self.claims {
            rule.check(&claims)?;
        }
        if let Some(parties) = &self.authorized_parties {
            check_party(parties, &claims)?;
        }
        if let Some(roles) = &self.roles {
            one_of(roles, "roles", &["roles"], &claims)?;
        }
        if let Some(scopes) = &self.scopes {
            one_of(scopes, "scp", &["scp", "scope"], &claims)?;
        }
        if self.app_only {
            match claims.get("idtyp") {
                None => return Err(missing("idtyp")),
                Some(kind) if kind == "app" => {}
                Some(_) => return Err(mismatch("idtyp")),
            }
        }
        Ok(())
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
