//! The authority that issues access tokens: an Entra cloud, or any OAuth authority that accepts JWT client assertions (RFC 7523).

use crate::entra::Cloud;
use crate::http::{AddressPolicy, Refusal, Url};
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;

/// A service that issues access tokens.
#[derive(Clone, Debug)]
pub(crate) enum Authority {
    /// Entra: the token endpoint follows from host and tenant.
    Entra {
        /// Scheme, host and port.
        origin: String,
        /// Audience of assertions, from the cloud table.
        exchange_audience: &'static str,
    },
    /// Any server that accepts JWT client assertions (RFC 7523).
    Oidc {
        /// Its issuer identifier, exactly as it spells it.
        issuer: Option<String>,
        /// Known in advance, or found by discovery.
        token_endpoint: Option<Url>,
    },
}

impl Authority {
    /// Reads an authority host such as `https://login.microsoftonline.us` (a bare host name is read as https).
    pub(crate) fn entra(text: &str, addresses: &AddressPolicy) -> Result<Self, Error> {
        let host = AuthorityHost::read(text, addresses).map_err(|error| match error {
            AuthorityHostError::Address(refusal) => refuse("authority_host", refusal),
            AuthorityHostError::Path => Error::new(
                Code::AuthorityInvalid,
                "authority_host carries a path or query; give scheme and host only, the tenant goes into tenant_id",
            ),
        })?;
        let cloud = host.cloud.unwrap_or(Cloud::PUBLIC);
        Ok(Authority::Entra { origin: host.origin, exchange_audience: cloud.exchange_audience })
    }

    /// Reads a generic authority: issuer, token endpoint, or both.
    pub(crate) fn oidc(
        issuer: Option<&str>,
        token_endpoint: Option<&str>,
        addresses: &AddressPolicy,
    ) -> Result<Self, Error> {
        let check =
            |member, text: &str| addresses.parse(text).map_err(|error| refuse(member, error));
        if let Some(issuer) = issuer {
            let url = check("authority.issuer", issuer)?;
            if url.path_and_query().as_bytes().contains(&b'?') {
                return Err(refuse("authority.issuer", Refusal::Malformed));
            }
        }
        let token_endpoint =
            token_endpoint.map(|text| check("authority.token_endpoint", text)).transpose()?;
        if issuer.is_none() && token_endpoint.is_none() {
            return Err(Error::new(
                Code::ConfigInvalid,
                "`authority` names neither `issuer` nor `token_endpoint`",
            ));
        }
        Ok(Authority::Oidc { issuer: issuer.map(Into::into), token_endpoint })
    }

    /// Whether Entra's rules for tenants and scopes hold.
    pub(crate) fn is_entra(&self) -> bool {
        matches!(self, Authority::Entra { .. })
    }

    /// The token endpoint, if known without discovery.
    pub(crate) fn token_endpoint(&self, tenant: Option<&str>) -> Option<String> {
        match self {
            Authority::Entra { origin, .. } => {
                Some(format!("{origin}/{}/oauth2/v2.0/token", tenant.unwrap_or_default()))
            }
            Authority::Oidc { token_endpoint, .. } => {
                token_endpoint.as_ref().map(|url| url.as_str().into())
            }
        }
    }

    /// The audience an assertion for this authority carries, if that is known.
    pub(crate) fn exchange_audience(&self) -> Option<&str> {
        match self {
            Authority::Entra { exchange_audience, .. } => Some(exchange_audience),
            Authority::Oidc { issuer, .. } => issuer.as_deref(),
        }
    }

    /// The authority as configurations name it, with the tenant if there is one.
    pub(crate) fn of_tenant(&self, tenant: Option<&str>) -> String {
        match (self, tenant) {
            (Authority::Entra { origin, .. }, Some(tenant)) => format!("{origin}/{tenant}"),
            _ => self.identity().into(),
        }
    }

    /// The authority's part of the keys of a shared store.
    pub(crate) fn identity(&self) -> &str {
        match self {
            Authority::Entra { origin, .. } => origin,
            Authority::Oidc { issuer, token_endpoint } => {
                issuer.as_deref().or(token_endpoint.as_ref().map(Url::as_str)).unwrap_or_default()
            }
        }
    }
}

/// The host of an Entra authority, such as `https://login.microsoftonline.us`.
pub(crate) struct AuthorityHost {
    /// Scheme, host and port: those of the cloud, if this is one of its hosts without a port of its own.
    pub(crate) origin: String,
    /// The cloud that the host belongs to.
    pub(crate) cloud: Option<&'static Cloud>,
}

