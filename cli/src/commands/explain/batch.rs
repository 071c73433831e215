//! `wif explain --batch`: reads cases as a stream and writes one verdict for each line.

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufWriter, Read, Write};
use std::process::ExitCode;
use workload_identity_core::{json, wire::trust};
use workload_identity_crypto_native::AwsLc;

pub(super) use crate::commands::verify::open_lines as open;

/// Longest line: the largest token and some hundred credentials.
const MAX_LINE: u64 = 4 << 20;

/// The verdict of a line.
#[derive(Default, Serialize)]
struct OutputLine {
    name: Option<Value>,
    accepted: bool,
    aadsts: Option<u64>,
    difference: Option<String>,
    /// Why the line has no verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
}

/// Explains every line in order.
pub(super) fn run(mut lines: Box<dyn BufRead>) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut line = Vec::new();
    loop {
        line.clear();
        if lines.by_ref().take(MAX_LINE + 1).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let verdict = if line.len() as u64 > MAX_LINE {
            if line.last() != Some(&b'\n') {
                lines.skip_until(b'\n')?;
            }
            refused("too_large")
        } else if line.trim_ascii().is_empty() {
            continue;
        } else {
            explain(&line)
        };
        writeln!(out, "{}", serde_json::to_string(&verdict)?)?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn refused(code: &str) -> OutputLine {
    OutputLine { code: Some(code.to_owned()), ..OutputLine::default() }
}

fn explain(line: &[u8]) -> OutputLine {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    // The texts of the members, so that the core sees what the line says, and a wrong one does not hide the name.
    let Ok(mut case) = serde_json::from_slice::<BTreeMap<String, &RawValue>>(line) else {
        return refused("request_invalid");
    };
    let name = case.remove("name").and_then(|name| serde_json::from_str(name.get()).ok());
    if json::check(line).is_err() {
        return OutputLine { name, ..refused("request_invalid") };
    }
    // Texts of JSON are JSON.
    let case = serde_json::to_vec(&case).unwrap_or_default();
    match trust::explain_with(&case, &AwsLc) {
        Ok(verdict) => {
            let verdict: Value = serde_json::from_str(&verdict).unwrap_or_default();
            OutputLine {
                name,
                accepted: verdict["accepted"].as_bool().unwrap_or_default(),
                aadsts: verdict["aadsts"].as_u64(),
                difference: verdict["difference"].as_str().map(str::to_owned),
                code: None,
            }
        }
        Err(error) => {
            let error: Value = serde_json::from_str(&error).unwrap_or_default();
            OutputLine { name, ..refused(error["code"].as_str().unwrap_or("request_invalid")) }
        }
    }
}
