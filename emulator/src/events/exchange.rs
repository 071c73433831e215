//! A token request: what came, what was checked, what was answered.

use super::checks::{self, Progress};
use super::decoded_token::DecodedToken;
use super::identity::Identity;
use super::recorded_request::RecordedRequest;
use crate::entra::Version;
use crate::entra::error::Aadsts;
use crate::request::{self, Fields};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use workload_identity_core::trust::{self, TokenClaims, Verdict};

/// Longest request or answer that is kept, in bytes.
const MAX_MESSAGE: usize = 32 * 1024;
/// The values of a form that are shown.
const SHOWN_FIELDS: [&str; 6] =
    ["grant_type", "client_id", "scope", "resource", "client_assertion_type", "claims"];
/// The headers that are shown.
const SHOWN_HEADERS: [&str; 4] =
    ["user-agent", "x-client-sku", "x-client-ver", "client-request-id"];
/// Longest header or field that is shown, in characters.
const MAX_SHOWN: usize = 700;

/// A token request and its answer.
pub(super) struct Exchange {
    request: RecordedRequest,
    tenant: String,
    version: Version,
    headers: Vec<(&'static str, String)>,
    /// The form; empty when it was too large to keep.
    form: Vec<u8>,
    /// The body of the answer; empty when it was too large to keep.
    answer: Vec<u8>,
    trace_id: Option<String>,
    correlation_id: Option<String>,
    identities: Arc<[Identity]>,
}

/// The short form.
#[derive(Serialize)]
pub(super) struct ExchangeSummary<'e> {
    #[serde(flatten)]
    request: &'e RecordedRequest,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    aadsts: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_id: Option<&'e str>,
}

impl Exchange {
    pub(super) fn new(
        recorded: RecordedRequest,
        tenant: &str,
        version: Version,
        request: &http::Request<impl AsRef<[u8]>>,
        response: Option<&http::Response<impl AsRef<[u8]>>>,
    ) -> Self {
        let header = |name: &'static str| {
            let value = request.headers().get(name)?.as_bytes();
            Some((name, shown(&String::from_utf8_lossy(value))))
        };
        let answered = |name: &str| {
            let value = response?.headers().get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        Self {
            request: recorded,
            tenant: shown(tenant),
            version,
            headers: SHOWN_HEADERS.into_iter().filter_map(header).collect(),
            form: request::form_body(request).map(kept).unwrap_or_default(),
            answer: response.map(|response| kept(response.body().as_ref())).unwrap_or_default(),
            trace_id: answered("x-ms-request-id"),
            correlation_id: answered("client-request-id"),
            identities: Arc::default(),
        }
    }

    /// The credentials of the instant of the request.
    pub(super) fn with_identities(self, identities: &Arc<[Identity]>) -> Self {
        Self { identities: Arc::clone(identities), ..self }
    }

    pub(super) fn bytes(&self) -> usize {
        self.form.len() + self.answer.len() + self.request.bytes()
    }

