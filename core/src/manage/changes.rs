//! The plan: what has to change so that an identity has the wanted credentials.

use super::credential::FederatedCredential;
use super::existing::{check_limit, named, taken_subject};
use crate::Error;
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
