//! Developer identities of Amazon Cognito: `GetOpenIdTokenForDeveloperIdentity` (Amazon Cognito identity pools API reference).
//!
//! Cognito makes the identity of a login when it is first asked for, so that `GetId` is not needed. The audience of the token is
//! the id of the identity pool, and the federated identity credential has to name it. The subject is the id of the identity.

use super::VARIABLES;
use super::access::Access;
use super::credentials::CredentialsForm;
use super::progress::State;
use super::region::Region;
use super::service_address::{Service, ServiceAddress};
use super::signed_source::{Action, SignedSource};
use crate::environment::Environment;
use crate::http::{Connection, HttpRequest, Method};
use crate::json::config::object;
use crate::json::non_empty::NonBlank;
use crate::source::endpoint::{Endpoint, MAX_RESPONSE};
use crate::source::{Detection, SourceContext, SourceKind, members};
use crate::{Code, Error};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

pub(in super::super) const KIND: SourceKind = SourceKind {
    name: "aws_cognito",
    variables: &VARIABLES,
    paths: &[],
    detect: Detection::only_configured,
    configure: |form, environment| {
        source(members(form)?, environment).map(|source| Arc::new(source) as _)
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeveloperIdentityForm {
    identity_pool_id: NonBlank,
    logins: BTreeMap<String, NonBlank>,
    identity_id: Option<NonBlank>,
    duration_seconds: Option<u32>,
    #[serde(default, deserialize_with = "object")]
    credentials: Option<CredentialsForm>,
}

/// The body of the request.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DeveloperIdentity {
    identity_pool_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity_id: Option<String>,
    logins: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_duration: Option<u32>,
}

fn source(
    form: DeveloperIdentityForm,
    environment: &Environment,
) -> Result<SignedSource<DeveloperIdentity>, Error> {
    let invalid = |message| Error::new(Code::ConfigInvalid, message);
    let id = |NonBlank(id): NonBlank, member: &str| {
        let id = id.trim_ascii();
        let region = id.split_once(':').map(|(region, _)| Region::parse(region, member));
        let is_id = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
        let rest = id.split_once(':').map(|(_, rest)| rest).unwrap_or_default();
        match region {
            Some(Ok(region)) if rest.len() == 36 && rest.bytes().all(is_id) => {
                Ok((id.to_string(), region))
            }
            _ => Err(invalid(format!(
                "{member} is not of the form `eu-west-1:00000000-0000-0000-0000-000000000000`"
            ))),
        }
    };
    let (identity_pool_id, region) = id(form.identity_pool_id, "`source.identity_pool_id`")?;
    let identity_id = form.identity_id.map(|given| id(given, "`source.identity_id`"));
    if form.duration_seconds.is_some_and(|seconds| !(1..=86_400).contains(&seconds)) {
        return Err(invalid("`source.duration_seconds` is not from 1 to 86400".to_string()));
    }
    let logins: BTreeMap<_, _> =
        form.logins.into_iter().map(|(provider, NonBlank(user))| (provider, user)).collect();
    if !(1..=10).contains(&logins.len()) || logins.keys().any(|name| name.trim_ascii().is_empty()) {
        return Err(invalid(
            "`source.logins` is not an object of 1 to 10 logins: the name of the identity pool's developer provider, and the user's name there".to_string(),
        ));
    }
    Ok(SignedSource {
        action: DeveloperIdentity {
            identity_pool_id,
            identity_id: identity_id.transpose()?.map(|(id, _)| id),
            logins,
            token_duration: form.duration_seconds,
        },
        access: Access::of(Some(region), form.credentials.as_ref(), environment)?,
        address: ServiceAddress::of(Service::CognitoIdentity, environment)?,
    })
}

impl Action for DeveloperIdentity {
    const SERVICE: &'static str = "cognito-identity";
    const ENDPOINT: Endpoint = Endpoint {
        name: "Amazon Cognito",
        refused: "check that the role is allowed `cognito-identity:GetOpenIdTokenForDeveloperIdentity`",
        configured_by: "AWS_ENDPOINT_URL_COGNITO_IDENTITY",
        also_transient: &[],
    };
    const TOKEN: &'static str = "Token";

    fn audience<'a>(&'a self, _context: &SourceContext<'a>) -> &'a str {
        &self.identity_pool_id
    }

    fn request(&self, state: &State, url: String) -> HttpRequest {
        HttpRequest {
            method: Method::Post,
            url,
            headers: Vec::from([
                ("content-type", "application/x-amz-json-1.1".into()),
                (
                    "x-amz-target",
                    "AWSCognitoIdentityService.GetOpenIdTokenForDeveloperIdentity".into(),
                ),
            ])
            .into(),
            // Text and numbers always have a JSON form.
            body: serde_json::to_string(self).unwrap_or_default(),
            timeout_ms: state.timeout_ms,
            max_bytes: MAX_RESPONSE,
            connection: Connection::default(),
        }
    }
}
