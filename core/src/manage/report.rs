//! The report of an apply: what became of each change.

use super::changes::{Action, Change, Plan};
use crate::Error;
use crate::trust::TokenClaims;
use alloc::string::String;
use alloc::vec::Vec;
use serde::Serialize;

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeOutcome {
    /// It was made.
    Done,
    /// It was not made, or it is not known whether it was.
    Failed,
    /// It was not begun.
    NotTried,
}

/// A change and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ChangeReport {
    /// The change.
    #[serde(flatten)]
    pub change: Change,
    /// What became of it.
    pub outcome: ChangeOutcome,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

/// What became of all changes.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The changes: removals, updates, additions.
    pub changes: Vec<ChangeReport>,
    /// The names of credentials that are there, are not wanted, and stayed.
    pub unmanaged: Vec<String>,
    /// How many wanted credentials were as they should be.
    pub unchanged: usize,
    /// Whether a read at the end showed all wanted credentials.
    pub complete: bool,
    /// Why it is not complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

impl Report {
    /// As [`Plan::mark_used_by`].
    pub fn mark_used_by(&mut self, claims: &TokenClaims) {
        self.changes.iter_mut().for_each(|known| known.change.mark_used_by(claims));
    }

    /// Takes a plan along. A change of a credential that was changed before is one change from what was there first.
    pub(super) fn add(&mut self, plan: &Plan) {
        if self.changes.is_empty() {
            self.unchanged = plan.unchanged;
        }
        self.unmanaged.clone_from(&plan.unmanaged);
        for change in &plan.changes {
            match self.changes.iter_mut().find(|known| known.change.name == change.name) {
                Some(known) => {
                    let before = known.change.before.take();
                    known.change = Change {
                        action: match (&before, &change.after) {
                            (_, None) => Action::Remove,
                            (None, Some(_)) => Action::Add,
                            (Some(_), Some(_)) => Action::Update,
                        },
                        before,
                        ..change.clone()
                    };
                    known.outcome = ChangeOutcome::NotTried;
                    known.error = None;
                }
                None => self.changes.push(ChangeReport {
                    change: change.clone(),
                    outcome: ChangeOutcome::NotTried,
                    error: None,
                }),
            }
        }
        self.changes.sort_by_key(|known| known.change.action);
    }

    /// Sets what became of a change.
    pub(super) fn set(&mut self, name: &str, outcome: ChangeOutcome, error: Option<Error>) {
        if let Some(known) = self.changes.iter_mut().find(|known| known.change.name == name) {
            known.outcome = outcome;
            known.error = error;
        }
    }

    /// A read has shown that all changes are made but those of a plan.
    pub(super) fn settle(&mut self, plan: &Plan) {
        for known in &mut self.changes {
            if plan.changes.iter().all(|change| change.name != known.change.name) {
                known.outcome = ChangeOutcome::Done;
                known.error = None;
            }
        }
    }
}
