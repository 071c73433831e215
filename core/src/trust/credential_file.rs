//! Lists of credentials in JSON: our own form, and what `az ad app federated-credential list`, `az identity
//! federated-credential list` and Microsoft Graph print.

use super::{
    Condition, Credential, DEFAULT_AUDIENCE, MAX_VALUE_CHARACTERS, MatchingExpression, shown,
};
use crate::json::config::{Document, null_is_default, object};
use crate::json::non_empty::MISSING;
use crate::json::{strict, without_byte_order_mark};
use crate::verdict::Field;
use crate::{Code, Error};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny};
use serde_json::value::RawValue;

/// Most credentials of one list. An application has at most 20.
const MAX_LISTED: usize = 100;
/// Longest file, in bytes.
const MAX_BYTES: usize = 1024 * 1024;

const FILE: Document = Document { code: Code::ConfigInvalid, name: "credential" };
/// The object around the list.
const WHOLE: Document = Document { code: Code::ConfigInvalid, name: "file of credentials" };

/// A credential in JSON: an object.
pub(crate) struct CredentialForm(CredentialMembers);

impl<'de> Deserialize<'de> for CredentialForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = object(deserializer)?;
        members.map(Self).ok_or_else(|| D::Error::custom(MISSING))
    }
}

/// Members that Microsoft's services add and that affect nothing are left unread.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CredentialMembers {
    name: Option<String>,
    issuer: Option<String>,
    subject: Option<String>,
    expression: Option<String>,
    audience: Option<String>,
    #[serde(default, deserialize_with = "null_is_default")]
    audiences: Vec<String>,
    #[serde(rename = "claimsMatchingExpression", default, deserialize_with = "object")]
    claims_matching_expression: Option<ExpressionForm>,
    #[serde(rename = "id")]
    _id: Option<IgnoredAny>,
    #[serde(rename = "description")]
    _description: Option<IgnoredAny>,
    #[serde(rename = "type")]
    _type: Option<IgnoredAny>,
    #[serde(rename = "resourceGroup")]
    _resource_group: Option<IgnoredAny>,
    #[serde(rename = "systemData")]
    _system_data: Option<IgnoredAny>,
    #[serde(rename = "@odata.context")]
    _context: Option<IgnoredAny>,
    #[serde(rename = "@odata.type")]
    _odata_type: Option<IgnoredAny>,
    #[serde(rename = "@odata.id")]
    _odata_id: Option<IgnoredAny>,
    #[serde(rename = "@odata.etag")]
    _odata_etag: Option<IgnoredAny>,
    /// Where Azure Resource Manager has the values.
    #[serde(default, deserialize_with = "object")]
    properties: Option<Properties>,
}

/// The values of a credential in Azure Resource Manager.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Properties {
    issuer: Option<String>,
    subject: Option<String>,
    #[serde(default, deserialize_with = "null_is_default")]
    audiences: Vec<String>,
    #[serde(rename = "claimsMatchingExpression", default, deserialize_with = "object")]
    claims_matching_expression: Option<ExpressionForm>,
}

/// An expression in Microsoft Graph.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpressionForm {
    value: String,
    #[serde(rename = "languageVersion")]
    _language_version: Option<IgnoredAny>,
}

/// An object that has the list in a member.
#[derive(Deserialize)]
struct Wrapper<'t> {
    #[serde(borrow, alias = "credentials")]
    value: Option<Vec<&'t RawValue>>,
}

/// All members of such an object: an answer of Microsoft Graph or Azure Resource Manager, or a trust file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrapperMembers {
    #[serde(rename = "value", alias = "credentials")]
    _value: IgnoredAny,
    #[serde(rename = "@odata.context")]
    _context: Option<IgnoredAny>,
    #[serde(rename = "@odata.count")]
    _count: Option<IgnoredAny>,
    #[serde(rename = "@odata.nextLink")]
    _odata_next: Option<IgnoredAny>,
    #[serde(rename = "nextLink")]
    _next: Option<IgnoredAny>,
    #[serde(rename = "version")]
    _version: Option<IgnoredAny>,
    #[serde(rename = "identity")]
    _identity: Option<IgnoredAny>,
}

