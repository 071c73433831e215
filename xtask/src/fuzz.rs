//! The fuzz targets: they compile, and a short run of each finds nothing.

use crate::job::{Failure, Jobs};
use crate::project;
use crate::setup;
use crate::shell::Shell;

pub(crate) fn run(jobs: &mut Jobs, seconds: u32) -> Result<(), Failure> {
    jobs.run("fuzz targets", || {
        setup::ensure_nightly()?;
        let triple = Shell::new("rustc").args(["--print", "host-tuple"]).output()?;
        let triple = triple.trim();
        cargo("build", triple).run()?;
        // Two at a time: what a small machine has cores for.
        for pair in targets()?.chunks(2) {
            run_together(pair, triple, seconds)?;
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
    // The first folder takes what is found, the second is only read.
    Shell::new(program)
        .args([&corpus].into_iter().chain(seeds.exists().then_some(&seeds)))
        .args([format!("-max_total_time={seconds}")])
        .args(["-rss_limit_mb=2048", "-timeout=10"])
        .dir(&corpus)
        .run_quietly()
}

/// What `cargo fuzz build` does, without that tool: libFuzzer's coverage and AddressSanitizer.
fn cargo(verb: &str, triple: &str) -> Shell {
    let flags = [
        "-Cpasses=sancov-module",
        "-Cllvm-args=-sanitizer-coverage-level=4",
        "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
        "-Cllvm-args=-sanitizer-coverage-pc-table",
        "-Cllvm-args=-sanitizer-coverage-trace-compares",
        "-Zsanitizer=address",
        "-Cdebug-assertions",
        "-Cdebuginfo=1",
        "--cfg=fuzzing",
    ];
    Shell::new("rustup")
        .args([
            "run",
            "nightly",
            "cargo",
            verb,
            "--quiet",
            "--release",
            "--bins",
            "--target",
            triple,
        ])
        .args(["--manifest-path", "fuzz/Cargo.toml", "--target-dir", "fuzz/target"])
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
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
