//! Us and the peers side by side, in the same run.
//!
//! A bench is a script `benches/LANGUAGE/NAME.py` or `.mjs`, a program `benches/rust/src/bin/NAME.rs`, or a class
//! `benches/kotlin/src/NAME.java` with JMH benchmarks. On standard output it
//! prints one JSON object per line for each row (`row`, `ours_ns`, `peer`, `peer_ns`, `required`); other lines are shown as they are.
//! A script runs with the packages of `dist/` and those of `benches/LANGUAGE/requirements.txt` or `package-lock.json`
//! installed, and with `WIF` (the command line) and `WIF_DIST` (the packages' folder) in its environment.

use crate::job::{Failure, Jobs};
use crate::shell::Shell;
use crate::{java, node, pack, project, python, test};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The program that runs token servers and needs them built and installed.
const TOKEN_RATE: &str = "emulator_token_rate.rs";

/// The scripts that measure the command line as users install it.
const AS_INSTALLED: [&str; 3] = ["demo_start.py", "fic_plan.py", "token_start.py"];

/// One comparison.
struct Row {
    name: String,
    ours_ns: f64,
    peer: String,
    peer_ns: f64,
    required: f64,
}

pub(crate) fn run(jobs: &mut Jobs, name: Option<&str>, json: Option<&Path>) -> Result<(), Failure> {
    let scripts: Vec<PathBuf> = scripts()?
        .into_iter()
        .filter(|script| name.is_none_or(|name| title(script).contains(name)))
        .collect();
    if scripts.is_empty() {
        return Err(Failure::new("no bench of that name in benches/"));
    }
    let mut rows = Vec::new();
    jobs.run("wif", test::command_line)?;
    let packages = packages(&scripts);
    if !packages.is_empty() {
        pack::run(jobs, &packages)?;
    }
    let mut benches: BTreeMap<PathBuf, Bench> = BTreeMap::new();
    for script in &scripts {
        let source = script.parent().unwrap_or(Path::new(".")).to_owned();
        jobs.run(&format!("bench {}", title(script)), || {
            let bench = match benches.entry(source) {
                Entry::Occupied(bench) => bench.into_mut(),
                Entry::Vacant(place) => {
                    let bench = match language(script) {
                        Language::Python => Bench::python(place.key())?,
                        Language::Node => Bench::node(place.key())?,
                        Language::Rust => Bench::rust(place.key()),
                        Language::Kotlin => Bench::kotlin()?,
                    };
                    place.insert(bench)
                }
            };
            let lines = bench.run(script)?;
            let found: Vec<Row> = lines.lines().filter_map(Row::parse).collect();
            for line in lines.lines().filter(|line| Row::parse(line).is_none()) {
                println!("{line}");
            }
            if found.is_empty() {
                return Err(Failure::new("the script printed no row"));
            }
            rows.extend(found);
            Ok(())
        })?;
    }
    if let Some(file) = json {
        let array = Value::Array(rows.iter().map(Row::to_json).collect());
        std::fs::write(file, format!("{array:#}\n"))?;
    }
    table(&rows);
    match rows.iter().filter(|row| !row.good()).count() {
        0 => Ok(()),
        missed => {
            Err(Failure::new(format!("{missed} of {} rows miss what is required", rows.len())))
        }
    }
}

fn scripts() -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    let mut folders =
        vec![project::path("benches/rust/src/bin"), project::path("benches/kotlin/src")];
    folders
        .extend(std::fs::read_dir(project::path("benches"))?.flatten().map(|entry| entry.path()));
    for folder in folders {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        found.extend(entries.flatten().map(|entry| entry.path()).filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
            !name.starts_with('_')
                && name != "Rows.java"
                && [".py", ".mjs", ".rs", ".java"].iter().any(|end| name.ends_with(end))
        }));
    }
    found.sort();
    Ok(found)
}

