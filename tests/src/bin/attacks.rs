//! Mints the attack corpus, or with `--check` fails when the committed one differs.

use conformance::attacks;
use std::process::ExitCode;

fn main() -> ExitCode {
    let check = std::env::args().any(|argument| argument == "--check");
    let corpus = attacks::corpus();
    let (path, text) = (attacks::path(), corpus.to_text());
    let stale = std::fs::read_to_string(&path).ok().as_deref() != Some(text.as_str());
    println!(
        "{} cases, {} bytes, {}",
        corpus.cases.len(),
        text.len(),
        if stale { "changed" } else { "same" }
    );
    if check && stale {
        eprintln!("attacks.json is stale; run `cargo run -p conformance --bin attacks`");
        return ExitCode::FAILURE;
    }
    if stale && let Err(error) = std::fs::write(&path, text) {
        eprintln!("{}: {error}", path.display());
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
