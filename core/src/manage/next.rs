//! What comes after a call.

use super::call::Call;
use super::result::ManagerResult;
use crate::{Code, Error};
use alloc::boxed::Box;

/// Advice on a write whose outcome is not known.
pub(super) const MAY_HAVE_BEEN_MADE: &str =
    "the change may have been made; list the credentials before it is repeated";

/// What comes next.
#[derive(Debug)]
pub(super) enum Next {
    /// A call.
    Call(Box<Call>),
    /// A read after a pause, because of an error. `failures` were there before.
    ReadAgain { error: Error, failures: u32 },
    /// The end.
    Done(Result<ManagerResult, Error>),
}

impl Next {
    pub(super) fn call(call: Call) -> Self {
        Self::Call(Box::new(call))
    }
}

/// A call has an answer of another call, which is a defect.
pub(super) fn mismatch() -> Error {
    Error::new(Code::Internal, "a call has the answer of another one")
}
