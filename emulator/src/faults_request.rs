//! Control requests about faults.

use crate::emulator::Emulator;
use crate::events::Change;
use crate::faults::{FAULT_TABLE, Fault, FaultTarget};
use crate::request::Request;
use serde_json::{Value, json};
use workload_identity_core::Timestamp;

/// The active faults, and all kinds and targets that there are.
pub(crate) fn list(emulator: &Emulator) -> Value {
    let kinds: Vec<Value> = FAULT_TABLE
        .iter()
        .map(|(form, meaning)| json!({ "form": form, "meaning": meaning }))
        .collect();
    let targets: Vec<&str> = FaultTarget::ALL.iter().map(|target| target.name()).collect();
    json!({ "faults": emulator.faults(), "kinds": kinds, "targets": targets })
}

/// Adds the faults of the body, one a line.
pub(crate) fn add(
    emulator: &mut Emulator,
    request: &Request,
    now: Timestamp,
) -> Result<(), String> {
    for fault in read(request)? {
        emulator.fault(fault);
    }
    record(emulator, now);
    Ok(())
}

/// Replaces all faults by those of the body.
pub(crate) fn replace(
    emulator: &mut Emulator,
    request: &Request,
    now: Timestamp,
) -> Result<(), String> {
    let faults = read(request)?;
    emulator.clear_faults();
    for fault in faults {
        emulator.fault(fault);
    }
    record(emulator, now);
    Ok(())
}

/// Removes all faults.
pub(crate) fn clear(emulator: &mut Emulator, now: Timestamp) {
    emulator.clear_faults();
    record(emulator, now);
}

fn read(request: &Request) -> Result<Vec<Fault>, String> {
    let text = String::from_utf8_lossy(request.body());
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| line.parse().map_err(|error: crate::FaultError| error.to_string())).collect()
}

fn record(emulator: &Emulator, now: Timestamp) {
    emulator.events.changed(Change::Faults { faults: emulator.faults() }, now);
}
