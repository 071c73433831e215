//! Credentials for a pod's own token: `AssumeRoleWithWebIdentity` (STS API reference), as IAM roles for service accounts of
//! Amazon EKS use it. The request is not signed.

use super::super::SourceError;
use super::super::endpoint::{Endpoint, MAX_RESPONSE};
use super::super::text_file::TextFile;
use super::answer::Answer;
use super::credentials::Credentials;
use crate::environment::Environment;
use crate::http::{Connection, HttpRequest, HttpResponse, Method, form_encode};
use crate::{Code, Effect, Error};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

pub(super) const TOKEN_FILE: &str = "AWS_WEB_IDENTITY_TOKEN_FILE";
pub(super) const ROLE_ARN: &str = "AWS_ROLE_ARN";
pub(super) const SESSION_NAME: &str = "AWS_ROLE_SESSION_NAME";

pub(super) const ENDPOINT: Endpoint = Endpoint {
    name: "AWS STS (AssumeRoleWithWebIdentity)",
    refused: "check AWS_ROLE_ARN and the trust policy of the role",
    configured_by: "AWS_ENDPOINT_URL_STS",
    also_transient: &[],
};

pub(super) const FILE: TextFile = TextFile {
    name: "the file of AWS_WEB_IDENTITY_TOKEN_FILE",
    advice: "check that the platform projects a token into it (Amazon EKS: the annotation `eks.amazonaws.com/role-arn` of the service account)",
    max_bytes: 20_000,
};

/// The name of the session where the environment has none.
const DEFAULT_SESSION: &str = "workload-identity";

/// The role to assume, and the file with the token.
#[derive(Debug)]
pub(super) struct WebIdentity {
    file: String,
    role: String,
    session: String,
}

impl WebIdentity {
    /// The role that the environment names together with a token file.
    ///
    /// # Errors
    /// `config_invalid` for a name that IAM does not have.
    pub(super) fn of(environment: &Environment) -> Result<Option<Self>, Error> {
        let variable = |name| environment.variable(name).map(String::from);
        let (Some(file), Some(role)) = (variable(TOKEN_FILE), variable(ROLE_ARN)) else {
            return Ok(None);
        };
        let invalid = |message: String| Err(Error::new(Code::ConfigInvalid, message));
        let is_arn = role.starts_with("arn:") && role.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_arn || !(20..=2048).contains(&role.len()) {
            return invalid(format!(
                "{ROLE_ARN} is not the ARN of a role such as `arn:aws:iam::123456789012:role/app`"
            ));
        }
        let session = variable(SESSION_NAME).unwrap_or_else(|| DEFAULT_SESSION.into());
        let is_part = |byte: u8| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b'_' | b'+' | b'=' | b',' | b'.' | b'@' | b'-')
        };
        if !(2..=64).contains(&session.len()) || !session.bytes().all(is_part) {
            return invalid(format!(
                "{SESSION_NAME} is not 2 to 64 letters, digits and characters of `_+=,.@-`"
            ));
        }
        Ok(Some(Self { file, role, session }))
    }

    /// Reads the token.
    pub(super) fn file(&self) -> Effect {
        FILE.effect(self.file.clone())
    }

    /// The request for credentials. The token stands in the body, never in the URL.
    pub(super) fn request(&self, url: String, token: &str, timeout_ms: u32) -> HttpRequest {
        HttpRequest {
            method: Method::Post,
            url,
            headers: Vec::from([
                ("content-type", "application/x-www-form-urlencoded; charset=utf-8".into()),
                ("accept", "application/json".into()),
            ])
            .into(),
            body: form_encode([
                ("Action", "AssumeRoleWithWebIdentity"),
                ("Version", "2011-06-15"),
                ("RoleArn", &self.role),
                ("RoleSessionName", &self.session),
                ("WebIdentityToken", token),
            ]),
            timeout_ms,
            max_bytes: MAX_RESPONSE,
            connection: Connection::default(),
        }
    }
}

/// Reads the credentials of the role.
pub(super) fn credentials(response: &HttpResponse) -> Result<Credentials, SourceError> {
    Credentials::issued(&Answer::of(response, &ENDPOINT)?, "SessionToken", &ENDPOINT)
}
