//! Trust files: which identity trusts which tokens, in YAML or JSON. `docs/trust.schema.json` has their schema.
//!
//! ```yaml
//! version: 1
//! identity:
//!   app_id: 11111111-2222-3333-4444-555555555555
//! credentials:
//!   - name: production
//!     issuer: https://token.actions.githubusercontent.com
//!     subject: repo:octo/app:environment:production
//! ```

mod schema;

pub use schema::trust_file_schema;

use super::credential::FederatedCredential;
use super::existing::same_name;
use super::identity::Identity;
use super::limits;
use crate::json::without_byte_order_mark;
use crate::redact::redact;
use crate::trust::MAX_CREDENTIALS;
use crate::yaml::{self, Member, Node, Place, Tree};
use crate::{Code, Error};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::Serialize;

/// Longest file that is read, in bytes.
pub const MAX_TRUST_FILE_BYTES: usize = 1024 * 1024;

/// Longest text of the file in a message, in characters.
const MAX_SHOWN: usize = 100;

const FILE_MEMBERS: [&str; 3] = ["version", "identity", "credentials"];
const CREDENTIAL_MEMBERS: [&str; 6] =
    ["name", "issuer", "subject", "expression", "audience", "description"];

/// The content of a trust file.
///
/// ```
/// use workload_identity_core::manage::TrustFile;
/// let file = TrustFile::parse(b"version: 1
/// identity: {app_id: 11111111-2222-3333-4444-555555555555}
/// credentials:
///   - {name: main, issuer: 'https://gitlab.com', subject: 'project_path:g/p:ref_type:branch:ref:main'}
/// ")?;
/// assert_eq!(file.credentials[0].name, "main");
/// # Ok::<(), workload_identity_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TrustFile {
    /// Whose credentials they are.
    pub identity: Identity,
    /// What it should trust, at most 20.
    pub credentials: Vec<CredentialEntry>,
}

/// A federated identity credential as a trust file names it. It has a subject or an expression.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CredentialEntry {
    /// Unique within the identity; it cannot be changed.
    pub name: String,
    /// `iss` of the tokens.
    pub issuer: String,
    /// `sub` of the tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// A claims matching expression in place of the subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    /// `aud` of the tokens; otherwise the exchange audience of the cloud.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl CredentialEntry {
    /// Checks each member as [`TrustFile::parse`] does.
    ///
    /// # Errors
    /// `config_invalid` names the member.
    pub fn check(&self) -> Result<(), Error> {
        let members = [
            ("name", Some(&self.name)),
            ("issuer", Some(&self.issuer)),
            ("subject", self.subject.as_ref()),
            ("expression", self.expression.as_ref()),
            ("audience", self.audience.as_ref()),
            ("description", self.description.as_ref()),
        ];
        for (member, value) in members {
            if let Some(fault) = value.and_then(|value| limits::fault(member, value)) {
                return Err(Error::new(Code::ConfigInvalid, format!("`{member}` {fault}")));
            }
        }
        Ok(())
    }
}

impl From<&FederatedCredential> for CredentialEntry {
    fn from(credential: &FederatedCredential) -> Self {
        Self {
            name: credential.name.clone(),
            issuer: credential.issuer.clone(),
            subject: credential.subject.clone(),
            expression: credential.expression.clone(),
            audience: Some(credential.audience.clone()),
            description: credential.description.clone(),
        }
    }
}

impl TrustFile {
    /// Reads a file.
    ///
    /// # Errors
    /// `config_invalid` for more than 1 MiB, and for what is no such document; it names the member, the line and the column.
    pub fn parse(file: &[u8]) -> Result<Self, Error> {
        if file.len() > MAX_TRUST_FILE_BYTES {
            return Err(Error::new(
                Code::ConfigInvalid,
                "the trust file is larger than 1 MiB, and an identity has at most 20 credentials; is it the right file?",
            ));
        }
        let text = core::str::from_utf8(without_byte_order_mark(file)).map_err(|error| {
            invalid(file_place(file, error.valid_up_to()), "the trust file is not UTF-8".into())
        })?;
        let document = yaml::parse(text)
            .map_err(|error| invalid(error.place, format!("the trust file: {}", error.fault)))?;
        read(&document)
    }
}

/// Where an octet stands in a file.
fn file_place(file: &[u8], offset: usize) -> Place {
    let before = file.get(..offset).unwrap_or_default();
    let line = before.split(|byte| *byte == b'\n').next_back().unwrap_or_default();
    Place {
        line: before.iter().filter(|byte| **byte == b'\n').count() + 1,
        column: String::from_utf8_lossy(line).chars().count() + 1,
    }
}

fn invalid(place: Place, message: String) -> Error {
    let Place { line, column } = place;
    Error::new(Code::ConfigInvalid, format!("{message} (line {line}, column {column})"))
}

