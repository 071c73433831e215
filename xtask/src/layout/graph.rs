//! Circles in the graph of who imports whom.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Files and the files that they import.
#[derive(Default)]
pub(super) struct Graph {
    edges: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    pub(super) fn add(&mut self, from: &str, to: &str) {
        if from != to {
            self.edges.entry(from.to_owned()).or_default().insert(to.to_owned());
        }
    }

    /// Returns one shortest circle per group of nodes that reach each other.
    pub(super) fn circles(&self) -> Vec<Vec<String>> {
        let mut known: BTreeSet<&str> = BTreeSet::new();
        let mut circles = Vec::new();
        for start in self.edges.keys() {
            if known.contains(start.as_str()) {
                continue;
            }
            let Some(circle) = self.shortest_circle(start) else { continue };
            let forward = self.reachable(start);
            known.extend(
                forward.into_iter().filter(|node| self.reachable(node).contains(start.as_str())),
            );
            circles.push(circle);
        }
        circles
    }

    /// Returns the graph of folders: an import connects the two siblings below the folder that both files share.
    /// Circles between files are circles there too.
    pub(super) fn folders(&self) -> Graph {
        let mut folders = Graph::default();
        for (from, targets) in &self.edges {
            for to in targets {
                if let Some((from, to)) = siblings(from, to) {
                    folders.add(&from, &to);
                }
            }
        }
        folders
    }

    fn next(&self, node: &str) -> impl Iterator<Item = &str> {
        self.edges.get(node).into_iter().flatten().map(String::as_str)
    }

    fn reachable<'g>(&'g self, start: &'g str) -> BTreeSet<&'g str> {
        let mut found = BTreeSet::new();
        let mut open = vec![start];
        while let Some(node) = open.pop() {
            for next in self.next(node) {
                if found.insert(next) {
                    open.push(next);
                }
            }
        }
        found
    }

    fn shortest_circle(&self, start: &str) -> Option<Vec<String>> {
        let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
        let mut open = VecDeque::from([start]);
        while let Some(node) = open.pop_front() {
            for next in self.next(node) {
                if next == start {
                    let mut circle = vec![start.to_owned()];
                    let mut at = node;
                    while at != start {
                        circle.push(at.to_owned());
                        at = came_from.get(at)?;
                    }
                    circle.push(start.to_owned());
                    circle.reverse();
                    return Some(circle);
                }
                if next != start && !came_from.contains_key(next) {
                    came_from.insert(next, node);
                    open.push_back(next);
                }
            }
        }
        None
    }
}

/// Returns the siblings, folders or files, where the paths of two files part. None for a module file (`mod.rs`,
/// `__init__.py`): it is the face of the folder itself.
fn siblings(from: &str, to: &str) -> Option<(String, String)> {
    let common = from.split('/').zip(to.split('/')).take_while(|(one, other)| one == other).count();
    let head = |path: &str| -> String {
        let end: Vec<&str> = path.split('/').take(common + 1).collect();
        end.join("/")
    };
    let (one, other) = (head(from), head(to));
    // `a.rs` beside the folder `a` is the module file of that folder.
    let module = |path: &str| {
        path.strip_suffix(".rs")
            .map_or(path.to_owned(), |stem| stem.strip_suffix("/mod").unwrap_or(stem).to_owned())
    };
    let special = |path: &str| {
        ["/mod.rs", "/lib.rs", "/main.rs", "/__init__.py"].iter().any(|end| path.ends_with(end))
    };
    if special(&one) || special(&other) {
        return None;
    }
    let (one, other) = (module(&one), module(&other));
    (one != other).then_some((one, other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&str, &str)]) -> Graph {
        let mut graph = Graph::default();
        for (from, to) in edges {
            graph.add(from, to);
        }
        graph
    }

    #[test]
    fn a_circle_is_found_once_and_shortest() {
        let circles =
            graph(&[("a", "b"), ("b", "c"), ("c", "a"), ("c", "b"), ("d", "a")]).circles();
        assert_eq!(circles, [["a", "b", "c", "a"]]);
        assert!(graph(&[("a", "b"), ("a", "c"), ("b", "c")]).circles().is_empty());
    }

    #[test]
    fn folders_have_circles_that_files_have_not() {
        let files = graph(&[("s/a/x.rs", "s/b/y.rs"), ("s/b/z.rs", "s/a/w.rs")]);
        assert!(files.circles().is_empty());
        assert_eq!(files.folders().circles(), [["s/a", "s/b", "s/a"]]);
    }

    #[test]
    fn a_module_file_belongs_to_its_folder() {
        let files = graph(&[("s/a/mod.rs", "s/a/x.rs"), ("s/lib.rs", "s/a/x.rs")]);
        assert!(files.folders().circles().is_empty());
        let files = graph(&[("s/a.rs", "s/a/x.rs"), ("s/a/x.rs", "s/b.rs"), ("s/b.rs", "s/a.rs")]);
        assert_eq!(files.folders().circles(), [["s/a", "s/b", "s/a"]]);
    }
}
