//! The edge package: WebAssembly modules, their glue and TypeScript, in `bindings-wasm/dist`.

use crate::job::{Failure, Jobs};
use crate::shell::Shell;
use crate::{node, project, setup};
use std::path::PathBuf;
use wasm_bindgen_cli_support::Bindgen;

const TARGET: &str = "wasm32-unknown-unknown";
/// The module with all sources, for runtimes with files, sockets and programs.
const ALL_SOURCES: &str = "workload_identity_bg.wasm";
/// The module with the sources that an edge runtime can use.
const EDGE: &str = "workload_identity_edge.wasm";
/// Bytes of the edge module and its JavaScript, brotli at its highest setting. It only catches accidents.
const MAX_BROTLI_BYTES: usize = 600_000;
/// Features of WebAssembly that rustc uses by default.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Builds the package and checks its size.
pub(crate) fn run(jobs: &mut Jobs) -> Result<(), Failure> {
    jobs.run("wasm module", module)?;
    // It is checked against the module's declarations.
    jobs.run("wasm TypeScript", typescript)?;
    jobs.run("wasm size", size)
}

fn dist() -> PathBuf {
    project::path("bindings-wasm/dist")
}

fn typescript() -> Result<(), Failure> {
    let package = project::path("bindings-wasm");
    node::install(&package)?;
    Shell::new(package.join("node_modules/.bin/tsc"))
        .args(["-p", "tsconfig.json"])
        .dir(&package)
        .path_first(&node::tools()?.folder())
        .run()?;
    Shell::new(node::tools()?.node()).args([package.join("build.js")]).run()
}

fn module() -> Result<(), Failure> {
    setup::ensure_rust_target(TARGET)?;
    node::install(&project::path("bindings-wasm"))?;
    if dist().exists() {
        std::fs::remove_dir_all(dist())?;
    }
    let edge = build(EDGE, &["--no-default-features"])?;
    // Both modules have the same functions, so the files of the second replace equal ones.
    if build(ALL_SOURCES, &[])? != edge {
        return Err(Failure::new("the two modules need different JavaScript"));
    }
    Ok(())
}

/// Builds one module. Returns the JavaScript that loads it.
fn build(name: &str, features: &[&str]) -> Result<String, Failure> {
    Shell::new("cargo")
        .args(["build", "--profile", "wasm", "--target", TARGET, "-p", "workload-identity-wasm"])
        .args(features)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", rust_flags())
        .run()?;
    let folder = dist().join("wasm");
    Bindgen::new()
        .input_path(project::target().join(TARGET).join("wasm/workload_identity_wasm.wasm"))
        .out_name("workload_identity")
        .typescript(true)
        .web(true)
        .map(|bindgen| bindgen.omit_default_module_path(true))
        .and_then(|bindgen| bindgen.generate(&folder))
        .map_err(|error| Failure::new(format!("wasm-bindgen: {error}")))?;
    let (built, module) = (folder.join(ALL_SOURCES), folder.join(name));
    Shell::new(node::tools()?.node())
        .args([project::path("bindings-wasm/node_modules/binaryen/bin/wasm-opt")])
        .args(["-Oz", "--strip-debug", "--strip-producers", "--strip-target-features"])
        .args(FEATURES)
        .args(["-o".as_ref(), module.as_os_str(), built.as_os_str()])
        .run()?;
    Ok(std::fs::read_to_string(folder.join("workload_identity.js"))?)
}

/// Keeps the folders of this machine out of the module.
fn rust_flags() -> String {
    let home = std::env::var("CARGO_HOME")
        .or_else(|_| std::env::var("HOME").map(|home| format!("{home}/.cargo")))
        .unwrap_or_default();
    let root = project::root().display();
    format!("--remap-path-prefix={home}/registry/src=registry --remap-path-prefix={root}=.")
}

fn size() -> Result<(), Failure> {
    let module = std::fs::read(dist().join("wasm").join(EDGE))?;
    let mut scripts = Vec::new();
    for folder in [dist(), dist().join("wasm")] {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "js") {
                scripts.extend(std::fs::read(path)?);
            }
        }
    }
    let (module, scripts) = (compressed(&module)?, compressed(&scripts)?);
    let total = module + scripts;
    println!(
        "brotli: module {module} bytes, JavaScript {scripts}, together {total} of {MAX_BROTLI_BYTES}"
    );
    if total > MAX_BROTLI_BYTES {
        return Err(Failure::new(format!("{total} bytes brotli exceed {MAX_BROTLI_BYTES}")));
    }
    Ok(())
}

fn compressed(bytes: &[u8]) -> Result<usize, Failure> {
    let mut out = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams::default();
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &parameters)?;
    Ok(out.len())
}