/// Why a text is not an authority host.
pub(crate) enum AuthorityHostError {
    /// The address is refused.
    Address(Refusal),
    /// There is a path or query.
    Path,
}

impl AuthorityHost {
    /// Reads an authority host. A bare host name is read as https.
    pub(crate) fn read(text: &str, addresses: &AddressPolicy) -> Result<Self, AuthorityHostError> {
        let text = text.trim_ascii();
        let has_scheme = text.split_once(':').is_some_and(|(_, rest)| rest.starts_with("//"));
        let scheme = if has_scheme { "" } else { "https://" };
        let url =
            addresses.parse(&format!("{scheme}{text}")).map_err(AuthorityHostError::Address)?;
        if !matches!(url.path_and_query(), "" | "/") {
            return Err(AuthorityHostError::Path);
        }
        let cloud = Cloud::of_host(url.host());
        let has_default_port = url.origin().strip_prefix("https://") == Some(url.host());
        let origin = match cloud {
            Some(cloud) if has_default_port => format!("https://{}", cloud.host),
            _ => url.origin().into(),
        };
        Ok(Self { origin, cloud })
    }
}

fn refuse(member: &str, refusal: Refusal) -> Error {
    match refusal {
        Refusal::Insecure => Error::new(
            Code::AuthorityInsecure,
            format!(
                "{member} uses http; credentials travel over https only, except to loopback addresses"
            ),
        ),
        Refusal::Malformed => Error::new(
            Code::AuthorityInvalid,
            format!("{member} is not an absolute https URL without user info, query or fragment"),
        ),
        refusal => Error::new(Code::AuthorityInvalid, format!("{member} {refusal}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(host: &str) -> String {
        Authority::entra(host, &AddressPolicy::AUTHORITY)
            .unwrap()
            .token_endpoint(Some("contoso.com"))
            .unwrap()
    }

    #[test]
    fn aliases_go_to_their_clouds_own_host() {
        for host in [
            "https://login.windows.net/",
            "login.microsoftonline.com",
            "https://LOGIN.microsoft.com",
        ] {
            assert_eq!(
                endpoint(host),
                "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token"
            );
        }
        assert_eq!(
            endpoint("login.chinacloudapi.cn"),
            "https://login.partner.microsoftonline.cn/contoso.com/oauth2/v2.0/token"
        );
        assert_eq!(
            endpoint("http://127.0.0.1:8080"),
            "http://127.0.0.1:8080/contoso.com/oauth2/v2.0/token"
        );
    }

    #[test]
    fn exchange_audiences_follow_the_cloud() {
        let audience = |host| {
            Authority::entra(host, &AddressPolicy::AUTHORITY)
                .unwrap()
                .exchange_audience()
                .map(String::from)
        };
        assert_eq!(
            audience("login.microsoftonline.us").as_deref(),
            Some("api://AzureADTokenExchangeUSGov")
        );
        assert_eq!(
            audience("login.chinacloudapi.cn").as_deref(),
            Some("api://AzureADTokenExchangeChina")
        );
        assert_eq!(
            audience("https://login.private.example").as_deref(),
            Some("api://AzureADTokenExchange")
        );
    }

    #[test]
    fn bad_authorities_are_refused() {
        let code = |text| Authority::entra(text, &AddressPolicy::AUTHORITY).unwrap_err().code;
        assert_eq!(code("http://login.microsoftonline.com"), Code::AuthorityInsecure);
        for bad in
            ["", "https://", "https://a/tenant", "https://u@a", "https://a?x", "ftp://a", "a b"]
        {
            assert_eq!(code(bad), Code::AuthorityInvalid, "{bad}");
        }
        assert_eq!(
            Authority::oidc(None, None, &AddressPolicy::AUTHORITY).unwrap_err().code,
            Code::ConfigInvalid
        );
        assert_eq!(
            Authority::oidc(Some("http://a.example"), None, &AddressPolicy::AUTHORITY)
                .unwrap_err()
                .code,
            Code::AuthorityInsecure
        );
        assert_eq!(
            Authority::oidc(Some("https://a/?x"), None, &AddressPolicy::AUTHORITY)
                .unwrap_err()
                .code,
            Code::AuthorityInvalid
        );
    }
}
