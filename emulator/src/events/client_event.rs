//! What clients report about their caches: `POST /emulator/client-events`.

use serde::{Deserialize, Serialize};
use workload_identity_core::json::strict;

/// Longest text of a member, in characters.
const MAX_TEXT: usize = 300;
/// Longest body, in bytes.
const MAX_BODY: usize = 4096;

/// An event of a client. It holds no token.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientEvent {
    /// What happened.
    event: ClientEventKind,
    /// Which client, such as the name of a program.
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    /// The scopes of the access token, separated by spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    /// A sentence for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// The stable code of an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// Until when the token is served from the cache, in Unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    fresh_until: Option<i64>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum ClientEventKind {
    /// A token came from the cache.
    CacheHit,
    /// The cache had no token.
    CacheMiss,
    /// A token was put into the cache.
    CacheStore,
    /// A token left the cache before its end.
    CacheEvict,
    /// A token was replaced before its end.
    Refresh,
    /// It could not be replaced.
    RefreshFailed,
}

impl ClientEvent {
    /// Reads the body of a report.
    ///
    /// # Errors
    /// A sentence that names the member that is wrong.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, String> {
        if body.len() > MAX_BODY {
            return Err(format!("the body has more than {MAX_BODY} bytes"));
        }
        let document =
            strict::parse(body).map_err(|fault| format!("the body is refused: {fault}"))?;
        let event: Self = serde_json::from_value(document)
            .map_err(|error| format!("the body is refused: {error}"))?;
        let texts = [
            ("client", &event.client),
            ("scope", &event.scope),
            ("message", &event.message),
            ("code", &event.code),
        ];
        for (name, text) in texts {
            let text = text.as_deref().unwrap_or_default();
            if text.chars().count() > MAX_TEXT {
                return Err(format!("`{name}` has more than {MAX_TEXT} characters"));
            }
            if text.contains("eyJ") {
                return Err(format!("`{name}` holds a token; send none"));
            }
        }
        Ok(event)
    }

    pub(super) fn bytes(&self) -> usize {
        let texts = [&self.client, &self.scope, &self.message, &self.code];
        texts.into_iter().flatten().map(String::len).sum::<usize>() + 256
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_read() {
        let body = br#"{"event":"cache_hit","client":"wif demo","scope":"api://a/.default","fresh_until":5}"#;
        let event = ClientEvent::parse(body).expect("an event");
        assert_eq!(serde_json::to_string(&event).expect("JSON").as_bytes(), body);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let long = format!(r#"{{"event":"refresh","message":"{}"}}"#, "x".repeat(301));
        let huge = format!(r#"{{"event":"refresh","message":"{}"}}"#, "x".repeat(5000));
        for (body, named) in [
            ("", "the body is"),
            ("[]", "the body is"),
            (r#"{"event":"explode"}"#, "explode"),
            (r#"{"client":"a"}"#, "event"),
            (r#"{"event":"refresh","token":"a"}"#, "token"),
            (r#"{"event":"refresh","event":"refresh"}"#, "the body is"),
            (r#"{"event":"refresh","message":"got eyJhbGciOiJSUzI1NiJ9"}"#, "`message`"),
            (r#"{"event":"refresh","fresh_until":"soon"}"#, "the body is refused"),
            (&long, "`message`"),
            (&huge, "4096"),
        ] {
            let error = ClientEvent::parse(body.as_bytes()).expect_err(body);
            assert!(error.contains(named), "{body}: {error}");
        }
    }
}