impl CredentialForm {
    /// The members, with those of `properties` among them, and where the values are.
    fn members(
        self,
        document: Document,
        place: &str,
    ) -> Result<(CredentialMembers, String), Error> {
        let mut members = self.0;
        let Some(properties) = members.properties.take() else {
            return Ok((members, place.to_owned()));
        };
        let others = [
            ("issuer", members.issuer.is_some()),
            ("subject", members.subject.is_some()),
            ("expression", members.expression.is_some()),
            ("audience", members.audience.is_some()),
            ("audiences", !members.audiences.is_empty()),
            ("claimsMatchingExpression", members.claims_matching_expression.is_some()),
        ];
        if let Some((name, _)) = others.iter().find(|(_, given)| *given) {
            return Err(document
                .error(format!("`{place}properties` and `{place}{name}` exclude each other")));
        }
        members.issuer = properties.issuer;
        members.subject = properties.subject;
        members.audiences = properties.audiences;
        members.claims_matching_expression = properties.claims_matching_expression;
        Ok((members, format!("{place}properties.")))
    }

    /// Checks the values. `place` is what the names of members begin with in messages.
    pub(crate) fn credential(self, document: Document, place: &str) -> Result<Credential, Error> {
        let wrong = |message: String| document.error(message);
        let (members, place) = self.members(document, place)?;
        let text = |name: &str, value: Option<String>| match value {
            Some(value) if value.is_empty() => {
                Err(wrong(format!("`{place}{name}` is missing or empty")))
            }
            Some(value) if value.chars().nth(MAX_VALUE_CHARACTERS).is_some() => {
                Err(wrong(format!(
                    "`{place}{name}` is over {MAX_VALUE_CHARACTERS} characters, and Entra stores no such credential"
                )))
            }
            other => Ok(other),
        };
        let issuer = text(Field::Issuer.name(), members.issuer)?
            .ok_or_else(|| wrong(format!("`{place}issuer` is missing or empty")))?;
        let graph = members.claims_matching_expression.map(|expression| expression.value);
        let condition = match (text("subject", members.subject)?, members.expression.or(graph)) {
            (Some(subject), None) => Condition::Subject(subject),
            (None, Some(expression)) => Condition::Expression(MatchingExpression::new(&expression)),
            (None, None) => {
                return Err(wrong(format!("`{place}subject` or `{place}expression` is missing")));
            }
            (Some(_), Some(_)) => {
                return Err(wrong(format!(
                    "`{place}subject` and `{place}expression` exclude each other"
                )));
            }
        };
        let audience = match (members.audience, members.audiences.as_slice()) {
            (audience, []) => text("audience", audience)?.unwrap_or(DEFAULT_AUDIENCE.to_owned()),
            (None, [audience]) => text("audiences", Some(audience.clone()))?.unwrap_or_default(),
            _ => {
                return Err(wrong(format!(
                    "`{place}audiences` has more than one item; a credential has one"
                )));
            }
        };
        Ok(Credential { name: members.name, issuer, condition, audience })
    }
}

/// Reads the credentials of a request.
///
/// # Errors
/// The document's code. Names the member.
pub(crate) fn from_forms(
    document: Document,
    forms: Vec<CredentialForm>,
) -> Result<Vec<Credential>, Error> {
    if forms.len() > MAX_LISTED {
        return Err(document.error(format!("`credentials` has more than {MAX_LISTED} items")));
    }
    let mut credentials: Vec<Credential> = Vec::with_capacity(forms.len());
    for (index, form) in forms.into_iter().enumerate() {
        let credential = form.credential(document, &format!("credentials[{index}]."))?;
        check_name(&credentials, &credential)
            .map_err(|message| document.error(format!("`credentials[{index}].name` {message}")))?;
        credentials.push(credential);
    }
    Ok(credentials)
}

