//! The clouds of Entra as tokens and keys name them.

use super::profile::IssuerForm;
use crate::entra::CLOUDS;
use crate::scan::cut;
use alloc::format;
use alloc::string::String;

/// An Entra cloud as tokens and keys name it.
///
/// Source: the metadata documents of `common` in each cloud (`issuer`, `cloud_instance_name`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntraCloud {
    /// Host of v2 issuers and of all metadata.
    pub login: &'static str,
    /// Host of v1 issuers.
    pub sts: &'static str,
    /// `cloud_instance_name` of its keys, if it is known.
    pub instance: Option<&'static str>,
}

/// The clouds whose metadata is known, with their names in a configuration.
const KNOWN: [(&str, EntraCloud); 3] = [
    (
        "public",
        EntraCloud {
            login: "login.microsoftonline.com",
            sts: "sts.windows.net",
            instance: Some("microsoftonline.com"),
        },
    ),
    (
        "usgov",
        EntraCloud {
            login: "login.microsoftonline.us",
            sts: "sts.windows.net",
            instance: Some("microsoftonline.us"),
        },
    ),
    (
        "china",
        EntraCloud {
            login: "login.partner.microsoftonline.cn",
            sts: "sts.chinacloudapi.cn",
            instance: Some("partner.microsoftonline.cn"),
        },
    ),
];

/// The hosts of all clouds; the other columns of their table need not be in a module that only verifies.
const HOSTS: [&str; CLOUDS.len()] = hosts();

#[expect(
    clippy::indexing_slicing,
    reason = "computed by the compiler, which refuses to go beyond the end"
)]
const fn hosts() -> [&'static str; CLOUDS.len()] {
    let mut hosts = [""; CLOUDS.len()];
    let mut index = 0;
    while index < hosts.len() {
        hosts[index] = CLOUDS[index].host;
        index += 1;
    }
    hosts
}

impl EntraCloud {
    /// A cloud by its name in a configuration or its host.
    pub(super) fn named(name: &str) -> Option<Self> {
        if let Some((_, cloud)) =
            KNOWN.iter().find(|(short, cloud)| *short == name || cloud.login == name)
        {
            return Some(*cloud);
        }
        let host = HOSTS.iter().find(|host| **host == name)?;
        Some(Self { login: host, sts: host, instance: None })
    }

    /// The issuer of a tenant.
    pub(super) fn issuer(&self, tenant: &str, v1: bool) -> String {
        if v1 { url(self.sts, tenant, "/") } else { url(self.login, tenant, "/v2.0") }
    }

    /// Where the metadata of a tenant is: before `/.well-known`.
    pub(super) fn authority(&self, tenant: &str, v1: bool) -> String {
        url(self.login, tenant, if v1 { "" } else { "/v2.0" })
    }

    /// The tenant and the version of an issuer of this cloud.
    pub(super) fn tenant_of<'i>(
        &self,
        issuer: &'i str,
        form: IssuerForm,
    ) -> Option<(&'i str, &'static str)> {
        let IssuerForm::Entra { v1, v2, .. } = form else { return None };
        match tenant_between(issuer, self.login, "/v2.0") {
            Some(tenant) if v2 => Some((tenant, "2.0")),
            _ => tenant_between(issuer, self.sts, "/").filter(|_| v1).map(|tenant| (tenant, "1.0")),
        }
    }
}

fn tenant_between<'i>(issuer: &'i str, host: &str, end: &str) -> Option<&'i str> {
    let path = issuer.strip_prefix("https://")?.strip_prefix(host)?.strip_prefix("/")?;
    path.strip_suffix(end).filter(|tenant| !tenant.is_empty() && cut(tenant, b'/').is_none())
}

fn url(host: &str, tenant: &str, end: &str) -> String {
    format!("https://{host}/{tenant}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clouds_have_short_names_and_hosts() {
        for cloud in CLOUDS {
            assert_eq!(EntraCloud::named(cloud.host).map(|found| found.login), Some(cloud.host));
        }
        for (short, cloud) in KNOWN {
            assert_eq!(EntraCloud::named(short), Some(cloud));
            assert!(HOSTS.contains(&cloud.login));
        }
        assert_eq!(EntraCloud::named("Public"), None);
    }

    #[test]
    fn entra_issuers_have_two_forms() {
        let cloud = EntraCloud { login: "login.a", sts: "sts.a", instance: None };
        let both = IssuerForm::Entra { v1: true, v2: true, common: true };
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
            assert_eq!(cloud.tenant_of(issuer, both), found, "{issuer}");
        }
        let second = IssuerForm::Entra { v1: false, v2: true, common: false };
        assert_eq!(cloud.tenant_of("https://sts.a/T/", second), None);
    }
}
