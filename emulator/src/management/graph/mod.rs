//! Microsoft Graph: federated identity credentials of the application, also by its form as an agent identity blueprint.

mod document;
mod path;
mod query;

use super::bearer::{Unauthenticated, authenticate};
use super::call::{Call, Surface};
use super::changes::{Changes, Members, Mistake, object};
use super::failure::Failure;
use super::page::page;
use crate::directory::{CredentialError, FederatedCredential, NewCredential};
use crate::entra::error::Correlation;
use crate::reply::{Response, with_header};
use crate::request::query_with;
use crate::settings::Settings;
use document::{answered, credential, failed, no_content, with_context};
use http::header::LOCATION;
use path::{Address, ApplicationKey, CredentialKey, NoAddress, Version};
use query::Options;
use serde_json::{Value, json};
use workload_identity_core::Timestamp;

const BAD_REQUEST: &str = "Request_BadRequest";
const INVALID_VALUE: &str = "InvalidFederatedIdentityCredentialValue";

/// Answers a call: token, address, method, then the request itself.
pub(super) fn answer(call: &mut Call<'_>, correlation: &Correlation) -> Response {
    let now = call.now;
    Exchange { call, correlation }
        .answer()
        .unwrap_or_else(|failure| failed(&failure, correlation, now))
}