/// `LANGUAGE/NAME`
fn title(script: &Path) -> String {
    let language = match language(script) {
        Language::Python => "python",
        Language::Node => "node",
        Language::Rust => "rust",
        Language::Kotlin => "kotlin",
    };
    format!("{language}/{}", script.file_stem().unwrap_or_default().to_string_lossy())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Language {
    Python,
    Node,
    Rust,
    Kotlin,
}

fn language(script: &Path) -> Language {
    match script.extension().and_then(|extension| extension.to_str()) {
        Some("py") => Language::Python,
        Some("rs") => Language::Rust,
        Some("java") => Language::Kotlin,
        _ => Language::Node,
    }
}

fn packages(scripts: &[PathBuf]) -> Vec<pack::Package> {
    let mut packages = Vec::new();
    if scripts.iter().any(|script| language(script) == Language::Python) {
        packages.push(pack::Package::Python);
    }
    if scripts.iter().any(|script| language(script) == Language::Node) {
        packages.push(pack::Package::Node);
    }
    if scripts.iter().any(|script| language(script) == Language::Kotlin) {
        packages.push(pack::Package::Kotlin);
    }
    if scripts.iter().any(|script| AS_INSTALLED.iter().any(|name| script.ends_with(name))) {
        packages.push(pack::Package::Wif);
    }
    packages
}

/// A folder of scripts with the program that runs them, our packages and the peers installed.
struct Bench {
    program: PathBuf,
    folder: PathBuf,
    language: Language,
}

impl Bench {
    fn python(source: &Path) -> Result<Self, Failure> {
        let interpreters = python::interpreters()?;
        let newest = interpreters.last().ok_or_else(|| Failure::new("no CPython"))?;
        let requirements = source.join("requirements.txt");
        let environment = python::Environment::with("bench", &newest.program, &requirements)?;
        environment.wheel(&pack::wheel()?)?;
        let program = environment.program("python");
        Ok(Self { program, folder: source.to_owned(), language: Language::Python })
    }

    /// A package of its own, so that no other job compiles the peers.
    fn rust(source: &Path) -> Self {
        Self { program: "cargo".into(), folder: source.to_owned(), language: Language::Rust }
    }

    /// The jar of the benchmarks, and the file that names the jars that they need.
    fn kotlin() -> Result<Self, Failure> {
        java::maven()?
            .args([
                "-q",
                "package",
                "-P",
                "benches",
                "-DskipTests",
                "-pl",
                "../benches/kotlin",
                "-am",
            ])
            .run()?;
        let folder = project::path("benches/kotlin/target");
        Ok(Self { program: java::newest()?.program(), folder, language: Language::Kotlin })
    }

    /// Node.js looks for packages beside the script.
    fn node(source: &Path) -> Result<Self, Failure> {
        let folder = project::installed("node")?.join("bench");
        copied(source, &folder)?;
        node::install(&folder)?;
        node::add(&folder, &pack::npm_packages()?)?;
        Ok(Self { program: node::tools()?.node(), folder, language: Language::Node })
    }

    /// What a script prints.
    fn run(&self, script: &Path) -> Result<String, Failure> {
        let arguments: Vec<OsString> = match self.language {
            Language::Rust => ["run", "--quiet", "--release", "--bin"]
                .into_iter()
                .map(OsString::from)
                .chain(script.file_stem().map(OsString::from))
                .collect(),
            Language::Kotlin => {
                let jar = format!("workload-identity-benches-{}.jar", env!("CARGO_PKG_VERSION"));
                let others = project::read(&self.folder.join("classpath.txt"))?;
                let class = script.file_stem().unwrap_or_default().to_string_lossy();
                let report = self.folder.join(format!("{class}.txt"));
                vec![
                    format!("-Djmh.report={}", report.display()).into(),
                    "-cp".into(),
                    format!("{jar}:{others}").into(),
                    format!("io.github.workloadidentity.benches.{class}").into(),
                ]
            }
            _ => vec![self.folder.join(script.file_name().unwrap_or_default()).into()],
        };
        let shell = match script.ends_with(TOKEN_RATE) {
            true => with_token_servers(Shell::new(&self.program))?,
            false => Shell::new(&self.program),
        };
        shell
            .args(arguments)
            .dir(&self.folder)
            .env("CARGO_TARGET_DIR", project::target().join("benches"))
            .env("WIF", project::target().join("debug/wif"))
            .env("WIF_DIST", project::path("dist"))
            // Cargo names its build folder there, and JNA would find the library of that before the one inside the jar.
            .env("LD_LIBRARY_PATH", "")
            .output()
    }
}

/// The command line as users install it, and a token server of the peer.
fn with_token_servers(shell: Shell) -> Result<Shell, Failure> {
    Shell::new("cargo").args(["build", "--quiet", "--release", "-p", "wif"]).run()?;
    let source = project::path("benches/oidc-provider");
    let folder = project::installed("node")?.join("oidc-provider");
    copied(&source, &folder)?;
    node::install(&folder)?;
    Ok(shell
        .env("WIF_RELEASE", project::target().join("release/wif"))
        .env("OIDC_PROVIDER", folder.join("_server.mjs"))
        .env("NODE", node::tools()?.node()))
}

/// Copies the files of a folder, because the source tree is no place to install packages.
fn copied(source: &Path, folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)?;
    for file in std::fs::read_dir(source)?.flatten().filter(|file| file.path().is_file()) {
        std::fs::copy(file.path(), folder.join(file.file_name()))?;
    }
    Ok(())
}

impl Row {
    fn parse(line: &str) -> Option<Self> {
        let object: Map<String, Value> = serde_json::from_str(line).ok()?;
        Some(Self {
            name: object.get("row")?.as_str()?.to_owned(),
            ours_ns: object.get("ours_ns")?.as_f64()?,
            peer: object.get("peer")?.as_str()?.to_owned(),
            peer_ns: object.get("peer_ns")?.as_f64()?,
            required: object.get("required")?.as_f64()?,
        })
    }

    fn ratio(&self) -> f64 {
        self.peer_ns / self.ours_ns
    }

    fn good(&self) -> bool {
        self.ratio() >= self.required
    }

    fn to_json(&self) -> Value {
        json!({
            "row": self.name,
            "ours_ns": self.ours_ns,
            "peer": self.peer,
            "peer_ns": self.peer_ns,
            "ratio": self.ratio(),
            "required": self.required,
        })
    }
}

fn table(rows: &[Row]) {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    let peers = rows.iter().map(|row| row.peer.len()).max().unwrap_or(0);
    println!(
        "\n{:width$}  {:>14}  {:peers$}  {:>14}  {:>9}  required",
        "row", "ours ns", "peer", "peer ns", "ratio"
    );
    for row in rows {
        println!(
            "{:width$}  {:>14.0}  {:peers$}  {:>14.0}  {:>9.2}  {:.2}{}",
            row.name,
            row.ours_ns,
            row.peer,
            row.peer_ns,
            row.ratio(),
            row.required,
            if row.good() { "" } else { "  MISSED" }
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_below_what_is_required_is_missed() {
        let line = r#"{"row":"hit","ours_ns":100,"peer":"msal","peer_ns":2999,"required":30}"#;
        let row = Row::parse(line).expect("a row");
        assert!(!row.good());
        assert_eq!(row.to_json()["ratio"], 29.99);
        assert!(Row::parse("warming up").is_none());
    }
}
