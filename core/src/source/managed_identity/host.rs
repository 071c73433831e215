//! The hosts of managed identities: how each is recognised, asked and retried.

use super::super::endpoint::Endpoint;
use super::super::{Retry, SourceError};
use super::selector::{By, Selector};
use super::{address, arc, imds};
use crate::environment::Environment;
use crate::http::{HttpResponse, Method, retry};
use crate::json::strict;
use crate::redact::{MAX_DETAIL, redact};
use crate::secret::Secret;
use crate::{Code, Error, Failure, Timestamp};
use alloc::format;
use alloc::string::String;
use serde_json::Value;

/// A service of Azure that gives tokens to what runs on it.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) endpoint: Endpoint,
    pub(super) method: Method,
    pub(super) api_version: Option<&'static str>,
    /// The header that carries the secret of the environment.
    pub(super) secret_header: Option<&'static str>,
    /// Whether requests carry `Metadata: true`, which a redirected or forged request lacks.
    pub(super) metadata_header: bool,
    /// Whether the first answer is a challenge that names a file.
    pub(super) is_challenged: bool,
    /// The parameters that name a user-assigned identity, by the kind of its id.
    selectors: &'static [(By, &'static str)],
    /// What the host does with other selectors.
    ignored: &'static str,
    /// Pauses in milliseconds before another attempt.
    pauses: &'static [i64],
}

/// A host that the environment shows, with what its variables say.
pub(super) struct Found {
    pub(super) host: &'static Host,
    pub(super) url: String,
    pub(super) secret: Option<Secret<String>>,
    pub(super) certificate_sha1: Option<String>,
    /// The identity that the host uses where none is named.
    pub(super) default_identity: Option<Selector>,
    pub(super) why: &'static str,
}

/// MSAL's rule for all hosts but IMDS.
const EVERY_SECOND: &[i64] = &[1_000, 1_000, 1_000];

/// "Managed identities for Service Fabric": the cluster chooses the identity.
const SERVICE_FABRIC: Host = Host {
    endpoint: Endpoint {
        name: "Service Fabric's managed identity endpoint",
        refused: "assign the identity to the application in its template",
        configured_by: "IDENTITY_ENDPOINT, which Service Fabric sets",
        also_transient: &[],
    },
    method: Method::Get,
    api_version: Some("2019-07-01-preview"),
    secret_header: Some("secret"),
    metadata_header: false,
    is_challenged: false,
    selectors: &[],
    ignored: "Service Fabric takes the identity from the application's template and ignores this",
    pauses: EVERY_SECOND,
};

/// "How to use managed identities for App Service and Azure Functions"; Container Apps have the same endpoint.
const APP_SERVICE: Host = Host {
    endpoint: Endpoint {
        name: "App Service's managed identity endpoint",
        refused: "assign the user-assigned identity to the app and check its id",
        configured_by: "IDENTITY_ENDPOINT, which App Service sets",
        also_transient: &[],
    },
    method: Method::Get,
    api_version: Some("2019-08-01"),
    secret_header: Some("x-identity-header"),
    // Azure Automation, which has the same endpoint, asks for it.
    metadata_header: true,
    is_challenged: false,
    selectors: &[(By::Client, "client_id"), (By::Object, "object_id"), (By::Resource, "mi_res_id")],
    ignored: "",
    pauses: EVERY_SECOND,
};

/// Azure Machine Learning, as azure-identity and MSAL ask it.
const AZURE_ML: Host = Host {
    endpoint: Endpoint {
        name: "Azure Machine Learning's managed identity endpoint",
        refused: "assign the user-assigned identity to the compute and check its id",
        configured_by: "MSI_ENDPOINT, which Azure Machine Learning sets",
        also_transient: &[],
    },
    method: Method::Get,
    api_version: Some("2017-09-01"),
    secret_header: Some("secret"),
    metadata_header: false,
    is_challenged: false,
    selectors: &[(By::Client, "clientid")],
    ignored: "Azure Machine Learning ignores this; name the identity by `client_id`",
    pauses: EVERY_SECOND,
};

/// "Authenticate against Azure resources with Azure Arc-enabled servers".
const ARC: Host = Host {
    endpoint: Endpoint {
        name: "Azure Arc's agent",
        refused: "check with `azcmagent show` that the machine is connected",
        configured_by: "IDENTITY_ENDPOINT, which Azure Arc's agent sets",
        also_transient: &[],
    },
    method: Method::Get,
    api_version: Some("2020-06-01"),
    secret_header: None,
    metadata_header: true,
    is_challenged: true,
    selectors: &[],
    ignored: "Azure Arc's agent has only the machine's system-assigned identity and ignores this",
    pauses: EVERY_SECOND,
};