/// The error response of a status that a fault causes.
pub(super) fn faulty(status: u16, correlation: &Correlation, now: Timestamp) -> Response {
    let (code, message) = match status {
        401 => ("InvalidAuthenticationToken", "Access token validation failure."),
        403 => {
            ("Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
        }
        404 => {
            ("Request_ResourceNotFound", "The resource does not exist or is not yet replicated.")
        }
        409 => ("Directory_ConcurrencyViolation", "Another request changes the object now."),
        429 => ("TooManyRequests", "Too many requests."),
        503 => ("ServiceUnavailable", "The service is temporarily unavailable."),
        400..=499 => (BAD_REQUEST, "The request is refused."),
        _ => ("InternalServerError", "The service has failed."),
    };
    failed(&Failure::new(status, code, message), correlation, now)
}

/// A call, and the ids of its response.
struct Exchange<'e, 'c> {
    call: &'e mut Call<'c>,
    correlation: &'e Correlation,
}

impl Exchange<'_, '_> {
    fn answer(&mut self) -> Result<Response, Failure> {
        authenticate(Surface::Graph, self.call)
            .map_err(|reason| unauthenticated(&reason, self.call.settings))?;
        let address = Address::read(self.call.path).map_err(no_address)?;
        self.check_application(&address.application)?;
        let version = address.version;
        let method = self.call.request.method().as_str();
        match (method, &address.credential) {
            ("GET", None) => self.list(version),
            ("POST", None) => self.create(version),
            ("GET", Some(key)) => self.get(version, key),
            ("PATCH", Some(key)) => self.update(version, key),
            ("DELETE", Some(key)) => self.delete(key),
            (_, None) => Err(wrong_method("GET, POST")),
            (_, Some(_)) => Err(wrong_method("GET, PATCH, DELETE")),
        }
    }

    fn check_application(&self, key: &ApplicationKey) -> Result<(), Failure> {
        let settings = self.call.settings;
        let (id, own) = match key {
            ApplicationKey::ObjectId(id) => (id, &settings.application_object_id),
            ApplicationKey::AppId(id) => (id, &settings.client_id),
        };
        if id.eq_ignore_ascii_case(own) { Ok(()) } else { Err(not_found(id)) }
    }

    fn check_precondition(&self, exists: bool) -> Result<(), Failure> {
        if self.call.precondition_met(exists) {
            return Ok(());
        }
        let message = "The condition of the request's header is not met.";
        Err(Failure::new(412, "PreconditionFailed", message))
    }

    fn list(&self, version: Version) -> Result<Response, Failure> {
        let options = Options::read(self.call.request)?;
        let seen = self.call.directory.application.credentials.visible(self.call.now);
        let found: Vec<&FederatedCredential> =
            seen.iter().filter(|known| options.accepts(known)).collect();
        let size = self.call.faults.page_size(options.size());
        let page = page(&found, size, options.continuation.as_deref())
            .ok_or_else(|| Failure::new(400, BAD_REQUEST, "The page token is not valid."))?;
        let items: Vec<Value> =
            page.items.iter().map(|known| credential(known, version, &options)).collect();
        let mut document = json!({});
        if options.count {
            document["@odata.count"] = found.len().into();
        }
        if let Some(continuation) = &page.next {
            let query = query_with(self.call.request, "$skiptoken", continuation);
            let url = format!(
                "{}{}?{query}",
                self.call.settings.base_url,
                self.call.request.uri().path()
            );
            document["@odata.nextLink"] = url.into();
        }
        document["value"] = items.into();
        let document = with_context(self.context(version), document);
        Ok(answered(200, &document, self.correlation))
    }

    fn get(&self, version: Version, key: &CredentialKey) -> Result<Response, Failure> {
        let options = Options::read(self.call.request)?;
        let seen = self.call.directory.application.credentials.visible(self.call.now);
        let known = seen.iter().find(|known| names(key, known));
        let known = known.ok_or_else(|| not_found(key.text()))?;
        Ok(self.entity(200, known, version, &options))
    }

    fn create(&mut self, version: Version) -> Result<Response, Failure> {
        let changes = self.changes(version)?;
        let name = changes.name.clone();
        let name = name.ok_or_else(|| mistaken(&Mistake::Missing("name")))?;
        let new = changes.create(name).map_err(|mistake| mistaken(&mistake))?;
        self.add(version, new)
    }

    fn add(&mut self, version: Version, new: NewCredential) -> Result<Response, Failure> {
        let (id, effective) = (self.call.ids.uuid(), self.call.effective());
        let store = &mut self.call.directory.application.credentials;
        let described = new.clone();
        let added = store.add(new, id, effective).map_err(|error| not_stored(error, &described))?;
        let response = self.entity(201, &added, version, &Options::default());
        let location = format!("{}/{}", self.collection_url(version), added.id);
        Ok(with_header(response, LOCATION, &location))
    }

    /// Updates a credential, or creates the one that the address names where the request prefers that.
    fn update(&mut self, version: Version, key: &CredentialKey) -> Result<Response, Failure> {
        let changes = self.changes(version)?;
        let store = &self.call.directory.application.credentials;
        let known = store.newest().iter().find(|known| names(key, known));
        let name = known.map_or(key.text(), FederatedCredential::name);
        if changes.name.as_deref().is_some_and(|wanted| wanted != name) {
            let message =
                "The property 'name' of a federated identity credential cannot be changed.";
            return Err(Failure::new(400, BAD_REQUEST, message));
        }
        self.check_precondition(known.is_some())?;
        let Some(known) = known else {
            return match key {
                CredentialKey::Name(name) if self.prefers_creation() => {
                    let new = changes.create(name.clone()).map_err(|mistake| mistaken(&mistake))?;
                    self.add(version, new)
                }
                _ => Err(not_found(key.text())),
            };
        };
        let new = changes.apply(known).map_err(|mistake| mistaken(&mistake))?;
        let effective = self.call.effective();
        let described = new.clone();
        let store = &mut self.call.directory.application.credentials;
        store.replace(new, effective).map_err(|error| not_stored(error, &described))?;
        Ok(no_content(self.correlation))
    }

    fn delete(&mut self, key: &CredentialKey) -> Result<Response, Failure> {
        let effective = self.call.effective();
        let store = &mut self.call.directory.application.credentials;
        if store.remove(|known| names(key, known), effective) {
            Ok(no_content(self.correlation))
        } else {
            Err(not_found(key.text()))
        }
    }

    fn changes(&self, version: Version) -> Result<Changes, Failure> {
        let members = Members { description: true, expression: version == Version::Beta };
        let object = object(self.call.request).map_err(|mistake| mistaken(&mistake))?;
        Changes::read(object, members).map_err(|mistake| mistaken(&mistake))
    }

    fn prefers_creation(&self) -> bool {
        let preferences = self.call.request.headers().get_all("prefer").into_iter();
        preferences
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|preference| preference.trim().eq_ignore_ascii_case("create-if-missing"))
    }

    fn entity(
        &self,
        status: u16,
        known: &FederatedCredential,
        version: Version,
        options: &Options,
    ) -> Response {
        let context = format!("{}/$entity", self.context(version));
        let document = with_context(context, credential(known, version, options));
        answered(status, &document, self.correlation)
    }

    fn context(&self, version: Version) -> String {
        let Settings { base_url, application_object_id, .. } = self.call.settings;
        let version = version.name();
        format!(
            "{base_url}/graph/{version}/$metadata#applications('{application_object_id}')/federatedIdentityCredentials"
        )
    }

    fn collection_url(&self, version: Version) -> String {
        let Settings { base_url, application_object_id, .. } = self.call.settings;
        let version = version.name();
        format!(
            "{base_url}/graph/{version}/applications/{application_object_id}/federatedIdentityCredentials"
        )
    }
}

