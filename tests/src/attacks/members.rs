//! A JSON object as its author writes it: order, spelling and repetition are kept.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The members of an object, each value as JSON text.
#[derive(Clone, Debug, Default)]
pub(super) struct Members(Vec<(String, String)>);

impl Members {
    /// Sets a member to a string.
    pub(super) fn text(self, name: &str, value: &str) -> Self {
        self.raw(name, &quoted(value))
    }

    /// Sets a member to a number.
    pub(super) fn number(self, name: &str, value: i64) -> Self {
        self.raw(name, &value.to_string())
    }

    /// Sets a member to any JSON text, even a wrong one.
    pub(super) fn raw(mut self, name: &str, json: &str) -> Self {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, value)) => json.clone_into(value),
            None => self.0.push((name.to_owned(), json.to_owned())),
        }
        self
    }

    /// Appends a member whether or not it is there already; `name` as spelled between the quotes.
    pub(super) fn again(mut self, name: &str, json: &str) -> Self {
        self.0.push((name.to_owned(), json.to_owned()));
        self
    }

    /// Removes a member.
    pub(super) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self
    }

    /// The compact text.
    pub(super) fn json(&self) -> String {
        let members: Vec<String> =
            self.0.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", members.join(","))
    }
}

/// A JSON string.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// base64url without padding.
pub(super) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
