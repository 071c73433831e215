//! The fuzz targets: they compile, and a short run of each finds nothing.

use crate::job::{Failure, Jobs};
use crate::project;
use crate::shell::Shell;

pub(crate) fn run(jobs: &mut Jobs, seconds: u32) -> Result<(), Failure> {
    jobs.run("fuzz targets", || {
        let nightly = Shell::new("rustup").args(["run", "nightly", "rustc", "--version"]).probe();
        if nightly.is_none() {
            return Err(Failure::new(
                "fuzzing needs a nightly tool chain: run `rustup toolchain install nightly`",
            ));
        }
        let triple = Shell::new("rustc").args(["--print", "host-tuple"]).output()?;
        let triple = triple.trim();
        cargo("build", triple).run()?;
        for name in targets()? {
            let corpus = project::target().join("xtask/fuzz").join(&name);
            std::fs::create_dir_all(&corpus)?;
            let program = project::path("fuzz/target").join(triple).join("release").join(&name);
            // libFuzzer keeps what it finds in the first folder and only reads the others.
            let seeds = project::path("fuzz/seeds").join(&name);
            Shell::new(program)
                .args([corpus.as_path()])
                .args(seeds.is_dir().then_some(seeds.as_path()))
                .args([format!("-max_total_time={seconds}"), "-print_final_stats=0".to_owned()])
                .args(["-rss_limit_mb=2048", "-timeout=10", "-verbosity=0"])
                .dir(&corpus)
                .run()?;
        }
        Ok(())
    })
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
