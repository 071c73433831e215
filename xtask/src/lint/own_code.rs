//! What our own code may not contain, because a library or the stable tool chain does it.

use crate::job::Failure;
use crate::rust_code;
use crate::{git, project};

/// What is not there, and why.
struct Forbidden {
    what: &'static str,
    reason: &'static str,
}

/// A dependency that a manifest has, and what it does there.
struct Required {
    manifest: &'static str,
    library: &'static str,
    job: &'static str,
}

const fn forbidden(what: &'static str, reason: &'static str) -> Forbidden {
    Forbidden { what, reason }
}

const fn required(manifest: &'static str, library: &'static str, job: &'static str) -> Required {
    Required { manifest, library, job }
}

const STABLE: &str = "released artefacts build with the stable tool chain of rust-toolchain.toml";
const SAFE: &str = "the libraries that connect the languages contain what is unsafe";

/// Words of Rust code.
const WORDS: [Forbidden; 4] = [
    forbidden("unsafe", SAFE),
    forbidden("no_mangle", SAFE),
    forbidden("export_name", SAFE),
    forbidden("link_section", SAFE),
];

/// Text of code, scripts and manifests. A `|` separates pieces, so that this file follows the rule too.
const TEXTS: [Forbidden; 9] = [
    forbidden("RUSTC_|BOOTSTRAP", STABLE),
    forbidden("build-|std", STABLE),
    forbidden("\"-|Z", STABLE),
    forbidden("llvm-|target", STABLE),
    forbidden("llvm-|args", STABLE),
    forbidden("sancov-|module", "`cargo fuzz` sets the sanitizers"),
    forbidden("opqrstuvwxyz|0123456789", "`base64` has the alphabets"),
    forbidden("%|{:02X}", "`form_urlencoded` writes forms"),
    forbidden("\"Jan\", |\"Feb\"", "`jiff` reads and writes dates"),
];

/// Files and folders that did the work of a library.
const FILES: [Forbidden; 11] = [
    forbidden("core-text/", "`serde_json` and `base64` read tokens"),
    forbidden("core/src/json/lexer.rs", "`serde_json` reads JSON"),
    forbidden("core/src/json/reader.rs", "`serde_json` reads JSON"),
    forbidden("core/src/json/write.rs", "`serde` writes JSON"),
    forbidden("core/src/scan.rs", "the standard library splits and searches text"),
    forbidden("core/src/number.rs", "the standard library writes numbers"),
    forbidden("core/src/concat.rs", "the standard library has `format!`"),
    forbidden("core/src/shape.rs", "`serde` reads configurations"),
    forbidden("core/src/ordered.rs", "the standard library has maps"),
    forbidden("emulator/src/calendar.rs", "`jiff` reads and writes dates"),
    forbidden("xtask/src/wasm/sections.rs", "`wasm-bindgen` and `wasm-opt` write modules"),
];

const LIBRARIES: [Required; 25] = [
    required("core", "serde", "configuration, requests, wire forms"),
    required("core", "serde_json", "JSON"),
    required("core", "base64", "base64 and base64url"),
    required("core", "sha2", "hashes"),
    required("core", "x509-cert", "certificates"),
    required("core", "spki", "public keys in DER"),
    required("core", "fluent-uri", "URL grammar"),
    required("core", "form_urlencoded", "forms"),
    required("core", "lru", "caches with a bound"),
    required("core", "uuid", "UUIDs"),
    required("core", "jiff", "dates"),
    required("core", "unicode-security", "characters that look alike"),
    required("core", "p256", "elliptic curves in pure Rust"),
    required("emulator", "jiff", "dates"),
    required("emulator", "http", "requests and responses"),
    required("bindings-python", "pyo3", "the Python module"),
    required("bindings-python", "jiter", "claims as Python objects"),
    required("bindings-node", "napi", "the Node.js addon"),
    required("bindings-wasm", "wasm-bindgen", "the WebAssembly module"),
    required("bindings-uniffi", "uniffi", "the native library of Kotlin and Swift"),
    required("crypto-native", "aws-lc-rs", "native signatures"),
    required("cli", "clap", "the command line"),
    required("cli", "ureq", "the HTTP client"),
    required("cli", "hyper", "the HTTP server"),
    required("cli", "flate2", "gzip and deflate"),
];

/// Files of which the texts are checked.
const ENDS: [&str; 9] = [".rs", ".toml", ".py", ".js", ".mjs", ".ts", ".json", ".sh", ".yml"];
/// Tests hold wrong spellings on purpose, and lock files hashes.
const EXEMPT: [&str; 3] = ["tests/", "Cargo.lock", "package-lock.json"];

pub(super) fn check() -> Result<(), Failure> {
    let files = git::texts()?;
    let mut complaints: Vec<String> =
        files.iter().flat_map(|(path, text)| inspect(path, text)).collect();
    for library in &LIBRARIES {
        let manifest = project::read(&project::path(library.manifest).join("Cargo.toml"))?;
        complaints.extend(missing(library, &manifest));
    }
    if complaints.is_empty() {
        println!("{} files follow the rules", files.len());
        return Ok(());
    }
    Err(Failure::new(complaints.join("\n")))
}

fn inspect(path: &str, text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut complain = |rule: &Forbidden, line: Option<usize>| {
        let place = line.map_or(path.to_owned(), |line| format!("{path}:{line}"));
        let what = rule.what.replace('|', "");
        complaints.push(format!("{place}: `{what}` is forbidden: {}", rule.reason));
    };
    for rule in &FILES {
        if path.starts_with(rule.what) {
            complain(rule, None);
        }
    }
    if path.ends_with(".rs") {
        for (number, line) in rust_code::code(text).lines().enumerate() {
            for word in rust_code::words(line) {
                if let Some(rule) = WORDS.iter().find(|rule| rule.what == word) {
                    complain(rule, Some(number + 1));
                }
            }
        }
    }
    let checked = ENDS.iter().any(|end| path.ends_with(end));
    if checked && !EXEMPT.iter().any(|exempt| path.contains(exempt)) {
        for rule in &TEXTS {
            let needle = rule.what.replace('|', "");
            for (number, line) in text.lines().enumerate() {
                if line.contains(&needle) {
                    complain(rule, Some(number + 1));
                }
            }
        }
    }
    complaints
}

/// Returns a complaint when a manifest lacks a library among its dependencies.
fn missing(library: &Required, manifest: &str) -> Option<String> {
    let Required { manifest: package, library: name, job } = library;
    let found = manifest
        .lines()
        .any(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '=', '.'])));
    (!found).then(|| format!("{package}/Cargo.toml: `{name}` is missing ({job})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_can_be_broken() {
        for rule in &WORDS {
            assert_eq!(inspect("core/src/a.rs", &format!("#[{}]\n", rule.what)).len(), 1);
            assert!(inspect("core/src/a.rs", &format!("// {}\n", rule.what)).is_empty());
        }
        for rule in &TEXTS {
            let text = format!("a {} b\n", rule.what.replace('|', ""));
            assert_eq!(inspect("core/build.py", &text).len(), 1, "{}", rule.what);
            assert!(inspect("tests/python/a.py", &text).is_empty());
        }
        for rule in &FILES {
            assert_eq!(inspect(rule.what, "").len(), 1);
        }
    }

    #[test]
    fn libraries_are_looked_up_by_their_whole_name() {
        let library = required("core", "serde", "");
        assert_eq!(missing(&library, "[dependencies]\nserde = \"1\"\n"), None);
        assert_eq!(missing(&library, "serde.workspace = true\n"), None);
        assert!(missing(&library, "serde_json = \"1\"\n").is_some());
    }
}
