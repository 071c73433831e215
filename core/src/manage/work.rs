//! What an operation does next: the decisions between calls.

use super::answer::{Answer, CallError};
use super::apply::Apply;
use super::call::Call;
use super::changes::Wanted;
use super::config::ManagerConfig;
use super::existing::{named, not_found};
use super::next::{Next, mismatch};
use super::request::Operation;
use super::result::ManagerResult;
use super::single_write::SingleWrite;
use crate::Error;
use alloc::boxed::Box;
use alloc::string::String;

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
    Write(Box<SingleWrite>),
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
            Operation::Create(credential) => Self::write(SingleWrite::create(credential, managed)),
            Operation::Update(update) => Self::write(SingleWrite::update(update, managed)),
            Operation::Upsert(credential) => Self::write(SingleWrite::upsert(credential, managed)),
            Operation::Delete(name) => Self::write(SingleWrite::delete(name, managed)),
        }
    }

    fn write(write: SingleWrite) -> Self {
        Self::Write(Box::new(write))
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
                return Next::call(Call::List);
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
                (Self::Get(name, _), Answer::Credentials(there)) => named(&there, name, managed)
                    .map(|credential| ManagerResult::Credential { credential: credential.clone() })
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
