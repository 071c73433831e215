//! Making an identity's credentials equal to the wanted ones: read, plan, write, and read again until nothing differs.
//!
//! Two appliers that run at the same time both end with a read that shows what they wanted, or tell that they did not. Since
//! the one that ends last has seen no later write, the identity has the credentials of one of them.

use super::answer::{Answer, CallError};
use super::call::Call;
use super::changes::{Plan, Wanted};
use super::credential::FederatedCredential;
use super::next::{MAY_HAVE_BEEN_MADE, Next, mismatch};
use super::report::{ChangeOutcome, Report};
use super::result::ManagerResult;
use super::write_order::{Write, writes};
use crate::{Code, Error};
use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;

/// Most times that changes are planned and written.
const MAX_ROUNDS: u32 = 10;
/// Most reads that wait for own writes to show.
const MAX_STALE_READS: u32 = 12;
/// The pauses between these reads double this many times, to 16 seconds at most.
const MAX_STALE_PAUSE: u32 = 5;

/// A value of a credential, `None` where there is none.
type Value = Option<FederatedCredential>;

/// An apply.
#[derive(Debug)]
pub(super) struct Apply {
    wanted: Wanted,
    report: Report,
    /// Whether there was a plan.
    planned: bool,
    queue: VecDeque<Write>,
    /// What each own write replaced and wrote, by name. It is forgotten when the changes are planned again.
    written: BTreeMap<String, (Value, Value)>,
    rounds: u32,
    stale_reads: u32,
    /// Whether the next read may plan again, because there was a pause since the last disturbance.
    may_plan: bool,
    /// Why the service refused the values of the first write of the queue.
    rejected: Option<Error>,
    /// Whether a write may have been made, and no read has told since.
    in_doubt: bool,
    /// Why the last round has not succeeded.
    last: Option<Error>,
}

impl Apply {
    pub(super) fn new(wanted: Wanted) -> Self {
        Self {
            wanted,
            report: Report::default(),
            planned: false,
            queue: VecDeque::new(),
            written: BTreeMap::new(),
            rounds: 0,
            stale_reads: 0,
            may_plan: true,
            rejected: None,
            in_doubt: false,
            last: None,
        }
    }

    pub(super) fn answered(&mut self, answer: Result<Answer, CallError>) -> Next {
        match answer {
            Ok(Answer::Credentials(there)) => self.read(&there),
            Ok(Answer::Written(_) | Answer::Deleted(_)) => self.wrote(),
            Ok(Answer::Credential(_)) => Next::Done(self.end(mismatch())),
            Err(error) if self.queue.is_empty() || self.rejected.is_some() => {
                Next::Done(self.end(error.into_error()))
            }
            // What should be removed is gone.
            Err(CallError::Missing(_)) if self.removes() => self.wrote(),
            Err(CallError::Refused(error)) => Next::Done(self.end(error)),
            // What is there tells whether it was another writer's change.
            Err(CallError::Rejected(error)) => {
                self.rejected = Some(error);
                Next::call(Call::List)
            }
            Err(CallError::InDoubt(error)) => {
                self.in_doubt = true;
                self.disturbed(error)
            }
            Err(CallError::Missing(error) | CallError::Conflict(error)) => self.disturbed(error),
        }
    }

    /// Ends early with what is known.
    pub(super) fn interrupt(&mut self, error: Error) -> Result<ManagerResult, Error> {
        self.in_doubt |= !self.queue.is_empty();
        self.end(error)
    }

    fn removes(&self) -> bool {
        self.queue.front().is_some_and(|write| write.after.is_none())
    }

    /// The first write of the queue has been made.
    fn wrote(&mut self) -> Next {
        let Some(write) = self.queue.pop_front() else { return Next::Done(self.end(mismatch())) };
        if write.completes {
            self.report.set(&write.name, ChangeOutcome::Done, None);
        }
        self.written.insert(write.name, (write.before, write.after));
        self.next_write()
    }

