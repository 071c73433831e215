//! One line about a performed effect, for `-v` and the demo. Contains no secret. Every language logs the same line.

use std::time::Duration;
use workload_identity_core::http::Url;
use workload_identity_core::{Effect, Outcome};

/// What was performed, how it ended, how long it took, and the id of a token request at the service:
/// `POST https://host/path -> 200 in 12 ms, correlation id 8f2f1c6e-...`.
pub(crate) fn line(effect: &Effect, outcome: &Outcome, took: Duration) -> String {
    let id = correlation_id(effect).map_or_else(String::new, |id| format!(", correlation id {id}"));
    format!("{} -> {} in {} ms{id}", target(effect), result(outcome), took.as_millis())
}

fn correlation_id(effect: &Effect) -> Option<&str> {
    let Effect::Http(request) = effect else { return None };
    request.headers.first("client-request-id")
}

/// How an effect ended: an HTTP status, the word of a failure, or `done`.
pub(crate) fn result(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Http(response) => response.status.to_string(),
        Outcome::Failed { failure, .. } => failure.name().to_owned(),
        _ => "done".to_owned(),
    }
}

fn target(effect: &Effect) -> String {
    match effect {
        Effect::Http(request) => {
            // No query, because queries can contain secrets.
            let url = request.url.split(['?', '#']).next().unwrap_or_default();
            // An address that does not parse could contain anything.
            let shown = Url::parse(url).map_or("an invalid address", |_| url);
            format!("{} {shown}", request.method.name())
        }
        Effect::ReadFile { path, .. } => format!("read {path}"),
        Effect::Sleep { .. } => "wait before a retry".to_owned(),
        other => other.kind().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use workload_identity_core::Failure;
    use workload_identity_core::http::{Connection, HttpRequest, Method, RequestHeaders};

    fn request(url: &str) -> Effect {
        Effect::Http(HttpRequest {
            method: Method::Get,
            url: url.to_owned(),
            headers: RequestHeaders::default(),
            body: Default::default(),
            timeout_ms: 1000,
            max_bytes: 1000,
            connection: Connection::default(),
        })
    }

    #[test]
    fn queries_are_not_shown() {
        let failed = Outcome::Failed { failure: Failure::Timeout, detail: String::new() };
        let effect = request("https://a.example/token?secret=1#secret");
        assert_eq!(
            line(&effect, &failed, Duration::from_millis(7)),
            "GET https://a.example/token -> timeout in 7 ms"
        );
        assert!(!line(&request("https://u:secret@a/"), &failed, Duration::ZERO).contains("secret"));
        let mut with_id = request("https://a.example/token");
        if let Effect::Http(request) = &mut with_id {
            request.headers.push(("client-request-id", "8f2f1c6e".to_owned()));
        }
        assert_eq!(
            line(&with_id, &failed, Duration::from_millis(7)),
            "GET https://a.example/token -> timeout in 7 ms, correlation id 8f2f1c6e"
        );
    }
}
