//! Credentials that sign a request to AWS, and their form in the answers of the services that issue them.

use super::answer::Answer;
use crate::environment::Environment;
use crate::json::non_empty::NonBlank;
use crate::secret::Secret;
use crate::source::SourceError;
use crate::source::endpoint::Endpoint;
use crate::{Code, Error, Timestamp};
use alloc::format;
use alloc::string::String;
use serde::Deserialize;
use serde_json::Value;

pub(super) const ACCESS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";
pub(super) const SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";
pub(super) const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";
pub(super) const EXPIRATION: &str = "AWS_CREDENTIAL_EXPIRATION";

/// The member `credentials` of a configuration.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CredentialsForm {
    access_key_id: NonBlank,
    secret_access_key: NonBlank,
    session_token: Option<NonBlank>,
}

/// An access key, with the session token of temporary credentials.
#[derive(Clone, Debug)]
pub(super) struct Credentials {
    pub(super) access_key_id: String,
    pub(super) secret_access_key: Secret<String>,
    pub(super) session_token: Option<Secret<String>>,
    pub(super) expires: Option<Timestamp>,
}

/// The part of credentials that cannot stand in a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    AccessKeyId,
    SecretAccessKey,
    SessionToken,
}

impl Credentials {
    /// Credentials whose parts can stand in a header.
    pub(super) fn new(
        access_key_id: &str,
        secret_access_key: &str,
        session_token: Option<&str>,
        expires: Option<Timestamp>,
    ) -> Result<Self, Part> {
        let is_visible = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        let is_id = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if access_key_id.is_empty() || !access_key_id.bytes().all(is_id) {
            return Err(Part::AccessKeyId);
        }
        if secret_access_key.is_empty() || !is_visible(secret_access_key) {
            return Err(Part::SecretAccessKey);
        }
        if !session_token.is_none_or(is_visible) {
            return Err(Part::SessionToken);
        }
        Ok(Self {
            access_key_id: access_key_id.into(),
            secret_access_key: Secret::new(secret_access_key.into()),
            session_token: session_token.map(|token| Secret::new(token.into())),
            expires,
        })
    }

    /// Reads the member `credentials` of a configuration.
    ///
    /// # Errors
    /// `config_invalid` names the member.
    pub(super) fn configured(form: &CredentialsForm) -> Result<Self, Error> {
        let token = form.session_token.as_ref().map(|token| token.0.trim_ascii());
        let (id, key) = (form.access_key_id.0.trim_ascii(), form.secret_access_key.0.trim_ascii());
        Self::new(id, key, token, None).map_err(|part| {
            let member = match part {
                Part::AccessKeyId => "access_key_id",
                Part::SecretAccessKey => "secret_access_key",
                Part::SessionToken => "session_token",
            };
            part.refused(&format!("`source.credentials.{member}`"))
        })
    }

    /// The credentials of the environment. Lambda sets these variables, too.
    ///
    /// # Errors
    /// `environment_incomplete` or `config_invalid` names the variable.
    pub(super) fn of_environment(environment: &Environment) -> Result<Option<Self>, Error> {
        let keys = (environment.variable(ACCESS_KEY_ID), environment.variable(SECRET_ACCESS_KEY));
        let (id, key) = match keys {
            (Some(id), Some(key)) => (id, key),
            (None, None) => return Ok(None),
            _ => {
                return Err(Error::new(
                    Code::EnvironmentIncomplete,
                    "only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set; set both, and AWS_SESSION_TOKEN for temporary credentials",
                ));
            }
        };
        let expires = environment.variable(EXPIRATION).map(|text| {
            instant(&text.into()).ok_or_else(|| {
                let message =
                    format!("{EXPIRATION} is not an instant such as `2026-01-01T00:00:00Z`");
                Error::new(Code::ConfigInvalid, message)
            })
        });
        let token = environment.variable(SESSION_TOKEN);
        Self::new(id, key, token, expires.transpose()?).map(Some).map_err(|part| {
            part.refused(match part {
                Part::AccessKeyId => ACCESS_KEY_ID,
                Part::SecretAccessKey => SECRET_ACCESS_KEY,
                Part::SessionToken => SESSION_TOKEN,
            })
        })
    }

    /// Reads the answer of a service that issues credentials. `token` is the member with the session token.
    pub(super) fn issued(
        answer: &Answer<'_>,
        token: &str,
        endpoint: &Endpoint,
    ) -> Result<Self, SourceError> {
        let text = |name: &str| {
            let value = answer.text(name).map(|value| String::from(value.trim_ascii()));
            value.filter(|value| !value.is_empty()).ok_or_else(|| {
                endpoint.invalid(&format!("answered without the credentials' `{name}`"))
            })
        };
        let (id, key, session) = (text("AccessKeyId")?, text("SecretAccessKey")?, text(token)?);
        let expires = match answer.value("Expiration") {
            None => None,
            Some(value) => Some(instant(&value).ok_or_else(|| {
                endpoint.invalid("answered with an `Expiration` that is not an instant")
            })?),
        };
        Self::new(&id, &key, Some(&session), expires).map_err(|part| {
            let member = match part {
                Part::AccessKeyId => "AccessKeyId",
                Part::SecretAccessKey => "SecretAccessKey",
                Part::SessionToken => token,
            };
            endpoint.invalid(&format!("answered with characters in `{member}` that no header has"))
        })
    }

    /// The credentials, unless they have expired. `origin` is the subject of the error's sentence.
    pub(super) fn valid(self, origin: &str, now: Timestamp) -> Result<Self, SourceError> {
        if self.expires.is_none_or(|expires| expires > now) {
            return Ok(self);
        }
        let message = format!(
            "the AWS credentials of {origin} have expired; renew them, and check this machine's clock"
        );
        Err(Error::new(Code::CredentialsExpired, message).into())
    }
}

impl Part {
    /// The error of a variable or member with this part.
    pub(super) fn refused(self, name: &str) -> Error {
        let what = match self {
            Part::AccessKeyId => "is not an access key id, which has letters and digits only",
            Part::SecretAccessKey | Part::SessionToken => {
                "has a space, a line break or another character that AWS does not issue"
            }
        };
        Error::new(Code::ConfigInvalid, format!("{name} {what}; copy it again"))
    }
}

/// Reads an instant: a date of RFC 3339, or Unix seconds as a number.
pub(super) fn instant(value: &Value) -> Option<Timestamp> {
    if let Some(seconds) = value.as_f64() {
        return Some(Timestamp::from_millis((seconds * 1000.0) as i64));
    }
    let instant: jiff::Timestamp = value.as_str()?.trim_ascii().parse().ok()?;
    Some(Timestamp::from_millis(instant.as_millisecond()))
}
