//! The plan: what has to change so that an identity has the wanted credentials.

use super::credential::FederatedCredential;
use super::request::same_name;
use crate::trust::MAX_CREDENTIALS;
use crate::{Code, Error};
use alloc::format;
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
            if self.find(&self.credentials, &credential.name).is_some() {
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
            let before = self.find(there, &wanted.name);
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

    fn find<'c>(
        &self,
        among: &'c [FederatedCredential],
        name: &str,
    ) -> Option<&'c FederatedCredential> {
        among.iter().find(|credential| same_name(&credential.name, name, self.managed))
    }

    /// A credential that stays must not have the issuer and subject of a wanted one.
    fn check_beside(&self, stays: &FederatedCredential) -> Result<(), Error> {
        match self.credentials.iter().find(|wanted| wanted.same_subject(stays)) {
            None => Ok(()),
            Some(wanted) => Err(taken_subject(wanted, stays)),
        }
    }
}

/// The error of a credential whose issuer and subject another one has.
pub(super) fn taken_subject(wanted: &FederatedCredential, other: &FederatedCredential) -> Error {
    let message = format!(
        "the issuer and subject of `{}` are those of the credential `{}`, and an identity has one credential for both; change or remove `{}` first",
        shown(&wanted.name),
        shown(&other.name),
        shown(&other.name)
    );
    Error::new(Code::CredentialConflict, message)
}

/// Checks how many credentials an identity would have.
pub(super) fn check_limit(credentials: usize) -> Result<(), Error> {
    if credentials <= MAX_CREDENTIALS {
        return Ok(());
    }
    let message = format!(
        "the identity would have {credentials} federated identity credentials, and it can have {MAX_CREDENTIALS}; remove some first, or use an expression for several subjects"
    );
    Err(Error::new(Code::CredentialLimit, message))
}

/// A name for a message. Names that a service gives can hold anything.
pub(super) fn shown(name: &str) -> String {
    name.chars().take(120).flat_map(char::escape_default).collect()
}
