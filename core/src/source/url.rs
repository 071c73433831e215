//! A token from a URL of the caller's choice, as google-auth's external accounts have it (`credential_source.url`).

use super::endpoint::{Endpoint, MAX_RESPONSE};
use super::token_format::{FormatForm, TokenFormat};
use super::{
    Detection, SourceContext, SourceEffect, SourceError, SourceKind, SourceResult, TokenSource,
    members,
};
use crate::http::{AddressPolicy, HttpRequest, Url};
use crate::json::config::{object, word};
use crate::json::non_empty::NonBlank;
use crate::secret::Secret;
use crate::{Code, Effect, Error, Failure, Outcome, Timestamp};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use serde::Deserialize;
use serde_json::{Map, Value};

pub(super) const KIND: SourceKind = SourceKind {
    name: "url",
    variables: &[],
    paths: &[],
    detect: Detection::only_configured,
    configure: |form, _| Ok(Arc::new(TokenUrl::new(members(form)?)?)),
};

const ENDPOINT: Endpoint = Endpoint {
    name: "the token source's URL",
    refused: "check `source.url` and `source.headers`",
    configured_by: "`source.url`",
    also_transient: &[],
};

/// Headers that the transport sets or that change how the request is read.
const FORBIDDEN: [&str; 7] = [
    "accept-encoding",
    "connection",
    "content-length",
    "host",
    "proxy-authorization",
    "te",
    "transfer-encoding",
];
/// Most headers of a request.
const MAX_HEADERS: usize = 32;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UrlForm {
    url: NonBlank,
    #[serde(default, deserialize_with = "object")]
    headers: Option<Map<String, Value>>,
    #[serde(default, deserialize_with = "word")]
    format: Option<FormatForm>,
    field: Option<NonBlank>,
}

#[derive(Debug)]
struct TokenUrl {
    url: Url,
    /// Lower-case names, and values that can be credentials.
    headers: Vec<(String, Secret<String>)>,
    format: TokenFormat,
}

impl TokenUrl {
    fn new(form: UrlForm) -> Result<Self, Error> {
        let invalid = |message: String| Error::new(Code::ConfigInvalid, message);
        let url = AddressPolicy::AUTHORITY
            .parse(form.url.0.trim_ascii())
            .map_err(|refusal| invalid(format!("`source.url` {refusal}")))?;
        let given = form.headers.unwrap_or_default();
        if given.len() > MAX_HEADERS {
            return Err(invalid(format!("`source.headers` has more than {MAX_HEADERS} headers")));
        }
        let mut headers: Vec<(String, Secret<String>)> = Vec::new();
        for (name, value) in given {
            let lower = name.to_ascii_lowercase();
            if lower.is_empty() || !lower.bytes().all(is_name_byte) {
                return Err(invalid(
                    "`source.headers` has a name that is not a header's: letters, digits and `-`"
                        .into(),
                ));
            }
            if FORBIDDEN.contains(&lower.as_str()) {
                return Err(invalid(format!(
                    "`source.headers.{lower}` is set by the transport; leave it out"
                )));
            }
            if headers.iter().any(|(known, _)| *known == lower) {
                return Err(invalid(format!("`source.headers` has `{lower}` twice")));
            }
            match value.as_str().map(str::trim_ascii) {
                Some(value) if value.bytes().all(|byte| matches!(byte, b' '..=b'~')) => {
                    headers.push((lower, Secret::new(value.into())));
                }
                _ => {
                    return Err(invalid(format!(
                        "`source.headers.{lower}` is not a string of printable ASCII characters"
                    )));
                }
            }
        }
        Ok(Self { url, headers, format: TokenFormat::of(form.format, form.field)? })
    }
}

impl TokenSource for TokenUrl {
    fn ask(&self, context: &SourceContext<'_>) -> SourceEffect {
        let accept = match self.format {
            TokenFormat::Text => "*/*",
            TokenFormat::Json { .. } => "application/json",
        };
        let url = self.url.as_str().into();
        let mut request = HttpRequest::get(url, accept, context.timeout_ms, MAX_RESPONSE);
        if self.headers.iter().any(|(name, _)| name == "accept") {
            request.headers = Default::default();
        }
        let headers = self.headers.iter();
        request.headers.extend(headers.map(|(name, value)| (name.clone(), value.expose().clone())));
        Effect::Http(request).into()
    }

    fn read(
        &self,
        outcome: &Outcome,
        _state: &str,
        now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        let answer = ENDPOINT.accept(outcome, now)?;
        match &self.format {
            TokenFormat::Text => ENDPOINT.token_text(answer),
            TokenFormat::Json { field } => ENDPOINT.token_in(answer, field),
        }
    }

    fn failed(&self, failure: Failure, detail: &str, _state: &str) -> SourceError {
        ENDPOINT.failed(failure, detail)
    }
}

/// A character of a header's name (RFC 9110, section 5.6.2).
fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
