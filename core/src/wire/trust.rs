//! Trust for bindings: JSON text in, JSON text out. `docs/protocol.md`, section 10, has the forms.

use crate::crypto::Provider;
use crate::json::config::{Document, null_is_default, word};
use crate::json::non_empty::NonBlank;
use crate::trust::{
    self, Credential, CredentialForm, Documents, Expression, Platform, Subject, TokenClaims,
    Verdict,
};
use crate::{Code, Error, Timestamp};
use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Largest input, in bytes: a discovery document and a key set have their own, smaller limits.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// The input of [`explain`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExplainForm {
    token: Option<String>,
    claims: Option<Value>,
    error: Option<String>,
    #[serde(default, deserialize_with = "null_is_default")]
    credentials: Vec<CredentialForm>,
    now: Option<i64>,
    discovery: Option<Value>,
    discovery_error: Option<String>,
    jwks: Option<Value>,
    jwks_error: Option<String>,
}

/// The input of [`preflight`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PreflightForm {
    token: String,
    jwks: Option<Value>,
}

/// The input of [`subject`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SubjectForm {
    subject: Option<String>,
    issuer: Option<String>,
    #[serde(default, deserialize_with = "word")]
    platform: Option<Platform>,
    form: Option<NonBlank>,
    generation: Option<u8>,
    parts: Option<BTreeMap<String, String>>,
}

/// The input of [`expression`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpressionForm {
    expression: String,
    issuer: Option<String>,
}

/// Explains whether credentials accept a token, its claims, or what Entra answered.
///
/// The build's own provider verifies the signature if there is one; see [`explain_with`].
///
/// # Errors
/// The error's wire form.
///
/// ```
/// use workload_identity_core::wire::trust;
/// let input = br#"{"claims":{"iss":"https://i","sub":"S","aud":"a"},
///     "credentials":[{"issuer":"https://i","subject":"s","audience":"a"}]}"#;
/// assert!(trust::explain(input)?.starts_with(r#"{"accepted":false,"aadsts":7002138,"#));
/// # Ok::<(), String>(())
/// ```
pub fn explain(input: &[u8]) -> Result<String, String> {
    #[cfg(feature = "rustcrypto")]
    let provider = crate::crypto::RustCrypto;
    #[cfg(not(feature = "rustcrypto"))]
    let provider = crate::crypto::HostCrypto;
    explain_with(input, &provider)
}

/// As [`explain`], with a provider that verifies the signature.
///
/// # Errors
/// The error's wire form.
pub fn explain_with(input: &[u8], provider: &dyn Provider) -> Result<String, String> {
    answer(explain_form(input, provider))
}

fn explain_form(input: &[u8], provider: &dyn Provider) -> Result<Verdict, Error> {
    let form: ExplainForm = read(input)?;
    let credentials = trust::from_forms(Document::REQUEST, form.credentials)?;
    let claims = match (&form.token, form.claims, &form.error) {
        (Some(token), None, None) => TokenClaims::from_token(token)?,
        (None, Some(claims), None) => of_claims(&claims)?,
        (None, None, Some(error)) => return trust::explain_response(error, &credentials),
        _ => {
            return Err(invalid(
                "the request has not exactly one of `token`, `claims` and `error`",
            ));
        }
    };
    let (discovery, keys) = (form.discovery.map(text), form.jwks.map(text));
    let documents = Documents {
        token: form.token.as_deref(),
        discovery: supplied(discovery.as_deref(), form.discovery_error.as_deref()),
        keys: supplied(keys.as_deref(), form.jwks_error.as_deref()),
        now: form.now.map(Timestamp::from_millis),
    };
    Ok(trust::evaluate_whole(&claims, &credentials, &documents, provider))
}

fn of_claims(claims: &Value) -> Result<TokenClaims, Error> {
    if !claims.is_object() {
        return Err(invalid("`claims` is not an object"));
    }
    // A JSON value always has a text.
    TokenClaims::from_payload(&serde_json::to_string(claims).unwrap_or_default())
}

/// A document as text, or as the JSON that it is.
fn text(document: Value) -> String {
    match document {
        Value::String(text) => text,
        other => serde_json::to_string(&other).unwrap_or_default(),
    }
}

fn supplied<'d>(
    document: Option<&'d str>,
    failure: Option<&'d str>,
) -> Option<Result<&'d [u8], &'d str>> {
    document.map(|text| Ok(text.as_bytes())).or(failure.map(Err))
}

/// Examines a token before any exchange.
///
/// # Errors
/// The error's wire form.
pub fn preflight(input: &[u8]) -> Result<String, String> {
    answer(preflight_form(input))
}

fn preflight_form(input: &[u8]) -> Result<trust::Preflight, Error> {
    let form: PreflightForm = read(input)?;
    let claims = TokenClaims::from_token(&form.token)?;
    let keys = form.jwks.map(text);
    trust::preflight(&claims, keys.as_deref().map(str::as_bytes))
}

