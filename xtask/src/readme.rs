//! Runs the examples of the README and of the book against the emulator.
//!
//! A block marked `python`, `js`, `rust` or `sh` runs, with a stand-in for `az`; one marked `hcl` is checked. A block with another mark, such as `text` or `console`, does not. On a page with the
//! comment `<!-- platform: NAME -->` they run as on that platform: `wif emulator --platform NAME`.

use crate::code_blocks::{self, Block};
use crate::job::{Failure, Jobs};
use crate::shell::Shell;
use crate::{git, node, pack, project, python, test};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Child;

/// The pages whose blocks run: the README and the book. The READMEs of the packages are run by the tests of the packages.
fn pages() -> Result<Vec<String>, Failure> {
    let texts = git::texts()?;
    let names = texts.into_iter().map(|(page, _)| page);
    Ok(names
        .filter(|page| page == "README.md" || page.starts_with("docs/") && page.ends_with(".md"))
        .collect())
}

pub(crate) fn run(jobs: &mut Jobs, built: bool) -> Result<(), Failure> {
    jobs.run("readme", || {
        if !built {
            test::command_line()?;
        }
        let usual = Emulator::start(&[])?;
        let mut ran = 0;
        for page in pages()? {
            let text = project::read(&project::path(&page))?;
            let platforms = platforms(&text);
            let own = (!platforms.is_empty()).then(|| Emulator::start(&platforms)).transpose()?;
            let emulator = own.as_ref().unwrap_or(&usual);
            for block in code_blocks::of(&page, &text) {
                let Some(shell) = runner(&block)? else { continue };
                println!("-- {page}: {} block of line {}", block.language, block.line);
                emulator.environment(shell).run()?;
                ran += 1;
            }
        }
        println!("{ran} blocks ran");
        Ok(())
    })
}

/// The platforms that a page is about.
fn platforms(text: &str) -> Vec<&str> {
    let rest = text.lines().filter_map(|line| line.strip_prefix("<!-- platform: "));
    rest.filter_map(|rest| rest.strip_suffix(" -->")).collect()
}

/// The program that runs a block, in a folder where our packages are installed.
fn runner(block: &Block) -> Result<Option<Shell>, Failure> {
    let folder = project::installed("readme")?;
    let write = |extension: &str| -> Result<PathBuf, Failure> {
        let file = folder.join(format!("{}-{}.{extension}", block.page, block.line));
        std::fs::write(&file, &block.text)?;
        Ok(file)
    };
    match block.language.as_str() {
        "python" => Ok(Some(Shell::new(python()?.program("python")).args([write("py")?]))),
        "js" => {
            install_npm_packages(&folder)?;
            link_frameworks(&folder)?;
            let mut file = write("mjs")?;
            if block.text.contains("export default") {
                let worker = file;
                file = folder.join(format!("{}-{}-caller.mjs", block.page, block.line));
                std::fs::write(&file, CALLER.replace("WORKER", &worker.display().to_string()))?;
            }
            Ok(Some(Shell::new(node::tools()?.node()).args([&file]).dir(&folder)))
        }
        "rust" => {
            let package = folder.join("rust");
            std::fs::create_dir_all(package.join("src"))?;
            let core = project::path("core");
            std::fs::write(
                package.join("Cargo.toml"),
                MANIFEST.replace("CORE", &core.display().to_string()),
            )?;
            std::fs::write(package.join("src/main.rs"), &block.text)?;
            std::fs::copy(project::path("Cargo.lock"), package.join("Cargo.lock"))?;
            Ok(Some(
                Shell::new("cargo")
                    .args(["run", "--quiet", "--offline", "--target-dir"])
                    .args([project::target()])
                    .dir(&package),
            ))
        }
        "sh" => {
            let tools = project::path("xtask/tools/guides");
            let file = write("sh")?;
            Ok(Some(Shell::new("sh").path_first(&tools).args(["-e".as_ref(), file.as_os_str()])))
        }
        "hcl" => {
            let script = project::path("xtask/tools/guides/check_terraform.py");
            Ok(Some(Shell::new(python()?.program("python")).args([script, write("tf")?])))
        }
        _ => Ok(None),
    }
}

