//! `--source` and `--source-option`: the token source by name.

use clap::Args;
use serde_json::{Map, Value};

/// Where the workload token comes from.
#[derive(Args, Debug)]
pub(crate) struct SourceArgs {
    /// Token source by its name in `wif sources --all`, or auto [default: auto]
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// What the source needs beside its variables, such as audience=api://x (may be repeated)
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse)]
    source_option: Vec<(String, Value)>,
}

impl SourceArgs {
    /// Whether the option is there.
    pub(crate) fn is_given(&self) -> bool {
        self.source.is_some()
    }

    /// Whether a source is named.
    pub(crate) fn is_named(&self) -> bool {
        self.name().is_some()
    }

    fn name(&self) -> Option<&str> {
        self.source.as_deref().filter(|name| *name != "auto")
    }

    /// The member `source` of a configuration; `None` leaves the choice to the environment.
    ///
    /// # Errors
    /// Says why the options cannot be used.
    pub(crate) fn source(&self) -> Result<Option<Value>, String> {
        let Some(name) = self.name() else {
            return match self.source_option.is_empty() {
                true => Ok(None),
                false => Err("`--source-option` needs `--source NAME`: the detected source could be another one each time".to_owned()),
            };
        };
        let mut members = Map::new();
        for (option, value) in &self.source_option {
            if members.insert(option.clone(), value.clone()).is_some() {
                return Err(format!("`--source-option {option}` is given twice"));
            }
        }
        members.insert("kind".to_owned(), name.into());
        Ok(Some(members.into()))
    }
}

/// Reads `KEY=VALUE`. A value that is JSON counts as JSON, any other as text, so that `3600` is a number, `"3600"` text.
fn parse(text: &str) -> Result<(String, Value), String> {
    let form = "expected KEY=VALUE, such as audience=api://x";
    let (name, value) = text.split_once('=').ok_or(form)?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty() || name == "kind" || !name.chars().all(plain) {
        return Err(form.to_owned());
    }
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
    Ok((name.to_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_json_or_text() {
        for (text, value) in [
            ("audience=api://x", json!("api://x")),
            ("expiration_seconds=3600", json!(3600)),
            ("name=\"3600\"", json!("3600")),
            ("command=[\"a\",\"b\"]", json!(["a", "b"])),
            ("include_email=true", json!(true)),
            ("subject=a=b", json!("a=b")),
        ] {
            assert_eq!(parse(text).expect("an option").1, value, "{text}");
        }
        for text in ["", "audience", "=x", "Audience=x", "kind=file"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
