//! The edge package: module, glue and TypeScript, in `bindings-wasm/dist`.

use crate::job::{Failure, Jobs};
use crate::shell::Shell;
use crate::{node, project, setup};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

const TARGET: &str = "wasm32-unknown-unknown";
/// What a CDN may send at most: the number of the issue, brotli at its highest setting.
const BROTLI_LIMIT: usize = 45_000;
/// What rustc assumes of the runtime and wasm-opt has to be told.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

pub(crate) fn run(jobs: &mut Jobs) -> Result<(), Failure> {
    package(jobs)?;
    check(jobs)
}

/// The package without judging the module.
pub(crate) fn package(jobs: &mut Jobs) -> Result<(), Failure> {
    jobs.run("wasm module", build)?;
    jobs.run("wasm TypeScript", typescript)
}

/// Judges the module that was built last.
pub(crate) fn check(jobs: &mut Jobs) -> Result<(), Failure> {
    jobs.run("wasm size and imports", judge)
}

/// A folder of its own, so that these flags do not rebuild what other jobs have built.
fn target() -> PathBuf {
    project::target().join("edge")
}

fn folder() -> PathBuf {
    project::path("bindings-wasm/dist/wasm")
}

/// The finished module.
fn module() -> PathBuf {
    folder().join("workload_identity_bg.wasm")
}

fn build() -> Result<(), Failure> {
    setup::ensure_rust_target(TARGET)?;
    setup::ensure_rust_sources()?;
    let package = project::path("bindings-wasm");
    node::install(&package)?;
    // The standard library is built along: its ready-made form keeps the text of every panic, a tenth of the module.
    // The stable compiler takes these flags only with RUSTC_BOOTSTRAP; other targets are not built this way.
    Shell::new("cargo")
        .args(["build", "--profile", "wasm", "--target", TARGET, "-p", "workload-identity-wasm"])
        .args(["-Z", "build-std=std,panic_abort", "-Z", "build-std-features=optimize_for_size"])
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", target())
        .env("CARGO_ENCODED_RUSTFLAGS", rust_flags())
        .run()?;
    let built = target().join(TARGET).join("wasm/workload_identity_wasm.wasm");
    let folder = folder();
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    bind(&built, &folder).map_err(|error| Failure::new(format!("wasm-bindgen: {error}")))?;
    Shell::new(node::tools()?.node())
        .args([package.join("node_modules/binaryen/bin/wasm-opt")])
        .args(["-Oz", "--strip-debug", "--strip-producers", "--strip-target-features"])
        .args(FEATURES)
        .args(["-o".as_ref(), module().as_os_str(), module().as_os_str()])
        .run()
}

fn bind(built: &Path, folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(built)
        .out_name("workload_identity")
        .web(true)?
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder)?;
    Ok(())
}

/// Users of the package have no business with this machine's folders. SHA-256 hashes cache keys here, so its rolled-up
/// form is fast enough. The core cannot panic (its lints see to that), so nothing explains how it did.
fn rust_flags() -> String {
    let home = std::env::var("CARGO_HOME")
        .or_else(|_| std::env::var("HOME").map(|home| format!("{home}/.cargo")))
        .unwrap_or_default();
    let root = project::root().display();
    [
        format!("--remap-path-prefix={home}/registry/src=registry"),
        format!("--remap-path-prefix={root}=."),
        "--cfg=sha2_backend_soft=\"compact\"".to_owned(),
        "-Zunstable-options".to_owned(),
        "-Cpanic=immediate-abort".to_owned(),
    ]
    .join("\u{1f}")
}

fn judge() -> Result<(), Failure> {
    let bytes = std::fs::read(module())?;
    let packed = compressed(&bytes)?;
    println!("module: {} bytes, {packed} bytes brotli (limit {BROTLI_LIMIT})", bytes.len());
    if packed > BROTLI_LIMIT {
        return Err(Failure::new(format!("{packed} bytes brotli are more than {BROTLI_LIMIT}")));
    }
    let found = imports(&bytes).ok_or_else(|| Failure::new("the import section cannot be read"))?;
    let expected: BTreeSet<String> =
        include_str!("../wasm-imports.txt").lines().map(str::to_owned).collect();
    if found == expected {
        println!("imports: {} functions, exactly those of xtask/wasm-imports.txt", found.len());
        return Ok(());
    }
    let added: Vec<_> = found.difference(&expected).map(|name| format!("  + {name}")).collect();
    let gone: Vec<_> = expected.difference(&found).map(|name| format!("  - {name}")).collect();
    Err(Failure::new(format!(
        "imports differ from xtask/wasm-imports.txt\n{}\n{}",
        added.join("\n"),
        gone.join("\n")
    )))
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

/// Names of the imports (module and name), without the hash that wasm-bindgen appends.
fn imports(module: &[u8]) -> Option<BTreeSet<String>> {
    let mut reader = Reader(module.get(8..)?);
    while !reader.0.is_empty() {
        let section = reader.byte()?;
        let length = reader.number()?;
        let mut body = Reader(reader.take(length)?);
        if section != 2 {
            continue;
        }
        let mut found = BTreeSet::new();
        for _ in 0..body.number()? {
            let (from, name) = (body.name()?, body.name()?);
            // Kind and type index; a module of ours imports functions only.
            if body.byte()? != 0 {
                return None;
            }
            body.number()?;
            found.insert(format!("{from} {}", without_hash(&name)));
        }
        return Some(found);
    }
    Some(BTreeSet::new())
}

fn without_hash(name: &str) -> &str {
    match name.rsplit_once('_') {
        Some((stem, hash)) if hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
            stem
        }
        _ => name,
    }
}

/// Reads the binary format (WebAssembly core specification, section 5).
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<usize> {
        let mut value = 0usize;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn name(&mut self) -> Option<String> {
        let length = self.number()?;
        String::from_utf8(self.take(length)?.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_read_without_their_hashes() {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.extend([2, 0]);
        let start = module.len();
        module.extend([1, 5]);
        module.extend(b"./bg.");
        module.push(22);
        module.extend(b"throw_0123456789abcdef");
        module.extend([0, 0]);
        module[start - 1] = u8::try_from(module.len() - start).expect("a short section");
        assert_eq!(imports(&module), Some(BTreeSet::from(["./bg. throw".to_owned()])));
        assert_eq!(imports(&module[..module.len() - 1]), None);
    }
}
