//! The token endpoint of a cluster with identity bindings, which AKS calls a token proxy (Azure documentation, "Identity
//! bindings in Azure Kubernetes Service").
//!
//! Token requests go to an address in the cluster, which has certificate authorities of its own, instead of to Entra.
//! Discovery does not.

use super::authority::Authority;
use crate::environment::Environment;
use crate::http::{AddressPolicy, Connection, Url, is_host_name};
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;

/// The variables that AKS sets in a pod with an identity binding.
pub(crate) const VARIABLES: [&str; 4] = [ADDRESS, SERVER_NAME, CA_FILE, CA_DATA];

const ADDRESS: &str = "AZURE_KUBERNETES_TOKEN_PROXY";
const SERVER_NAME: &str = "AZURE_KUBERNETES_SNI_NAME";
const CA_FILE: &str = "AZURE_KUBERNETES_CA_FILE";
const CA_DATA: &str = "AZURE_KUBERNETES_CA_DATA";

/// Longest file of certificate authorities.
pub(crate) const MAX_CA_FILE: u32 = 256 * 1024;

/// Where token requests go instead of the authority's own token endpoint.
#[derive(Clone, Debug)]
pub(crate) struct TokenProxy {
    /// Scheme, host, port and path, without a slash at its end.
    base: String,
    server_name: Option<String>,
    pub(crate) roots: Roots,
}

/// The certificate authorities that are trusted for the proxy.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Roots {
    /// Those of the host.
    System,
    /// These, in PEM.
    Given(String),
    /// Those in a file, which AKS replaces while the pod runs.
    File(String),
}

impl TokenProxy {
    /// The token proxy, if the configuration or the environment asks for it. A pod with an identity binding has a token that
    /// Entra itself does not accept, so where the environment gives that token, its token proxy is used.
    ///
    /// # Errors
    /// `config_invalid` for another authority than Entra, or that of [`Self::read`].
    pub(crate) fn choose(
        asked: Option<bool>,
        from_pod: bool,
        authority: &Authority,
        environment: &Environment,
        addresses: &AddressPolicy,
    ) -> Result<Option<Self>, Error> {
        if !asked.unwrap_or(from_pod && authority.is_entra()) {
            return Ok(None);
        }
        if !authority.is_entra() {
            return Err(Error::new(
                Code::ConfigInvalid,
                "`token_proxy` stands for Entra's token endpoint, so it cannot be used with `authority`",
            ));
        }
        Self::read(environment, addresses)
    }

    /// Reads the variables. `None` when none of them is set.
    ///
    /// # Errors
    /// `environment_incomplete` or `config_invalid` names the variable.
    fn read(environment: &Environment, addresses: &AddressPolicy) -> Result<Option<Self>, Error> {
        let invalid = |message: String| Error::new(Code::ConfigInvalid, message);
        let variable = |name| environment.variable(name).map(String::from);
        let (server_name, file, data) =
            (variable(SERVER_NAME), variable(CA_FILE), variable(CA_DATA));
        let Some(address) = environment.variable(ADDRESS) else {
            if server_name.is_none() && file.is_none() && data.is_none() {
                return Ok(None);
            }
            return Err(Error::new(
                Code::EnvironmentIncomplete,
                format!(
                    "{SERVER_NAME}, {CA_FILE} or {CA_DATA} is set without {ADDRESS}; pass all variables of the pod on"
                ),
            ));
        };
        let url = addresses.parse(address).map_err(|refusal| {
            invalid(format!("{ADDRESS} {refusal}; AKS sets it, do not change it"))
        })?;
        if !url.is_https() || url.as_str().contains('?') {
            return Err(invalid(format!(
                "{ADDRESS} is not an https URL without a query; AKS sets it, do not change it"
            )));
        }
        if server_name.as_deref().is_some_and(|name| !is_host_name(name)) {
            return Err(invalid(format!("{SERVER_NAME} is not a host name")));
        }
        let roots = match (file, data) {
            (Some(_), Some(_)) => {
                return Err(invalid(format!(
                    "{CA_FILE} and {CA_DATA} are both set; leave one of them out"
                )));
            }
            (Some(path), None) => Roots::File(path),
            (None, Some(pem)) if has_certificate(&pem) => Roots::Given(pem),
            (None, Some(_)) => {
                return Err(invalid(format!("{CA_DATA} holds no certificate in PEM")));
            }
            (None, None) => Roots::System,
        };
        let base = url.as_str().trim_end_matches('/').into();
        Ok(Some(Self { base, server_name, roots }))
    }

