//! The metadata server of Compute Engine, GKE, Cloud Run and App Engine (Google documentation, "Query VM metadata").
//!
//! Its address is a constant. The variables of Google's client libraries may name it in another way, or name this machine,
//! where an emulator or GKE's own server listens; any other host is refused.

use crate::environment::Environment;
use crate::http::{Connection, HttpRequest, HttpResponse, Url};
use crate::source::endpoint::{Endpoint, MAX_RESPONSE};
use crate::source::{Retry, SourceError};
use crate::{Code, Error, Failure, Outcome, Timestamp};
use alloc::format;
use alloc::string::String;

/// The variables that name the server, in the order in which Google's libraries look at them.
pub(super) const VARIABLES: [&str; 3] =
    ["GCE_METADATA_HOST", "GCE_METADATA_ROOT", "GCE_METADATA_IP"];
pub(super) const TIMEOUT_VARIABLE: &str = "GCE_METADATA_TIMEOUT";

const NAME: &str = "metadata.google.internal";
const ADDRESS: &str = "169.254.169.254";
/// All names and addresses of the server.
const ALIASES: [&str; 5] = ["metadata", "metadata.goog", ADDRESS, "[fd20:ce::254]", NAME];

/// Attempts that Google's libraries make.
const ATTEMPTS: u32 = 5;
/// Google's libraries wait this long for an answer.
const TIMEOUT_MS: u32 = 3_000;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    name: "Google's metadata server",
    refused: "check the service account that is attached to the workload",
    configured_by: "GCE_METADATA_HOST, and that this workload runs on Google Cloud",
    also_transient: &[],
};

/// The configured server.
#[derive(Debug)]
pub(super) struct MetadataServer {
    origin: String,
    timeout_ms: u32,
}

impl MetadataServer {
    /// The server that the environment names, or the usual one.
    pub(super) fn new(environment: &Environment) -> Result<Self, Error> {
        let named = VARIABLES.iter().find_map(|name| Some((*name, environment.variable(name)?)));
        let origin = match named {
            Some((variable, host)) => origin(variable, host)?,
            None => format!("http://{NAME}"),
        };
        let timeout_ms = match environment.variable(TIMEOUT_VARIABLE) {
            None => TIMEOUT_MS,
            Some(seconds) => match seconds.parse::<u32>() {
                Ok(seconds @ 1..=60) => seconds * 1000,
                _ => {
                    return Err(Error::new(
                        Code::ConfigInvalid,
                        "GCE_METADATA_TIMEOUT is not an integer from 1 to 60, in seconds",
                    ));
                }
            },
        };
        Ok(Self { origin, timeout_ms })
    }

    /// A request for what is below `instance/service-accounts/`.
    pub(super) fn request(&self, path: &str, timeout_ms: u32) -> HttpRequest {
        let url = format!("{}/computeMetadata/v1/instance/service-accounts/{path}", self.origin);
        let timeout_ms = self.timeout_ms.min(timeout_ms);
        let mut request = HttpRequest::get(url, "*/*", timeout_ms, MAX_RESPONSE);
        request.headers.push(("metadata-flavor", "Google".into()));
        request.connection = Connection::direct();
        request
    }
}

/// A request whose answer shows whether the server is there. It goes to the server's address, which no name server chooses.
#[cfg(feature = "source-probe")]
pub(in crate::source) fn availability_request(timeout_ms: u32) -> HttpRequest {
    let mut request =
        HttpRequest::get(format!("http://{ADDRESS}/"), "*/*", timeout_ms, MAX_RESPONSE);
    request.headers.push(("metadata-flavor", "Google".into()));
    request.connection = Connection::direct();
    request
}

/// Whether the server has answered. Other clouds have a service at the same address.
#[cfg(feature = "source-probe")]
pub(in crate::source) fn is_available(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Http(response) if is_flavored(response))
}

/// The answer, if it is a success of Google's metadata server.
pub(super) fn accept<'a>(
    outcome: &'a Outcome,
    account: &str,
    now: Timestamp,
) -> Result<&'a HttpResponse, SourceError> {
    let Outcome::Http(response) = outcome else { return Err(SourceError::unexpected()) };
    if response.status == 404 {
        let message = format!(
            "{} has no service account `{account}` (status 404); attach one to the instance or service, or name one that it has",
            ENDPOINT.name
        );
        return Err(Error::new(Code::SourceRejected, message).into());
    }
    let response = ENDPOINT.accept(outcome, now).map_err(five_attempts)?;
    if !is_flavored(response) {
        return Err(ENDPOINT.invalid(
            "answered without the header `Metadata-Flavor: Google`, so something else answered",
        ));
    }
    Ok(response)
}

/// Whether the answer is of Google's metadata server.
fn is_flavored(response: &HttpResponse) -> bool {
    response.headers.first("metadata-flavor") == Some("Google")
}

/// The error of a request that got no answer.
pub(super) fn failed(failure: Failure, detail: &str) -> SourceError {
    five_attempts(ENDPOINT.failed(failure, detail))
}

/// The same error, with as many attempts as Google's libraries make.
fn five_attempts(refused: SourceError) -> SourceError {
    let retry = refused.retry.map(|_| Retry::Attempts(ATTEMPTS));
    SourceError { retry, ..refused }
}

/// The origin for a host with or without a port.
fn origin(variable: &str, host: &str) -> Result<String, Error> {
    let name = host.strip_suffix(":80").unwrap_or(host).to_ascii_lowercase();
    let url = format!("http://{host}");
    if ALIASES.contains(&name.as_str()) {
        return Ok(format!("http://{name}"));
    }
    // A URL with http is accepted for this machine only.
    match Url::parse(&url) {
        Ok(url) if url.path_and_query().is_empty() => Ok(url.into_string()),
        _ => Err(Error::new(
            Code::ConfigInvalid,
            format!(
                "{variable} is neither a name or address of Google's metadata server, such as {NAME}, nor this machine with a port; remove it"
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_metadata_server_and_this_machine_are_named() {
        for (host, expected) in [
            ("metadata.google.internal", "http://metadata.google.internal"),
            ("Metadata.Google.Internal:80", "http://metadata.google.internal"),
            ("169.254.169.254", "http://169.254.169.254"),
            ("169.254.169.254:80", "http://169.254.169.254"),
            ("[fd20:ce::254]", "http://[fd20:ce::254]"),
            ("localhost:8080", "http://localhost:8080"),
            ("127.0.0.1:988", "http://127.0.0.1:988"),
        ] {
            assert_eq!(origin("GCE_METADATA_HOST", host).as_deref(), Ok(expected), "{host}");
        }
        for host in [
            "attacker.example",
            "169.254.169.254.attacker.example",
            "169.254.169.253",
            "10.0.0.1",
            "http://metadata.google.internal",
            "metadata.google.internal/x",
            "metadata.google.internal@attacker.example",
            "127.0.0.1:80/path",
            "127.0.0.1#",
            "0xA9FEA9FE",
            "metadata.google.internal:8080",
            "a\nb",
        ] {
            let error = origin("GCE_METADATA_HOST", host).unwrap_err();
            assert_eq!(error.code, Code::ConfigInvalid, "{host}");
            assert!(error.message.starts_with("GCE_METADATA_HOST"), "{host}");
        }
    }
}
