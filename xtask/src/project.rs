//! Where things are in this repository.

use crate::job::Failure;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The repository's root: that of the `cargo xtask` that runs, since checkouts may share a build folder.
pub(crate) fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let package = std::env::var_os("CARGO_MANIFEST_DIR")
            .unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        Path::new(&package).parent().unwrap_or(Path::new(".")).to_owned()
    });
    &ROOT
}

/// A path below the root.
pub(crate) fn path(relative: &str) -> PathBuf {
    root().join(relative)
}

/// Cargo's build folder, wherever the user has put it.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// A folder for what the jobs install: virtual environments, browsers' profiles.
pub(crate) fn installed(name: &str) -> Result<PathBuf, Failure> {
    let folder = target().join("xtask").join(name);
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The one file of `folder` with this beginning and end.
pub(crate) fn find(folder: &Path, prefix: &str, suffix: &str) -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.file_name()
                .and_then(|name| name.to_str())
                .is_some_and(|name| name.starts_with(prefix) && name.ends_with(suffix))
        })
        .collect();
    found.sort();
    found.pop()
}

/// A file's text, with its name in the error.
pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::new(format!("cannot read {}: {error}", shown(path))))
}

/// The path as people of this repository call it.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Does the work unless `stamp` says that it was done for the same `wanted`. Jobs that run at the same time share folders, so a
/// second one waits for the first.
pub(crate) fn once(
    stamp: &Path,
    wanted: &str,
    work: impl FnOnce() -> Result<(), Failure>,
) -> Result<(), Failure> {
    let is_done = || std::fs::read_to_string(stamp).is_ok_and(|done| done == wanted);
    if is_done() {
        return Ok(());
    }
    // Not beside the stamp, whose folder the work may replace. The end of a process unlocks it.
    let name = shown(stamp).replace(['/', '\\'], "-");
    let lock = File::create(installed("locks")?.join(name))?;
    lock.lock()?;
    if is_done() {
        return Ok(());
    }
    work()?;
    if let Some(folder) = stamp.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(stamp, wanted)?;
    Ok(())
}

/// What tells one build of a package from the next.
pub(crate) fn identity(package: &Path) -> Result<String, Failure> {
    let facts = std::fs::metadata(package)?;
    Ok(format!("{} {} {:?}", package.display(), facts.len(), facts.modified()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;
    use std::time::Duration;

    #[test]
    fn what_several_want_at_the_same_time_is_done_once() {
        let Ok(folder) = installed("tests") else { panic!("no folder") };
        let stamp = folder.join("stamp");
        let _ = std::fs::remove_file(&stamp);
        let done = AtomicUsize::new(0);
        let work = || {
            done.fetch_add(1, Ordering::SeqCst);
            // Long enough that the others would begin, too.
            thread::sleep(Duration::from_millis(100));
            Ok(())
        };
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| assert!(once(&stamp, "wanted", work).is_ok()));
            }
        });
        assert_eq!(done.into_inner(), 1);
        assert!(once(&stamp, "wanted", || Err(Failure::new("again"))).is_ok());
        assert!(once(&stamp, "something else", || Err(Failure::new("again"))).is_err());
    }
}
