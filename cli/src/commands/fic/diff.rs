//! Changes of credentials for a terminal: members that are added, removed and changed, and where a value differs.

use super::listing::members;
use crate::explain::escaped;
use clap::builder::styling::{AnsiColor, Style};
use std::fmt::Write;
use workload_identity_core::manage::{Action, Change, FederatedCredential};

const ADDED: Style = AnsiColor::Green.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const CHANGED: Style = AnsiColor::Yellow.on_default();

/// The lines of a change. To be written through `anstream`.
pub(super) fn text(change: &Change) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_change(&mut text, change);
    text
}

fn write_change(text: &mut String, change: &Change) -> std::fmt::Result {
    let (style, sign) = match change.action {
        Action::Add => (ADDED, '+'),
        Action::Update => (CHANGED, '~'),
        Action::Remove => (REMOVED, '-'),
    };
    writeln!(text, "{style}{sign} {}{style:#}", escaped(&change.name))?;
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => {
            change.differs.iter().try_for_each(|member| write_member(text, member, before, after))
        }
        (Some(all), None) | (None, Some(all)) => {
            members(all).into_iter().try_for_each(|(member, value)| {
                writeln!(text, "    {member:<11}    {}", escaped(value))
            })
        }
        (None, None) => Ok(()),
    }
}

fn write_member(
    text: &mut String,
    member: &str,
    before: &FederatedCredential,
    after: &FederatedCredential,
) -> std::fmt::Result {
    let value = |credential| {
        members(credential).into_iter().find(|(name, _)| *name == member).map(|(_, value)| value)
    };
    let (old, new) = (value(before), value(after));
    if let Some(old) = old {
        writeln!(text, "    {member:<11}  {REMOVED}- {}{REMOVED:#}", escaped(old))?;
    }
    if let Some(new) = new {
        let member = if old.is_some() { "" } else { member };
        writeln!(text, "    {member:<11}  {ADDED}+ {}{ADDED:#}", escaped(new))?;
    }
    let (Some(old), Some(new)) = (old, new) else { return Ok(()) };
    let same = old.chars().zip(new.chars()).take_while(|(one, other)| one == other).count();
    let before: String = new.chars().take(same).collect();
    let indent = escaped(&before).chars().count();
    writeln!(text, "    {:<11}    {:indent$}{CHANGED}^{CHANGED:#} character {same}", "", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credential(subject: &str) -> FederatedCredential {
        let mut credential = FederatedCredential::default();
        credential.subject = Some(subject.to_owned());
        credential
    }

    #[test]
    fn the_first_character_that_differs_is_marked() {
        let mut text = String::new();
        let (before, after) = (credential("a\u{1b}b:stage"), credential("a\u{1b}b:Stage"));
        write_member(&mut text, "subject", &before, &after).expect("written");
        let plain = anstream::adapter::strip_str(&text).to_string();
        assert_eq!(
            plain,
            "    subject      - a\\u{1b}b:stage\n                 + a\\u{1b}b:Stage\n                            ^ character 4\n"
        );
    }
}
