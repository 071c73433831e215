//! The instance metadata service of Amazon EC2, version 2 (EC2 User Guide, "Use the Instance Metadata Service").
//!
//! Version 1 has no session token and is not used.

use super::super::SourceError;
use super::super::endpoint::{Endpoint, MAX_RESPONSE};
use super::answer::Answer;
use super::credentials::Credentials;
use super::region::Region;
use crate::environment::Environment;
use crate::http::{Connection, HttpRequest, HttpResponse, Method, Url};
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

pub(super) const DISABLED: &str = "AWS_EC2_METADATA_DISABLED";
pub(super) const ADDRESS: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
pub(super) const MODE: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE";

pub(super) const ENDPOINT: Endpoint = Endpoint {
    name: "EC2's instance metadata service",
    refused: "check that the instance has an IAM role (instance profile) and that its metadata service is enabled",
    configured_by: ADDRESS,
    // The session token was not accepted: another one is fetched.
    also_transient: &[401],
};

const IPV4: &str = "http://169.254.169.254";
const IPV6: &str = "http://[fd00:ec2::254]";
/// Time for an answer, as that of the AWS SDKs.
const TIMEOUT_MS: u32 = 1_000;
/// Life of a session token. It is used for the requests of one acquisition only.
const TOKEN_SECONDS: &str = "300";
const ROLES: &str = "/latest/meta-data/iam/security-credentials/";

/// The metadata service of this instance.
#[derive(Debug)]
pub(super) struct InstanceMetadata {
    address: String,
}

impl InstanceMetadata {
    /// The service, unless the environment switches it off.
    ///
    /// # Errors
    /// `config_invalid` for an address that is neither the service's own nor this machine's.
    pub(super) fn of(environment: &Environment) -> Result<Option<Self>, Error> {
        let is = |name, wanted: &str| {
            environment.variable(name).is_some_and(|value| value.eq_ignore_ascii_case(wanted))
        };
        if is(DISABLED, "true") {
            return Ok(None);
        }
        let address = match environment.variable(ADDRESS) {
            Some(text) => address(text)?,
            None if is(MODE, "ipv6") => IPV6.into(),
            None => IPV4.into(),
        };
        Ok(Some(Self { address }))
    }

    /// Asks for a session token.
    pub(super) fn token_request(&self) -> HttpRequest {
        let mut request = self.request("/latest/api/token");
        request.method = Method::Put;
        request.headers =
            Vec::from([("x-aws-ec2-metadata-token-ttl-seconds", TOKEN_SECONDS.into())]).into();
        request
    }

    pub(super) fn region_request(&self, token: &str) -> HttpRequest {
        self.with_token("/latest/meta-data/placement/region", token)
    }

    pub(super) fn role_request(&self, token: &str) -> HttpRequest {
        self.with_token(ROLES, token)
    }

    pub(super) fn credentials_request(&self, token: &str, role: &str) -> HttpRequest {
        self.with_token(&format!("{ROLES}{role}"), token)
    }

    fn with_token(&self, path: &str, token: &str) -> HttpRequest {
        let mut request = self.request(path);
        request.headers.push(("x-aws-ec2-metadata-token", token.into()));
        request
    }

    fn request(&self, path: &str) -> HttpRequest {
        let url = format!("{}{path}", self.address);
        let connection = Connection::direct();
        HttpRequest { connection, ..HttpRequest::get(url, "*/*", TIMEOUT_MS, MAX_RESPONSE) }
    }
}

/// Reads a session token.
pub(super) fn token(response: &HttpResponse) -> Result<&str, SourceError> {
    line(response, |byte| byte.is_ascii_graphic())
        .ok_or_else(|| ENDPOINT.invalid("answered with text that is not a session token"))
}

/// Reads the name of the instance's region.
pub(super) fn region(response: &HttpResponse) -> Result<Region, SourceError> {
    let name = line(response, |byte| byte.is_ascii_graphic()).unwrap_or_default();
    Region::parse(name, "the region")
        .map_err(|_| ENDPOINT.invalid("answered with text that is not the name of a region"))
}

/// Reads the name of the instance's role. It becomes a part of a path.
pub(super) fn role(response: &HttpResponse) -> Result<&str, SourceError> {
    let is_name = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'+' | b'=' | b',' | b'.' | b'@' | b'_' | b'-')
    };
    line(response, is_name)
        .filter(|name| !name.starts_with('.'))
        .ok_or_else(|| ENDPOINT.invalid("answered with text that is not the name of a role"))
}

/// Reads the credentials of a role. An answer with status 200 can be a refusal.
pub(super) fn credentials(response: &HttpResponse) -> Result<Credentials, SourceError> {
    let answer = Answer::of(response, &ENDPOINT)?;
    if answer.text("Code").is_some_and(|code| code != "Success") {
        let message = format!(
            "{} has no credentials for the instance's role; check that the role's trust policy names `ec2.amazonaws.com`",
            ENDPOINT.name
        );
        return Err(Error::new(Code::SourceRejected, message).into());
    }
    Credentials::issued(&answer, "Token", &ENDPOINT)
}

/// The first line of an answer, if it has only these characters.
fn line(response: &HttpResponse, accept: fn(u8) -> bool) -> Option<&str> {
    let text = core::str::from_utf8(&response.body).ok()?;
    let line = text.trim_ascii().lines().next()?.trim_ascii();
    (line.len() <= 4096 && line.bytes().all(accept)).then_some(line)
}

/// Reads an address: one of the service's two, or one of this machine.
fn address(text: &str) -> Result<String, Error> {
    let text = text.trim_end_matches('/');
    if text == IPV4 || text == IPV6 {
        return Ok(text.into());
    }
    match Url::parse(text) {
        // http to another machine is not parsed.
        Ok(url) if !url.is_https() && !text.contains('?') => Ok(url.into_string()),
        _ => {
            let message = format!(
                "{ADDRESS} is neither {IPV4} nor {IPV6} nor an address of this machine, and the service's answers are trusted"
            );
            Err(Error::new(Code::ConfigInvalid, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_services_own_addresses_and_this_machine_are_asked() {
        for good in [
            "http://169.254.169.254",
            "http://169.254.169.254/",
            "http://[fd00:ec2::254]/",
            "http://127.0.0.1:1338/",
            "http://localhost:1338/aws",
        ] {
            assert_eq!(address(good).unwrap(), good.trim_end_matches('/'));
        }
        for bad in [
            "http://169.254.170.2",
            "http://169.254.169.254@evil.example",
            "http://169.254.169.254.evil.example",
            "http://2852039166",
            "https://metadata.example",
            "http://user:password@127.0.0.1/",
            "http://127.0.0.1/?a=b",
            "169.254.169.254",
        ] {
            let error = address(bad).unwrap_err();
            assert_eq!(error.code, Code::ConfigInvalid, "{bad}");
            assert!(!error.message.contains("password"), "{error}");
        }
    }

    #[test]
    fn a_roles_name_stays_in_its_path() {
        let answered = |body: &str| HttpResponse {
            status: 200,
            headers: crate::http::Headers::default(),
            body: Vec::from(body),
        };
        assert_eq!(role(&answered("my-role@a.b\n")).unwrap(), "my-role@a.b");
        for bad in ["", "\n", "a/b", "..", "a?b", "<html>", "a b", "\u{fc}"] {
            assert!(role(&answered(bad)).is_err(), "{bad}");
        }
    }
}
