//! Writing one credential: look, write, and look again when it is not known whether the write has arrived.

use super::answer::{Answer, CallError};
use super::call::Call;
use super::credential::{CredentialUpdate, FederatedCredential};
use super::existing::{check_limit, named, not_found, shown, taken_subject};
use super::next::{MAY_HAVE_BEEN_MADE, Next, mismatch};
use super::result::ManagerResult;
use crate::http::retry::MAX_RETRIES;
use crate::{Code, Error};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;

/// Most writes that a service refuses because of another change. ARM allows one change of an identity at a time.
const MAX_CONFLICTS: u32 = 6;

/// What is written.
#[derive(Debug)]
enum Kind {
    Create(FederatedCredential),
    Update(CredentialUpdate),
    Upsert(FederatedCredential),
    Delete(String),
}

/// What follows from the credentials that are there.
enum Decision {
    Write(Box<Call>),
    Done(ManagerResult),
}

/// A write of one credential.
#[derive(Debug)]
pub(super) struct SingleWrite {
    kind: Kind,
    managed: bool,
    /// The credential as it is after the write that is under way.
    after: Option<FederatedCredential>,
    /// Whether a write was sent whose outcome is not known.
    in_doubt: bool,
    /// Writes whose outcome is not known, and writes that were refused because of another change.
    doubts: u32,
    conflicts: u32,
    /// Whether the call that is under way is a write.
    writing: bool,
    /// Whether the service said that the credential to remove is not there.
    gone: bool,
    /// Why the service refused the values of the write.
    rejected: Option<Error>,
    /// Why the last write has not succeeded.
    last: Option<Error>,
}

impl SingleWrite {
    fn new(kind: Kind, managed: bool) -> Self {
        // A removal needs no look: the service says whether there was something to remove.
        let writing = matches!(kind, Kind::Delete(_));
        Self {
            kind,
            managed,
            after: None,
            in_doubt: false,
            doubts: 0,
            conflicts: 0,
            writing,
            gone: false,
            rejected: None,
            last: None,
        }
    }

    pub(super) fn create(credential: FederatedCredential, managed: bool) -> Self {
        Self::new(Kind::Create(credential), managed)
    }

    pub(super) fn update(update: CredentialUpdate, managed: bool) -> Self {
        Self::new(Kind::Update(update), managed)
    }

    pub(super) fn upsert(credential: FederatedCredential, managed: bool) -> Self {
        Self::new(Kind::Upsert(credential), managed)
    }

    pub(super) fn delete(name: String, managed: bool) -> Self {
        Self::new(Kind::Delete(name), managed)
    }

    /// The first call.
    pub(super) fn begin(&self) -> Call {
        match &self.kind {
            Kind::Delete(name) => Call::Delete { name: name.clone(), etag: None },
            _ => Call::List,
        }
    }

    pub(super) fn answered(&mut self, answer: Result<Answer, CallError>) -> Next {
        let wrote = core::mem::take(&mut self.writing);
        match answer {
            Ok(Answer::Credentials(there)) => self.looked(&there),
            Ok(Answer::Written(credential)) => match credential.or_else(|| self.after.take()) {
                Some(credential) => Next::Done(Ok(ManagerResult::Credential { credential })),
                None => Next::Done(Err(mismatch())),
            },
            Ok(Answer::Deleted(deleted)) => {
                Next::Done(Ok(ManagerResult::Deleted { deleted: deleted || self.in_doubt }))
            }
            Ok(Answer::Credential(_)) => Next::Done(Err(mismatch())),
            Err(CallError::Refused(error)) => Next::Done(Err(self.interrupt(error))),
            // The list tells whether the identity is there.
            Err(CallError::Missing(_)) if wrote && matches!(self.kind, Kind::Delete(_)) => {
                self.gone = true;
                Next::call(Call::List)
            }
            Err(CallError::Missing(error)) if !wrote => Next::Done(Err(error)),
            Err(CallError::Missing(error) | CallError::Conflict(error)) => {
                let failures = self.conflicts;
                self.conflicts += 1;
                self.last = Some(error.clone());
                Next::ReadAgain { error, failures }
            }
            Err(CallError::Rejected(error)) => {
                self.rejected = Some(error);
                Next::call(Call::List)
            }
            Err(CallError::InDoubt(error)) => {
                let failures = self.doubts;
                self.doubts += 1;
                self.in_doubt = true;
                self.last = Some(error.clone());
                Next::ReadAgain { error, failures }
            }
        }
    }

    /// Adds to an error that ends the work what is not known.
    pub(super) fn interrupt(&self, mut error: Error) -> Error {
        if (self.in_doubt || error.code == Code::DeadlineExceeded) && error.hint.is_none() {
            error.hint = Some(MAY_HAVE_BEEN_MADE.into());
        }
        error
    }

