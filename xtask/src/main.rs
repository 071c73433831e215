//! The only build tool of the project: `cargo xtask JOB`.
//!
//! Each job is a file of this crate. A job prints its name, the output of the programs that it runs, and its time; the
//! first failure ends the run.

#![forbid(unsafe_code)]

mod bench;
mod ci;
mod code_blocks;
mod differential;
mod docs;
mod fuzz;
mod git;
mod install;
mod java;
mod job;
mod layout;
mod lint;
mod node;
mod pack;
mod plan;
mod project;
mod python;
mod readme;
mod rust_code;
mod setup;
mod shell;
mod stubs;
mod test;
mod wasm;

use clap::{Parser, Subcommand};
use job::{Failure, Jobs};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, tests and checks everything in this repository")]
struct Arguments {
    #[command(subcommand)]
    job: Job,
}

#[derive(Subcommand)]
enum Job {
    /// Everything that continuous integration runs: tests, lints, generated files, sizes and fuzz targets
    #[command(after_help = "Example:\n  cargo xtask ci")]
    Ci,
    /// Sets up and passes all tests in every language, real peers included
    #[command(
        after_help = "As root on Debian missing packages are installed through apt, rustup, pip and npm; elsewhere the \
                      job names what is missing and how to get it.\n\nExamples:\n  cargo xtask test\n  \
                      cargo xtask test --only rust,python"
    )]
    Test {
        /// Only these suites, separated by commas
        #[arg(long, value_delimiter = ',', value_name = "SUITES")]
        only: Vec<test::Suite>,
        /// Uses the command line and the packages of the last build as they are
        #[arg(long)]
        built: bool,
    },
    /// Installs what the tests and lints need, once
    Setup,
    /// Builds bindings-wasm/dist: the modules and the TypeScript package
    Wasm,
    /// Writes dist/*.whl, dist/*.tgz and dist/*.jar, the packages as users install them
    Pack {
        /// Only these packages, separated by commas
        #[arg(long, value_delimiter = ',', value_name = "PACKAGES")]
        only: Vec<pack::Package>,
    },
    /// Regenerates every generated file from the core's tables
    Stubs {
        /// Write nothing; fail when a file is stale
        #[arg(long)]
        check: bool,
        /// Runs the recorder of the last `cargo test`
        #[arg(long)]
        built: bool,
    },
    /// Rules about our own code, formatting, clippy, rustdoc, and the core without the standard library
    Lint,
    /// Compiles the fuzz targets and runs each for a short time (needs a nightly tool chain)
    Fuzz {
        /// Seconds for each target
        #[arg(long, default_value_t = 10)]
        seconds: u32,
    },
    /// Checks the files themselves: length, names, words, imports in circles, machine paths, registry hosts
    Layout,
    /// Checks the links between pages and builds the book of docs/ into target/book
    Docs,
    /// Runs the code blocks of the README and of the book against the emulator
    Readme {
        /// Uses the command line and the packages of the last build as they are
        #[arg(long)]
        built: bool,
    },
    /// Installs the packages straight from this checkout, as `pip install ./bindings-python` does
    Install,
    /// Measures us and the peers side by side; fails when a ratio is below what is required
    #[command(
        after_help = "Each script of benches/LANGUAGE/ prints one JSON object per line with `row`, `ours_ns`, `peer`, \
                      `peer_ns` and `required`; ratio = peer_ns / ours_ns.\n\nExamples:\n  cargo xtask bench\n  \
                      cargo xtask bench python/cache --json rows.json"
    )]
    Bench {
        /// Only scripts whose `LANGUAGE/NAME` contains this
        name: Option<String>,
        /// Writes the rows as a JSON array
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut jobs = Jobs::new();
    let result = run(arguments.job, &mut jobs);
    jobs.summary();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nfailed: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(job: Job, jobs: &mut Jobs) -> Result<(), Failure> {
    match job {
        Job::Ci => ci::run(jobs),
        Job::Test { only, built } => test::run(jobs, &only, built),
        Job::Wasm => wasm::run(jobs),
        Job::Pack { only } => pack::run(jobs, &only),
        Job::Setup => test::set_up(jobs),
        Job::Stubs { check, built } => stubs::run(jobs, check, built),
        Job::Lint => lint::run(jobs),
        Job::Fuzz { seconds } => fuzz::run(jobs, seconds),
        Job::Layout => layout::run(jobs),
        Job::Docs => docs::run(jobs),
        Job::Readme { built } => readme::run(jobs, built),
        Job::Install => install::run(jobs),
        Job::Bench { name, json } => bench::run(jobs, name.as_deref(), json.as_deref()),
    }
}