    fn next_write(&self) -> Next {
        match self.queue.front() {
            Some(write) => Next::call(write.call.clone()),
            None => Next::call(Call::List),
        }
    }

    /// Something else is being changed, or a write may have arrived: plans again after a pause.
    fn disturbed(&mut self, error: Error) -> Next {
        if let Some(write) = self.queue.front() {
            self.report.set(&write.name, ChangeOutcome::Failed, Some(error.clone()));
        }
        self.queue.clear();
        self.may_plan = true;
        self.last = Some(error.clone());
        Next::ReadAgain { error, failures: self.rounds.saturating_sub(1) }
    }

    fn read(&mut self, there: &[FederatedCredential]) -> Next {
        self.in_doubt = false;
        let plan = match self.wanted.plan(there) {
            Ok(plan) => plan,
            Err(error) => return Next::Done(self.end(error)),
        };
        if let Some(error) = self.rejected.take() {
            if self.is_as_planned(&plan) {
                return Next::Done(self.end(error));
            }
            return self.disturbed(error);
        }
        self.report.settle(&plan);
        if plan.changes.is_empty() {
            self.report.add(&plan);
            self.report.complete = true;
            let report = core::mem::take(&mut self.report);
            return Next::Done(Ok(ManagerResult::Report(report)));
        }
        if self.is_stale(&plan) && self.stale_reads < MAX_STALE_READS {
            self.stale_reads += 1;
            let error = Error::new(
                Code::ManagementUnsettled,
                "the changes were made, and the service does not show all of them yet; plan again in some minutes",
            );
            self.last = Some(error.clone());
            return Next::ReadAgain { error, failures: self.stale_reads.min(MAX_STALE_PAUSE) };
        }
        if !self.may_plan {
            let error = Error::new(
                Code::ManagementUnsettled,
                "another writer changes the federated identity credentials of this identity at the same time; apply again when it has finished",
            );
            return self.disturbed(error);
        }
        if self.rounds >= MAX_ROUNDS {
            let error = self.last.take().unwrap_or_else(mismatch);
            return Next::Done(self.end(error));
        }
        self.rounds += 1;
        self.stale_reads = 0;
        self.may_plan = false;
        self.planned = true;
        self.written.clear();
        self.report.add(&plan);
        self.queue = writes(&plan.changes);
        self.next_write()
    }

    /// Whether what remains is what the queue was made for.
    fn is_as_planned(&self, plan: &Plan) -> bool {
        plan.changes.iter().all(|change| {
            let mut writes = self.queue.iter().filter(|write| write.name == change.name);
            writes.any(|write| same(write.before.as_ref(), change.before.as_ref()))
        })
    }

    /// Whether every remaining change is one that was written, and the read shows what was there before it.
    fn is_stale(&self, plan: &Plan) -> bool {
        self.queue.is_empty()
            && !self.may_plan
            && plan.changes.iter().all(|change| {
                self.written.get(&change.name).is_some_and(|(before, after)| {
                    same(before.as_ref(), change.before.as_ref())
                        && same(after.as_ref(), change.after.as_ref())
                })
            })
    }

    /// The end with an error: as the error itself if nothing was planned, else in the report.
    fn end(&mut self, mut error: Error) -> Result<ManagerResult, Error> {
        if self.in_doubt && error.hint.is_none() {
            error.hint = Some(MAY_HAVE_BEEN_MADE.into());
        }
        if !self.planned {
            return Err(error);
        }
        if let Some(write) = self.queue.front() {
            let name = write.name.clone();
            self.report.set(&name, ChangeOutcome::Failed, Some(error.clone()));
        }
        let mut report = core::mem::take(&mut self.report);
        report.error = Some(error);
        Ok(ManagerResult::Report(report))
    }
}

/// Whether two values are equal beside what the service adds to them.
fn same(one: Option<&FederatedCredential>, other: Option<&FederatedCredential>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            one.differs_from(other).is_empty() && other.differs_from(one).is_empty()
        }
        _ => false,
    }
}