    /// Decides by what is there.
    fn looked(&mut self, there: &[FederatedCredential]) -> Next {
        let decided = match &self.kind {
            Kind::Create(wanted) => self.decide_create(wanted, there),
            Kind::Upsert(wanted) => self.decide_upsert(wanted, there),
            Kind::Update(update) => self.decide_update(update, there),
            Kind::Delete(name) => Ok(match named(there, name, self.managed) {
                Some(found) if !self.gone => {
                    write(Call::Delete { name: found.name.clone(), etag: found.etag.clone() })
                }
                _ => Decision::Done(ManagerResult::Deleted { deleted: self.in_doubt }),
            }),
        };
        let call = match decided {
            Err(error) => return Next::Done(Err(error)),
            Ok(Decision::Done(result)) => return Next::Done(Ok(result)),
            Ok(Decision::Write(call)) => call,
        };
        // What is there does not tell why.
        if let Some(error) = self.rejected.take() {
            return Next::Done(Err(self.interrupt(error)));
        }
        if self.doubts > MAX_RETRIES || self.conflicts > MAX_CONFLICTS {
            let error = self.last.take().unwrap_or_else(mismatch);
            return Next::Done(Err(self.interrupt(error)));
        }
        self.writing = true;
        self.after = match &*call {
            Call::Create(after) => Some(after.clone()),
            Call::Update { before, after, .. } => Some(after.replacing(before)),
            Call::Upsert { before, after } => {
                Some(after.replacing(&before.clone().unwrap_or_default()))
            }
            _ => None,
        };
        Next::Call(call)
    }

    fn decide_create(
        &self,
        wanted: &FederatedCredential,
        there: &[FederatedCredential],
    ) -> Result<Decision, Error> {
        match named(there, &wanted.name, self.managed) {
            // The write that was in doubt has arrived.
            Some(found) if self.in_doubt && wanted.differs_from(found).is_empty() => {
                Ok(done(found))
            }
            Some(found) => Err(taken_name(wanted, found)),
            None => {
                check_new(wanted, there)?;
                Ok(write(Call::Create(wanted.clone())))
            }
        }
    }

    fn decide_upsert(
        &self,
        wanted: &FederatedCredential,
        there: &[FederatedCredential],
    ) -> Result<Decision, Error> {
        let before = named(there, &wanted.name, self.managed);
        match before {
            Some(found) if wanted.differs_from(found).is_empty() => {
                return Ok(done(found));
            }
            Some(found) => check_subject(wanted, found, there)?,
            None => check_new(wanted, there)?,
        }
        Ok(write(Call::Upsert { before: before.cloned(), after: wanted.clone() }))
    }

    fn decide_update(
        &self,
        update: &CredentialUpdate,
        there: &[FederatedCredential],
    ) -> Result<Decision, Error> {
        let Some(found) = named(there, &update.name, self.managed) else {
            return Err(not_found(&update.name));
        };
        let after = update.of(found);
        let members = after.differs_from(found);
        if members.is_empty() {
            return Ok(done(found));
        }
        check_subject(&after, found, there)?;
        Ok(write(Call::Update { before: found.clone(), after, members }))
    }
}

fn write(call: Call) -> Decision {
    Decision::Write(Box::new(call))
}

fn done(credential: &FederatedCredential) -> Decision {
    Decision::Done(ManagerResult::Credential { credential: credential.clone() })
}

/// Checks that a credential can be added.
fn check_new(wanted: &FederatedCredential, there: &[FederatedCredential]) -> Result<(), Error> {
    if let Some(other) = there.iter().find(|other| other.same_subject(wanted)) {
        return Err(taken_subject(wanted, other));
    }
    check_limit(there.len() + 1)
}

/// Checks that no other credential has the issuer and subject.
fn check_subject(
    wanted: &FederatedCredential,
    found: &FederatedCredential,
    there: &[FederatedCredential],
) -> Result<(), Error> {
    match there.iter().find(|other| other.name != found.name && other.same_subject(wanted)) {
        Some(other) => Err(taken_subject(wanted, other)),
        None => Ok(()),
    }
}

fn taken_name(wanted: &FederatedCredential, found: &FederatedCredential) -> Error {
    let name = shown(&found.name);
    let differs = wanted.differs_from(found);
    let what = if differs.is_empty() {
        String::from("with the same values, so that there is nothing to do")
    } else {
        format!("with another {}; update it, or choose another name", differs.join(", "))
    };
    let message =
        format!("the identity has a federated identity credential `{name}` already, {what}");
    Error::new(Code::CredentialConflict, message)
}
