//! Azure Resource Manager: federated identity credentials of the user-assigned managed identity.

mod document;
mod path;

use super::bearer::{Unauthenticated, authenticate};
use super::call::{Call, Surface};
use super::changes::{Changes, Members, Mistake, object};
use super::failure::Failure;
use super::page::page;
use crate::directory::{CredentialError, FederatedCredential, managed_identity};
use crate::entra::error::Correlation;
use crate::reply::Response;
use crate::request::{query, query_with};
use crate::settings::Settings;
use document::{answered, credential, empty, failed, identity};
use http::StatusCode;
use path::{NoResource, Resource};
use serde_json::{Map, Value, json};
use workload_identity_core::Timestamp;

/// Versions of the provider's API. A preview has expressions.
const API_VERSIONS: [&str; 4] =
    ["2022-01-31-preview", "2023-01-31", "2024-11-30", "2025-01-31-preview"];
const WITH_EXPRESSIONS: &str = "2025-01-31-preview";
const PAGE: usize = 100;

/// Answers a call: token, API version, resource, method, then the request itself.
pub(super) fn answer(call: &mut Call<'_>, correlation: &Correlation) -> Response {
    Exchange { call, correlation }.answer().unwrap_or_else(|failure| failed(&failure, correlation))
}

/// The error response of a status that a fault causes.
pub(super) fn faulty(status: u16, correlation: &Correlation) -> Response {
    let (code, message) = match status {
        401 => ("InvalidAuthenticationToken", "The access token is invalid."),
        403 => (
            "AuthorizationFailed",
            "The client does not have authorization to perform the action, or the scope is invalid. If access was recently granted, please refresh your credentials.",
        ),
        404 => ("ResourceNotFound", "The resource was not found."),
        409 => return failed(&concurrent(), correlation),
        429 => ("TooManyRequests", "Too many requests."),
        503 => ("ServiceUnavailable", "The service is temporarily unavailable."),
        400..=499 => ("BadRequest", "The request is refused."),
        _ => ("InternalServerError", "The service has failed."),
    };
    failed(&Failure::new(status, code, message), correlation)
}

/// A call, and the ids of its response.
struct Exchange<'e, 'c> {
    call: &'e mut Call<'c>,
    correlation: &'e Correlation,
}

impl Exchange<'_, '_> {
    fn answer(&mut self) -> Result<Response, Failure> {
        authenticate(Surface::Arm, self.call)
            .map_err(|reason| unauthenticated(&reason, self.call.settings))?;
        let version = self.api_version()?;
        let resource = Resource::read(self.call.path).map_err(no_resource)?;
        match (self.call.request.method().as_str(), &resource) {
            ("GET", Resource::Identity) => {
                let client = &self.call.directory.managed_identity.client;
                let document = identity(client, &self.call.settings.tenant_id);
                Ok(answered(200, &document, self.correlation))
            }
            ("GET", Resource::Credentials) => self.list(),
            ("GET", Resource::Credential(name)) => self.get(name),
            ("PUT", Resource::Credential(name)) => self.put(name, &version),
            ("DELETE", Resource::Credential(name)) => self.delete(name),
            (_, Resource::Credential(_)) => Err(wrong_method("GET, PUT, DELETE")),
            _ => Err(wrong_method("GET")),
        }
    }

    fn api_version(&self) -> Result<String, Failure> {
        let version = query(self.call.request, "api-version").ok_or_else(|| {
            let message =
                "The api-version query parameter (?api-version=) is required for all requests.";
            Failure::new(400, "MissingApiVersionParameter", message)
        })?;
        if API_VERSIONS.contains(&version.as_str()) {
            return Ok(version);
        }
        let message = format!(
            "No registered resource provider found for API version '{version}' for type 'userAssignedIdentities'. The supported api-versions are '{}'.",
            API_VERSIONS.join(", ")
        );
        Err(Failure::new(400, "NoRegisteredProviderFound", message))
    }

