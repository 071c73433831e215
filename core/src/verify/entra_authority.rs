//! `cloud` and `authority_host` of an issuer with an Entra profile: who issues the tokens.

use crate::Error;
use crate::entra::{Cloud, TokenIssuers};
use crate::http::AddressPolicy;
use crate::json::config::Document;
use crate::oauth::authority::{AuthorityHost, AuthorityHostError};
use alloc::format;

/// The issuers of the cloud, or of the authority, that a configuration names. A host of a cloud stands for the cloud.
///
/// # Errors
/// `config_invalid` names the member that is wrong.
pub(super) fn token_issuers(
    cloud: Option<&str>,
    authority_host: Option<&str>,
    addresses: &AddressPolicy,
) -> Result<TokenIssuers, Error> {
    let refused = |message: &str| Document::CONFIGURATION.error(message);
    let host = match (cloud, authority_host) {
        (cloud, None) => {
            return Cloud::named(cloud.unwrap_or("public")).map(TokenIssuers::from).ok_or_else(|| {
                refused(
                    "`issuers.cloud` is not `public`, `usgov`, `china` or a host or alias of docs/entra.md",
                )
            });
        }
        (None, Some(host)) => host,
        (Some(_), Some(_)) => {
            return Err(refused(
                "`issuers.authority_host` is not for use beside `cloud`: each names who issues the tokens",
            ));
        }
    };
    let AuthorityHost { origin, cloud } =
        AuthorityHost::read(host, addresses).map_err(|error| match error {
            AuthorityHostError::Path => refused(
                "`issuers.authority_host` is not a scheme and host alone: the tenant goes into `tenant_id`",
            ),
            AuthorityHostError::Address(refusal) => {
                refused(&format!("`issuers.authority_host` {refusal}"))
            }
        })?;
    let of_cloud = cloud.filter(|cloud| origin.strip_prefix("https://") == Some(cloud.host));
    Ok(of_cloud.map_or_else(|| TokenIssuers::of_origin(origin.clone()), TokenIssuers::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TESTS: AddressPolicy =
        AddressPolicy { allow_loopback_http: true, ..AddressPolicy::AUTHORITY };

    fn v2_issuer(authority_host: &str) -> Result<alloc::string::String, Error> {
        token_issuers(None, Some(authority_host), &TESTS).map(|issuers| issuers.issuer("T", false))
    }

    #[test]
    fn a_host_of_a_cloud_is_the_cloud() {
        let public = token_issuers(None, None, &TESTS).ok();
        for host in ["login.microsoftonline.com", "https://login.windows.net/", "sts.windows.net"] {
            assert_eq!(token_issuers(None, Some(host), &TESTS).ok(), public, "{host}");
        }
        assert_eq!(token_issuers(Some("login.windows.net"), None, &TESTS).ok(), public);
        assert_eq!(
            token_issuers(None, Some("https://login.microsoftonline.us"), &TESTS).ok(),
            token_issuers(Some("usgov"), None, &TESTS).ok()
        );
    }

    #[test]
    fn another_host_is_an_authority_of_its_own() {
        for (host, issuer) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/T/v2.0"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/T/v2.0"),
            ("login.private.example", "https://login.private.example/T/v2.0"),
            (
                "https://login.microsoftonline.com:8443",
                "https://login.microsoftonline.com:8443/T/v2.0",
            ),
        ] {
            assert_eq!(v2_issuer(host).ok().as_deref(), Some(issuer), "{host}");
        }
    }

    #[test]
    fn messages_name_the_member_and_the_way_out() {
        let strict = AddressPolicy { allow_loopback_http: false, ..TESTS };
        for (error, expected) in [
            (token_issuers(Some("mars"), None, &TESTS), "`issuers.cloud` is not"),
            (token_issuers(Some("usgov"), Some("https://a.example"), &TESTS), "beside `cloud`"),
            (token_issuers(None, Some("https://a.example/T"), &TESTS), "goes into `tenant_id`"),
            (token_issuers(None, Some(""), &TESTS), "`issuers.authority_host` "),
            (token_issuers(None, Some("http://a.example"), &TESTS), "`issuers.authority_host` "),
            (
                token_issuers(None, Some("https://169.254.169.254"), &TESTS),
                "`issuers.authority_host` ",
            ),
            (token_issuers(None, Some("http://127.0.0.1:1"), &strict), "allow_loopback_http"),
        ] {
            let error = error.expect_err(expected);
            assert_eq!(error.code, crate::Code::ConfigInvalid);
            assert!(error.message.contains(expected), "{error}");
        }
    }
}
