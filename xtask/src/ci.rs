//! Everything, in the order in which failures are cheapest to find.

use crate::job::{Failure, Jobs};
use crate::{docs, fuzz, install, layout, lint, readme, stubs, test, wasm};

/// Seconds for each fuzz target.
const FUZZ_SECONDS: u32 = 60;

pub(crate) fn run(jobs: &mut Jobs) -> Result<(), Failure> {
    layout::run(jobs)?;
    docs::run(jobs)?;
    stubs::run(jobs, true)?;
    test::run(jobs, &[])?;
    readme::run(jobs)?;
    install::run(jobs)?;
    wasm::check(jobs)?;
    lint::run(jobs)?;
    fuzz::run(jobs, FUZZ_SECONDS)
}
