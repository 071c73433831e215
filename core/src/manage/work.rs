//! What an operation does next: the decisions between calls.

use super::answer::{Answer, CallError};
use super::apply::Apply;
use super::call::Call;
use super::changes::{Wanted, shown};
use super::config::ManagerConfig;
use super::credential::FederatedCredential;
use super::request::{Operation, same_name};
use super::result::ManagerResult;
use super::single_write::SingleWrite;
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;

/// What comes next.
#[derive(Debug)]
pub(super) enum Next {
    /// A call.
    Call(Call),
    /// A read after a pause, because of an error. `failures` were there before.
    ReadAgain { error: Error, failures: u32 },
    /// The end.
    Done(Result<ManagerResult, Error>),
}

/// The work of a request.
#[derive(Debug)]
pub(super) enum Work {
    /// The whole list.
    List,
    /// One credential; `true` when the list tells what is missing.
    Get(String, bool),
    /// What would change.
    Plan(Wanted),
    /// One credential is written.
    Write(SingleWrite),
    /// All wanted credentials are written.
    Apply(Apply),
}

impl Work {
    pub(super) fn new(operation: Operation, config: &ManagerConfig) -> Self {
        let managed = config.identity.is_managed();
        match operation {
            Operation::List => Self::List,
            Operation::Get(name) => Self::Get(name, false),
            Operation::Plan { credentials, prune } => {
                Self::Plan(Wanted { credentials, prune, managed })
            }
            Operation::Apply { credentials, prune } => {
                Self::Apply(Apply::new(Wanted { credentials, prune, managed }))
            }
            Operation::Create(credential) => Self::Write(SingleWrite::create(credential, managed)),
            Operation::Update(update) => Self::Write(SingleWrite::update(update, managed)),
            Operation::Upsert(credential) => Self::Write(SingleWrite::upsert(credential, managed)),
            Operation::Delete(name) => Self::Write(SingleWrite::delete(name, managed)),
        }
    }

    /// The first call.
    pub(super) fn begin(&self) -> Call {
        match self {
            Self::Get(name, _) => Call::Get(name.clone()),
            Self::Write(write) => write.begin(),
            _ => Call::List,
        }
    }

    /// Takes the answer to a call.
    pub(super) fn answered(&mut self, answer: Result<Answer, CallError>, managed: bool) -> Next {
        match self {
            Self::Write(write) => return write.answered(answer),
            Self::Apply(apply) => return apply.answered(answer),
            Self::Get(_, listed @ false) if matches!(answer, Err(CallError::Missing(_))) => {
                *listed = true;
                return Next::Call(Call::List);
            }
            _ => {}
        }
        let result =
            answer.map_err(CallError::into_error).and_then(|answer| match (&*self, answer) {
                (Self::List, Answer::Credentials(credentials)) => {
                    Ok(ManagerResult::Credentials { credentials })
                }
                (Self::Plan(wanted), Answer::Credentials(there)) => {
                    wanted.plan(&there).map(ManagerResult::Plan)
                }
                (Self::Get(..), Answer::Credential(credential)) => {
                    Ok(ManagerResult::Credential { credential })
                }
                (Self::Get(name, _), Answer::Credentials(there)) => there
                    .into_iter()
                    .find(|credential| same_name(&credential.name, name, managed))
                    .map(|credential| ManagerResult::Credential { credential })
                    .ok_or_else(|| not_found(name)),
                _ => Err(mismatch()),
            });
        Next::Done(result)
    }

    /// Ends early. What is known of an apply becomes its report.
    pub(super) fn interrupt(&mut self, error: Error) -> Result<ManagerResult, Error> {
        match self {
            Self::Apply(apply) => apply.interrupt(error),
            Self::Write(write) => Err(write.interrupt(error)),
            _ => Err(error),
        }
    }
}

/// The error of a credential that is not there.
pub(super) fn not_found(name: &str) -> Error {
    let message = format!(
        "the identity has no federated identity credential `{}`; list the credentials to see their names",
        shown(name)
    );
    Error::new(Code::CredentialNotFound, message)
}

/// The credential of a name.
pub(super) fn named<'c>(
    there: &'c [FederatedCredential],
    name: &str,
    managed: bool,
) -> Option<&'c FederatedCredential> {
    there.iter().find(|credential| same_name(&credential.name, name, managed))
}

/// A call has an answer of another call, which is a defect.
pub(super) fn mismatch() -> Error {
    Error::new(Code::Internal, "a call has the answer of another one")
}