    pub(super) fn summary(&self, base_url: &str) -> ExchangeSummary<'_> {
        let fields = self.fields();
        let token = field(&fields, "client_assertion")
            .and_then(|assertion| DecodedToken::read(assertion, base_url));
        let claim = |name| token.as_ref().and_then(|token| token.text(name)).map(cut);
        let answer = self.answer();
        let aadsts = answer["error_codes"][0].as_u64();
        ExchangeSummary {
            request: &self.request,
            outcome: match (aadsts, answer["access_token"].is_string()) {
                (Some(_), _) => "refused",
                (None, true) => "issued",
                (None, false) => "failed",
            },
            aadsts,
            client_id: field(&fields, "client_id").map(shown),
            issuer: claim("iss"),
            subject: claim("sub"),
            scope: field(&fields, "scope").or_else(|| field(&fields, "resource")).map(shown),
            correlation_id: self.correlation_id.as_deref(),
        }
    }

    /// Everything else that is known about it.
    pub(super) fn detail(&self, base_url: &str) -> Map<String, Value> {
        let fields = self.fields();
        let answer = self.answer();
        let assertion = field(&fields, "client_assertion");
        let token = assertion.and_then(|assertion| DecodedToken::read(assertion, base_url));
        let (verdict, remedy) = assertion
            .and_then(|assertion| self.verdict(assertion, &fields, base_url))
            .map_or((None, None), |(verdict, remedy)| (Some(verdict), remedy));
        let verdict_field = verdict.as_ref().and_then(|verdict| verdict.field);
        let number =
            answer["error_codes"][0].as_u64().and_then(|number| u32::try_from(number).ok());
        let progress = match number {
            _ if answer["access_token"].is_string() => Progress::Issued,
            // The field belongs to the verdict's own number, not to that of a fault.
            Some(number) => Progress::Refused {
                number,
                field: verdict_field.filter(|_| {
                    verdict.as_ref().and_then(|verdict| verdict.aadsts) == Some(number)
                }),
            },
            None => Progress::Replaced,
        };
        let claim = |name: &str| token.as_ref().and_then(|token| token.shown(name));
        let checks = checks::results(progress, |name| match name {
            "tenant" => Some(self.tenant.clone()),
            "grant_type" => field(&fields, "grant_type").map(shown),
            "application" => field(&fields, "client_id").map(shown),
            "scope" => field(&fields, "scope").or_else(|| field(&fields, "resource")).map(shown),
            "type" => claim("typ"),
            "algorithm" => claim("alg"),
            "issuer" => claim("iss"),
            "subject" => claim("sub"),
            "audience" => claim("aud"),
            "signature" => claim("kid").map(|kid| format!("kid {kid}")),
            _ => None,
        });
        let credentials = self.identity(&fields).map(|identity| {
            let known = identity.credentials.iter();
            let document = |credential: &trust::Credential| {
                json!({
                    "issuer": credential.issuer,
                    "name": credential.name,
                    "subject": credential.subject(),
                    "expression": credential.expression(),
                    "audience": credential.audience,
                })
            };
            known.map(document).collect::<Vec<_>>()
        });
        let issued = answer["access_token"].as_str();
        let issued = issued.and_then(|token| DecodedToken::read(token, base_url));
        let detail = json!({
            "version": if self.version == Version::V1 { 1 } else { 2 },
            "tenant": self.tenant,
            "headers": pairs(self.headers.iter().map(|(name, value)| (*name, value.clone()))),
            "form": pairs(SHOWN_FIELDS.into_iter().filter_map(|name| {
                // Whole, so that it can be sent again.
                Some((name, without_token(field(&fields, name)?).to_owned()))
            })),
            "kept": !self.form.is_empty(),
            "trace_id": self.trace_id,
            "workload_token": token,
            "checks": checks,
            "verdict": verdict,
            "remedy": remedy,
            "credentials": credentials,
            "issued_token": issued,
            "token_type": answer["token_type"],
            "expires_in": answer["expires_in"],
            "meaning": Aadsts::of(number).map(Aadsts::meaning),
            "error": answer["error"],
            "error_description": answer["error_description"].as_str().map(without_token),
        });
        match detail {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }

    /// The core's verdict on the assertion, with the credentials of the instant of the request, and the credential that
    /// would accept it.
    fn verdict(
        &self,
        assertion: &str,
        fields: &Fields,
        base_url: &str,
    ) -> Option<(Verdict, Option<Value>)> {
        let identity = self.identity(fields)?;
        let claims = TokenClaims::from_token(assertion).ok()?;
        let own =
            [format!("{base_url}/{}/v2.0", self.tenant), format!("{base_url}/{}/", self.tenant)];
        let own = own.each_ref().map(String::as_str);
        let mut verdict = trust::evaluate_with(&claims, &identity.credentials, &own);
        let remedy = trust::remedy(&verdict, &claims, &identity.credentials).map(|remedy| {
            // The commands of the core are for an application that it does not know.
            verdict.fix.retain(|text| !text.starts_with("az ") && !text.starts_with("wif "));
            verdict.fix.extend(remedy.commands(&identity.owner()));
            json!({
                "existing": remedy.existing,
                "issuer": remedy.issuer,
                "subject": remedy.subject,
                "audience": remedy.audience,
            })
        });
        Some((verdict, remedy))
    }

    fn identity(&self, fields: &Fields) -> Option<&Identity> {
        let client_id = field(fields, "client_id")?;
        self.identities.iter().find(|known| known.client_id.eq_ignore_ascii_case(client_id))
    }

    fn fields(&self) -> Fields {
        request::decode(&self.form).unwrap_or_default()
    }

    fn answer(&self) -> Value {
        serde_json::from_slice(&self.answer).unwrap_or_default()
    }
}

fn field<'f>(fields: &'f Fields, name: &str) -> Option<&'f str> {
    let found = fields.iter().find(|(known, value)| known == name && !value.is_empty());
    found.map(|(_, value)| value.as_str())
}

fn kept(message: &[u8]) -> Vec<u8> {
    if message.len() > MAX_MESSAGE { Vec::new() } else { message.to_vec() }
}

/// A text that a client chose, for people.
fn shown(text: &str) -> String {
    cut(without_token(text))
}

/// Nothing of a text that holds a token, such as one in the wrong field.
fn without_token(text: &str) -> &str {
    if text.contains("eyJ") { "..." } else { text }
}

fn cut(text: &str) -> String {
    let mut cut: String = text.chars().take(MAX_SHOWN).collect();
    if text.chars().nth(MAX_SHOWN).is_some() {
        cut.push_str("...");
    }
    cut
}

fn pairs(items: impl Iterator<Item = (&'static str, String)>) -> Value {
    items.map(|(name, value)| json!({ "name": name, "value": value })).collect()
}