/// An environment with our wheel and the packages that examples import.
fn python() -> Result<python::Environment, Failure> {
    let interpreters = python::interpreters()?;
    let newest = interpreters.last().ok_or_else(|| Failure::new("no CPython"))?;
    let requirements = project::path("tests/python/requirements.txt");
    let environment = python::Environment::with("readme", &newest.program, &requirements)?;
    environment.wheel(&pack::wheel()?)?;
    Ok(environment)
}

/// Calls a worker as Vercel or another workload would: a platform's token comes with the request.
const CALLER: &str = r#"
import worker from "WORKER";
const job = process.env;
const url = `${job.ACTIONS_ID_TOKEN_REQUEST_URL}&audience=api://AzureADTokenExchange`;
const headers = { authorization: `Bearer ${job.ACTIONS_ID_TOKEN_REQUEST_TOKEN}` };
const { value } = await (await fetch(url, { headers })).json();
const tokens = { "x-vercel-oidc-token": value, "x-workload-token": value };
const request = new Request("http://localhost/", { headers: tokens });
const work = [];
const response = await worker.fetch(request, job, { waitUntil: (promise) => work.push(promise) });
await Promise.all(work);
console.log(response.status, await response.text());
if (!response.ok) process.exit(1);
"#;

/// The package around a Rust block.
const MANIFEST: &str = r#"
[package]
name = "readme"
edition = "2024"

[dependencies]
workload-identity-core = { path = "CORE", default-features = false }

[workspace]
"#;

fn install_npm_packages(folder: &Path) -> Result<(), Failure> {
    std::fs::write(folder.join("package.json"), "{\"private\":true}\n")?;
    node::add(folder, &pack::npm_packages()?)
}

/// The frameworks that the page "Protect an API" uses, in the releases of the tests.
fn link_frameworks(folder: &Path) -> Result<(), Failure> {
    let tests = project::path("tests/js");
    node::install(&tests)?;
    for name in ["express", "fastify", "hono"] {
        let link = folder.join("node_modules").join(name);
        if link.symlink_metadata().is_err() {
            std::os::unix::fs::symlink(tests.join("node_modules").join(name), link)?;
        }
    }
    Ok(())
}

/// `wif emulator --json`, ended when dropped.
struct Emulator {
    process: Child,
    facts: Value,
}

impl Emulator {
    fn start(platforms: &[&str]) -> Result<Self, Failure> {
        let mut process = Shell::new(project::target().join("debug/wif"))
            .args(["emulator", "--json", "--quiet"])
            .args(platforms.iter().flat_map(|name| ["--platform", name]))
            .spawn()?;
        let output = process.stdout.take().ok_or_else(|| Failure::new("no output"))?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let facts = serde_json::from_str(&line).map_err(|error| {
            Failure::new(format!("`wif emulator --json` printed {line:?}: {error}"))
        })?;
        Ok(Self { process, facts })
    }

    /// What the platform and the Azure tools would have set.
    fn environment(&self, shell: Shell) -> Shell {
        let variables = self.facts.get("environment").and_then(Value::as_object);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let shell = shell.path_first(&project::target().join("debug"));
        let shell = variables
            .into_iter()
            .flatten()
            .fold(shell, |shell, (name, value)| shell.env(name, text(value)));
        // What stands for Microsoft Graph and Azure Resource Manager.
        [("GRAPH_URL", "graph_url"), ("ARM_URL", "arm_url")]
            .into_iter()
            .filter_map(|(name, fact)| Some((name, self.facts.get(fact)?)))
            .fold(shell, |shell, (name, url)| shell.env(name, text(url)))
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