/// "Acquire a user token in Azure Cloud Shell": the identity is that of the user.
const CLOUD_SHELL: Host = Host {
    endpoint: Endpoint {
        name: "Cloud Shell's token endpoint",
        refused: "restart the shell",
        configured_by: "MSI_ENDPOINT, which Cloud Shell sets",
        also_transient: &[],
    },
    method: Method::Post,
    api_version: None,
    secret_header: None,
    metadata_header: true,
    is_challenged: false,
    selectors: &[],
    ignored: "Cloud Shell gives tokens of the user who is signed in and ignores this",
    pauses: EVERY_SECOND,
};

/// "How to use managed identities on an Azure VM to acquire an access token", with its rules for retries.
const IMDS: Host = Host {
    endpoint: Endpoint {
        name: "Azure's instance metadata service",
        refused: "assign the user-assigned identity to the virtual machine and check its id",
        configured_by: "whether a proxy answers in its place",
        also_transient: &[404, 410],
    },
    method: Method::Get,
    api_version: Some("2018-02-01"),
    secret_header: None,
    metadata_header: true,
    is_challenged: false,
    selectors: &[
        (By::Client, "client_id"),
        (By::Object, "object_id"),
        (By::Resource, "msi_res_id"),
    ],
    ignored: "",
    pauses: &[1_000, 2_000, 4_000],
};

/// IMDS is being updated for up to 70 seconds (status 410).
const WHILE_UPDATED: &[i64] = &[10_000; 7];

/// The host that the environment shows, in MSAL's order.
///
/// # Errors
/// `environment_incomplete` or `config_invalid` for variables that belong to a host and cannot be used.
pub(super) fn find(environment: &Environment) -> Result<Option<Found>, Error> {
    let variable = |name| environment.variable(name);
    let identity = (variable("IDENTITY_ENDPOINT"), variable("IDENTITY_HEADER"));
    let msi = (variable("MSI_ENDPOINT"), variable("MSI_SECRET"));
    if let (Some(endpoint), Some(header)) = identity {
        let secret = Some(header_value("IDENTITY_HEADER", header)?);
        if let Some(thumbprint) = variable("IDENTITY_SERVER_THUMBPRINT") {
            let why = "IDENTITY_ENDPOINT, IDENTITY_HEADER and IDENTITY_SERVER_THUMBPRINT are set (Service Fabric)";
            let url = address::of_cluster("IDENTITY_ENDPOINT", endpoint)?;
            let certificate_sha1 = Some(address::thumbprint(thumbprint)?);
            return Ok(Some(Found {
                secret,
                certificate_sha1,
                ..found(&SERVICE_FABRIC, url, why)
            }));
        }
        let why = "IDENTITY_ENDPOINT and IDENTITY_HEADER are set (App Service)";
        let url = address::of_app_service("IDENTITY_ENDPOINT", endpoint)?;
        return Ok(Some(Found { secret, ..found(&APP_SERVICE, url, why) }));
    }
    if let (Some(endpoint), Some(secret)) = msi {
        let why = "MSI_ENDPOINT and MSI_SECRET are set (Azure Machine Learning)";
        let url = address::of_app_service("MSI_ENDPOINT", endpoint)?;
        let secret = Some(header_value("MSI_SECRET", secret)?);
        let default_identity = variable("DEFAULT_IDENTITY_CLIENT_ID")
            .map(|id| Selector { by: By::Client, id: id.into() });
        return Ok(Some(Found { secret, default_identity, ..found(&AZURE_ML, url, why) }));
    }
    if let (Some(endpoint), Some(_)) = (identity.0, variable("IMDS_ENDPOINT")) {
        let why = "IDENTITY_ENDPOINT and IMDS_ENDPOINT are set (Azure Arc)";
        let url = address::of_this_machine("IDENTITY_ENDPOINT", endpoint)?;
        return Ok(Some(found(&ARC, url, why)));
    }
    if let (Some(endpoint), None) = msi {
        let why = "MSI_ENDPOINT is set (Cloud Shell)";
        let url = address::of_this_machine("MSI_ENDPOINT", endpoint)?;
        return Ok(Some(found(&CLOUD_SHELL, url, why)));
    }
    let incomplete = match (identity, msi) {
        ((Some(_), None), _) => {
            "IDENTITY_ENDPOINT is set without IDENTITY_HEADER (App Service, Service Fabric) and without IMDS_ENDPOINT (Azure Arc); pass all variables of the platform on"
        }
        ((None, Some(_)), _) => {
            "IDENTITY_HEADER is set without IDENTITY_ENDPOINT; assign an identity to the app and pass both variables on"
        }
        (_, (None, Some(_))) => "MSI_SECRET is set without MSI_ENDPOINT; pass both variables on",
        _ if arc::AGENT_PATHS.iter().any(|path| environment.has_path(path)) => {
            let why = "Azure Arc's agent is installed";
            return Ok(Some(found(&ARC, arc::ENDPOINT.into(), why)));
        }
        _ if variable("IMDS_ENDPOINT").is_some() => {
            "IMDS_ENDPOINT is set without IDENTITY_ENDPOINT; Azure Arc's agent sets both, pass both variables on"
        }
        _ if variable(imds::VARIABLE).is_some() => return imds(environment).map(Some),
        _ => return Ok(None),
    };
    Err(Error::new(Code::EnvironmentIncomplete, incomplete))
}