    /// The address that stands for a token endpoint: the proxy's path is put before that of the endpoint.
    pub(crate) fn address_of(&self, endpoint: &str) -> String {
        let path = Url::parse(endpoint).map(|url| String::from(url.path_and_query()));
        format!("{}{}", self.base, path.unwrap_or_default())
    }

    /// How the proxy is reached, with the certificate authorities of the file.
    pub(crate) fn connection(&self, file: Option<&str>) -> Connection {
        let ca = match &self.roots {
            Roots::Given(pem) => Some(pem.as_str()),
            Roots::File(_) => file,
            Roots::System => None,
        };
        Connection {
            ca: ca.map(String::from),
            server_name: self.server_name.clone(),
            ..Connection::default()
        }
    }
}

/// The certificate authorities in a file, or `None` for one that is being replaced or holds something else.
pub(crate) fn certificates(file: &[u8]) -> Option<&str> {
    let text = core::str::from_utf8(file).ok().filter(|text| has_certificate(text))?;
    (text.len() <= MAX_CA_FILE as usize).then_some(text)
}

/// The error of a file without certificate authorities.
pub(crate) fn no_certificates(path: &str, why: &str) -> Error {
    let path = crate::redact::redact(path, crate::redact::MAX_DETAIL);
    let message = format!("the file `{path}` of {CA_FILE} {why}; check the pod's projected volume");
    Error::new(Code::CaFileUnreadable, message)
}

fn has_certificate(text: &str) -> bool {
    text.split_once("-----BEGIN CERTIFICATE-----")
        .is_some_and(|(_, rest)| rest.contains("-----END CERTIFICATE-----"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use serde_json::{Map, Value};

    const PEM: &str = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";

    fn read(variables: &[(&str, &str)]) -> Result<Option<TokenProxy>, Error> {
        let variables: Map<_, _> = variables
            .iter()
            .map(|(name, value)| (String::from(*name), Value::from(*value)))
            .collect();
        TokenProxy::read(&Environment::new(variables, Vec::new()), &AddressPolicy::AUTHORITY)
    }

    #[test]
    fn paths_are_joined() {
        for (base, joined) in [
            ("https://proxy.example", "https://proxy.example/t/oauth2/v2.0/token"),
            ("https://proxy.example/", "https://proxy.example/t/oauth2/v2.0/token"),
            ("https://10.0.0.1:8443/a/b/", "https://10.0.0.1:8443/a/b/t/oauth2/v2.0/token"),
        ] {
            let proxy = read(&[(ADDRESS, base)]).unwrap().unwrap();
            assert_eq!(proxy.address_of("https://login.a.example/t/oauth2/v2.0/token"), joined);
            assert_eq!(proxy.roots, Roots::System);
        }
    }

    #[test]
    fn incomplete_and_wrong_variables_are_refused() {
        const GOOD: (&str, &str) = (ADDRESS, "https://proxy.example");
        assert!(read(&[]).unwrap().is_none());
        for (variables, code) in [
            (&[(SERVER_NAME, "a.example")][..], Code::EnvironmentIncomplete),
            (&[(CA_FILE, "/ca.pem")], Code::EnvironmentIncomplete),
            (&[(CA_DATA, PEM), (ADDRESS, " ")], Code::EnvironmentIncomplete),
            (&[GOOD, (CA_FILE, "/ca.pem"), (CA_DATA, PEM)], Code::ConfigInvalid),
            (&[GOOD, (CA_DATA, "no certificate")], Code::ConfigInvalid),
            (&[GOOD, (SERVER_NAME, "a b")], Code::ConfigInvalid),
            (&[(ADDRESS, "http://proxy.example")], Code::ConfigInvalid),
            (&[(ADDRESS, "http://localhost")], Code::ConfigInvalid),
            (&[(ADDRESS, "https://user@proxy.example")], Code::ConfigInvalid),
            (&[(ADDRESS, "https://proxy.example?a=b")], Code::ConfigInvalid),
            (&[(ADDRESS, "https://proxy.example#a")], Code::ConfigInvalid),
            (&[(ADDRESS, "https://169.254.169.254")], Code::ConfigInvalid),
        ] {
            assert_eq!(read(variables).unwrap_err().code, code, "{variables:?}");
        }
    }

    #[test]
    fn a_file_without_a_whole_certificate_is_not_used() {
        assert_eq!(certificates(PEM.as_bytes()), Some(PEM));
        for bad in [&b""[..], b"\n", b"-----BEGIN CERTIFICATE-----\nMAA=", b"\xff\xfe"] {
            assert_eq!(certificates(bad), None);
        }
    }
}