    fn check_precondition(&self, exists: bool) -> Result<(), Failure> {
        if self.call.precondition_met(exists) {
            return Ok(());
        }
        let message = "The condition of the request's header is not met.";
        Err(Failure::new(412, "PreconditionFailed", message))
    }

    fn list(&self) -> Result<Response, Failure> {
        let request = self.call.request;
        let size = match query(request, "$top") {
            None => PAGE,
            Some(top) => top.parse().ok().filter(|size| *size > 0).ok_or_else(|| {
                Failure::new(
                    400,
                    "BadRequest",
                    "The query parameter '$top' is not a number over 0.",
                )
            })?,
        };
        let seen = self.call.directory.managed_identity.credentials.visible(self.call.now);
        let continuation = query(request, "$skiptoken");
        let page = page(seen, self.call.faults.page_size(size), continuation.as_deref())
            .ok_or_else(|| {
                let message = "The query parameter '$skiptoken' is not valid.";
                Failure::new(400, "BadRequest", message)
            })?;
        let items: Vec<Value> = page.items.iter().map(credential).collect();
        let mut document = json!({ "value": items });
        if let Some(continuation) = page.next {
            let query = query_with(request, "$skiptoken", &continuation);
            let base_url = &self.call.settings.base_url;
            document["nextLink"] = format!("{base_url}{}?{query}", request.uri().path()).into();
        }
        Ok(answered(200, &document, self.correlation))
    }

    fn get(&self, name: &str) -> Result<Response, Failure> {
        let seen = self.call.directory.managed_identity.credentials.visible(self.call.now);
        let known = seen.iter().find(|known| known.name().eq_ignore_ascii_case(name));
        let known = known.ok_or_else(|| no_credential(name))?;
        Ok(answered(200, &credential(known), self.correlation))
    }

    /// Creates a credential, or replaces all of its values.
    fn put(&mut self, name: &str, version: &str) -> Result<Response, Failure> {
        let mistaken = |mistake: Mistake| mistaken(&mistake);
        let mut body = object(self.call.request).map_err(mistaken)?;
        let properties = match body.remove("properties") {
            Some(Value::Object(properties)) => properties,
            _ => Map::new(),
        };
        let members = Members { description: false, expression: version == WITH_EXPRESSIONS };
        let changes = Changes::read(properties, members).map_err(mistaken)?;
        let mut known = self.call.directory.managed_identity.credentials.newest().iter();
        let known = known.find(|known| known.name().eq_ignore_ascii_case(name));
        self.check_precondition(known.is_some())?;
        // A name keeps the case that it was created with.
        let name = known.map_or(name, FederatedCredential::name).to_owned();
        let new = changes.create(name).map_err(mistaken)?;
        self.begin_write()?;
        let (id, effective) = (self.call.ids.uuid(), self.call.effective());
        let store = &mut self.call.directory.managed_identity.credentials;
        let replaced = store.replace(new.clone(), effective).map_err(not_stored)?;
        let (status, stored) = match replaced {
            Some(replaced) => (200, replaced),
            None => (201, store.add(new, id, effective).map_err(not_stored)?),
        };
        Ok(answered(status, &credential(&stored), self.correlation))
    }

    fn delete(&mut self, name: &str) -> Result<Response, Failure> {
        self.begin_write()?;
        let effective = self.call.effective();
        let store = &mut self.call.directory.managed_identity.credentials;
        let removed = store.remove(|known| known.name().eq_ignore_ascii_case(name), effective);
        let status = if removed { StatusCode::OK } else { StatusCode::NO_CONTENT };
        Ok(empty(status, self.correlation))
    }

    /// Refuses a write while another one is under way. A write takes as long as its response is delayed.
    fn begin_write(&mut self) -> Result<(), Failure> {
        let (now, took) = (self.call.now, self.call.faults.delay());
        let identity = &mut self.call.directory.managed_identity;
        if now < identity.busy_until {
            return Err(concurrent());
        }
        let milliseconds = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
        identity.busy_until = Timestamp::from_millis(now.millis().saturating_add(milliseconds));
        Ok(())
    }
}

