//! The Java packages: JDKs, Maven, the native library inside the jar.

use crate::job::{Failure, Jobs};
use crate::shell::Shell;
use crate::{code_blocks, project};
use std::path::{Path, PathBuf};

/// The oldest Java release that the packages support.
const OLDEST: u32 = 17;
/// Where Debian, Fedora and others install JDKs.
const FOLDER: &str = "/usr/lib/jvm";
/// No larger may the jar with the library of one platform be.
const JAR_LIMIT: u64 = 4_000_000;
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A JDK of this machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Jdk {
    pub(crate) release: u32,
    home: PathBuf,
}

impl Jdk {
    fn at(home: PathBuf) -> Option<Self> {
        let home = home.canonicalize().ok()?;
        let facts = std::fs::read_to_string(home.join("release")).ok()?;
        let release = release_of(&facts)?;
        let complete = home.join("bin/javac").exists() || home.join("bin/javac.exe").exists();
        (complete && release >= OLDEST).then_some(Self { release, home })
    }

    /// The program `java`.
    pub(crate) fn program(&self) -> PathBuf {
        self.home.join("bin/java")
    }
}

/// Reads the feature release of a JDK's file `release`.
fn release_of(facts: &str) -> Option<u32> {
    let version = facts.lines().find_map(|line| line.strip_prefix("JAVA_VERSION="))?;
    version.trim_matches('"').split('.').next()?.parse().ok()
}

/// Returns the supported JDKs of this machine, one of each release, the oldest first.
pub(crate) fn jdks() -> Result<Vec<Jdk>, Failure> {
    let mut homes: Vec<PathBuf> =
        std::env::var_os("JAVA_HOME").map(PathBuf::from).into_iter().collect();
    if let Ok(entries) = std::fs::read_dir(FOLDER) {
        homes.extend(entries.flatten().map(|entry| entry.path()));
    }
    let javac = Shell::new("sh").args(["-c", "readlink -f \"$(command -v javac)\""]).probe();
    homes.extend(
        javac.iter().filter_map(|path| Some(Path::new(path).parent()?.parent()?.to_owned())),
    );
    let mut found: Vec<Jdk> = homes.into_iter().filter_map(Jdk::at).collect();
    found.sort();
    found.dedup_by_key(|jdk| jdk.release);
    if found.is_empty() {
        return Err(Failure::new(format!(
            "this machine has no JDK {OLDEST} or later: install OpenJDK with javac, or set JAVA_HOME"
        )));
    }
    Ok(found)
}

/// Returns the newest JDK of this machine.
pub(crate) fn newest() -> Result<Jdk, Failure> {
    jdks()?.pop().ok_or_else(|| Failure::new("no JDK"))
}

/// Returns Maven, run by the oldest supported JDK in the reactor of the packages and their tests.
pub(crate) fn maven() -> Result<Shell, Failure> {
    let jdks = jdks()?;
    let oldest = jdks.first().ok_or_else(|| Failure::new("no JDK"))?;
    Ok(Shell::new("mvn")
        .args(["-B", "-ntp"])
        .dir(project::path("bindings-uniffi"))
        .env("JAVA_HOME", &oldest.home)
        // Cargo names its build folder there, and JNA would find that library before the one inside the jar.
        .env("LD_LIBRARY_PATH", "")
        .env("DYLD_FALLBACK_LIBRARY_PATH", ""))
}

/// Writes the jars to `dist/`.
pub(crate) fn pack(jobs: &mut Jobs) -> Result<(), Failure> {
    jobs.run("native library", native_library)?;
    jobs.run("pack kotlin", || {
        maven()?.args(["-q", "package", "-pl", "kotlin,azure"]).run()?;
        for (module, name) in
            [("kotlin", "workload-identity"), ("azure", "workload-identity-azure")]
        {
            let file = format!("{name}-{VERSION}.jar");
            let built = project::path("bindings-uniffi").join(module).join("target").join(&file);
            let packed = project::path("dist").join(&file);
            std::fs::copy(built, &packed)?;
            let bytes = std::fs::metadata(&packed)?.len();
            println!("{}: {bytes} bytes", project::shown(&packed));
            if bytes > JAR_LIMIT {
                return Err(Failure::new(format!(
                    "the jar has {bytes} bytes, more than {JAR_LIMIT}"
                )));
            }
        }
        Ok(())
    })
}

