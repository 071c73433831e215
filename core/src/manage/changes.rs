//! The plan: what has to change so that an identity has the wanted credentials.

use super::credential::FederatedCredential;
use super::existing::{check_limit, named, taken_subject};
use crate::Error;
use crate::trust::TokenClaims;
use alloc::string::String;
use alloc::vec::Vec;
use serde::Serialize;

/// What is done with a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is removed.
    Remove,
    /// Members of it are changed.
    Update,
    /// It is added.
    Add,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Change {
    /// What is done.
    pub action: Action,
    /// The credential's name.
    pub name: String,
    /// What is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<FederatedCredential>,
    /// What shall be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<FederatedCredential>,
    /// The members that differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<&'static str>,
    /// Whether the caller's own token is accepted by what is there, and not afterwards. [`Plan::mark_used_by`] sets it.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub used_by_caller: bool,
}

impl Change {
    /// Marks the change if a token is accepted by what is there, and not afterwards.
    pub(super) fn mark_used_by(&mut self, claims: &TokenClaims) {
        let accepts = |credential: &Option<FederatedCredential>| {
            credential.as_ref().is_some_and(|credential| credential.accepts(claims))
        };
        self.used_by_caller = accepts(&self.before) && !accepts(&self.after);
    }
}

/// What has to change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Plan {
    /// Removals, then updates, then additions.
    pub changes: Vec<Change>,
    /// The names of credentials that are there, are not wanted, and stay.
    pub unmanaged: Vec<String>,
    /// How many wanted credentials are as they should be.
    pub unchanged: usize,
}

impl Plan {
    /// Marks the changes after which a token is no longer accepted: that of the workload which makes them.
    pub fn mark_used_by(&mut self, claims: &TokenClaims) {
        self.changes.iter_mut().for_each(|change| change.mark_used_by(claims));
    }
}

/// What shall be there.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) credentials: Vec<FederatedCredential>,
    /// Whether others are removed.
    pub(super) prune: bool,
    pub(super) managed: bool,
}

impl Wanted {
    /// The plan for an identity that has these credentials.
    ///
    /// # Errors
    /// `credential_conflict` or `credential_limit` when no service would store the result.
    pub(super) fn plan(&self, there: &[FederatedCredential]) -> Result<Plan, Error> {
        let mut plan = Plan::default();
        for credential in there {
            if named(&self.credentials, &credential.name, self.managed).is_some() {
                continue;
            }
            if self.prune {
                plan.changes.push(Change {
                    action: Action::Remove,
                    name: credential.name.clone(),
                    before: Some(credential.clone()),
                    after: None,
                    differs: Vec::new(),
                    used_by_caller: false,
                });
            } else {
                self.check_beside(credential)?;
                plan.unmanaged.push(credential.name.clone());
            }
        }
        for wanted in &self.credentials {
            let before = named(there, &wanted.name, self.managed);
            let differs = before.map(|before| wanted.differs_from(before)).unwrap_or_default();
            let (action, name, after) = match before {
                None => {
                    (Action::Add, &wanted.name, wanted.replacing(&FederatedCredential::default()))
                }
                Some(before) if !differs.is_empty() => {
                    (Action::Update, &before.name, wanted.replacing(before))
                }
                Some(_) => {
                    plan.unchanged += 1;
                    continue;
                }
            };
            plan.changes.push(Change {
                action,
                name: name.clone(),
                before: before.cloned(),
                after: Some(after),
                differs,
                used_by_caller: false,
            });
        }
        plan.changes.sort_by_key(|change| change.action);
        check_limit(self.credentials.len() + plan.unmanaged.len())?;
        Ok(plan)
    }

    /// A credential that stays must not have the issuer and subject of a wanted one.
    fn check_beside(&self, stays: &FederatedCredential) -> Result<(), Error> {
        match self.credentials.iter().find(|wanted| wanted.same_subject(stays)) {
            None => Ok(()),
            Some(wanted) => Err(taken_subject(wanted, stays)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn named(name: &str, subject: Option<&str>, expression: Option<&str>) -> FederatedCredential {
        FederatedCredential {
            name: name.into(),
            issuer: "https://gitlab.com".into(),
            subject: subject.map(Into::into),
            expression: expression.map(Into::into),
            audience: "a".into(),
            ..Default::default()
        }
    }

    #[test]
    fn changes_that_end_the_callers_own_trust_are_marked() {
        let own = "project_path:g/p:ref_type:branch:ref:main";
        let there = [
            named("by-subject", Some(own), None),
            named("by-expression", None, Some("claims['sub'] matches 'project_path:g/*'")),
            named("of-others", Some("project_path:g/q:ref_type:branch:ref:main"), None),
            named("stays", Some("s"), None),
        ];
        let wanted = vec![named("by-subject", Some("t"), None), named("stays", Some("s2"), None)];
        let wanted = Wanted { credentials: wanted, prune: true, managed: false };
        let mut plan = wanted.plan(&there).unwrap();
        let claims = |audience| TokenClaims::of("https://gitlab.com", own, [audience]);
        let marked = |plan: &Plan| -> Vec<String> {
            let own = plan.changes.iter().filter(|change| change.used_by_caller);
            own.map(|change| change.name.clone()).collect()
        };
        plan.mark_used_by(&claims("a"));
        assert_eq!(marked(&plan), ["by-expression", "by-subject"]);
        let json = serde_json::to_value(&plan.changes).unwrap();
        assert_eq!(json[0]["used_by_caller"], true);
        assert_eq!(json[1].get("used_by_caller"), None, "{json}");
        plan.mark_used_by(&claims("b"));
        assert!(marked(&plan).is_empty());
        let kept = Wanted { credentials: there.to_vec(), prune: true, managed: false };
        let mut plan = kept.plan(&[]).unwrap();
        plan.mark_used_by(&claims("a"));
        assert!(marked(&plan).is_empty());
    }
}
