//! The edge package: modules and TypeScript, in `bindings-wasm/dist`.

mod compile;
mod sections;

use crate::job::{Failure, Jobs};
use crate::shell::Shell;
use crate::{node, project};
use std::path::{Path, PathBuf};

/// One build of the module.
struct Module {
    /// The folder in `dist` and the name of its files.
    name: &'static str,
    features: &'static str,
    /// What a CDN may send at most, brotli at its highest setting: what it is, so that it does not grow unseen.
    brotli_limit: usize,
    /// What it is to become.
    brotli_goal: usize,
}

const MODULES: [Module; 3] = [
    Module {
        name: "workload_identity",
        features: "acquire,verify",
        brotli_limit: 70_000,
        brotli_goal: 55_000,
    },
    Module { name: "verify", features: "verify", brotli_limit: 47_500, brotli_goal: 35_000 },
    Module { name: "pure", features: "rustcrypto", brotli_limit: 90_000, brotli_goal: 90_000 },
];
/// What rustc assumes of the runtime, and the vectors of `core-text`: wasm-opt has to be told.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-simd",
];
/// For size. The stack comes first in memory, so nothing is ever at the first addresses and an offset cannot wrap.
const SMALL: [&str; 2] = ["-Oz", "--low-memory-unused"];

pub(crate) fn run(jobs: &mut Jobs) -> Result<(), Failure> {
    package(jobs)?;
    check(jobs)
}

/// The package without judging the modules.
pub(crate) fn package(jobs: &mut Jobs) -> Result<(), Failure> {
    jobs.run("wasm modules", build)?;
    jobs.run("wasm TypeScript", typescript)
}

/// Judges the modules that were built last.
pub(crate) fn check(jobs: &mut Jobs) -> Result<(), Failure> {
    jobs.run("wasm size and imports", judge)
}

fn folder() -> PathBuf {
    project::path("bindings-wasm/dist/wasm")
}

impl Module {
    /// The finished module.
    fn path(&self) -> PathBuf {
        folder().join(format!("{}_bg.wasm", self.name))
    }
}

fn build() -> Result<(), Failure> {
    let package = project::path("bindings-wasm");
    node::install(&package)?;
    let folder = folder();
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let optimiser = package.join("node_modules/binaryen/bin/wasm-opt");
    for module in &MODULES {
        let built = compile::compile(module.features)?;
        let path = module.path();
        let optimise = |passes: &[&str], from: &Path| {
            Shell::new(node::tools()?.node())
                .args([&optimiser])
                .args(SMALL)
                .args(passes)
                .args(FEATURES)
                .args(["-o".as_ref(), path.as_os_str(), from.as_os_str()])
                .run()
        };
        // Those that are called most have the shortest numbers.
        optimise(
            &[
                "--reorder-functions",
                "--strip-debug",
                "--strip-producers",
                "--strip-target-features",
            ],
            &built,
        )?;
        let named = sections::named_by_size(&std::fs::read(&path)?)
            .ok_or_else(|| Failure::new("the code section cannot be read"))?;
        std::fs::write(&path, named)?;
        // Taken apart and put together again, the code loses jumps that the compiler's form had.
        let again = ["--flatten", "--rereloop", "-Oz", "-Oz"];
        let ordered = ["--reorder-functions-by-name", "--strip-debug"];
        optimise(&[&again[..], &ordered].concat(), &path)?;
    }
    Ok(())
}

fn judge() -> Result<(), Failure> {
    MODULES.iter().try_for_each(Module::judge)
}

impl Module {
    fn judge(&self) -> Result<(), Failure> {
        let (name, limit, goal) = (self.name, self.brotli_limit, self.brotli_goal);
        let bytes = std::fs::read(self.path())?;
        let packed = compressed(&bytes)?;
        let size = bytes.len();
        println!("{name}: {size} bytes, {packed} bytes brotli (limit {limit}, goal {goal})");
        if packed > limit {
            return Err(Failure::new(format!("{name}: {packed} bytes brotli exceed {limit}")));
        }
        match sections::imports(&bytes) {
            Some(0) => Ok(()),
            _ => Err(Failure::new(format!("{name}: the module imports something"))),
        }
    }
}

fn compressed(bytes: &[u8]) -> Result<usize, Failure> {
    let mut out = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams::default();
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &parameters)?;
    Ok(out.len())
}

fn typescript() -> Result<(), Failure> {
    let package = project::path("bindings-wasm");
    node::install(&package)?;
    Shell::new(package.join("node_modules/.bin/tsc"))
        .args(["-p", "tsconfig.json"])
        .dir(&package)
        .path_first(&node::tools()?.folder())
        .run()
}
