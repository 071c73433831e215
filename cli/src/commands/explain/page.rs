//! A verdict as text for a terminal.

use crate::explain::escaped;
use clap::builder::styling::{AnsiColor, Style};
use std::fmt::Write;
use workload_identity_core::Timestamp;
use workload_identity_core::trust::{
    CheckOutcome, CredentialVerdict, FieldVerdict, TrustCheck, Verdict,
};

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default();

/// The result, each credential with its fields, the checks, and what to do. To be written through `anstream`.
pub(super) fn text(verdict: &Verdict, expires: Option<Timestamp>, now: Timestamp) -> String {
    let mut page = String::new();
    // Writing to a String cannot fail.
    let _ = write(&mut page, verdict, expires, now);
    page
}

fn write(
    page: &mut String,
    verdict: &Verdict,
    expires: Option<Timestamp>,
    now: Timestamp,
) -> std::fmt::Result {
    match (verdict.accepted, verdict.aadsts) {
        (true, _) => writeln!(page, "{GOOD}accepted{GOOD:#}")?,
        (false, Some(number)) => writeln!(page, "{BAD}refused{BAD:#}: AADSTS{number}")?,
        (false, None) => writeln!(page, "{BAD}refused{BAD:#}")?,
    }
    for (index, credential) in verdict.credentials.iter().enumerate() {
        write_credential(page, credential, index)?;
    }
    if !verdict.checks.is_empty() {
        writeln!(page)?;
    }
    for check in &verdict.checks {
        write_check(page, check)?;
    }
    if let Some(expires) = expires.filter(|expires| *expires <= now && verdict.checks.is_empty()) {
        let seconds = now.since(expires) / 1000;
        writeln!(page, "\n{DOUBTFUL}note{DOUBTFUL:#}: the token expired {seconds} s ago")?;
    }
    if !verdict.fix.is_empty() {
        writeln!(page, "\nTo do:")?;
    }
    for step in &verdict.fix {
        for line in step.lines() {
            writeln!(page, "  {}", escaped(line))?;
        }
    }
    Ok(())
}

fn write_credential(
    page: &mut String,
    credential: &CredentialVerdict,
    index: usize,
) -> std::fmt::Result {
    let name = credential.name.as_deref().map(escaped);
    let name = name.unwrap_or_else(|| format!("credential {}", index + 1));
    writeln!(page, "\n{name}")?;
    for field in &credential.fields {
        write_field(page, field)?;
    }
    for warning in &credential.warnings {
        writeln!(page, "  {DOUBTFUL}warning{DOUBTFUL:#}: {}", escaped(warning))?;
    }
    Ok(())
}

fn write_field(page: &mut String, field: &FieldVerdict) -> std::fmt::Result {
    let name = field.field.name();
    if field.equal {
        let value = field.presented.as_deref().unwrap_or(&field.expected);
        return writeln!(page, "  {name:<10} {GOOD}equal{GOOD:#}      {}", escaped(value));
    }
    let meaning = field.difference.map_or("The values differ.", |difference| difference.meaning());
    writeln!(page, "  {name:<10} {BAD}different{BAD:#}  {meaning}")?;
    writeln!(page, "    expected   {}", escaped(&field.expected))?;
    let Some(presented) = &field.presented else {
        return writeln!(page, "    presented  (none)");
    };
    writeln!(page, "    presented  {}", escaped(presented))?;
    if let Some(position) = field.position {
        let before: String = presented.chars().take(position).collect();
        let indent = escaped(&before).chars().count();
        writeln!(page, "               {:indent$}{BAD}^{BAD:#} character {position}", "")?;
    }
    Ok(())
}

fn write_check(page: &mut String, check: &TrustCheck) -> std::fmt::Result {
    let (style, word) = match check.outcome {
        CheckOutcome::Pass => (GOOD, "passed "),
        CheckOutcome::Fail => (BAD, "failed "),
        CheckOutcome::Unknown => (DOUBTFUL, "unknown"),
    };
    let name = check.check.replace('_', " ");
    writeln!(page, "  {name:<18} {style}{word}{style:#}  {}", escaped(&check.message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use workload_identity_core::trust::{TokenClaims, evaluate, read_credentials};

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        let subject = "a\u{1b}[31mred\u{202e}<b>\r\n";
        let claims = TokenClaims::of("https://i\u{7}", subject, ["api://x"]);
        let file = r#"[{"name":"n\u001b[2J","issuer":"https://i","subject":"a","audience":"x"}]"#;
        let credentials = read_credentials(file.as_bytes()).expect("credentials");
        let page = text(&evaluate(&claims, &credentials), None, Timestamp::from_seconds(0));
        let plain = anstream::adapter::strip_str(&page).to_string();
        assert!(plain.contains(r"a\u{1b}[31mred\u{202e}<b>\r\n"), "{plain}");
        assert!(!plain.chars().any(|c| c.is_control() && c != '\n'), "{plain:?}");
        let colours = [GOOD, BAD, DOUBTFUL].map(|style| style.to_string());
        let escapes = page.matches('\u{1b}').count();
        let ours: usize = colours.iter().map(|colour| page.matches(colour.as_str()).count()).sum();
        assert_eq!(escapes, ours * 2, "each colour has its reset and nothing else is an escape");
    }

    #[test]
    fn the_mark_stands_below_the_character() {
        let claims = TokenClaims::of("https://i", "repo:o/r:ref:refs/heads/x", ["a"]);
        let file = r#"[{"issuer":"https://i","subject":"repo:o/r:environment:x","audience":"a"}]"#;
        let credentials = read_credentials(file.as_bytes()).expect("credentials");
        let page = text(&evaluate(&claims, &credentials), None, Timestamp::from_seconds(0));
        let plain = anstream::adapter::strip_str(&page).to_string();
        assert!(plain.contains("    presented  repo:o/r:ref:"), "{plain}");
        assert!(plain.contains("\n                        ^ character 9\n"), "{plain}");
    }
}