fn check_name(known: &[Credential], credential: &Credential) -> Result<(), String> {
    let Some(name) = &credential.name else { return Ok(()) };
    match known.iter().position(|earlier| earlier.name.as_ref() == Some(name)) {
        None => Ok(()),
        Some(index) => Err(format!("`{}` is also the name of number {}", shown(name), index + 1)),
    }
}

/// Reads a file of credentials: a list, an object that has it as `value` or `credentials`, or one credential.
///
/// A credential is `{"name"?, "issuer", "subject" or "expression", "audience"?}`, or what Microsoft's commands print.
///
/// # Errors
/// `config_invalid` names the member, the line and the column.
pub fn read_credentials(file: &[u8]) -> Result<Vec<Credential>, Error> {
    let wrong = |message: String| Error::new(Code::ConfigInvalid, message);
    if file.len() > MAX_BYTES {
        return Err(wrong("the file of credentials is larger than 1 MiB".into()));
    }
    let text = core::str::from_utf8(without_byte_order_mark(file))
        .map_err(|_| wrong("the file of credentials is not UTF-8".into()))?;
    let items = items(text)?;
    if items.len() > MAX_LISTED {
        return Err(wrong(format!("the file has more than {MAX_LISTED} credentials")));
    }
    let mut credentials: Vec<Credential> = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let part = item.get();
        let start = Place::of(text, part);
        let at = |error: Error, place: Place| {
            wrong(format!("{} (line {}, column {})", error.message, place.line, place.column))
        };
        let place = format!("[{index}].");
        // Before the rules of `strict`, because this error has a place inside of the credential.
        let form: CredentialForm = FILE
            .part(&place, part)
            .map_err(|(error, line, column)| at(error, start.plus(line, column)))?;
        strict::check(part.as_bytes()).map_err(|fault| {
            at(wrong(format!("the credential number {} is refused: {fault}", index + 1)), start)
        })?;
        let credential = form.credential(FILE, &place).map_err(|error| at(error, start))?;
        check_name(&credentials, &credential)
            .map_err(|message| at(wrong(format!("`{place}name` {message}")), start))?;
        credentials.push(credential);
    }
    Ok(credentials)
}

/// The texts of the credentials.
fn items(text: &str) -> Result<Vec<&RawValue>, Error> {
    let at = |message: &str, line: usize, column: usize| {
        FILE.error(format!("{message} (line {line}, column {column})"))
    };
    let no_list = |error: serde_json::Error| {
        let message = match error.to_string().starts_with("duplicate field") {
            true => "the list of credentials is given twice",
            false => "the file is no list of credentials in JSON",
        };
        at(message, error.line(), error.column())
    };
    if text.trim_ascii_start().starts_with('[') {
        return serde_json::from_str(text).map_err(no_list);
    }
    let wrapper: Wrapper<'_> = serde_json::from_str(text).map_err(no_list)?;
    match wrapper.value {
        Some(items) => {
            let members: Result<WrapperMembers, _> = WHOLE.part("", text);
            members.map_err(|(error, line, column)| at(&error.message, line, column))?;
            Ok(items)
        }
        None => Ok(alloc::vec![serde_json::from_str(text).map_err(no_list)?]),
    }
}

/// A place in a file, both numbers from 1.
#[derive(Clone, Copy)]
struct Place {
    line: usize,
    column: usize,
}

impl Place {
    /// Where a part of the text begins.
    fn of(text: &str, part: &str) -> Self {
        let offset = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let before = text.get(..offset).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let last = before.rsplit('\n').next().unwrap_or_default();
        Self { line, column: last.chars().count() + 1 }
    }

    /// A place inside of the part that begins here.
    fn plus(self, line: usize, column: usize) -> Self {
        let first = line <= 1;
        Self {
            line: self.line + line.saturating_sub(1),
            column: if first { self.column + column.saturating_sub(1) } else { column },
        }
    }
}

#[cfg(test)]
mod tests;
