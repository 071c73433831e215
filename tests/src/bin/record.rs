//! Writes the transcripts of all scenarios, or with `--check` fails when the committed ones differ.

use conformance::{scenarios, transcripts_folder};
use std::collections::BTreeSet;
use std::fs;
use std::process::ExitCode;

fn main() -> ExitCode {
    let check = std::env::args().any(|argument| argument == "--check");
    let folder = transcripts_folder();
    let mut stale = Vec::new();
    let mut names = BTreeSet::new();
    for (name, text) in scenarios::all() {
        let path = folder.join(&name);
        if fs::read_to_string(&path).ok().as_deref() != Some(text.as_str()) {
            if !check && let Err(error) = fs::write(&path, &text) {
                eprintln!("{}: {error}", path.display());
                return ExitCode::FAILURE;
            }
            stale.push(name.clone());
        }
        assert!(names.insert(name.clone()), "two scenarios are named {name}");
    }
    let known = fs::read_dir(&folder).into_iter().flatten().flatten();
    for entry in known.filter(|entry| !names.contains(&*entry.file_name().to_string_lossy())) {
        stale.push(entry.file_name().to_string_lossy().into_owned());
        if !check {
            let _ = fs::remove_file(entry.path());
        }
    }
    println!(
        "{} transcripts, {} {}",
        names.len(),
        stale.len(),
        if check { "stale" } else { "changed" }
    );
    if check && !stale.is_empty() {
        eprintln!("stale: {}; run `cargo xtask stubs`", stale.join(", "));
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
