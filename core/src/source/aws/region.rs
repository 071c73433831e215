//! Regions and the addresses of their services (AWS General Reference, "AWS service endpoints").

use crate::environment::Environment;
use crate::http::{AddressPolicy, Url};
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;

/// The start of the names of a partition's regions, and the end of its host names. Other regions are in `amazonaws.com`.
const PARTITIONS: [(&str, &str); 6] = [
    ("cn-", "amazonaws.com.cn"),
    ("eusc-", "amazonaws.eu"),
    ("us-iso-", "c2s.ic.gov"),
    ("us-isob-", "sc2s.sgov.gov"),
    ("eu-isoe-", "cloud.adc-e.uk"),
    ("us-isof-", "csp.hci.ic.gov"),
];

/// The name of a region, such as `eu-west-1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Region(String);

impl Region {
    /// Reads a name. `origin` is the variable or member that it is from.
    ///
    /// # Errors
    /// `config_invalid`: the name would not be a part of a host name.
    pub(super) fn parse(name: &str, origin: &str) -> Result<Self, Error> {
        let name = name.trim_ascii();
        let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (4..=40).contains(&name.len())
            && name.bytes().all(is_part)
            && name.starts_with(|first: char| first.is_ascii_lowercase())
            && name.ends_with(|last: char| last.is_ascii_digit())
        {
            return Ok(Self(name.into()));
        }
        let message =
            format!("{origin} is not the name of a region such as `eu-west-1`, in lower case");
        Err(Error::new(Code::ConfigInvalid, message))
    }

    /// The region that the environment names: AWS_REGION, which Lambda and containers set, then AWS_DEFAULT_REGION.
    pub(super) fn of_environment(environment: &Environment) -> Result<Option<Self>, Error> {
        let variables = ["AWS_REGION", "AWS_DEFAULT_REGION"];
        let set = variables.iter().find_map(|name| Some((*name, environment.variable(name)?)));
        set.map(|(name, region)| Self::parse(region, name)).transpose()
    }

    pub(super) fn name(&self) -> &str {
        &self.0
    }
}

/// Where a service is: at the region's own address, or at one that the environment names.
#[derive(Clone, Debug)]
pub(super) struct ServiceAddress {
    service: &'static str,
    configured: Option<Url>,
}

impl ServiceAddress {
    /// The address of a service. `variable` is its own variable, before AWS_ENDPOINT_URL (AWS SDKs and Tools Reference Guide,
    /// "Service-specific endpoints").
    ///
    /// # Errors
    /// `config_invalid` for an address that no signed request may go to.
    pub(super) fn of(
        service: &'static str,
        variable: &'static str,
        environment: &Environment,
    ) -> Result<Self, Error> {
        let ignored = environment
            .variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
            .is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let names = [variable, "AWS_ENDPOINT_URL"];
        let set = names.iter().find_map(|name| Some((*name, environment.variable(name)?)));
        let configured = match set.filter(|_| !ignored) {
            None => None,
            Some((name, text)) => {
                Some(AddressPolicy::AUTHORITY.parse(text).map_err(|refusal| {
                    Error::new(Code::ConfigInvalid, format!("{name} {refusal}"))
                })?)
            }
        };
        Ok(Self { service, configured })
    }

    /// The address in a region, with `/` as its path unless another is configured.
    pub(super) fn url(&self, region: &Region) -> String {
        if let Some(url) = &self.configured {
            let path = if url.path_and_query().is_empty() { "/" } else { "" };
            return format!("{}{path}", url.as_str());
        }
        let partition = PARTITIONS.iter().find(|(start, _)| region.0.starts_with(start));
        let suffix = partition.map_or("amazonaws.com", |(_, suffix)| suffix);
        format!("https://{}.{}.{suffix}/", self.service, region.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use serde_json::{Map, Value};

    fn environment(variables: &[(&str, &str)]) -> Environment {
        let pair = |(name, value): &(&str, &str)| (String::from(*name), Value::from(*value));
        Environment::new(variables.iter().map(pair).collect::<Map<_, _>>(), Vec::new())
    }

    fn url(region: &str, variables: &[(&str, &str)]) -> Result<String, Error> {
        let region = Region::parse(region, "AWS_REGION")?;
        ServiceAddress::of("sts", "AWS_ENDPOINT_URL_STS", &environment(variables))
            .map(|address| address.url(&region))
    }

    #[test]
    fn each_partition_has_its_own_hosts() {
        for (region, host) in [
            ("eu-west-1", "https://sts.eu-west-1.amazonaws.com/"),
            ("us-gov-west-1", "https://sts.us-gov-west-1.amazonaws.com/"),
            ("cn-north-1", "https://sts.cn-north-1.amazonaws.com.cn/"),
            ("eusc-de-east-1", "https://sts.eusc-de-east-1.amazonaws.eu/"),
            ("us-iso-east-1", "https://sts.us-iso-east-1.c2s.ic.gov/"),
            ("us-isob-east-1", "https://sts.us-isob-east-1.sc2s.sgov.gov/"),
        ] {
            assert_eq!(url(region, &[]).unwrap(), host);
        }
    }

    #[test]
    fn names_that_are_no_region_are_refused() {
        for bad in [
            "",
            "aws-global",
            "EU-WEST-1",
            "eu-west-1.evil.example/",
            "eu west 1",
            "eu-west-1\n@x1",
            "1-1-1",
        ] {
            let error = Region::parse(bad, "AWS_REGION").unwrap_err();
            assert_eq!(error.code, Code::ConfigInvalid, "{bad}");
            assert!(error.message.starts_with("AWS_REGION is not"), "{error}");
        }
    }

    #[test]
    fn the_environment_names_private_endpoints_but_no_metadata_service() {
        let own = ("AWS_ENDPOINT_URL_STS", "https://vpce-1.sts.eu-west-1.vpce.amazonaws.com");
        let other = ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566/aws");
        let ignore = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE");
        assert_eq!(url("eu-west-1", &[own, other]).unwrap(), alloc::format!("{}/", own.1));
        assert_eq!(url("eu-west-1", &[other]).unwrap(), other.1);
        assert_eq!(
            url("eu-west-1", &[own, ignore]).unwrap(),
            "https://sts.eu-west-1.amazonaws.com/"
        );
        for bad in [
            "http://169.254.169.254/",
            "https://169.254.169.254/",
            "http://sts.example/",
            "https://user:password@sts.example/",
            "sts.example",
        ] {
            let error = url("eu-west-1", &[("AWS_ENDPOINT_URL_STS", bad)]).unwrap_err();
            assert_eq!(error.code, Code::ConfigInvalid, "{bad}");
            assert!(error.message.starts_with("AWS_ENDPOINT_URL_STS "), "{error}");
            assert!(!error.message.contains("password"), "{error}");
        }
    }
}
