//! Checks the links between the repository's own pages.

use crate::job::{Failure, Jobs};
use crate::{git, project};
use std::path::Path;

pub(crate) fn run(jobs: &mut Jobs) -> Result<(), Failure> {
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
