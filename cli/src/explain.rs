//! Prints errors: what happened, what to do, and what a support case needs.

use crate::host;
use clap::builder::styling::{AnsiColor, Style};
use std::fmt::Write;
use workload_identity_core::Error;

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