fn read(document: &Node) -> Result<TrustFile, Error> {
    let members = object(document, "", &FILE_MEMBERS)?;
    let version = member(document, members, "", "version")?;
    if version.value != Tree::NumberOrBoolean("1".into()) {
        return Err(invalid(version.place, "`version` is not 1, the only version there is".into()));
    }
    let identity = identity(member(document, members, "", "identity")?)?;
    let list = member(document, members, "", "credentials")?;
    let Tree::List(items) = &list.value else {
        return Err(invalid(
            list.place,
            "`credentials` is not a list; begin each credential with a dash, or write `[]` for none".into(),
        ));
    };
    if let Some(item) = items.get(MAX_CREDENTIALS) {
        return Err(invalid(
            item.place,
            format!(
                "`credentials` has more than {MAX_CREDENTIALS} items, which is what Entra stores for one identity; use a flexible credential (`expression`), or a second identity"
            ),
        ));
    }
    let mut credentials: Vec<CredentialEntry> = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let path = format!("credentials[{index}].");
        let entry = credential(item, &path)?;
        if entry.description.is_some() && identity.is_managed() {
            return Err(invalid(
                item.place,
                format!(
                    "`{path}description` is not stored with a managed identity's credentials; leave it out"
                ),
            ));
        }
        unique(&credentials, &entry, &identity)
            .map_err(|message| invalid(item.place, format!("`{path}{message}")))?;
        credentials.push(entry);
    }
    Ok(TrustFile { identity, credentials })
}

/// The members of an object, all of them known.
fn object<'n>(node: &'n Node, path: &str, known: &[&str]) -> Result<&'n [Member], Error> {
    let shown = match path.trim_end_matches('.') {
        "" => "the trust file".to_string(),
        path => format!("`{path}`"),
    };
    let names = known.join(", ");
    let Tree::Object(members) = &node.value else {
        return Err(invalid(node.place, format!("{shown} is not an object with {names}")));
    };
    match members.iter().find(|member| !known.contains(&member.name.as_str())) {
        None => Ok(members),
        Some(unknown) => Err(invalid(
            unknown.place,
            format!(
                "`{path}{}` is no member of {shown}; it has {names}",
                shown_name(&unknown.name)
            ),
        )),
    }
}

fn shown_name(name: &str) -> String {
    redact(name, MAX_SHOWN)
}

/// A member that must be there. Nothing counts as absent.
fn member<'n>(
    object: &Node,
    members: &'n [Member],
    path: &str,
    name: &str,
) -> Result<&'n Node, Error> {
    let found = members.iter().find(|member| member.name == name);
    match found {
        Some(Member { value: Node { place, value: Tree::Null }, .. }) => {
            Err(invalid(*place, format!("`{path}{name}` has no value")))
        }
        Some(member) => Ok(&member.value),
        None => Err(invalid(object.place, format!("`{path}{name}` is missing"))),
    }
}

fn text<'n>(node: &'n Node, path: &str) -> Result<&'n str, Error> {
    let reason = match &node.value {
        Tree::Text(text) => return Ok(text),
        Tree::NumberOrBoolean(_) => "is a number or a boolean in YAML; put it in quotes",
        Tree::Null => "has no value; leave it out, or put a text behind the colon",
        Tree::List(_) | Tree::Object(_) => "is not a text",
    };
    Err(invalid(node.place, format!("`{path}` {reason}")))
}

fn identity(node: &Node) -> Result<Identity, Error> {
    let members = object(node, "identity.", &Identity::KINDS)?;
    let [member] = members else {
        return Err(invalid(
            node.place,
            format!("`identity` has not exactly one of {}", Identity::KINDS.join(", ")),
        ));
    };
    let path = format!("identity.{}", member.name);
    Identity::of_kind(&member.name, text(&member.value, &path)?)
        .map_err(|expected| invalid(member.value.place, format!("`{path}` is not {expected}")))
}

fn credential(node: &Node, path: &str) -> Result<CredentialEntry, Error> {
    let members = object(node, path, &CREDENTIAL_MEMBERS)?;
    let mut entry = CredentialEntry::default();
    for Member { name, value, .. } in members {
        let content = text(value, &format!("{path}{name}"))?;
        if let Some(fault) = limits::fault(name, content) {
            return Err(invalid(value.place, format!("`{path}{name}` {fault}")));
        }
        let content = content.to_string();
        match name.as_str() {
            "name" => entry.name = content,
            "issuer" => entry.issuer = content,
            "subject" => entry.subject = Some(content),
            "expression" => entry.expression = Some(content),
            "audience" => entry.audience = Some(content),
            _ => entry.description = Some(content),
        }
    }
    for name in ["name", "issuer"] {
        member(node, members, path, name)?;
    }
    match (&entry.subject, &entry.expression) {
        (None, None) => {
            Err(invalid(node.place, format!("`{path}subject` or `{path}expression` is missing")))
        }
        (Some(_), Some(_)) => Err(invalid(
            node.place,
            format!("`{path}subject` and `{path}expression` exclude each other; leave one out"),
        )),
        _ => Ok(entry),
    }
}

/// Refuses what an identity cannot have twice. `Err`: the member, a backtick and the reason.
fn unique(
    earlier: &[CredentialEntry],
    entry: &CredentialEntry,
    identity: &Identity,
) -> Result<(), String> {
    let is_same =
        |other: &CredentialEntry| same_name(&other.name, &entry.name, identity.is_managed());
    if let Some(index) = earlier.iter().position(is_same) {
        return Err(format!(
            "name` is also the name of `credentials[{index}]`; give each credential a name of its own"
        ));
    }
    let matched = |other: &CredentialEntry| {
        (&other.issuer, &other.subject, &other.expression)
            == (&entry.issuer, &entry.subject, &entry.expression)
    };
    if let Some(index) = earlier.iter().position(matched) {
        let member = if entry.subject.is_some() { "subject" } else { "expression" };
        return Err(format!(
            "{member}` and its issuer are also those of `credentials[{index}]`, and Entra stores them once; leave one out"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
