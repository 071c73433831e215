//! The clouds of Entra, for token requests and for the issuers of tokens.

/// A national or sovereign cloud of Entra.
///
/// Hosts and aliases: Microsoft's instance discovery document and "National clouds" in the Entra documentation. Exchange
/// audiences: "Configure an app to trust an external identity provider", section on national clouds. Issuers and instance
/// names: the metadata documents of `common` in each cloud (`issuer`, `cloud_instance_name`). Hosts of Microsoft Graph: "National
/// cloud deployments" in its documentation; of Azure Resource Manager: "Azure Government" and "Azure China" developer guides.
#[derive(Debug, PartialEq, Eq)]
pub struct Cloud {
    /// The name in documentation.
    pub name: &'static str,
    /// The name in the configuration of a verifier. Clouds without one are named by their host.
    pub short_name: Option<&'static str>,
    /// The host of token requests, of v2 issuers and of all metadata.
    pub host: &'static str,
    /// Other hosts of the same cloud.
    pub aliases: &'static [&'static str],
    /// The audience of a federated assertion in this cloud.
    pub exchange_audience: &'static str,
    /// The host of v1 issuers.
    pub v1_issuer_host: &'static str,
    /// `cloud_instance_name` of the cloud's keys, if it is known.
    pub instance_name: Option<&'static str>,
    /// The host of Microsoft Graph, if it is known.
    pub graph_host: Option<&'static str>,
    /// The host of Azure Resource Manager, if it is known.
    pub arm_host: Option<&'static str>,
}

/// All clouds.
pub const CLOUDS: &[Cloud] = &[
    PUBLIC,
    Cloud {
        name: "US Government",
        short_name: Some("usgov"),
        host: "login.microsoftonline.us",
        aliases: &["login.usgovcloudapi.net"],
        exchange_audience: "api://AzureADTokenExchangeUSGov",
        v1_issuer_host: "sts.windows.net",
        instance_name: Some("microsoftonline.us"),
        graph_host: Some("graph.microsoft.us"),
        arm_host: Some("management.usgovcloudapi.net"),
    },
    Cloud {
        name: "China (21Vianet)",
        short_name: Some("china"),
        host: "login.partner.microsoftonline.cn",
        aliases: &["login.chinacloudapi.cn"],
        exchange_audience: "api://AzureADTokenExchangeChina",
        v1_issuer_host: "sts.chinacloudapi.cn",
        instance_name: Some("partner.microsoftonline.cn"),
        graph_host: Some("microsoftgraph.chinacloudapi.cn"),
        arm_host: Some("management.chinacloudapi.cn"),
    },
    Cloud {
        name: "Bleu (France)",
        short_name: None,
        host: "login.sovcloud-identity.fr",
        aliases: &[],
        exchange_audience: "api://AzureADTokenExchange",
        v1_issuer_host: "login.sovcloud-identity.fr",
        instance_name: None,
        graph_host: None,
        arm_host: None,
    },
    Cloud {
        name: "Delos (Germany)",
        short_name: None,
        host: "login.sovcloud-identity.de",
        aliases: &[],
        exchange_audience: "api://AzureADTokenExchange",
        v1_issuer_host: "login.sovcloud-identity.de",
        instance_name: None,
        graph_host: None,
        arm_host: None,
    },
    Cloud {
        name: "GovSG (Singapore)",
        short_name: None,
        host: "login.sovcloud-identity.sg",
        aliases: &[],
        exchange_audience: "api://AzureADTokenExchange",
        v1_issuer_host: "login.sovcloud-identity.sg",
        instance_name: None,
        graph_host: None,
        arm_host: None,
    },
];

const PUBLIC: Cloud = Cloud {
    name: "Public",
    short_name: Some("public"),
    host: "login.microsoftonline.com",
    aliases: &["login.windows.net", "login.microsoft.com", "sts.windows.net"],
    exchange_audience: "api://AzureADTokenExchange",
    v1_issuer_host: "sts.windows.net",
    instance_name: Some("microsoftonline.com"),
    graph_host: Some("graph.microsoft.com"),
    arm_host: Some("management.azure.com"),
};

impl Cloud {
    /// The public cloud, which is the default.
    pub const PUBLIC: &'static Self = &PUBLIC;

    /// The cloud of a host, by the cloud's own host or an alias.
    pub(crate) fn of_host(host: &str) -> Option<&'static Self> {
        CLOUDS.iter().find(|cloud| cloud.host == host || cloud.aliases.contains(&host))
    }

    /// The cloud of a verifier's configuration, by short name, host or alias.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        CLOUDS.iter().find(|cloud| {
            let names = cloud.aliases.iter().copied().chain(cloud.short_name);
            names.chain([cloud.host]).any(|known| known == name)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn clouds_have_short_names_and_hosts() {
        for cloud in CLOUDS {
            for name in cloud.aliases.iter().copied().chain([cloud.host]) {
                assert_eq!(Cloud::named(name), Some(cloud));
            }
            if let Some(name) = cloud.short_name {
                assert_eq!(Cloud::named(name), Some(cloud));
            }
        }
        assert_eq!(CLOUDS.first(), Some(Cloud::PUBLIC));
        assert_eq!(Cloud::named("Public"), None);
    }
}
