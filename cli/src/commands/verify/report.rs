//! A judgement for people, as a table, and for programs, as JSON.

use super::judgement::Judgement;
use crate::explain;
use std::fmt::Write;
use workload_identity_core::jose::base64url_encode;
use workload_identity_core::json;
use workload_identity_core::verify::VerifiedToken;
use workload_identity_core::{Check, Timestamp};

/// Longest text of a token that is shown.
const SHOWN: usize = 100;

/// The outcome of each check.
fn outcomes(judgement: &Judgement) -> impl Iterator<Item = (Check, &'static str)> {
    let (accepted, failed) = (judgement.verdict.is_ok(), judgement.failed);
    Check::ALL.into_iter().map(move |check| {
        let outcome = match failed {
            _ if accepted => "passed",
            Some(failed) if check < failed => "passed",
            Some(failed) if check == failed => "failed",
            _ => "not reached",
        };
        (check, outcome)
    })
}

pub(super) fn table(judgement: &Judgement, now: Timestamp) -> String {
    let mut text = String::from("check      outcome      what the token says, and why it failed\n");
    for (check, outcome) in outcomes(judgement) {
        let mut detail = says(judgement, check, now);
        if let (Err(error), "failed") = (&judgement.verdict, outcome) {
            let separator = if detail.is_empty() { "" } else { " - " };
            detail = format!("{detail}{separator}{}: {}", error.code.name(), plain(&error.message));
        }
        let line = format!("{:<10} {outcome:<12} {detail}", check.name());
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text.push('\n');
    match &judgement.verdict {
        Ok(verified) => {
            let _ = writeln!(text, "accepted");
            let _ = writeln!(text, "  profile: {}", verified.profile().name);
        }
        Err(error) => {
            let _ = writeln!(text, "refused: {}: {}", error.code.name(), plain(&error.message));
            for (name, value) in explain::facts(error) {
                let _ = writeln!(text, "  {name}: {}", plain(&value));
            }
        }
    }
    text
}

/// What is known about a check's matter.
fn says(judgement: &Judgement, check: Check, now: Timestamp) -> String {
    let says = &judgement.says;
    let text = |value: &Option<String>| value.as_deref().map(plain).unwrap_or_default();
    match check {
        Check::Algorithm => text(&says.algorithm),
        Check::Issuer => text(&says.issuer),
        Check::Audience => plain(&says.audience.join(", ")),
        Check::Time => time(judgement, now),
        Check::Key => match &judgement.verdict {
            Ok(verified) => key(verified),
            Err(_) => text(&says.key_id),
        },
        Check::Claims => {
            says.subject.as_deref().map(|sub| format!("sub {}", plain(sub))).unwrap_or_default()
        }
        Check::Form | Check::Type | Check::Signature => String::new(),
    }
}

fn time(judgement: &Judgement, now: Timestamp) -> String {
    let says = &judgement.says;
    let mut parts = Vec::new();
    for (name, instant) in
        [("iat", says.issued_at), ("nbf", says.not_before), ("exp", says.expires)]
    {
        if let Some(instant) = instant {
            let seconds = instant.since(now).div_euclid(1000);
            let distance = match seconds {
                0.. => format!("in {seconds} s"),
                _ => format!("{} s ago", seconds.unsigned_abs()),
            };
            parts.push(format!("{name} {} ({distance})", instant.seconds()));
        }
    }
    parts.join(", ")
}

fn key(verified: &VerifiedToken) -> String {
    let id = verified.key_id().map(plain).unwrap_or_default();
    let separator = if id.is_empty() { "" } else { ", " };
    let age = match verified.key_set_age() {
        Some(age) => format!(", set fetched {} s ago", age / 1000),
        None => String::new(),
    };
    format!("{id}{separator}thumbprint {}{age}", base64url_encode(verified.key_thumbprint()))
}

/// A token is written by strangers: nothing in it moves the cursor or fills the screen.
fn plain(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).flat_map(visible).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push_str("...");
    }
    shown
}

fn visible(character: char) -> Vec<char> {
    match character {
        '"' | '\'' | '\\' => vec![character],
        other => other.escape_debug().collect(),
    }
}

pub(super) fn json(judgement: &Judgement) -> String {
    let rows: Vec<_> = outcomes(judgement).collect();
    let says = &judgement.says;
    let seconds = |instant: Option<Timestamp>| instant.map(Timestamp::seconds);
    json::object(|o| {
        o.bool("accepted", judgement.verdict.is_ok())
            .text_if("code", judgement.verdict.as_ref().err().map(|error| error.code.name()))
            .objects("checks", &rows, |(check, outcome), o| {
                o.text("check", check.name()).text("outcome", &outcome.replace(' ', "_"));
                if let (Err(error), true) = (&judgement.verdict, *outcome == "failed") {
                    o.text("code", error.code.name()).text("message", &error.message);
                }
            })
            .object("says", |o| {
                o.text_if("algorithm", says.algorithm.as_deref())
                    .text_if("key_id", says.key_id.as_deref())
                    .text_if("issuer", says.issuer.as_deref())
                    .text_if("subject", says.subject.as_deref())
                    .texts("audience", says.audience.iter().map(String::as_str))
                    .integer_if("issued_at", seconds(says.issued_at))
                    .integer_if("not_before", seconds(says.not_before))
                    .integer_if("expires", seconds(says.expires));
            });
        match &judgement.verdict {
            Ok(verified) => o.raw("verified", &verified.to_json()),
            Err(error) => o.raw("error", &error.to_json()),
        };
    })
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn what_strangers_write_stays_on_its_line() {
        assert_eq!(plain("a\x1b[2J\r\n\u{202e}b"), r"a\u{1b}[2J\r\n\u{202e}b");
        assert_eq!(plain("it's \"ä\" \\"), "it's \"ä\" \\");
        assert_eq!(plain(&"x".repeat(101)).len(), 103);
    }
}
