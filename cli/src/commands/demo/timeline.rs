//! Prints the events of the demo with their time, as text or as JSON lines.

use crate::verbosity;
use clap::builder::styling::{AnsiColor, Style};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::io::{self, Write};
use std::time::Instant;

const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();

/// How the timeline is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Aligned text with the escapes of colours: to be written through `anstream`.
    Text,
    /// One JSON object per line.
    Json,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Marker {
    /// As it should.
    Good,
    /// Refused, as it should be.
    Refused,
}

/// A fact about a step: a short name, unique in its step, and a value that holds no token.
pub(crate) type Fact = (Cow<'static, str>, String);

/// A step as JSON.
#[derive(Serialize)]
struct Line<'s> {
    ms: u64,
    step: &'s str,
    refused: bool,
    summary: &'s str,
    #[serde(serialize_with = "as_object")]
    facts: &'s [Fact],
}

/// Serializes facts as an object, in their order.
fn as_object<S: Serializer>(facts: &&[Fact], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(facts.iter().map(|(name, value)| (name, value)))
}

/// Writes steps with the milliseconds since the start.
pub(crate) struct Timeline<W: Write> {
    out: W,
    form: Form,
    start: Instant,
}

impl<W: Write> Timeline<W> {
    pub(crate) fn new(out: W, form: Form) -> Self {
        Self { out, form, start: Instant::now() }
    }

    /// One step: its stable name, what happened, and the facts worth knowing.
    pub(crate) fn step(
        &mut self,
        marker: Marker,
        name: &str,
        summary: &str,
        facts: &[Fact],
    ) -> io::Result<()> {
        let at = self.start.elapsed().as_millis();
        if self.form == Form::Json {
            let ms = u64::try_from(at).unwrap_or(u64::MAX);
            let refused = marker == Marker::Refused;
            let line = Line { ms, step: name, refused, summary, facts };
            let line = serde_json::to_string(&line)?;
            return writeln!(self.out, "{line}");
        }
        let (sign, colour) = match marker {
            Marker::Good => ("+", AnsiColor::Green.on_default()),
            Marker::Refused => ("x", AnsiColor::Yellow.on_default()),
        };
        writeln!(
            self.out,
            "{DIM}{at:>6} ms{DIM:#}  {colour}{sign}{colour:#} {BOLD}{name:<10}{BOLD:#} {summary}"
        )?;
        let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, value) in facts {
            writeln!(self.out, "{:24}{DIM}{name:<width$}{DIM:#}  {value}", "")?;
        }
        self.out.flush()
    }

    /// A line that is printed as text only.
    pub(crate) fn remark(&mut self, text: &str) -> io::Result<()> {
        match self.form {
            Form::Json => Ok(()),
            Form::Text if verbosity::quiet() => Ok(()),
            Form::Text => writeln!(self.out, "{text}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(form: Form) -> String {
        let mut out = Vec::new();
        let mut timeline = Timeline::new(&mut out, form);
        timeline
            .step(
                Marker::Refused,
                "refused",
                "no match",
                &[("code".into(), "trust_mismatch".into())],
            )
            .and_then(|()| timeline.remark("done"))
            .expect("a vector takes every write");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn colours_only_add_escapes_to_the_text() {
        let coloured = written(Form::Text);
        assert!(coloured.contains("\x1b[33mx\x1b[0m"), "{coloured:?}");
        let plain = anstream::adapter::strip_str(&coloured).to_string();
        assert!(plain.contains("x refused    no match\n"), "{plain}");
        assert!(plain.contains("code  trust_mismatch\n") && plain.ends_with("done\n"));
    }

    #[test]
    fn json_is_one_object_per_line() {
        let text = written(Form::Json);
        assert_eq!(text.lines().count(), 1);
        let line = serde_json::from_str::<serde_json::Value>(&text).expect("JSON");
        let fact = line.get("facts").and_then(|facts| facts.get("code"));
        assert_eq!(fact.and_then(serde_json::Value::as_str), Some("trust_mismatch"));
        assert_eq!(line["refused"].as_bool(), Some(true));
    }
}
