//! Checks the links between the repository's own pages, and builds the book of `docs/`.

use crate::job::{Failure, Jobs};
use crate::shell::Shell;
use crate::{git, project, python};
use std::path::Path;

/// Builds `target/book`. MkDocs checks links and anchors, and that each page is in the table of contents.
pub(crate) fn run(jobs: &mut Jobs) -> Result<(), Failure> {
    links_exist(jobs)?;
    jobs.run("book", || {
        let interpreters = python::interpreters()?;
        let newest = interpreters.last().ok_or_else(|| Failure::new("no CPython"))?;
        let requirements = project::path("xtask/requirements-book.txt");
        let environment = python::Environment::with("book", &newest.program, &requirements)?;
        Shell::new(environment.program("mkdocs"))
            .args(["build", "--quiet", "--site-dir"])
            .args([project::target().join("book")])
            .dir(project::path(""))
            .run()
    })
}

/// Checks that each relative link of each page of the repository leads to a file.
pub(crate) fn links_exist(jobs: &mut Jobs) -> Result<(), Failure> {
    jobs.run("links", || {
        let mut dead = Vec::new();
        for (page, text) in git::texts()?.iter().filter(|(page, _)| page.ends_with(".md")) {
            let path = project::path(page);
            let folder = path.parent().unwrap_or(Path::new("."));
            for link in links(text).iter().filter(|link| !folder.join(link).exists()) {
                dead.push(format!("{page}: `{link}` does not exist"));
            }
        }
        if dead.is_empty() { Ok(()) } else { Err(Failure::new(dead.join("\n"))) }
    })
}

/// Targets of relative Markdown links, without their fragments.
fn links(text: &str) -> Vec<String> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.split('#').next().unwrap_or("").to_owned())
        .filter(|target| {
            !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_relative_targets_are_checked() {
        let text = "[a](docs/a.md#x) [b](https://example.com/) [c](#here) `x[0](y)`";
        assert_eq!(links(text), ["docs/a.md", "y"]);
    }
}
