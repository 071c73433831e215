//! Management of the directory's federated identity credentials: Microsoft Graph for the application, Azure Resource
//! Manager for the managed identity.

mod arm;
mod bearer;
mod call;
mod changes;
mod failure;
mod graph;
mod page;

use crate::entra::error::Correlation;
use crate::reply::Response;
use workload_identity_core::Timestamp;

pub(crate) use call::{Call, Surface};

/// Answers a call.
pub(crate) fn answer(surface: Surface, call: &mut Call<'_>, correlation: &Correlation) -> Response {
    match surface {
        Surface::Graph => graph::answer(call, correlation),
        Surface::Arm => arm::answer(call, correlation),
    }
}

/// The error response of a status that a fault causes.
pub(crate) fn faulty(
    surface: Surface,
    status: u16,
    correlation: &Correlation,
    now: Timestamp,
) -> Response {
    match surface {
        Surface::Graph => graph::faulty(status, correlation, now),
        Surface::Arm => arm::faulty(status, correlation),
    }
}