fn names(key: &CredentialKey, known: &FederatedCredential) -> bool {
    match key {
        CredentialKey::IdOrName(text) => known.is(text),
        CredentialKey::Name(name) => known.name() == name,
    }
}

fn unauthenticated(reason: &Unauthenticated, settings: &Settings) -> Failure {
    let message = match reason {
        Unauthenticated::Missing => "Access token is empty.",
        Unauthenticated::Audience(_) => "Access token validation failure. Invalid audience.",
        Unauthenticated::Expired => "Lifetime validation failed, the token is expired.",
        Unauthenticated::Invalid => "Access token validation failure.",
    };
    let challenge = format!(
        "Bearer realm=\"\", authorization_uri=\"{}/common/oauth2/authorize\", client_id=\"00000003-0000-0000-c000-000000000000\"",
        settings.base_url
    );
    Failure::new(401, "InvalidAuthenticationToken", message).challenging(challenge)
}

fn no_address(reason: NoAddress) -> Failure {
    let message = match reason {
        NoAddress::Version(version) => format!("Invalid version: {version}."),
        NoAddress::Segment(segment) => format!("Resource not found for the segment '{segment}'."),
    };
    Failure::new(400, "BadRequest", message)
}

fn not_found(id: &str) -> Failure {
    let message = format!(
        "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
    );
    Failure::new(404, "Request_ResourceNotFound", message)
}

fn wrong_method(methods: &str) -> Failure {
    let message = "Specified HTTP method is not allowed for the request target.";
    Failure::new(405, BAD_REQUEST, message).allowing(methods)
}

fn mistaken(mistake: &Mistake) -> Failure {
    let (status, code) = match mistake {
        Mistake::MediaType => (415, BAD_REQUEST),
        Mistake::Audiences(_) | Mistake::Both | Mistake::LanguageVersion => (400, INVALID_VALUE),
        _ => (400, BAD_REQUEST),
    };
    Failure::new(status, code, mistake.to_string())
}

fn not_stored(error: CredentialError, new: &NewCredential) -> Failure {
    let credential = &new.credential;
    let subject = credential.subject().or(credential.expression()).unwrap_or_default();
    match error {
        CredentialError::NameTaken => {
            let name = credential.name.as_deref().unwrap_or_default();
            let message = format!("FederatedIdentityCredential with name {name} already exists.");
            Failure::new(409, "Request_MultipleObjectsWithSameKeyValue", message)
        }
        CredentialError::Duplicate => {
            let message = format!(
                "The combination of issuer and subject must be unique for the application. Issuer {} and Subject: {subject} already exist. paramName: FederatedIdentityCredential.Subject, paramValue: {subject}, objectType: Microsoft.Online.DirectoryServices.Application",
                credential.issuer
            );
            Failure::new(400, INVALID_VALUE, message)
        }
        other => Failure::new(400, INVALID_VALUE, format!("The value is refused: {other}.")),
    }
}
