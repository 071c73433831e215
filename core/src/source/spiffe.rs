//! SPIFFE's JWT-SVID (SPIFFE standards, "The SPIFFE Workload API" and "The JWT SPIFFE Verifiable Identity Document").
//!
//! The host calls the Workload API with the gRPC client of its language. Where there is none, `spire-agent api fetch jwt`
//! gives the same token by a process, and spiffe-helper by a file (the source `file`).

use super::audience;
use super::endpoint::Endpoint;
use super::host_call::{Execute, FetchJwtSvid};
use super::{
    Detection, Retry, SourceContext, SourceEffect, SourceError, SourceKind, SourceResult,
    TokenSource, members,
};
use crate::environment::Environment;
use crate::http::AddressPolicy;
use crate::json::non_empty::NonBlank;
use crate::json::strict;
use crate::redact::{MAX_DETAIL, redact};
use crate::{Code, Error, Failure, Outcome, Timestamp};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use serde::Deserialize;
use serde_json::Value;

pub(super) const KIND: SourceKind = SourceKind {
    name: "spiffe",
    variables: &[SOCKET],
    paths: &[],
    detect: |environment| match environment.variable(SOCKET) {
        Some(_) => Detection::found(
            Spiffe::new(SpiffeForm::default(), environment),
            "SPIFFE_ENDPOINT_SOCKET is set",
        ),
        None => Detection::not_set(SOCKET),
    },
    configure: |form, environment| Ok(Arc::new(Spiffe::new(members(form)?, environment)?) as _),
};

const SOCKET: &str = "SPIFFE_ENDPOINT_SOCKET";
/// Longest output of `spire-agent`, which prints the trust bundles, too.
const MAX_OUTPUT: u32 = 1024 * 1024;

const WORKLOAD_API: Endpoint = Endpoint {
    name: "the SPIFFE Workload API",
    refused: "check the registration entry of this workload",
    configured_by: "the agent at SPIFFE_ENDPOINT_SOCKET",
    also_transient: &[],
};
const AGENT: Endpoint = Endpoint {
    name: "`spire-agent api fetch jwt`",
    refused: "check the registration entry of this workload",
    configured_by: "`source.spire_agent`",
    also_transient: &[],
};

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SpiffeForm {
    socket: Option<NonBlank>,
    spire_agent: Option<NonBlank>,
    spiffe_id: Option<NonBlank>,
    hint: Option<NonBlank>,
    audience: Option<NonBlank>,
}

#[derive(Debug)]
struct Spiffe {
    socket: String,
    /// The program to run in place of the call.
    agent: Option<String>,
    spiffe_id: Option<String>,
    hint: Option<String>,
    audience: Option<String>,
}

impl Spiffe {
    fn new(form: SpiffeForm, environment: &Environment) -> Result<Self, Error> {
        let text = |member: Option<NonBlank>| member.map(|NonBlank(text)| text);
        let socket = match (text(form.socket), environment.variable(SOCKET)) {
            (Some(socket), _) => socket_address("source.socket", socket.trim_ascii())?,
            (None, Some(socket)) => socket_address(SOCKET, socket)?,
            (None, None) => {
                return Err(Error::new(
                    Code::EnvironmentIncomplete,
                    "SPIFFE_ENDPOINT_SOCKET is not set; set it to the agent's socket, such as unix:///run/spire/agent.sock, or configure `source.socket`",
                ));
            }
        };
        let agent = text(form.spire_agent);
        if agent.is_some() && !socket.starts_with("unix:") {
            return Err(Error::new(
                Code::ConfigInvalid,
                "`source.spire_agent` needs a Unix socket, and the configured one is tcp",
            ));
        }
        let spiffe_id = text(form.spiffe_id);
        if spiffe_id.as_deref().is_some_and(|id| !is_spiffe_id(id)) {
            return Err(Error::new(
                Code::ConfigInvalid,
                "`source.spiffe_id` is not a SPIFFE ID such as spiffe://example.org/workload",
            ));
        }
        Ok(Self { socket, agent, spiffe_id, hint: text(form.hint), audience: text(form.audience) })
    }

