//! Control requests about faults.

use crate::emulator::Emulator;
use crate::events::Change;
use crate::faults::{FAULT_TABLE, Fault, FaultForm, FaultTarget};
use crate::request::Request;
use serde_json::{Value, json};
use workload_identity_core::Timestamp;

/// Most faults that are active at once.
const MAX_FAULTS: usize = 100;

/// The active faults, and all kinds and targets that there are.
pub(crate) fn list(emulator: &Emulator) -> Value {
    let names =
        |targets: &[FaultTarget]| targets.iter().map(|target| target.name()).collect::<Vec<_>>();
    let kind = |row: &FaultForm| json!({ "form": row.form, "meaning": row.meaning, "targets": names(row.targets) });
    json!({
        "faults": emulator.faults(),
        "kinds": FAULT_TABLE.iter().map(kind).collect::<Vec<_>>(),
        "targets": names(FaultTarget::ALL),
    })
}

/// Adds the faults of the body, one a line.
pub(crate) fn add(
    emulator: &mut Emulator,
    request: &Request,
    now: Timestamp,
) -> Result<(), String> {
    let faults = read(request, emulator.faults().len())?;
    for fault in faults {
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
    let faults = read(request, 0)?;
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

/// The faults of the body, beside others that stay.
fn read(request: &Request, others: usize) -> Result<Vec<Fault>, String> {
    let text = str::from_utf8(request.body()).map_err(|_| "the body is no UTF-8 text")?;
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    if others + lines().count() > MAX_FAULTS {
        return Err(format!("at most {MAX_FAULTS} faults are active at once; remove some"));
    }
    lines().map(|line| line.parse().map_err(|error: crate::FaultError| error.to_string())).collect()
}

fn record(emulator: &Emulator, now: Timestamp) {
    emulator.events.changed(Change::Faults { faults: emulator.faults() }, now);
}
