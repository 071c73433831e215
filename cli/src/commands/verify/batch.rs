//! `wif verify --batch`: a corpus as a stream, one verdict for each line whatever stands in it.

use super::corpus_line::{Bench, Ruling};
use crate::host;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use workload_identity_core::{Code, Timestamp, json};

/// Longest line: the largest key set, escaped, and the longest token.
const MAX_LINE: u64 = 4 << 20;
const PROGRESS: Duration = Duration::from_millis(500);

/// The lines of a file, or of standard input.
pub(super) fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Ok(Box::new(BufReader::with_capacity(1 << 16, file)))
}

/// Judges every line in order. `now` is for lines that name no instant.
pub(super) fn run(
    mut lines: Box<dyn BufRead>,
    now: Option<Timestamp>,
) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut progress = Progress::new();
    let mut bench = Bench::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        if lines.by_ref().take(MAX_LINE + 1).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let ruling = if line.len() as u64 > MAX_LINE {
            if line.last() != Some(&b'\n') {
                lines.skip_until(b'\n')?;
            }
            Ruling { name: None, code: Some(Code::TooLarge) }
        } else if line.trim_ascii().is_empty() {
            continue;
        } else {
            bench.rule(&line, now.unwrap_or_else(host::now))
        };
        writeln!(out, "{}", verdict(&ruling))?;
        progress.count(ruling.code.is_none());
    }
    out.flush()?;
    progress.end();
    Ok(ExitCode::SUCCESS)
}

fn verdict(ruling: &Ruling) -> String {
    json::object(|o| {
        match &ruling.name {
            Some(name) => o.text("name", name),
            None => o.raw("name", "null"),
        };
        o.bool("accepted", ruling.code.is_none());
        match ruling.code {
            Some(code) => o.text("code", code.name()),
            None => o.raw("code", "null"),
        };
    })
}

/// How far we are, for somebody who looks at a terminal while the verdicts go elsewhere.
struct Progress {
    seen: bool,
    began: Instant,
    shown: Instant,
    lines: u64,
    accepted: u64,
}

impl Progress {
    fn new() -> Self {
        let seen = io::stderr().is_terminal() && !io::stdout().is_terminal();
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