/// Takes a subject apart, or builds one.
///
/// # Errors
/// The error's wire form.
pub fn subject(input: &[u8]) -> Result<String, String> {
    answer(subject_form(input))
}

/// A subject and its parts.
#[derive(Serialize)]
struct SubjectAnswer<'s> {
    subject: String,
    platform: Option<Platform>,
    form: Option<&'s str>,
    generation: Option<u8>,
    parts: BTreeMap<&'s str, &'s str>,
    per_run: Vec<&'s str>,
}

fn subject_form(input: &[u8]) -> Result<Value, Error> {
    let form: SubjectForm = read(input)?;
    let (subject, parsed) = match (form.subject, form.platform, &form.form) {
        (Some(subject), None, None) => {
            let issuer = form.issuer.unwrap_or_default();
            let parsed = Subject::parse_of(&subject, &issuer).or_else(|| Subject::parse(&subject));
            (subject, parsed)
        }
        (None, Some(platform), Some(NonBlank(name))) => {
            let parts = form.parts.unwrap_or_default();
            let parts: Vec<(&str, &str)> =
                parts.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let built = Subject::build(platform, name, form.generation.unwrap_or(1), &parts)?;
            let parsed = Subject::parse(&built);
            (built, parsed)
        }
        _ => {
            return Err(invalid(
                "the request has neither `subject`, nor `platform` and `form` to build one",
            ));
        }
    };
    let known = parsed.as_ref();
    let answer = SubjectAnswer {
        subject,
        platform: known.map(|subject| subject.form.platform),
        form: known.map(|subject| subject.form.name),
        generation: known.map(|subject| subject.form.generation),
        parts: known
            .into_iter()
            .flat_map(|subject| &subject.parts)
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect(),
        per_run: known.into_iter().flat_map(|subject| subject.form.per_run()).collect(),
    };
    Ok(serde_json::to_value(answer).unwrap_or_default())
}

/// Reads a claims matching expression, and tells which tokens it accepts that were probably not meant.
///
/// # Errors
/// The wire form of `request_invalid`, which names the character.
pub fn expression(input: &[u8]) -> Result<String, String> {
    answer(expression_form(input))
}

fn expression_form(input: &[u8]) -> Result<Value, Error> {
    let form: ExpressionForm = read(input)?;
    let expression = Expression::parse(&form.expression)
        .map_err(|error| invalid(&format!("`expression` is refused {error}")))?;
    let clause = |clause: &trust::Clause| {
        let operator = match clause.operator {
            trust::Operator::Eq => "eq",
            trust::Operator::Matches => "matches",
        };
        serde_json::json!({"claim": clause.claim, "operator": operator, "value": clause.value})
    };
    let clauses: Vec<Value> = expression.clauses().iter().map(clause).collect();
    let issuer = form.issuer.as_deref();
    let warnings =
        issuer.map(|issuer| trust::wide_matches(issuer, &expression)).unwrap_or_default();
    let supported = issuer.map(trust::supported_claims);
    Ok(serde_json::json!({
        "clauses": clauses,
        "warnings": warnings,
        "supported_claims": supported,
    }))
}

/// Reads a file of credentials and returns them as the list that [`explain`] takes.
///
/// # Errors
/// The wire form of `config_invalid`, which names the member, the line and the column.
pub fn credentials(file: &[u8]) -> Result<String, String> {
    answer(
        trust::read_credentials(file)
            .map(|credentials| credentials.iter().map(credential_form).collect::<Vec<Value>>()),
    )
}

fn credential_form(credential: &Credential) -> Value {
    let mut form = serde_json::Map::new();
    let members = [
        ("name", credential.name.as_deref()),
        ("issuer", Some(credential.issuer.as_str())),
        ("subject", credential.subject()),
        ("expression", credential.expression()),
        ("audience", Some(credential.audience.as_str())),
    ];
    for (name, value) in members {
        if let Some(value) = value {
            form.insert(name.to_owned(), value.into());
        }
    }
    Value::Object(form)
}

fn read<T: serde::de::DeserializeOwned>(input: &[u8]) -> Result<T, Error> {
    if input.len() > MAX_BYTES {
        return Err(invalid("the request is larger than 4 MiB"));
    }
    Document::REQUEST.read(input)
}

fn answer<T: Serialize>(result: Result<T, Error>) -> Result<String, String> {
    // Text, numbers and lists of them always have a JSON form.
    result
        .map(|value| serde_json::to_string(&value).unwrap_or_default())
        .map_err(|error| error.to_json())
}

fn invalid(message: &str) -> Error {
    Error::new(Code::RequestInvalid, message)
}

#[cfg(test)]
mod tests;
