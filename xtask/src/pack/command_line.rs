//! The command line without cargo: a wheel, an npm package with a launcher, and the npm package of this platform.

use super::{folder, npm_package, remove_old, report};
use crate::job::Failure;
use crate::shell::Shell;
use crate::{project, python};
use serde_json::{Map, Value, json};
use std::env::consts;
use std::path::{Path, PathBuf};

/// The npm name `wif` is taken by another project.
const NPM_NAME: &str = "workload-identity-cli";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The wheel of the last `pack`.
pub(crate) fn wheel() -> Result<PathBuf, Failure> {
    packed("wif-", ".whl")
}

/// The npm packages of the last `pack`.
pub(crate) fn npm_packages() -> Result<[PathBuf; 2], Failure> {
    let platform = Platform::of_this_machine()?.package();
    Ok([
        packed(&format!("{NPM_NAME}-{VERSION}"), ".tgz")?,
        packed(&format!("{platform}-{VERSION}"), ".tgz")?,
    ])
}

fn packed(prefix: &str, suffix: &str) -> Result<PathBuf, Failure> {
    project::find(&folder(), prefix, suffix).ok_or_else(|| {
        Failure::new(format!("dist/ has no {prefix}*{suffix}: run `cargo xtask pack --only wif`"))
    })
}

pub(super) fn pack_wheel() -> Result<(), Failure> {
    let tools = python::tools()?;
    remove_old("wif-", ".whl")?;
    Shell::new(tools.program("maturin"))
        .args(["build", "--release", "--quiet", "--out"])
        .args([folder()])
        .dir(project::path("cli"))
        .path_first(&tools.programs())
        .run()?;
    report(&wheel()?).map(|_| ())
}

pub(super) fn pack_npm() -> Result<(), Failure> {
    Shell::new("cargo").args(["build", "--quiet", "--release", "-p", "wif"]).run()?;
    let sources = project::path("cli/npm");
    let manifest: Value = serde_json::from_str(&project::read(&sources.join("package.json"))?)
        .map_err(|error| Failure::new(format!("cli/npm/package.json: {error}")))?;
    let platform = Platform::of_this_machine()?;
    let name = platform.package();
    if manifest["version"] != VERSION || manifest["optionalDependencies"][&name] != VERSION {
        return Err(Failure::new(format!(
            "cli/npm/package.json lacks {name} as an optional dependency, or another version than {VERSION}"
        )));
    }

    let staged = staged(&name)?;
    std::fs::create_dir_all(staged.join("bin"))?;
    std::fs::copy(
        project::target().join("release").join(platform.file()),
        staged.join("bin").join(platform.file()),
    )?;
    write_manifest(&staged, &platform.manifest(&manifest))?;
    let readme = format!("The program `wif` for one platform; install `{NPM_NAME}`.\n");
    std::fs::write(staged.join("README.md"), readme)?;
    npm_package(&staged, &format!("{name}-"))?;

    let staged = self::staged(NPM_NAME)?;
    std::fs::copy(sources.join("wif.js"), staged.join("wif.js"))?;
    std::fs::copy(project::path("cli/README.md"), staged.join("README.md"))?;
    write_manifest(&staged, &manifest)?;
    npm_package(&staged, &format!("{NPM_NAME}-"))
}

/// An empty folder for the files of a package.
fn staged(name: &str) -> Result<PathBuf, Failure> {
    let folder = project::installed("npm")?.join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn write_manifest(folder: &Path, manifest: &Value) -> Result<(), Failure> {
    Ok(std::fs::write(folder.join("package.json"), format!("{manifest:#}\n"))?)
}

/// A platform in npm's words.
struct Platform {
    os: &'static str,
    cpu: &'static str,
    libc: Option<&'static str>,
}

impl Platform {
    fn of_this_machine() -> Result<Self, Failure> {
        let unknown = || Failure::new(format!("no package for {} {}", consts::OS, consts::ARCH));
        let (os, libc) = match consts::OS {
            "linux" if cfg!(target_env = "musl") => ("linux", Some("musl")),
            "linux" => ("linux", Some("gnu")),
            "macos" => ("darwin", None),
            "windows" => ("win32", None),
            _ => return Err(unknown()),
        };
        let cpu = match consts::ARCH {
            "x86_64" => "x64",
            "aarch64" => "arm64",
            _ => return Err(unknown()),
        };
        Ok(Self { os, cpu, libc })
    }

    fn package(&self) -> String {
        let libc = self.libc.map(|libc| format!("-{libc}")).unwrap_or_default();
        format!("{NPM_NAME}-{}-{}{libc}", self.os, self.cpu)
    }

    fn file(&self) -> &'static str {
        if self.os == "win32" { "wif.exe" } else { "wif" }
    }

    /// The manifest of the package that holds the program.
    fn manifest(&self, main: &Value) -> Value {
        let mut manifest = Map::new();
        manifest.insert("name".into(), self.package().into());
        for member in ["version", "description", "license", "repository"] {
            manifest.insert(member.into(), main[member].clone());
        }
        manifest.insert("files".into(), json!(["bin"]));
        manifest.insert("os".into(), json!([self.os]));
        manifest.insert("cpu".into(), json!([self.cpu]));
        if let Some(libc) = self.libc {
            // npm's name of the GNU library.
            let libc = if libc == "gnu" { "glibc" } else { libc };
            manifest.insert("libc".into(), json!([libc]));
        }
        Value::Object(manifest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_of_a_platform_is_for_that_platform_alone() {
        let linux = Platform { os: "linux", cpu: "arm64", libc: Some("gnu") };
        assert_eq!(linux.package(), "workload-identity-cli-linux-arm64-gnu");
        let manifest = linux.manifest(&json!({ "version": "1.2.3", "bin": {} }));
        assert_eq!(manifest["version"], "1.2.3");
        assert_eq!(manifest["libc"], json!(["glibc"]));
        assert!(manifest.get("bin").is_none());
        let windows = Platform { os: "win32", cpu: "x64", libc: None };
        assert_eq!(
            (windows.package().as_str(), windows.file()),
            ("workload-identity-cli-win32-x64", "wif.exe")
        );
    }
}
