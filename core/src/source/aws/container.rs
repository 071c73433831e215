//! The credentials endpoint of a container: Amazon ECS, EKS Pod Identity, AWS IoT Greengrass (AWS SDKs and Tools Reference
//! Guide, "Container credential provider").

use super::super::SourceError;
use super::super::endpoint::{Endpoint, MAX_RESPONSE};
use super::super::text_file::TextFile;
use crate::environment::Environment;
use crate::http::{AddressPolicy, Connection, HttpRequest, Url};
use crate::secret::Secret;
use crate::{Code, Effect, Error};
use alloc::format;
use alloc::string::String;

pub(super) const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
pub(super) const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
pub(super) const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
pub(super) const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

pub(super) const ENDPOINT: Endpoint = Endpoint {
    name: "the container's credentials endpoint",
    refused: "check the role of the task (Amazon ECS), or the pod identity association of the service account (Amazon EKS)",
    configured_by: "AWS_CONTAINER_CREDENTIALS_FULL_URI or AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    also_transient: &[],
};

pub(super) const AUTHORIZATION_FILE: TextFile = TextFile {
    name: "the file of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    advice: "check that the platform mounts it: the EKS Pod Identity agent does after the association was made",
    max_bytes: 16 * 1024,
};

/// Time for an answer, as that of the AWS SDKs. The endpoint is on the same machine.
const TIMEOUT_MS: u32 = 2_000;
/// The endpoint of Amazon ECS. `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` is a path of it.
const ECS: &str = "http://169.254.170.2";
/// The hosts besides this machine that may be asked over http: those of Amazon ECS and Amazon EKS.
const HOSTS: [&str; 3] = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"];

/// The endpoint that the platform's variables name.
#[derive(Debug)]
pub(super) struct Container {
    url: String,
    /// Whether the endpoint is on this machine, so that no proxy leads to it.
    direct: bool,
    authorization: Authorization,
}

/// What the request is authorized with.
#[derive(Debug)]
enum Authorization {
    Nothing,
    Value(Secret<String>),
    File(String),
}

impl Container {
    /// The endpoint, if the environment names one.
    ///
    /// # Errors
    /// `config_invalid` for an address that the platform does not use, and for a token that is no header's value.
    pub(super) fn of(environment: &Environment) -> Result<Option<Self>, Error> {
        let relative = environment.variable(RELATIVE);
        let (url, direct) = match (relative, environment.variable(FULL)) {
            (Some(path), _) => (relative_url(path)?, true),
            (None, Some(url)) => full_url(url)?,
            (None, None) => return Ok(None),
        };
        let authorization = match (environment.variable(TOKEN_FILE), environment.variable(TOKEN)) {
            (Some(path), _) => Authorization::File(path.into()),
            (None, Some(token)) if is_header_value(token) => {
                Authorization::Value(Secret::new(token.into()))
            }
            (None, Some(_)) => {
                let message = format!(
                    "{TOKEN} has a line break or another character that is not allowed in a header; the platform sets it, do not change it"
                );
                return Err(Error::new(Code::ConfigInvalid, message));
            }
            (None, None) => Authorization::Nothing,
        };
        Ok(Some(Self { url, direct, authorization }))
    }

    /// The file to read before the request.
    pub(super) fn file(&self) -> Option<Effect> {
        match &self.authorization {
            Authorization::File(path) => Some(AUTHORIZATION_FILE.effect(path.clone())),
            _ => None,
        }
    }

    /// The request for credentials. `file` is the content of [`Self::file`].
    pub(super) fn request(&self, file: Option<&str>) -> Result<HttpRequest, SourceError> {
        let mut request =
            HttpRequest::get(self.url.clone(), "application/json", TIMEOUT_MS, MAX_RESPONSE);
        if self.direct {
            request.connection = Connection::direct();
        }
        let token = match &self.authorization {
            Authorization::Value(token) => Some(token.expose().as_str()),
            _ => file,
        };
        if let Some(token) = token {
            if !is_header_value(token) {
                return Err(AUTHORIZATION_FILE.error(
                    Code::TokenFileUnreadable,
                    "has a character that is not allowed in a header",
                ));
            }
            request.headers.push(("authorization", token.into()));
        }
        Ok(request)
    }
}

