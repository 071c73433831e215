//! `wif verify --batch`: reads a corpus as a stream and writes one result for each line.

use super::corpus_line::{LineResult, Verifiers};
use crate::{host, verbosity};
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use workload_identity_core::{Code, Timestamp};

/// Longest line: the largest key set, escaped, and the longest token.
const MAX_LINE: u64 = 4 << 20;
const PROGRESS: Duration = Duration::from_millis(500);

/// The lines of a file, or of standard input.
pub(in crate::commands) fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Ok(Box::new(BufReader::with_capacity(1 << 16, file)))
}

/// Verifies every line in order. `now` is for lines without an instant.
pub(super) fn run(
    mut lines: Box<dyn BufRead>,
    now: Option<Timestamp>,
) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut progress = Progress::new();
    let mut verifiers = Verifiers::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        if lines.by_ref().take(MAX_LINE + 1).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let result = if line.len() as u64 > MAX_LINE {
            if line.last() != Some(&b'\n') {
                lines.skip_until(b'\n')?;
            }
            LineResult { name: None, code: Some(Code::TooLarge) }
        } else if line.trim_ascii().is_empty() {
            continue;
        } else {
            verifiers.check(&line, now.unwrap_or_else(host::now))
        };
        let output = OutputLine {
            name: result.name.as_deref(),
            accepted: result.code.is_none(),
            code: result.code.map(Code::name),
        };
        writeln!(out, "{}", serde_json::to_string(&output)?)?;
        progress.count(result.code.is_none());
    }
    out.flush()?;
    progress.end();
    Ok(ExitCode::SUCCESS)
}

/// The result of a line as JSON.
#[derive(Serialize)]
struct OutputLine<'r> {
    name: Option<&'r str>,
    accepted: bool,
    code: Option<&'static str>,
}

/// Progress on the terminal while the results go to a file or pipe.
struct Progress {
    seen: bool,
    began: Instant,
    shown: Instant,
    lines: u64,
    accepted: u64,
}

impl Progress {
    fn new() -> Self {
        let seen = !verbosity::quiet() && io::stderr().is_terminal() && !io::stdout().is_terminal();
        let now = Instant::now();
        Self { seen, began: now, shown: now, lines: 0, accepted: 0 }
    }

    fn count(&mut self, accepted: bool) {
        self.lines += 1;
        self.accepted += u64::from(accepted);
        if self.seen && self.lines.is_multiple_of(64) && self.shown.elapsed() >= PROGRESS {
            self.shown = Instant::now();
            self.show("\r");
        }
    }

    fn end(&self) {
        if self.seen {
            self.show("\r");
            eprintln!();
        }
    }

    fn show(&self, start: &str) {
        let seconds = self.began.elapsed().as_secs_f64().max(0.001);
        let rate = self.lines as f64 / seconds;
        eprint!(
            "{start}{} lines, {} accepted, {} refused, {rate:.0} a second ",
            self.lines,
            self.accepted,
            self.lines - self.accepted
        );
    }
}