fn unauthenticated(reason: &Unauthenticated, settings: &Settings) -> Failure {
    let (code, message) = match reason {
        Unauthenticated::Missing => (
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is missing.".to_owned(),
        ),
        Unauthenticated::Audience(audience) => (
            "InvalidAuthenticationTokenAudience",
            format!(
                "The access token has been obtained for wrong audience or resource '{audience}'. It should exactly match with one of the allowed audiences '{}'.",
                Surface::Arm.audiences().join("', '")
            ),
        ),
        Unauthenticated::Expired => {
            ("ExpiredAuthenticationToken", "The access token is expired.".to_owned())
        }
        Unauthenticated::Invalid => {
            ("InvalidAuthenticationToken", "The access token is invalid.".to_owned())
        }
    };
    let mut challenge =
        format!("Bearer authorization_uri=\"{}/{}\"", settings.base_url, settings.tenant_id);
    if *reason != Unauthenticated::Missing {
        challenge.push_str(&format!(
            ", error=\"invalid_token\", error_description=\"{}\"",
            message.escape_default()
        ));
    }
    Failure::new(401, code, message).challenging(challenge)
}

fn no_resource(reason: NoResource) -> Failure {
    let (code, message) = match reason {
        NoResource::Subscription(id) => {
            ("SubscriptionNotFound", format!("The subscription '{id}' could not be found."))
        }
        NoResource::ResourceGroup(name) => {
            ("ResourceGroupNotFound", format!("Resource group '{name}' could not be found."))
        }
        NoResource::Identity { group, name } => (
            "ResourceNotFound",
            format!(
                "The Resource 'Microsoft.ManagedIdentity/userAssignedIdentities/{name}' under resource group '{group}' was not found."
            ),
        ),
        NoResource::Type => (
            "InvalidResourceType",
            "The resource type could not be found in the namespace for the api-version.".to_owned(),
        ),
    };
    Failure::new(404, code, message)
}

fn no_credential(name: &str) -> Failure {
    let identity = managed_identity::RESOURCE_ID;
    let message = format!(
        "The federated identity credential '{name}' of the managed identity '{identity}' was not found."
    );
    Failure::new(404, "NotFound", message)
}

fn wrong_method(methods: &str) -> Failure {
    let message = "The resource does not support the HTTP method.";
    Failure::new(405, "HttpMethodNotAllowed", message).allowing(methods)
}

fn concurrent() -> Failure {
    let message = format!(
        "Too many Federated Identity Credentials are written concurrently for the managed identity '{}'. Concurrent Federated Identity Credentials writes under the same managed identity are not supported.",
        managed_identity::RESOURCE_ID
    );
    Failure::new(
        409,
        "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity",
        message,
    )
}

fn mistaken(mistake: &Mistake) -> Failure {
    match mistake {
        Mistake::MediaType => Failure::new(415, "UnsupportedMediaType", mistake.to_string()),
        Mistake::NotAnObject(_) => Failure::new(400, "InvalidRequestContent", mistake.to_string()),
        Mistake::Missing("issuer" | "subject" | "audiences") => Failure::new(
            400,
            "BadRequest",
            "The request format was unexpected. Federated Identity Credential must specify 'issuer', 'subject' and 'audience'.",
        ),
        _ => Failure::new(400, "BadRequest", mistake.to_string()),
    }
}

fn not_stored(error: CredentialError) -> Failure {
    match error {
        CredentialError::Duplicate => Failure::new(
            409,
            "Conflict",
            "Issuer and subject combination already exists for this Managed Identity.",
        ),
        CredentialError::Name => {
            Failure::new(400, "InvalidResourceName", format!("The name is refused: {error}."))
        }
        other => Failure::new(400, "BadRequest", format!("The value is refused: {other}.")),
    }
}
