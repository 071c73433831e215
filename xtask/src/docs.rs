//! Links between the repository's own pages lead somewhere.

use crate::job::{Failure, Jobs};
use crate::project;
use crate::shell::Shell;
use std::path::Path;

pub(crate) fn run(jobs: &mut Jobs) -> Result<(), Failure> {
    jobs.run("links", || {
        let list = Shell::new("git")
            .args(["ls-files", "--cached", "--others", "--exclude-standard", "*.md"])
            .output()?;
        let mut dead = Vec::new();
        for page in list.lines().filter(|page| project::path(page).exists()) {
            let path = project::path(page);
            let folder = path.parent().unwrap_or(Path::new("."));
            for link in links(&project::read(&path)?) {
                if !folder.join(&link).exists() {
                    dead.push(format!("{page}: `{link}` leads nowhere"));
                }
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
