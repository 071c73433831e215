//! rustc's part of a module.

use crate::job::Failure;
use crate::shell::Shell;
use crate::{project, setup};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

const TARGET: &str = "wasm32-unknown-unknown";
/// The target with our additions; the name of its file is the name of cargo's folder.
const OURS: &str = "wasm32-multivalue";

/// What LLVM may do for size beyond `opt-level = "z"`, each of them measured.
const LLVM: [&str; 5] = [
    // Whatever is larger than a register is moved by one instruction instead of pairs of loads and stores.
    "-max-store-memcpy=1",
    "-max-store-memset=1",
    // Nothing is computed in two places to spare a path the work.
    "-enable-pre=false",
    "-bonus-inst-threshold=0",
    // Two ends that are alike but for their values become one only where a jump is saved.
    "-simplifycfg-sink-common=false",
];

/// Compiles the module with these features and says where it is.
pub(super) fn compile(features: &str) -> Result<PathBuf, Failure> {
    setup::ensure_rust_sources()?;
    // The standard library is built along: its ready-made form keeps the text of every panic, a tenth of the module.
    // The stable compiler takes these flags only with RUSTC_BOOTSTRAP; other targets are not built this way.
    Shell::new("cargo")
        .args(["build", "--profile", "wasm", "-p", "workload-identity-wasm"])
        .args(["--no-default-features", "--features", features])
        .args(["-Z", "build-std=std,panic_abort", "-Z", "build-std-features=optimize_for_size"])
        .args(["-Z", "json-target-spec", "--target"])
        .args([specification()?])
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", folder())
        .env("CARGO_ENCODED_RUSTFLAGS", flags())
        .run()?;
    Ok(folder().join(OURS).join("wasm/workload_identity_wasm.wasm"))
}

/// A folder of its own, so that these flags do not rebuild what other jobs have built.
fn folder() -> PathBuf {
    project::target().join("edge")
}

/// rustc's own description of the target, with functions that return two values as two values: in the ordinary ABI a
/// text, a pair or the carry of an addition goes through memory, which is a twentieth of the module.
fn specification() -> Result<PathBuf, Failure> {
    let printed = Shell::new("rustc")
        .args(["-Z", "unstable-options", "--print", "target-spec-json", "--target", TARGET])
        .env("RUSTC_BOOTSTRAP", "1")
        .output()?;
    let mut target: Map<String, Value> =
        serde_json::from_str(&printed).map_err(std::io::Error::from)?;
    target.insert("llvm-abiname".to_owned(), json!("experimental-mv"));
    target.insert("features".to_owned(), json!("+multivalue"));
    // What is true of rustc's target and not of ours: how well it is supported.
    target.remove("metadata");
    let path = folder().join(format!("{OURS}.json"));
    std::fs::create_dir_all(folder())?;
    std::fs::write(&path, Value::Object(target).to_string())?;
    Ok(path)
}

fn flags() -> String {
    let home = std::env::var("CARGO_HOME")
        .or_else(|_| std::env::var("HOME").map(|home| format!("{home}/.cargo")))
        .unwrap_or_default();
    let root = project::root().display();
    [
        // Users of the package have no business with this machine's folders.
        format!("--remap-path-prefix={home}/registry/src=registry"),
        format!("--remap-path-prefix={root}=."),
        // SHA-256 hashes cache keys here, so its rolled-up form is fast enough.
        "--cfg=sha2_backend_soft=\"compact\"".to_owned(),
        // The core cannot panic (its lints see to that), so nothing explains how it did.
        "-Zunstable-options".to_owned(),
        "-Cpanic=immediate-abort".to_owned(),
        format!("-Cllvm-args={}", LLVM.join(" ")),
        // With limbs of 64 bits the crates of big numbers multiply to 128, by a call that the multi-value ABI does not have.
        "--cfg=cpubits=\"32\"".to_owned(),
        // A stack of 64 KiB instead of 1 MiB: addresses of constants are shorter by an octet. What is nested is bounded.
        "-Clink-arg=-zstack-size=65536".to_owned(),
        // The linker puts a trap where two sides of a call disagree about its types, and only warns.
        "-Clink-arg=--fatal-warnings".to_owned(),
    ]
    .join("\u{1f}")
}