/// Builds the library and lays it where the jar's resources are, in the folder that JNA looks in on this platform.
fn native_library() -> Result<(), Failure> {
    let folder = platform(std::env::consts::OS, std::env::consts::ARCH)?;
    Shell::new("cargo")
        .args(["build", "--quiet", "--release", "-p", "workload-identity-uniffi"])
        .run()?;
    let name = format!(
        "{}workload_identity_native{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    );
    let resources = project::path("bindings-uniffi/kotlin/native");
    if resources.exists() {
        std::fs::remove_dir_all(&resources)?;
    }
    std::fs::create_dir_all(resources.join(folder))?;
    std::fs::copy(
        project::target().join("release").join(&name),
        resources.join(folder).join(&name),
    )?;
    Ok(())
}

/// Returns JNA's name of a platform.
fn platform(system: &str, processor: &str) -> Result<&'static str, Failure> {
    match (system, processor) {
        ("linux", "x86_64") => Ok("linux-x86-64"),
        ("linux", "aarch64") => Ok("linux-aarch64"),
        ("macos", "x86_64") => Ok("darwin-x86-64"),
        ("macos", "aarch64") => Ok("darwin-aarch64"),
        ("windows", "x86_64") => Ok("win32-x86-64"),
        ("windows", "aarch64") => Ok("win32-aarch64"),
        _ => Err(Failure::new(format!(
            "the jar has no native library for {system} on {processor}: add JNA's name of the platform to xtask/src/java.rs"
        ))),
    }
}

/// Writes the examples of the README where the tests compile and run them. Each has a package of its own.
fn examples() -> Result<(), Failure> {
    const PAGE: &str = "bindings-uniffi/README.md";
    let folder = project::path("tests/kotlin/target/readme");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    for block in code_blocks::of(PAGE, &project::read(&project::path(PAGE))?) {
        let name = format!("Example{}", block.line);
        match block.language.as_str() {
            "kotlin" => {
                let package = format!("package readme.{}\n\n", name.to_lowercase());
                std::fs::write(folder.join(format!("{name}.kt")), package + &block.text)?;
            }
            "java" => std::fs::write(folder.join(format!("{name}.java")), &block.text)?,
            _ => {}
        }
    }
    Ok(())
}

/// Runs the suite on the oldest and on the newest JDK; the second runs the classes that the first compiled.
pub(crate) fn test(with_products: impl FnOnce(Shell) -> Shell) -> Result<(), Failure> {
    examples()?;
    let jdks = jdks()?;
    let mut shell = maven()?.args(["verify"]);
    if let Some(newest) = jdks.last().filter(|_| jdks.len() > 1) {
        println!("Java {} and {}", jdks.first().map_or(OLDEST, |jdk| jdk.release), newest.release);
        shell = shell.args([format!("-Dsecond.java={}", newest.program().display())]);
    }
    with_products(shell).run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_read() {
        assert_eq!(release_of("IMPLEMENTOR=\"a\"\nJAVA_VERSION=\"17.0.15\"\n"), Some(17));
        assert_eq!(release_of("JAVA_VERSION=\"25\"\n"), Some(25));
        assert_eq!(release_of("JAVA_VERSION=\"1.8.0_402\"\n"), Some(1));
        assert_eq!(release_of(""), None);
    }

    #[test]
    fn a_platform_that_is_not_supported_is_named() {
        assert!(platform("linux", "x86_64").is_ok());
        let Err(failure) = platform("linux", "s390x") else { panic!("no failure") };
        assert!(failure.to_string().contains("linux on s390x"));
    }
}
