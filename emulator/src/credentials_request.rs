//! Control requests about the federated identity credentials of an identity. They are effective at once.

use crate::directory::{Effective, FederatedCredential, Identity, NewCredential};
use crate::emulator::Emulator;
use crate::events::Change;
use crate::request::{Fields, Request, decode, form_body, query};
use serde_json::{Map, Value, json};
use workload_identity_core::Timestamp;
use workload_identity_core::trust::Credential;

/// The credentials of the application, or of the identity that `client_id` names.
pub(crate) fn list(emulator: &mut Emulator, request: &Request) -> Result<Value, String> {
    let identity = identity(emulator, query(request, "client_id").as_deref())?;
    let credentials: Vec<Value> = identity.credentials.newest().iter().map(document).collect();
    Ok(json!({ "credentials": credentials }))
}

fn document(known: &FederatedCredential) -> Value {
    let credential = &known.credential;
    let mut document = Map::new();
    for (name, value) in [
        ("id", Some(known.id.as_str())),
        ("name", Some(known.name())),
        ("issuer", Some(&credential.issuer)),
        ("subject", credential.subject()),
        ("expression", credential.expression()),
        ("audience", Some(&credential.audience)),
        ("description", known.description.as_deref()),
    ] {
        document.extend(value.map(|value| (name.to_owned(), value.into())));
    }
    document.into()
}

/// Adds the credential of a form.
pub(crate) fn add(
    emulator: &mut Emulator,
    request: &Request,
    now: Timestamp,
) -> Result<(), String> {
    let form = Form::read(request)?;
    let new = form.credential(emulator)?;
    let id = emulator.ids.uuid();
    let identity = identity(emulator, form.get("client_id"))?;
    let client_id = identity.client.client_id.clone();
    let store = &mut identity.credentials;
    let added = store.add(new, id, Effective::AtOnce).map_err(|error| error.to_string())?;
    record(emulator, "added", client_id, &added, now);
    Ok(())
}

/// Gives the credential of a name, or of a former issuer and subject, the values of a form.
pub(crate) fn change(
    emulator: &mut Emulator,
    request: &Request,
    now: Timestamp,
) -> Result<(), String> {
    let form = Form::read(request)?;
    let mut new = form.credential(emulator)?;
    let identity = identity(emulator, form.get("client_id"))?;
    let client_id = identity.client.client_id.clone();
    let store = &mut identity.credentials;
    let former = store.newest().iter().find(|known| match form.get("former_issuer") {
        Some(issuer) => {
            let subject = form.get("former_subject");
            known.credential.issuer == issuer && known.credential.subject() == subject
        }
        None => form.get("name").is_some_and(|name| known.is(name)),
    });
    let Some(former) = former else { return Err(NO_CREDENTIAL.to_owned()) };
    new.credential = new.credential.named(former.name());
    new.description = new.description.or_else(|| former.description.clone());
    match store.replace(new, Effective::AtOnce).map_err(|error| error.to_string())? {
        Some(changed) => record(emulator, "changed", client_id, &changed, now),
        None => return Err(NO_CREDENTIAL.to_owned()),
    }
    Ok(())
}

const NO_CREDENTIAL: &str = "there is no such credential";

fn record(
    emulator: &Emulator,
    action: &'static str,
    client_id: String,
    known: &FederatedCredential,
    now: Timestamp,
) {
    let mut credential = document(known);
    if let Some(members) = credential.as_object_mut() {
        // The event has an `id` of its own.
        members.remove("id");
    }
    emulator.events.changed(Change::Credential { action, client_id, credential }, now);
}

/// Removes the credential that a form names: by name, or by issuer and subject.
pub(crate) fn remove(
    emulator: &mut Emulator,
    request: &Request,
    now: Timestamp,
) -> Result<(), String> {
    let form = Form::read(request)?;
    let named = |known: &FederatedCredential| match form.get("name") {
        Some(name) => known.is(name),
        None => {
            let credential = &known.credential;
            Some(credential.issuer.as_str()) == form.get("issuer")
                && credential.subject() == form.get("subject")
        }
    };
    let identity = identity(emulator, form.get("client_id"))?;
    let client_id = identity.client.client_id.clone();
    let store = &mut identity.credentials;
    let former = store.newest().iter().find(|known| named(known)).cloned();
    let former = former.ok_or(NO_CREDENTIAL)?;
    store.remove(named, Effective::AtOnce);
    record(emulator, "removed", client_id, &former, now);
    Ok(())
}

/// The application without a client id.
fn identity<'e>(
    emulator: &'e mut Emulator,
    client_id: Option<&str>,
) -> Result<&'e mut Identity, String> {
    let directory = &mut emulator.directory;
    match client_id {
        None => Ok(&mut directory.application),
        Some(client_id) => directory
            .of_client_mut(client_id)
            .ok_or_else(|| "`client_id` is not one of the emulator's".to_owned()),
    }
}

/// The fields that a form can have.
const FIELDS: [&str; 9] = [
    "issuer",
    "subject",
    "expression",
    "audience",
    "name",
    "description",
    "client_id",
    "former_issuer",
    "former_subject",
];

/// The fields of a form body.
struct Form(Fields);

impl Form {
    /// Reads the body; each field is known and there once.
    fn read(request: &Request) -> Result<Self, String> {
        let body = form_body(request)
            .ok_or("the body is no form; its Content-Type is application/x-www-form-urlencoded")?;
        let fields = decode(body).ok_or("the body is no form in UTF-8: an escape is broken")?;
        for (index, (name, _)) in fields.iter().enumerate() {
            if !FIELDS.contains(&name.as_str()) {
                let name: String = name.escape_default().take(40).collect();
                return Err(format!("`{name}` is no field; there are {}", FIELDS.join(", ")));
            }
            if fields.iter().take(index).any(|(other, _)| other == name) {
                return Err(format!("`{name}` is there twice"));
            }
        }
        Ok(Self(fields))
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The credential that the form describes.
    fn credential(&self, emulator: &Emulator) -> Result<NewCredential, String> {
        let issuer = self.get("issuer").unwrap_or_default();
        let audience = self.get("audience").unwrap_or(&emulator.settings.audience);
        let credential = match (self.get("subject"), self.get("expression")) {
            (None, Some(expression)) => Credential::flexible(issuer, expression, audience),
            (Some(_), Some(_)) => {
                return Err("`subject` and `expression` exclude each other".into());
            }
            (subject, None) => Credential::exact(issuer, subject.unwrap_or_default(), audience),
        };
        let credential = match self.get("name") {
            Some(name) => credential.named(name),
            None => credential,
        };
        Ok(NewCredential { credential, description: self.get("description").map(str::to_owned) })
    }
}
