//! The ID token of an Azure Pipelines job for a service connection (Azure DevOps documentation, "Manually set an Azure Resource
//! Manager workload identity service connection"; azure-identity's `AzurePipelinesCredential`).
//!
//! The issuer is Azure DevOps' (`vstoken.dev.azure.com`) or Entra's own, depending on when the connection was made. The
//! audience is fixed.

use super::endpoint::{Endpoint, MAX_RESPONSE};
use super::{
    Detection, SourceContext, SourceEffect, SourceError, SourceKind, SourceResult, TokenSource,
    audience, members,
};
use crate::entra::tenant::is_guid;
use crate::environment::Environment;
use crate::http::{AddressPolicy, HttpRequest, Method, Url};
use crate::json::non_empty::NonBlank;
use crate::secret::Secret;
use crate::{Code, Effect, Error, Failure, Outcome, Timestamp};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use serde::Deserialize;

pub(super) const KIND: SourceKind = SourceKind {
    name: "azure_pipelines",
    variables: &[URI_VARIABLE, TOKEN_VARIABLE, CONNECTION_VARIABLE],
    paths: &[],
    detect: |environment| {
        if environment.first_set(&[URI_VARIABLE, CONNECTION_VARIABLE]).is_none() {
            return Detection::not_set(URI_VARIABLE);
        }
        Detection::found(
            AzurePipelines::new(AzurePipelinesForm::default(), environment),
            "SYSTEM_OIDCREQUESTURI, SYSTEM_ACCESSTOKEN and AZURESUBSCRIPTION_SERVICE_CONNECTION_ID are set",
        )
    },
    configure: |form, environment| {
        AzurePipelines::new(members(form)?, environment).map(|source| Arc::new(source) as _)
    },
};

const URI_VARIABLE: &str = "SYSTEM_OIDCREQUESTURI";
const TOKEN_VARIABLE: &str = "SYSTEM_ACCESSTOKEN";
const CONNECTION_VARIABLE: &str = "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID";
/// The version that azure-identity asks for.
const API_VERSION: &str = "7.1";

const TITLE: &str = "Azure Pipelines";
const ENDPOINT: Endpoint = Endpoint {
    name: "Azure Pipelines' token endpoint",
    refused: "check that the pipeline is authorized for the service connection, and that SYSTEM_ACCESSTOKEN is this job's token",
    configured_by: URI_VARIABLE,
    also_transient: &[],
};

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct AzurePipelinesForm {
    service_connection_id: Option<NonBlank>,
    request_uri: Option<NonBlank>,
    access_token: Option<NonBlank>,
}

#[derive(Debug)]
struct AzurePipelines {
    url: String,
    token: Secret<String>,
}

impl AzurePipelines {
    /// A source from its configuration, and from the environment what that leaves out.
    fn new(form: AzurePipelinesForm, environment: &Environment) -> Result<Self, Error> {
        let or_variable = |given: Option<NonBlank>, variable, missing: &str| {
            let given = given.map(|NonBlank(text)| String::from(text.trim_ascii()));
            given
                .or_else(|| environment.variable(variable).map(String::from))
                .ok_or_else(|| Error::new(Code::EnvironmentIncomplete, missing))
        };
        let uri = or_variable(
            form.request_uri,
            URI_VARIABLE,
            "SYSTEM_OIDCREQUESTURI is not set; Azure Pipelines sets it in every job, so the program does not run in one or its environment was not passed on",
        )?;
        let token = or_variable(
            form.access_token,
            TOKEN_VARIABLE,
            "SYSTEM_ACCESSTOKEN is not set; map it in the step: `env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)`",
        )?;
        let connection = or_variable(
            form.service_connection_id,
            CONNECTION_VARIABLE,
            "no service connection is named; configure `service_connection_id` (`resourceId` in the URL of the connection's page), or run in a task that sets AZURESUBSCRIPTION_SERVICE_CONNECTION_ID, such as AzureCLI@2",
        )?;
        let invalid = |message: String| Error::new(Code::ConfigInvalid, message);
        let url = AddressPolicy::AUTHORITY.parse(uri.trim_end_matches('/')).map_err(|refusal| {
            invalid(format!("{URI_VARIABLE} {refusal}; Azure Pipelines sets it, do not change it"))
        })?;
        if token.starts_with("$(") {
            return Err(invalid(format!(
                "{TOKEN_VARIABLE} is the text of a macro that was not replaced; map it in the step: `env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)`"
            )));
        }
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(invalid(format!(
                "{TOKEN_VARIABLE} has characters that are not allowed in a header; map it as it is: `$(System.AccessToken)`"
            )));
        }
        if !is_guid(&connection) {
            return Err(invalid(format!(
                "`source.service_connection_id` or {CONNECTION_VARIABLE} is not a GUID; give the connection's id (`resourceId` in the URL of its page), not its name"
            )));
        }
        Ok(Self { url: request_url(&url, &connection)?, token: Secret::new(token) })
    }
}

/// The address of a token for a service connection.
fn request_url(uri: &Url, connection: &str) -> Result<String, Error> {
    let versioned = Url::parse(&uri.with_query("api-version", API_VERSION)).map_err(|_| {
        Error::new(Code::ConfigInvalid, format!("{URI_VARIABLE} is too long to be a URL"))
    })?;
    Ok(versioned.with_query("serviceConnectionId", connection))
}

impl TokenSource for AzurePipelines {
    fn platform(&self) -> Option<&'static str> {
        Some(TITLE)
    }

    fn ask(&self, context: &SourceContext<'_>) -> SourceEffect {
        let mut request = HttpRequest::get(
            self.url.clone(),
            "application/json",
            context.timeout_ms,
            MAX_RESPONSE,
        );
        request.method = Method::Post;
        request.headers.push(("authorization", format!("Bearer {}", self.token.expose())));
        request.headers.push(("content-type", "application/json".into()));
        // Otherwise a token that is not accepted is answered with a redirect to a page for signing in.
        request.headers.push(("x-tfs-fedauthredirect", "Suppress".into()));
        Effect::Http(request).into()
    }

    fn read(
        &self,
        outcome: &Outcome,
        _state: &str,
        now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        let Outcome::Http(response) = outcome else { return Err(SourceError::unexpected()) };
        // Azure DevOps answers 203 with a page, or redirects to one, instead of 401.
        let is_page = response.body.trim_ascii_start().starts_with(b"<");
        if matches!(response.status, 203 | 302) || (response.status == 200 && is_page) {
            return Err(Error::new(
                Code::SourceRejected,
                "Azure Pipelines' token endpoint answered with its sign-in page: SYSTEM_ACCESSTOKEN is not accepted; map this job's token, `$(System.AccessToken)`, which is valid only while the job runs",
            )
            .into());
        }
        let token = ENDPOINT.token_in(ENDPOINT.accept(outcome, now)?, "oidcToken")?;
        audience::checked(token, audience::wanted(None, None), TITLE)
    }

    fn failed(&self, failure: Failure, detail: &str, _state: &str) -> SourceError {
        ENDPOINT.failed(failure, detail)
    }
}
