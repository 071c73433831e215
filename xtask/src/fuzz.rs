//! Builds the fuzz targets with `cargo fuzz` and runs each for a short time.

use crate::job::{Failure, Jobs};
use crate::project;
use crate::setup;
use crate::shell::Shell;

/// How many targets run at a time.
const AT_A_TIME: usize = 2;

pub(crate) fn run(jobs: &mut Jobs, seconds: u32) -> Result<(), Failure> {
    jobs.run("fuzz build", || {
        setup::ensure_nightly()?;
        setup::ensure_cargo_fuzz()?;
        // The only use of nightly: libFuzzer's coverage and AddressSanitizer are unstable.
        Shell::new("rustup")
            .args(["run", "nightly", "cargo", "fuzz", "build", "--fuzz-dir", "fuzz"])
            .run()
    })?;
    jobs.run("fuzz targets", || {
        let triple = Shell::new("rustc").args(["--print", "host-tuple"]).output()?;
        for names in targets()?.chunks(AT_A_TIME) {
            run_together(names, triple.trim(), seconds)?;
        }
        Ok(())
    })
}

fn run_together(names: &[String], triple: &str, seconds: u32) -> Result<(), Failure> {
    std::thread::scope(|scope| {
        let runs: Vec<_> =
            names.iter().map(|name| scope.spawn(move || run_one(name, triple, seconds))).collect();
        runs.into_iter().try_for_each(|run| {
            run.join().unwrap_or_else(|_| Err(Failure::new("a fuzz run stopped")))
        })
    })
}

fn run_one(name: &str, triple: &str, seconds: u32) -> Result<(), Failure> {
    let corpus = project::installed("fuzz")?.join(name);
    std::fs::create_dir_all(&corpus)?;
    let seeds = project::path("fuzz/seeds").join(name);
    let program = project::path("fuzz/target").join(triple).join("release").join(name);
    // libFuzzer writes what it finds into the first folder and only reads the second.
    Shell::new(program)
        .args([&corpus].into_iter().chain(seeds.exists().then_some(&seeds)))
        .args([format!("-max_total_time={seconds}")])
        .args(["-rss_limit_mb=2048", "-timeout=30"])
        .dir(&corpus)
        .run_quietly()
}

/// The targets by their files.
fn targets() -> Result<Vec<String>, Failure> {
    let folder = project::path("fuzz/fuzz_targets");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .map_err(|error| Failure::new(format!("cannot read {}: {error}", project::shown(&folder))))?
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".rs").map(str::to_owned))
        .collect();
    names.sort();
    Ok(names)
}
