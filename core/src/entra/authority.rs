//! Where tokens come from: the clouds of Entra, or a generic OpenID Connect authority.

use crate::http::{Url, UrlError};
use crate::scan::cut;
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;

/// A national or sovereign cloud of Entra.
///
/// Hosts and aliases: Microsoft's instance discovery answer and "National clouds" in the Entra documentation.
/// Exchange audiences: "Configure an app to trust an external identity provider", section on national clouds.
#[derive(Debug)]
pub struct Cloud {
    /// Name for people.
    pub name: &'static str,
    /// The host that token requests go to.
    pub host: &'static str,
    /// Other hosts of the same cloud.
    pub aliases: &'static [&'static str],
    /// The audience a federated assertion carries in this cloud.
    pub exchange_audience: &'static str,
}

/// All clouds; the first is the default.
pub const CLOUDS: &[Cloud] = &[
    Cloud {
        name: "Public",
        host: "login.microsoftonline.com",
        aliases: &["login.windows.net", "login.microsoft.com", "sts.windows.net"],
        exchange_audience: "api://AzureADTokenExchange",
    },
    Cloud {
        name: "US Government",
        host: "login.microsoftonline.us",
        aliases: &["login.usgovcloudapi.net"],
        exchange_audience: "api://AzureADTokenExchangeUSGov",
    },
    Cloud {
        name: "China (21Vianet)",
        host: "login.partner.microsoftonline.cn",
        aliases: &["login.chinacloudapi.cn"],
        exchange_audience: "api://AzureADTokenExchangeChina",
    },
    Cloud {
        name: "Bleu (France)",
        host: "login.sovcloud-identity.fr",
        aliases: &[],
        exchange_audience: "api://AzureADTokenExchange",
    },
    Cloud {
        name: "Delos (Germany)",
        host: "login.sovcloud-identity.de",
        aliases: &[],
        exchange_audience: "api://AzureADTokenExchange",
    },
    Cloud {
        name: "GovSG (Singapore)",
        host: "login.sovcloud-identity.sg",
        aliases: &[],
        exchange_audience: "api://AzureADTokenExchange",
    },
];

/// The cloud of a host, by its own name or an alias.
pub(crate) fn cloud_of(host: &str) -> Option<&'static Cloud> {
    CLOUDS.iter().find(|cloud| cloud.host == host || cloud.aliases.contains(&host))
}

/// A token service.
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
    /// From an authority host such as `https://login.microsoftonline.us` (a bare host name is read as https).
    pub(crate) fn entra(text: &str) -> Result<Self, Error> {
        let text = text.trim_ascii();
        let has_scheme = cut(text, b':').is_some_and(|(_, rest)| rest.starts_with("//"));
        let scheme = if has_scheme { "" } else { "https://" };
        let url = Url::parse(&format!("{scheme}{text}"));
        let url = url.map_err(|error| refuse("authority_host", error))?;
        if !matches!(url.path_and_query(), "" | "/") {
            return Err(Error::new(
                Code::AuthorityInvalid,
                "authority_host carries a path or query; give scheme and host only, the tenant goes into tenant_id",
            ));
        }
        let known = cloud_of(url.host());
        let plain = url.origin().strip_prefix("https://") == Some(url.host());
        let origin = match known {
            Some(cloud) if plain => format!("https://{}", cloud.host),
            _ => url.origin().into(),
        };
        let default = CLOUDS.first().map_or("", |cloud| cloud.exchange_audience);
        let exchange_audience = known.map_or(default, |cloud| cloud.exchange_audience);
        Ok(Authority::Entra { origin, exchange_audience })
    }

    /// A generic authority by issuer, token endpoint, or both.
    pub(crate) fn oidc(issuer: Option<&str>, token_endpoint: Option<&str>) -> Result<Self, Error> {
        let check = |member, text: &str| Url::parse(text).map_err(|error| refuse(member, error));
        if let Some(issuer) = issuer {
            let url = check("authority.issuer", issuer)?;
            if url.path_and_query().as_bytes().contains(&b'?') {
                return Err(refuse("authority.issuer", UrlError::Malformed));
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

    /// Text that names this authority in cache keys.
    pub(crate) fn identity(&self) -> &str {
        match self {
            Authority::Entra { origin, .. } => origin,
            Authority::Oidc { issuer, token_endpoint } => {
                issuer.as_deref().or(token_endpoint.as_ref().map(Url::as_str)).unwrap_or_default()
            }
        }
    }
}

fn refuse(member: &str, error: UrlError) -> Error {
    let (code, fault) = match error {
        UrlError::Insecure => (
            Code::AuthorityInsecure,
            "uses http; credentials travel over https only, except to loopback addresses",
        ),
        UrlError::Malformed => (
            Code::AuthorityInvalid,
            "is not an absolute https URL without user info, query or fragment",
        ),
    };
    Error::new(code, format!("{member} {fault}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(host: &str) -> String {
        Authority::entra(host).unwrap().token_endpoint(Some("contoso.com")).unwrap()
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
        let audience = |host| Authority::entra(host).unwrap().exchange_audience().map(String::from);
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
    fn hosts_and_aliases_are_unique() {
        let mut all: alloc::vec::Vec<&str> = CLOUDS
            .iter()
            .flat_map(|cloud| cloud.aliases.iter().copied().chain([cloud.host]))
            .collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn bad_authorities_are_refused() {
        let code = |text| Authority::entra(text).unwrap_err().code;
        assert_eq!(code("http://login.microsoftonline.com"), Code::AuthorityInsecure);
        for bad in
            ["", "https://", "https://a/tenant", "https://u@a", "https://a?x", "ftp://a", "a b"]
        {
            assert_eq!(code(bad), Code::AuthorityInvalid, "{bad}");
        }
        assert_eq!(Authority::oidc(None, None).unwrap_err().code, Code::ConfigInvalid);
        assert_eq!(
            Authority::oidc(Some("http://a.example"), None).unwrap_err().code,
            Code::AuthorityInsecure
        );
        assert_eq!(
            Authority::oidc(Some("https://a/?x"), None).unwrap_err().code,
            Code::AuthorityInvalid
        );
    }
}
