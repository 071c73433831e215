//! The order in which the changes of a plan are written, so that no two credentials have the same issuer and subject at any
//! time.

use super::call::Call;
use super::changes::{Action, Change};
use super::credential::FederatedCredential;
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;

/// One write of a change.
#[derive(Clone, Debug)]
pub(super) struct Write {
    pub(super) call: Call,
    /// The name of the change.
    pub(super) name: String,
    /// The value of that name that the plan found.
    pub(super) before: Option<FederatedCredential>,
    /// The value after this write.
    pub(super) after: Option<FederatedCredential>,
    /// Whether the change is complete then. A swap is a removal and an addition.
    pub(super) completes: bool,
}

/// The writes of some changes: removals, then updates, then additions.
///
/// An update waits for another one that frees its issuer and subject. Where updates wait for each other in a circle, one of
/// them becomes a removal and an addition.
pub(super) fn writes(changes: &[Change]) -> VecDeque<Write> {
    let (mut removals, mut updates, mut additions) = (Vec::new(), Vec::new(), Vec::new());
    let mut waiting = Vec::new();
    for change in changes {
        match (change.action, &change.before, &change.after) {
            (Action::Remove, Some(before), _) => removals.push(removal(change, before, true)),
            (Action::Add, _, Some(after)) => additions.push(addition(change, after)),
            (Action::Update, Some(before), Some(after)) => waiting.push((change, before, after)),
            _ => {}
        }
    }
    while !waiting.is_empty() {
        let is_free = |index: usize, after: &FederatedCredential| {
            let others = waiting.iter().enumerate().filter(|(other, _)| *other != index);
            !others.map(|(_, (_, before, _))| before).any(|before| after.same_subject(before))
        };
        let free = (0..waiting.len())
            .find(|index| waiting.get(*index).is_some_and(|(_, _, after)| is_free(*index, after)));
        match free {
            Some(index) => {
                let (change, before, after) = waiting.remove(index);
                updates.push(Write {
                    call: Call::Update {
                        before: before.clone(),
                        after: after.clone(),
                        members: change.differs.clone(),
                    },
                    name: change.name.clone(),
                    before: Some(before.clone()),
                    after: Some(after.clone()),
                    completes: true,
                });
            }
            None => {
                let (change, before, after) = waiting.remove(0);
                removals.push(removal(change, before, false));
                additions.push(addition(change, after));
            }
        }
    }
    removals.into_iter().chain(updates).chain(additions).collect()
}

fn removal(change: &Change, before: &FederatedCredential, completes: bool) -> Write {
    Write {
        call: Call::Delete { name: before.name.clone(), etag: before.etag.clone() },
        name: change.name.clone(),
        before: Some(before.clone()),
        after: None,
        completes,
    }
}

fn addition(change: &Change, after: &FederatedCredential) -> Write {
    Write {
        call: Call::Create(after.clone()),
        name: change.name.clone(),
        before: change.before.clone(),
        after: Some(after.clone()),
        completes: true,
    }
}