fn relative_url(path: &str) -> Result<String, Error> {
    let is_path = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'#' | b'\\' | b'@');
    if path.starts_with('/') && !path.starts_with("//") && path.bytes().all(is_path) {
        return Ok(format!("{ECS}{path}"));
    }
    let message = format!(
        "{RELATIVE} is not a path such as `/v2/credentials/...`; Amazon ECS sets it, do not change it"
    );
    Err(Error::new(Code::ConfigInvalid, message))
}

/// Reads an address: https, or http to this machine or to a host of Amazon ECS or Amazon EKS.
fn full_url(text: &str) -> Result<(String, bool), Error> {
    for host in HOSTS {
        let rest = text.strip_prefix("http://").and_then(|rest| rest.strip_prefix(host));
        // The address of another host cannot have this form, so that its path is checked as that of one.
        let probe = rest.map(|rest| format!("http://127.0.0.1{rest}"));
        if probe.is_some_and(|probe| {
            Url::parse(&probe)
                .is_ok_and(|url| matches!(url.origin(), "http://127.0.0.1" | "http://127.0.0.1:80"))
        }) {
            return Ok((text.into(), true));
        }
    }
    match AddressPolicy::AUTHORITY.parse(text) {
        Ok(url) => {
            let direct = !url.is_https();
            Ok((url.into_string(), direct))
        }
        Err(refusal) => {
            let message = format!(
                "{FULL} {refusal}; it is https, or http to this machine, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23]"
            );
            Err(Error::new(Code::ConfigInvalid, message))
        }
    }
}

fn is_header_value(token: &str) -> bool {
    token.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platforms_addresses_are_accepted() {
        for (good, direct) in [
            ("http://169.254.170.23/v1/credentials", true),
            ("http://[fd00:ec2::23]/v1/credentials", true),
            ("http://169.254.170.2/v2/credentials?id=1", true),
            ("http://169.254.170.2:80/v2", true),
            ("http://localhost:8080/creds", true),
            ("http://127.0.0.1/creds", true),
            ("http://[::1]:1/creds", true),
            ("https://credentials.example/creds", false),
        ] {
            assert_eq!(full_url(good).unwrap(), (good.into(), direct));
        }
        assert_eq!(relative_url("/v2/a?b=c").unwrap(), "http://169.254.170.2/v2/a?b=c");
    }

    #[test]
    fn other_addresses_are_refused() {
        for bad in [
            "http://credentials.example/",
            "http://169.254.169.254/latest/meta-data/",
            "https://169.254.169.254/",
            "http://[fd00:ec2::254]/",
            "https://[fd00:ec2::23]/",
            "http://169.254.170.2.evil.example/",
            "http://169.254.170.23@evil.example/",
            "http://169.254.170.2:8080/",
            "http://169.254.170.23\\@evil.example/",
            "http://169.254.170.23/a\nb",
            "http://169.254.170.234/",
            "http://[fd00:ec2::23].evil.example/",
            "https://user:password@credentials.example/",
            "http://metadata.google.internal/",
            "http://2852039170/",
            "file:///etc/passwd",
            "/v1/credentials",
        ] {
            let error = full_url(bad).unwrap_err();
            assert_eq!(error.code, Code::ConfigInvalid, "{bad}");
            assert!(error.message.starts_with(FULL), "{error}");
            assert!(!error.message.contains("password"), "{error}");
        }
        for bad in [
            "v2",
            "//evil.example/",
            "/a\nb",
            "/@evil.example",
            "http://evil.example/",
            "/a#b",
            "/\\a",
        ] {
            assert_eq!(relative_url(bad).unwrap_err().code, Code::ConfigInvalid, "{bad}");
        }
    }
}