    fn endpoint(&self) -> &'static Endpoint {
        if self.agent.is_some() { &AGENT } else { &WORKLOAD_API }
    }

    fn command(&self, agent: &str, audience: &str) -> Vec<String> {
        let path = self.socket.strip_prefix("unix://").unwrap_or(&self.socket);
        let mut command = Vec::from([
            agent,
            "api",
            "fetch",
            "jwt",
            "-output",
            "json",
            "-audience",
            audience,
            "-socketPath",
            path,
        ]);
        if let Some(id) = &self.spiffe_id {
            command.extend(["-spiffeID", id]);
        }
        command.into_iter().map(String::from).collect()
    }

    /// The SVID in the output of `spire-agent`: that with the configured hint, else the first.
    fn printed<'a>(&self, output: &'a Value) -> Option<&'a str> {
        let answers = output.as_array()?.iter();
        let mut svids = answers.filter_map(|answer| answer.get("svids")?.as_array()).flatten();
        let text = |svid: &'a Value, name: &str| svid.get(name).and_then(Value::as_str);
        let svid = match &self.hint {
            Some(hint) => svids.find(|svid| text(svid, "hint") == Some(hint)),
            None => svids.next(),
        };
        text(svid?, "svid")
    }
}

impl TokenSource for Spiffe {
    fn ask(&self, context: &SourceContext<'_>) -> SourceEffect {
        let audience = String::from(audience::wanted(self.audience.as_deref(), context.audience));
        let effect = match &self.agent {
            Some(agent) => Execute {
                command: &self.command(agent, &audience),
                environment: BTreeMap::new(),
                max_bytes: MAX_OUTPUT,
            }
            .effect(context.timeout_ms),
            None => FetchJwtSvid {
                socket: &self.socket,
                audience: core::slice::from_ref(&audience),
                spiffe_id: self.spiffe_id.as_deref(),
                hint: self.hint.as_deref(),
            }
            .effect(context.timeout_ms),
        };
        SourceEffect { effect, state: audience }
    }

    fn read(
        &self,
        outcome: &Outcome,
        audience: &str,
        now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        let Outcome::Answer(answer) = outcome else { return Err(SourceError::unexpected()) };
        let endpoint = self.endpoint();
        let bytes = answer.expose();
        if self.agent.is_none() {
            let token = core::str::from_utf8(bytes)
                .map_err(|_| endpoint.invalid("answered with bytes that are not text"))?;
            return endpoint.checked(token, audience, now);
        }
        if bytes.len() > MAX_OUTPUT as usize {
            return Err(endpoint.invalid("printed more than 1 MiB"));
        }
        let output =
            strict::parse(bytes).map_err(|_| endpoint.invalid("printed text that is not JSON"))?;
        let token = self.printed(&output).ok_or_else(|| {
            endpoint.invalid("printed no JWT-SVID (with the hint, if one is configured)")
        })?;
        endpoint.checked(token, audience, now)
    }

    fn failed(&self, failure: Failure, detail: &str, _state: &str) -> SourceError {
        let detail = redact(detail, MAX_DETAIL);
        let name = self.endpoint().name;
        let (code, message, retry) = match failure {
            // The agent denies until it knows the registration entry, so that another attempt can help.
            Failure::Denied => (
                Code::SourceRejected,
                format!(
                    "{name} denied: the agent has no identity for this workload; create a registration entry whose selectors it meets ({detail})"
                ),
                Some(Retry::Backoff),
            ),
            Failure::NotFound if self.agent.is_some() => (
                Code::SourceUnreachable,
                format!("the program of `source.spire_agent` does not exist ({detail})"),
                None,
            ),
            Failure::NotFound | Failure::Refused | Failure::Timeout => (
                Code::SourceUnreachable,
                format!(
                    "{name} did not answer ({}): {detail}; check that the agent runs and that SPIFFE_ENDPOINT_SOCKET names its socket",
                    failure.name()
                ),
                Some(Retry::Backoff),
            ),
            Failure::Unsupported => (
                Code::SourceUnsupported,
                format!(
                    "{name} cannot be called: {detail}; `source.spire_agent` (a process) or spiffe-helper with the source `file` gives the same token"
                ),
                None,
            ),
            _ => (
                Code::SourceRejected,
                format!("{name} refused: {detail}; check `audience`, `spiffe_id` and the agent"),
                None,
            ),
        };
        SourceError { error: Error::new(code, message), retry }
    }
}

