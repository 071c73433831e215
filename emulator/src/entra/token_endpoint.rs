//! `POST /{tenant}/oauth2/v2.0/token` (and `/oauth2/token`): the client credentials grant with a client assertion
//! (RFC 7523).

use super::access_token::RequestedClaims;
use super::error::{Aadsts, EntraError};
use super::{Version, client_assertion, federated_credentials, scope, tenant};
use crate::directory::{Client, Directory, Identity};
use crate::request::Fields;
use crate::settings::Settings;
use http::Method;
use workload_identity_core::Timestamp;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The fields of a form. As in Entra, empty fields count as absent.
pub(crate) struct Form<'f>(pub(crate) &'f Fields);

impl<'f> Form<'f> {
    pub(crate) fn get(&self, name: &str) -> Option<&'f str> {
        let found = self.0.iter().find(|(known, value)| known == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    fn require(&self, name: &str) -> Result<&'f str, EntraError> {
        self.get(name).ok_or_else(|| {
            EntraError::new(
                Aadsts::ParameterMissing,
                format!("The request body must contain the following parameter: '{name}'."),
            )
        })
    }

    fn refuse_duplicates(&self) -> Result<(), EntraError> {
        for (index, (name, _)) in self.0.iter().enumerate() {
            if self.0[..index].iter().any(|(earlier, _)| earlier == name) {
                return Err(EntraError::new(
                    Aadsts::ParameterDuplicated,
                    format!(
                        "The request is not properly formatted. The parameter '{name}' is duplicated."
                    ),
                ));
            }
        }
        Ok(())
    }
}

/// A token request whose form, tenant, application and credential are accepted. The signature is not checked yet.
pub(crate) struct AcceptedRequest {
    pub(crate) version: Version,
    pub(crate) client: Client,
    pub(crate) assertion: String,
    pub(crate) issuer: String,
    pub(crate) resource: String,
    pub(crate) requested: RequestedClaims,
}

/// Applies every check that needs no key of the issuer.
pub(crate) fn accept(
    settings: &Settings,
    directory: &Directory,
    tenant: &str,
    version: Version,
    method: &Method,
    form: &Form<'_>,
    now: Timestamp,
) -> Result<AcceptedRequest, EntraError> {
    if method != Method::POST {
        return Err(EntraError::new(
            Aadsts::WrongMethod,
            format!(
                "The endpoint only accepts POST, OPTIONS requests. Received a {method} request."
            ),
        ));
    }
    form.refuse_duplicates()?;
    let grant_type = form.require("grant_type")?;
    if grant_type != "client_credentials" {
        return Err(EntraError::new(
            Aadsts::GrantTypeUnsupported,
            format!("The app requested an unsupported grant type '{grant_type}'."),
        ));
    }
    tenant::check(settings, tenant)?;
    let client_id = form.require("client_id")?;
    let identity = directory.of_client(client_id).ok_or_else(|| {
        EntraError::new(
            Aadsts::ApplicationNotFound,
            format!(
                "Application with identifier '{client_id}' was not found in the directory '{}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
                settings.tenant_domain
            ),
        )
    })?;
    let resource = match version {
        Version::V1 => form.require("resource")?.to_owned(),
        Version::V2 => scope::resource(form.require("scope")?)?,
    };
    check_resource(settings, &resource)?;
    let requested = RequestedClaims::parse(form.get("claims"))?;
    let assertion = client_assertion(&identity.client, form)?;
    let issuer = match_assertion(settings, identity, assertion, now)?;
    Ok(AcceptedRequest {
        version,
        client: identity.client.clone(),
        assertion: assertion.to_owned(),
        issuer,
        resource,
        requested,
    })
}

fn check_resource(settings: &Settings, resource: &str) -> Result<(), EntraError> {
    let known = &settings.resources;
    if known.is_empty() || known.iter().any(|name| name == resource) {
        return Ok(());
    }
    Err(EntraError::new(
        Aadsts::ResourceNotFound,
        format!(
            "The resource principal named {resource} was not found in the tenant named {}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.",
            settings.tenant_domain
        ),
    ))
}

/// The assertion of the form. Client secrets are refused, because the application has none.
fn client_assertion<'f>(client: &Client, form: &Form<'f>) -> Result<&'f str, EntraError> {
    let Some(assertion) = form.get("client_assertion") else {
        return Err(match form.get("client_secret") {
            Some(_) => EntraError::new(
                Aadsts::SecretInvalid,
                format!(
                    "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{}'.",
                    client.client_id
                ),
            ),
            None => EntraError::new(
                Aadsts::CredentialMissing,
                "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
            ),
        });
    };
    match form.require("client_assertion_type")? {
        ASSERTION_TYPE => Ok(assertion),
        _ => Err(EntraError::new(
            Aadsts::RequestMalformed,
            "Invalid request. Request is malformed or invalid.",
        )),
    }
}

/// The issuer of an assertion that a credential accepts. The signature is not checked yet.
fn match_assertion(
    settings: &Settings,
    identity: &Identity,
    assertion: &str,
    now: Timestamp,
) -> Result<String, EntraError> {
    let claims = client_assertion::inspect(assertion)?;
    let client_id = &identity.client.client_id;
    let issuer = claims.issuer.clone().unwrap_or_default();
    let own = [Version::V1, Version::V2].map(|version| version.issuer(settings));
    let own = own.each_ref().map(String::as_str);
    let client = format!("'{client_id}'({})", settings.tenant_domain);
    let credentials = identity.credentials.visible(now);
    match federated_credentials::accept(credentials, &client, &claims, &own) {
        // A client that signs for itself needs a registered certificate, and the application has none.
        Err(error) if error.code.is_mismatch() && issuer.eq_ignore_ascii_case(client_id) => {
            Err(EntraError::new(
                Aadsts::SignatureInvalid,
                "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found.]",
            ))
        }
        other => other.map(|()| issuer),
    }
}
