//! The result for a token, as a table or as JSON.

use super::token_check::{TokenCheck, Wanted};
use crate::explain::{self, escaped};
use serde::Serialize;
use std::fmt::Write;
use workload_identity_core::jose::base64url_encode;
use workload_identity_core::verify::VerifiedToken;
use workload_identity_core::{Check, Error, Timestamp};

/// Longest text in a column. The last line has the whole message.
const SHOWN: usize = 100;

/// The outcome of each check.
fn outcomes(check: &TokenCheck) -> impl Iterator<Item = (Check, &'static str)> {
    let (accepted, failed) = (check.result.is_ok(), check.failed);
    Check::ALL.into_iter().map(move |row| {
        let outcome = match failed {
            _ if accepted => "passed",
            Some(failed) if row < failed => "passed",
            Some(failed) if row == failed => "failed",
            _ => "not reached",
        };
        (row, outcome)
    })
}

pub(super) fn table(check: &TokenCheck, now: Timestamp) -> String {
    let mut text = String::from("check      outcome      what the token says, and why it failed\n");
    for (row, outcome) in outcomes(check) {
        let mut detail = detail(check, row, now);
        if let (Err(error), "failed") = (&check.result, outcome) {
            detail.push_str(&wanted(&check.wanted, row));
            let separator = if detail.is_empty() { "" } else { " - " };
            detail = format!("{detail}{separator}{}: {}", error.code.name(), plain(&error.message));
        }
        let line = format!("{:<10} {outcome:<12} {detail}", row.name());
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text.push('\n');
    match &check.result {
        Ok(verified) => {
            let _ = writeln!(text, "accepted");
            let _ = writeln!(text, "  profile: {}", verified.profile().name);
        }
        Err(error) => {
            for (name, value) in explain::facts(error) {
                let _ = writeln!(text, "  {name}: {}", escaped(&value));
            }
            let message = escaped(&error.message);
            let _ = writeln!(text, "refused: {}: {message}", error.code.name());
        }
    }
    text
}

/// What the policy accepts, for a check that compares the token with it.
fn wanted(wanted: &Wanted, row: Check) -> String {
    let accepted = match row {
        Check::Issuer => &wanted.issuer,
        Check::Audience => &wanted.audience,
        _ => return String::new(),
    };
    match accepted.as_slice() {
        [] => String::new(),
        accepted => format!(", wanted {}", plain(&accepted.join(" or "))),
    }
}

/// The part of the token that a check is about.
fn detail(check: &TokenCheck, row: Check, now: Timestamp) -> String {
    let claims = &check.claims;
    let text = |value: &Option<String>| value.as_deref().map(plain).unwrap_or_default();
    match row {
        Check::Algorithm => text(&claims.algorithm),
        Check::Issuer => text(&claims.issuer),
        Check::Audience => plain(&claims.audience.join(", ")),
        Check::Time => time(check, now),
        Check::Key => match &check.result {
            Ok(verified) => key(verified),
            Err(_) => text(&claims.key_id),
        },
        Check::Claims => {
            claims.subject.as_deref().map(|sub| format!("sub {}", plain(sub))).unwrap_or_default()
        }
        Check::Form | Check::Type | Check::Signature => String::new(),
    }
}

fn time(check: &TokenCheck, now: Timestamp) -> String {
    let claims = &check.claims;
    let mut parts = Vec::new();
    for (name, instant) in
        [("iat", claims.issued_at), ("nbf", claims.not_before), ("exp", claims.expires)]
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

/// Escapes control characters and cuts long text.
fn plain(text: &str) -> String {
    let (shown, rest) = match text.char_indices().nth(SHOWN) {
        Some((end, _)) => (&text[..end], "..."),
        None => (text, ""),
    };
    format!("{}{rest}", escaped(shown))
}

/// The output of `--json`.
#[derive(Serialize)]
struct Report<'a> {
    accepted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    checks: Vec<CheckRow<'a>>,
    says: ClaimsReport<'a>,
    wanted: &'a Wanted,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<&'a VerifiedToken>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Error>,
}

#[derive(Serialize)]
struct CheckRow<'a> {
    check: &'static str,
    outcome: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

#[derive(Serialize)]
struct ClaimsReport<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    algorithm: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    audience: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_before: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<i64>,
}

pub(super) fn json(check: &TokenCheck) -> serde_json::Result<String> {
    let error = check.result.as_ref().err();
    let code = error.map(|error| error.code.name());
    let rows = outcomes(check).map(|(row, outcome)| {
        let failed = outcome == "failed";
        CheckRow {
            check: row.name(),
            outcome: outcome.replace(' ', "_"),
            code: code.filter(|_| failed),
            message: error.filter(|_| failed).map(|error| error.message.as_str()),
        }
    });
    let claims = &check.claims;
    serde_json::to_string(&Report {
        accepted: error.is_none(),
        code,
        checks: rows.collect(),
        says: ClaimsReport {
            algorithm: claims.algorithm.as_deref(),
            key_id: claims.key_id.as_deref(),
            issuer: claims.issuer.as_deref(),
            subject: claims.subject.as_deref(),
            audience: &claims.audience,
            issued_at: claims.issued_at.map(Timestamp::seconds),
            not_before: claims.not_before.map(Timestamp::seconds),
            expires: claims.expires.map(Timestamp::seconds),
        },
        wanted: &check.wanted,
        verified: check.result.as_deref().ok(),
        error,
    })
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn untrusted_text_stays_on_its_line() {
        assert_eq!(plain("a\x1b[2J\r\n\u{202e}b"), r"a\u{1b}[2J\r\n\u{202e}b");
        assert_eq!(plain("it's \"ä\" \\"), "it's \"ä\" \\");
        assert_eq!(plain(&"x".repeat(101)).len(), 103);
    }
}
