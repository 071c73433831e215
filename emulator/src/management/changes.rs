//! The members of a credential in a request's body, and the credential that they result in.

use crate::directory::{FederatedCredential, NewCredential};
use crate::request::{Request, header};
use serde_json::{Map, Value};
use std::fmt;
use workload_identity_core::json::strict;
use workload_identity_core::trust::Credential;

/// The only version of the language of expressions.
const LANGUAGE_VERSION: i64 = 1;

/// Which members a service takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Members {
    /// Whether a credential has a description.
    pub(super) description: bool,
    /// Whether a credential can have an expression.
    pub(super) expression: bool,
}

/// What is wrong with a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mistake {
    /// The body has no or another media type.
    MediaType,
    /// The body is no JSON object.
    NotAnObject(String),
    /// The credential has no such member.
    Unknown(String),
    /// The member's value has another type.
    Type(&'static str, &'static str),
    /// The member is missing.
    Missing(&'static str),
    /// The number of audiences.
    Audiences(usize),
    /// Subject and expression.
    Both,
    /// The expression is in another version of the language.
    LanguageVersion,
}

impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MediaType => {
                formatter.write_str("The body's media type is not application/json.")
            }
            Self::NotAnObject(reason) => {
                write!(formatter, "The body is not a JSON object: {reason}.")
            }
            Self::Unknown(name) => write!(
                formatter,
                "The property '{name}' does not exist on a federated identity credential of this version."
            ),
            Self::Type(name, wanted) => {
                write!(formatter, "The property '{name}' is not {wanted}.")
            }
            Self::Missing(name) => write!(formatter, "The property '{name}' is missing."),
            Self::Audiences(count) => write!(
                formatter,
                "The property 'audiences' has {count} values, and a credential has exactly one."
            ),
            Self::Both => formatter.write_str(
                "The properties 'subject' and 'claimsMatchingExpression' exclude each other.",
            ),
            Self::LanguageVersion => formatter
                .write_str("The property 'claimsMatchingExpression.languageVersion' is not 1."),
        }
    }
}

/// The members that a request sets. `Some(None)` is `null`.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    pub(super) name: Option<String>,
    issuer: Option<String>,
    subject: Option<Option<String>>,
    expression: Option<Option<String>>,
    audience: Option<String>,
    description: Option<Option<String>>,
}

/// Reads the JSON object of a body.
pub(super) fn object(request: &Request) -> Result<Map<String, Value>, Mistake> {
    let media_type = header(request, "content-type").unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(Mistake::MediaType);
    }
    match strict::parse(request.body()) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(Mistake::NotAnObject("it is another value".to_owned())),
        Err(fault) => Err(Mistake::NotAnObject(fault.to_string())),
    }
}

impl Changes {
    /// Reads the members of a credential. Annotations are left unread, and so is the id, which the directory assigns.
    pub(super) fn read(members: Map<String, Value>, known: Members) -> Result<Self, Mistake> {
        let mut changes = Self::default();
        for (member, value) in members {
            match member.as_str() {
                "id" => {}
                annotation if annotation.contains('@') => {}
                "name" => changes.name = Some(text("name", value)?),
                "issuer" => changes.issuer = Some(text("issuer", value)?),
                "subject" => changes.subject = Some(nullable("subject", value)?),
                "audiences" => changes.audience = Some(one_audience(value)?),
                "description" if known.description => {
                    changes.description = Some(nullable("description", value)?);
                }
                "claimsMatchingExpression" if known.expression => {
                    changes.expression = Some(expression(value)?);
                }
                _ => return Err(Mistake::Unknown(member)),
            }
        }
        Ok(changes)
    }

    /// A new credential.
    pub(super) fn create(self, name: String) -> Result<NewCredential, Mistake> {
        let issuer = self.issuer.ok_or(Mistake::Missing("issuer"))?;
        let audience = self.audience.ok_or(Mistake::Missing("audiences"))?;
        let (subject, expression) = (self.subject.flatten(), self.expression.flatten());
        let credential = credential(&issuer, subject, expression, &audience)?.named(name);
        Ok(NewCredential { credential, description: self.description.flatten() })
    }

    /// A credential with these members in place of its own.
    pub(super) fn apply(self, known: &FederatedCredential) -> Result<NewCredential, Mistake> {
        let own = &known.credential;
        let subject = self.subject.unwrap_or_else(|| own.subject().map(str::to_owned));
        let expression = self.expression.unwrap_or_else(|| own.expression().map(str::to_owned));
        let issuer = self.issuer.as_ref().unwrap_or(&own.issuer);
        let audience = self.audience.as_ref().unwrap_or(&own.audience);
        Ok(NewCredential {
            credential: credential(issuer, subject, expression, audience)?.named(known.name()),
            description: self.description.unwrap_or_else(|| known.description.clone()),
        })
    }
}

fn credential(
    issuer: &str,
    subject: Option<String>,
    expression: Option<String>,
    audience: &str,
) -> Result<Credential, Mistake> {
    match (subject, expression) {
        (Some(subject), None) => Ok(Credential::exact(issuer, &subject, audience)),
        (None, Some(expression)) => Ok(Credential::flexible(issuer, &expression, audience)),
        (None, None) => Err(Mistake::Missing("subject")),
        (Some(_), Some(_)) => Err(Mistake::Both),
    }
}

fn text(name: &'static str, value: Value) -> Result<String, Mistake> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(Mistake::Type(name, "a string")),
    }
}

fn nullable(name: &'static str, value: Value) -> Result<Option<String>, Mistake> {
    if value.is_null() { Ok(None) } else { text(name, value).map(Some) }
}

fn one_audience(value: Value) -> Result<String, Mistake> {
    let Value::Array(items) = value else {
        return Err(Mistake::Type("audiences", "a list of strings"));
    };
    let count = items.len();
    let mut items = items.into_iter();
    match (items.next(), items.next()) {
        (Some(Value::String(audience)), None) => Ok(audience),
        (Some(_), None) => Err(Mistake::Type("audiences", "a list of strings")),
        _ => Err(Mistake::Audiences(count)),
    }
}

fn expression(value: Value) -> Result<Option<String>, Mistake> {
    const NAME: &str = "claimsMatchingExpression";
    let Value::Object(mut members) = value else {
        return if value.is_null() { Ok(None) } else { Err(Mistake::Type(NAME, "an object")) };
    };
    members.retain(|name, _| !name.contains('@'));
    let version = members.remove("languageVersion");
    if version.as_ref().and_then(Value::as_i64) != Some(LANGUAGE_VERSION) {
        return Err(Mistake::LanguageVersion);
    }
    let value =
        members.remove("value").ok_or(Mistake::Missing("claimsMatchingExpression.value"))?;
    match members.into_iter().next() {
        Some((other, _)) => Err(Mistake::Unknown(format!("{NAME}.{other}"))),
        None => text("claimsMatchingExpression.value", value).map(Some),
    }
}