/// An address of the Workload API (SPIFFE standards, "SPIFFE Workload Endpoint", section 4): `unix:///path` or
/// `tcp://address:port`, where the address is not a name.
fn socket_address(name: &str, text: &str) -> Result<String, Error> {
    let refuse = |what: String| Err(Error::new(Code::ConfigInvalid, format!("{name} {what}")));
    if let Some(path) = text.strip_prefix("unix:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.len() > 1 && path.starts_with('/') && !path.contains(['?', '#', '\n', '\r', '\0']) {
            return Ok(format!("unix://{path}"));
        }
        return refuse(
            "does not name an absolute path, as unix:///run/spire/agent.sock does".into(),
        );
    }
    let Some(address) = text.strip_prefix("tcp://") else {
        return refuse("is neither unix:///path nor tcp://address:port".into());
    };
    match AddressPolicy::AUTHORITY.parse(&format!("https://{address}")) {
        Ok(url)
            if url.address().is_none()
                || !url.path_and_query().is_empty()
                || url.origin() == format!("https://{}", url.host()) =>
        {
            refuse("is not tcp:// with an IP address and a port alone".into())
        }
        Ok(_) => Ok(text.into()),
        Err(refusal) => refuse(format!("names an address that {refusal}")),
    }
}

/// Whether a text is a SPIFFE ID with a path (SPIFFE standards, "SPIFFE ID", section 2).
fn is_spiffe_id(text: &str) -> bool {
    let Some((domain, path)) = text.strip_prefix("spiffe://").and_then(|rest| rest.split_once('/'))
    else {
        return false;
    };
    let of_domain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
    let of_path = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    text.len() <= 2048
        && (1..=255).contains(&domain.len())
        && domain.bytes().all(of_domain)
        && path
            .split('/')
            .all(|segment| !matches!(segment, "" | "." | "..") && segment.bytes().all(of_path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_a_path_or_an_ip_address_with_a_port() {
        for (text, expected) in [
            ("unix:///run/spire/agent.sock", "unix:///run/spire/agent.sock"),
            ("unix:/run/a.sock", "unix:///run/a.sock"),
            ("tcp://127.0.0.1:8081", "tcp://127.0.0.1:8081"),
            ("tcp://[::1]:8081", "tcp://[::1]:8081"),
        ] {
            assert_eq!(socket_address("s", text).as_deref(), Ok(expected), "{text}");
        }
        for text in [
            "/run/a.sock",
            "unix://",
            "unix:///",
            "unix://host",
            "unix:relative",
            "unix:///a\nb",
            "unix:///a?b",
            "tcp://localhost:8081",
            "tcp://127.0.0.1",
            "tcp://127.0.0.1:8081/path",
            "tcp://169.254.169.254:80",
            "tcp://user@127.0.0.1:1",
            "http://127.0.0.1:8081",
            "UNIX:///run/a.sock",
        ] {
            let error = socket_address("SPIFFE_ENDPOINT_SOCKET", text).unwrap_err();
            assert!(error.message.starts_with("SPIFFE_ENDPOINT_SOCKET"), "{text}");
        }
    }

    #[test]
    fn spiffe_ids_follow_the_grammar() {
        for good in ["spiffe://example.org/workload", "spiffe://a/b/C_d.e-f"] {
            assert!(is_spiffe_id(good), "{good}");
        }
        for bad in [
            "spiffe://example.org",
            "spiffe://example.org/",
            "spiffe://Example.org/a",
            "spiffe://example.org:80/a",
            "spiffe://example.org/a/../b",
            "spiffe://example.org/a%20",
            "spiffe:///a",
            "https://example.org/a",
        ] {
            assert!(!is_spiffe_id(bad), "{bad}");
        }
    }
}