/// The metadata service of a virtual machine.
///
/// # Errors
/// `config_invalid` when its variable names another address.
pub(super) fn imds(environment: &Environment) -> Result<Found, Error> {
    let why = "AZURE_POD_IDENTITY_AUTHORITY_HOST is set";
    Ok(found(&IMDS, imds::endpoint(environment)?, why))
}

fn found(host: &'static Host, url: String, why: &'static str) -> Found {
    Found { host, url, secret: None, certificate_sha1: None, default_identity: None, why }
}

/// A secret that becomes the value of a header.
fn header_value(variable: &str, text: &str) -> Result<Secret<String>, Error> {
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(Secret::new(String::from(text)));
    }
    let message = format!(
        "{variable} has characters that are not allowed in a header; the platform sets it, do not change it"
    );
    Err(Error::new(Code::ConfigInvalid, message))
}

impl Host {
    /// Refuses a selector that the host ignores: the token would be of another identity.
    pub(super) fn check(&self, selector: &Selector) -> Result<(), Error> {
        if self.parameter(selector).is_some() {
            return Ok(());
        }
        let message = format!("`{}`: {}", selector.by.member(), self.ignored);
        Err(Error::new(Code::ConfigInvalid, message))
    }

    /// The parameter that names the identity.
    pub(super) fn parameter(&self, selector: &Selector) -> Option<&'static str> {
        self.selectors.iter().find(|(by, _)| *by == selector.by).map(|(_, name)| *name)
    }

    /// The error of a status that is not success, with the host's pauses before another attempt. What the host says is
    /// repeated, unless it contains the secret of the request.
    pub(super) fn refusal(
        &self,
        response: &HttpResponse,
        secret: Option<&Secret<String>>,
        now: Timestamp,
    ) -> SourceError {
        let mut refusal = self.endpoint.refusal(response, now);
        if let Some(said) = explanation(response, secret) {
            refusal.error.hint = Some(format!("it says: {said}"));
        }
        if refusal.retry.is_some() {
            // As for every source: a server error can be passing, and an IMDS that is updated answers 410 for a while.
            let pauses = if response.status == 410 { WHILE_UPDATED } else { self.pauses };
            refusal.error.retry_at = retry::after(&response.headers, now);
            refusal.retry = Some(Retry::Pauses(pauses));
        }
        refusal
    }

    /// The error of a request that got no answer.
    pub(super) fn failed(&self, failure: Failure, detail: &str) -> SourceError {
        self.endpoint.failed(failure, detail)
    }
}

/// What an error document says: IMDS and Arc have `error_description`, App Service `message`, Service Fabric `error.message`.
fn explanation(response: &HttpResponse, secret: Option<&Secret<String>>) -> Option<String> {
    let document: Value = strict::parse(&response.body).ok()?;
    let places = ["/error_description", "/message", "/error/message"];
    let text = places.iter().find_map(|place| document.pointer(place)?.as_str())?;
    let shows_secret = secret.is_some_and(|secret| text.contains(secret.expose()));
    (!shows_secret).then(|| redact(text.trim_ascii(), MAX_DETAIL))
}
