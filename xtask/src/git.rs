//! The repository's files, from git.

use crate::job::Failure;
use crate::project;
use crate::shell::Shell;

/// Returns the repository's text files by their paths: what git has, and what it would add.
pub(crate) fn texts() -> Result<Vec<(String, String)>, Failure> {
    let list = Shell::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .output()?;
    // Git still lists a deleted file until that is committed; binary files are not read.
    let read =
        |name: &str| Some((name.to_owned(), std::fs::read_to_string(project::path(name)).ok()?));
    Ok(list.lines().filter_map(read).collect())
}
