//! Everything that continuous integration runs.

use crate::job::{Failure, Jobs};
use crate::plan::{self, Load, Planned};
use crate::{docs, layout, lint, setup};

pub(crate) fn run(jobs: &mut Jobs) -> Result<(), Failure> {
    // What fails within seconds comes first.
    layout::run(jobs)?;
    docs::links_exist(jobs)?;
    lint::sources(jobs)?;
    jobs.run("C compiler", || setup::ensure(&[&setup::C_COMPILER]))?;
    plan::run(jobs, &PLAN)
}

/// Jobs that compile for the same profile come one after the other, so that each finds what the last one has built and
/// none waits for the lock of cargo's build folder.
const PLAN: [Planned; 19] = [
    heavy("test rust", &["test", "--only", "rust"], &[]),
    light("setup", &["setup"], &[]),
    heavy("pack", &["pack"], &["setup"]),
    heavy("generated files", &["stubs", "--check", "--built"], &["test rust"]),
    light("test differential", &["test", "--only", "differential", "--built"], &TESTABLE),
    heavy("lint", &["lint"], &["generated files"]),
    light("test python", &["test", "--only", "python", "--built"], &PACKED),
    light("test node", &["test", "--only", "node", "--built"], &PACKED),
    heavy("test kotlin", &["test", "--only", "kotlin", "--built"], &PACKED),
    light("test wif", &["test", "--only", "wif", "--built"], &PACKED),
    light("test paths", &["test", "--only", "paths", "--built"], &["pack"]),
    light("test peers", &["test", "--only", "peers", "--built"], &PACKED),
    heavy("fuzz", &["fuzz", "--seconds", "30"], &["setup"]),
    light("test edge", &["test", "--only", "edge", "--built"], &["test node"]),
    light("test bundlers", &["test", "--only", "bundlers", "--built"], &["test edge"]),
    light("test inspector", &["test", "--only", "inspector", "--built"], &["test bundlers"]),
    light("book", &["docs"], &["setup"]),
    light("readme", &["readme", "--built"], &["pack", "lint"]),
    heavy("install", &["install"], &["pack", "lint"]),
];

/// What a suite needs that only runs the command line.
const TESTABLE: [&str; 2] = ["setup", "test rust"];
/// What a suite needs that installs the packages.
const PACKED: [&str; 2] = ["pack", "test rust"];

const fn light(
    name: &'static str,
    arguments: &'static [&'static str],
    after: &'static [&'static str],
) -> Planned {
    Planned { name, arguments, load: Load::Light, after }
}

const fn heavy(
    name: &'static str,
    arguments: &'static [&'static str],
    after: &'static [&'static str],
) -> Planned {
    Planned { name, arguments, load: Load::Heavy, after }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[test]
    fn the_plan_holds_together() {
        for job in &PLAN {
            for name in job.after {
                assert!(PLAN.iter().any(|other| other.name == *name), "{name}");
            }
            let line = ["xtask"].iter().chain(job.arguments);
            assert!(crate::Arguments::try_parse_from(line).is_ok(), "{}", job.name);
        }
    }
}
