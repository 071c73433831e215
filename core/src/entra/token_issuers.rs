//! The issuers of Entra's tokens: those of a cloud, or of another authority such as an emulator.

use super::Cloud;
use alloc::format;
use alloc::string::String;

/// The issuers of one authority's tokens: one for each tenant and version of the token format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenIssuers {
    /// Scheme, host and port of v2 issuers and of all metadata.
    origin: String,
    /// Scheme, host and port of v1 issuers.
    v1_origin: String,
    instance_name: Option<&'static str>,
}

impl From<&'static Cloud> for TokenIssuers {
    fn from(cloud: &'static Cloud) -> Self {
        Self {
            origin: format!("https://{}", cloud.host),
            v1_origin: format!("https://{}", cloud.v1_issuer_host),
            instance_name: cloud.instance_name,
        }
    }
}

impl TokenIssuers {
    /// The issuers of an authority that is not a cloud of Entra.
    pub(crate) fn of_origin(origin: String) -> Self {
        Self { v1_origin: origin.clone(), origin, instance_name: None }
    }

    /// `cloud_instance_name` of the authority's keys, if it is known.
    pub(crate) fn instance_name(&self) -> Option<&'static str> {
        self.instance_name
    }

    /// The issuer of a tenant's tokens in version 1 or 2 of the token format.
    pub(crate) fn issuer(&self, tenant: &str, v1: bool) -> String {
        if v1 {
            format!("{}/{tenant}/", self.v1_origin)
        } else {
            format!("{}/{tenant}/v2.0", self.origin)
        }
    }

    /// The address of a tenant's metadata, before `/.well-known`.
    pub(crate) fn metadata_base(&self, tenant: &str, v1: bool) -> String {
        format!("{}/{tenant}{}", self.origin, if v1 { "" } else { "/v2.0" })
    }

    /// The tenant and the token version (`ver`) that an issuer of this authority names.
    pub(crate) fn parse_issuer<'i>(&self, issuer: &'i str) -> Option<(&'i str, &'static str)> {
        match tenant_between(issuer, &self.origin, "/v2.0") {
            Some(tenant) => Some((tenant, "2.0")),
            None => Some((tenant_between(issuer, &self.v1_origin, "/")?, "1.0")),
        }
    }
}

fn tenant_between<'i>(issuer: &'i str, origin: &str, end: &str) -> Option<&'i str> {
    let path = issuer.strip_prefix(origin)?.strip_prefix("/")?;
    path.strip_suffix(end).filter(|tenant| !tenant.is_empty() && !tenant.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_have_two_forms() {
        let issuers = TokenIssuers {
            origin: "https://login.a".into(),
            v1_origin: "https://sts.a".into(),
            instance_name: None,
        };
        for (issuer, found) in [
            ("https://login.a/T/v2.0", Some(("T", "2.0"))),
            ("https://sts.a/T/", Some(("T", "1.0"))),
            ("https://sts.a/T", None),
            ("https://login.a/T/v2.0/", None),
            ("https://login.a//v2.0", None),
            ("https://login.a/v2.0", None),
            ("https://login.a/T/policy/v2.0", None),
            ("https://login.ab/T/v2.0", None),
            ("http://login.a/T/v2.0", None),
        ] {
            assert_eq!(issuers.parse_issuer(issuer), found, "{issuer}");
        }
    }

    #[test]
    fn another_authority_issues_both_forms() {
        let issuers = TokenIssuers::of_origin("http://127.0.0.1:8080".into());
        for (v1, version) in [(true, "1.0"), (false, "2.0")] {
            let issuer = issuers.issuer("T", v1);
            assert_eq!(issuers.parse_issuer(&issuer), Some(("T", version)));
        }
        assert_eq!(issuers.metadata_base("T", false), "http://127.0.0.1:8080/T/v2.0");
        assert_eq!(issuers.parse_issuer("http://127.0.0.1:80801/T/v2.0"), None);
    }
}
