//! Faults that tests inject, and the plan of the requests they affect.

mod fault;
mod fault_text;
mod plan;

pub use fault::{FAULT_MODIFIERS, FAULT_TABLE, Fault, FaultForm, FaultKind, FaultTarget};
pub use fault_text::FaultError;
pub(crate) use plan::{AppliedFaults, FaultPlan};
