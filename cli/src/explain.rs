//! Prints errors: what happened, what to do, and what a support case needs.

use crate::host;
use clap::builder::styling::{AnsiColor, Style};
use std::fmt::Write;
use std::process::ExitCode;
use workload_identity_core::{Code, Error};

/// The status of wrong usage, as clap's.
pub(crate) const USAGE: u8 = 2;
/// Clap's style of the word `error`, so that all errors look alike.
const ERROR: Style = AnsiColor::Red.on_default().bold();

/// The word that begins an error, with the escapes of its colour: to be written through `anstream`.
pub(crate) fn label() -> String {
    format!("{ERROR}error:{ERROR:#}")
}

/// The lines for one error, ending with a line feed. Holds no token; the core keeps them out. To be written through `anstream`.
pub(crate) fn error(error: &Error) -> String {
    let mut text = format!("{} {error}\n", label());
    for (name, value) in facts(error) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {name}: {value}");
    }
    text
}

/// Prints an error of a command. Returns the status of wrong usage when an option or its file is wrong, otherwise 1.
pub(crate) fn failed(command: &str, error: &Error) -> ExitCode {
    if is_usage(error) {
        return usage(command, &error.message);
    }
    anstream::eprint!("{}", self::error(error));
    ExitCode::FAILURE
}

/// The status of a command that has failed.
pub(crate) fn status(error: &Error) -> ExitCode {
    if is_usage(error) { ExitCode::from(USAGE) } else { ExitCode::FAILURE }
}

/// Whether an option or its file is wrong.
fn is_usage(error: &Error) -> bool {
    matches!(error.code, Code::ConfigInvalid | Code::RequestInvalid)
}

/// Prints what is wrong with the options of a command. Returns the status of wrong usage.
pub(crate) fn usage(command: &str, message: &str) -> ExitCode {
    let lines: Vec<String> = message.trim_end().lines().map(escaped).collect();
    anstream::eprintln!(
        "{} {}\n\nFor more information, try 'wif {command} --help'.",
        label(),
        lines.join("\n")
    );
    ExitCode::from(USAGE)
}

/// Advice and facts beside the message, in the order in which they help.
pub(crate) fn facts(error: &Error) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let mut add = |name, value: Option<String>| facts.extend(value.map(|value| (name, value)));
    add("hint", error.hint.clone());
    let wait = error.retry_at.map(|instant| (instant.since(host::now()) + 999) / 1000);
    add("retry after", wait.filter(|wait| *wait > 0).map(|wait| format!("{wait} s")));
    if let Some(presented) = &error.presented {
        add("presented issuer", presented.issuer.clone());
        add("presented subject", presented.subject.clone());
        add(
            "presented audience",
            Some(presented.audience.join(", ")).filter(|text| !text.is_empty()),
        );
        add("presented algorithm", presented.algorithm.clone());
    }
    if let Some(service) = &error.service {
        let codes: Vec<_> = service.aadsts.iter().map(|code| format!("AADSTS{code}")).collect();
        let words = [
            Some(service.http_status.to_string()),
            service.error.clone(),
            service.suberror.clone(),
        ];
        add(
            "answer",
            Some(words.into_iter().flatten().chain(codes).collect::<Vec<_>>().join(", ")),
        );
        add("claims", service.claims.clone());
        add("correlation id", service.correlation_id.clone());
        add("trace id", service.trace_id.clone());
    }
    facts
}

/// Escapes control characters, because text of a token, a document or a file name is untrusted and must not affect the terminal.
pub(crate) fn escaped(text: &str) -> String {
    text.chars().flat_map(visible).collect()
}

fn visible(character: char) -> Vec<char> {
    match character {
        '"' | '\'' | '\\' => vec![character],
        other => other.escape_debug().collect(),
    }
}
