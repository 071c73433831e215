//! The addresses of services (AWS General Reference, "AWS service endpoints"; AWS SDKs and Tools Reference Guide,
//! "Dual-stack and FIPS endpoints").

use super::region::Region;
use crate::environment::Environment;
use crate::http::{AddressPolicy, Url};
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;
use serde::{Deserialize, Serialize};

pub(super) const FIPS: &str = "AWS_USE_FIPS_ENDPOINT";
pub(super) const DUAL_STACK: &str = "AWS_USE_DUALSTACK_ENDPOINT";

/// The start of the names of a partition's regions, and the end of its host names: of the usual ones, and of those with
/// addresses of IPv6, too.
const PARTITIONS: [(&str, &str, &str); 6] = [
    ("cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    ("eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
    ("us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    ("us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    ("eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    ("us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
];
/// Other regions.
const COMMERCIAL: (&str, &str) = ("amazonaws.com", "api.aws");
/// The regions of GovCloud (US), whose usual endpoints of STS are validated.
const GOVERNMENT: &str = "us-gov-";

/// Whether the validated endpoints of FIPS 140 and the endpoints with addresses of IPv6 are wanted. `None`: nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EndpointOptions {
    pub(super) fips: Option<bool>,
    pub(super) dual_stack: Option<bool>,
}

impl EndpointOptions {
    /// The options of the environment.
    ///
    /// # Errors
    /// `config_invalid`.
    pub(super) fn of_environment(environment: &Environment) -> Result<Self, Error> {
        let value = |name| environment.variable(name).map(|text| is_true(text, name)).transpose();
        Ok(Self { fips: value(FIPS)?, dual_stack: value(DUAL_STACK)? })
    }

    /// Whether the environment leaves something to the profile.
    pub(super) fn are_incomplete(self) -> bool {
        self.fips.is_none() || self.dual_stack.is_none()
    }

    /// These options, and those of the profile where nothing is said.
    pub(super) fn or(self, profile: Self) -> Self {
        Self {
            fips: self.fips.or(profile.fips),
            dual_stack: self.dual_stack.or(profile.dual_stack),
        }
    }
}

/// Reads `true` or `false`. A word that is neither would turn off what the caller has asked for.
///
/// # Errors
/// `config_invalid` for another text.
pub(super) fn is_true(text: &str, origin: &str) -> Result<bool, Error> {
    if text.eq_ignore_ascii_case("true") {
        Ok(true)
    } else if text.eq_ignore_ascii_case("false") {
        Ok(false)
    } else {
        Err(Error::new(Code::ConfigInvalid, format!("{origin} is neither `true` nor `false`")))
    }
}

/// A service with an address in each region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    SecurityToken,
    CognitoIdentity,
}

impl Service {
    /// The start of its host names, and the variable of its address.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::SecurityToken => ("sts", "AWS_ENDPOINT_URL_STS"),
            Self::CognitoIdentity => ("cognito-identity", "AWS_ENDPOINT_URL_COGNITO_IDENTITY"),
        }
    }

    /// Its host in a region, as the endpoint rules of the AWS SDKs have it.
    fn host(self, region: &str, options: EndpointOptions) -> String {
        let (fips, dual_stack) =
            (options.fips.unwrap_or_default(), options.dual_stack.unwrap_or_default());
        let partition = PARTITIONS.iter().find(|(start, ..)| region.starts_with(start));
        let (usual, dual) = partition.map_or(COMMERCIAL, |(_, usual, dual)| (usual, dual));
        let is_government = region.starts_with(GOVERNMENT);
        // Cognito's usual hosts of the commercial partition have addresses of IPv6, too; so have four with FIPS.
        let is_dual = match self {
            Self::SecurityToken => false,
            Self::CognitoIdentity if fips => {
                matches!(region, "us-east-1" | "us-east-2" | "us-west-1" | "us-west-2")
            }
            Self::CognitoIdentity => partition.is_none() && !is_government,
        };
        let suffix = if dual_stack && !is_dual { dual } else { usual };
        let is_validated = self == Self::SecurityToken && is_government && !dual_stack;
        let mark = if fips && !is_validated { "-fips" } else { "" };
        format!("{}{mark}.{region}.{suffix}", self.names().0)
    }
}

/// Where a service is: at the region's own address, or at one that the environment names.
#[derive(Clone, Debug)]
pub(super) struct ServiceAddress {
    service: Service,
    configured: Option<Url>,
}

impl ServiceAddress {
    /// The address of a service: its own variable comes before AWS_ENDPOINT_URL (AWS SDKs and Tools Reference Guide,
    /// "Service-specific endpoints").
    ///
    /// # Errors
    /// `config_invalid` for an address that no signed request may go to.
    pub(super) fn of(service: Service, environment: &Environment) -> Result<Self, Error> {
        let ignored = environment
            .variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
            .is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let names = [service.names().1, "AWS_ENDPOINT_URL"];
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

    /// The address in a region, with `/` as its path unless another is configured. A configured one is used whatever the options
    /// say, as in the AWS SDK for Python.
    pub(super) fn url(&self, region: &Region, options: EndpointOptions) -> String {
        if let Some(url) = &self.configured {
            let path = if url.path_and_query().is_empty() { "/" } else { "" };
            return format!("{}{path}", url.as_str());
        }
        format!("https://{}/", self.service.host(region.name(), options))
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
        let environment = environment(variables);
        let options = EndpointOptions::of_environment(&environment)?;
        let address = ServiceAddress::of(Service::SecurityToken, &environment)?;
        Ok(address.url(&region, options))
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
    fn validated_and_dual_stack_hosts_are_those_of_the_sdks() {
        use Service::{CognitoIdentity, SecurityToken};
        for (service, region, fips, dual_stack, host) in [
            (SecurityToken, "us-east-1", true, false, "sts-fips.us-east-1.amazonaws.com"),
            (SecurityToken, "us-east-1", false, true, "sts.us-east-1.api.aws"),
            (SecurityToken, "us-east-1", true, true, "sts-fips.us-east-1.api.aws"),
            (SecurityToken, "us-gov-west-1", true, false, "sts.us-gov-west-1.amazonaws.com"),
            (SecurityToken, "us-gov-west-1", true, true, "sts-fips.us-gov-west-1.api.aws"),
            (
                SecurityToken,
                "cn-north-1",
                false,
                true,
                "sts.cn-north-1.api.amazonwebservices.com.cn",
            ),
            (SecurityToken, "us-iso-east-1", true, false, "sts-fips.us-iso-east-1.c2s.ic.gov"),
            (
                CognitoIdentity,
                "us-east-1",
                true,
                true,
                "cognito-identity-fips.us-east-1.amazonaws.com",
            ),
            (
                CognitoIdentity,
                "ca-central-1",
                true,
                true,
                "cognito-identity-fips.ca-central-1.api.aws",
            ),
            (CognitoIdentity, "eu-west-1", false, true, "cognito-identity.eu-west-1.amazonaws.com"),
            (
                CognitoIdentity,
                "us-gov-west-1",
                false,
                true,
                "cognito-identity.us-gov-west-1.api.aws",
            ),
        ] {
            let options = EndpointOptions { fips: Some(fips), dual_stack: Some(dual_stack) };
            assert_eq!(service.host(region, options), host);
        }
    }

    #[test]
    fn options_are_true_or_false_and_weaker_than_an_address() {
        for name in [FIPS, DUAL_STACK] {
            for bad in ["yes", "1", "tru", "true false"] {
                let error = url("eu-west-1", &[(name, bad)]).unwrap_err();
                assert_eq!(error.code, Code::ConfigInvalid, "{bad}");
                assert!(error.message.starts_with(name), "{error}");
            }
            let own = ("AWS_ENDPOINT_URL", "https://vpce-1.example");
            assert_eq!(
                url("eu-west-1", &[(name, " TRUE "), own]).unwrap(),
                "https://vpce-1.example/"
            );
            assert!(url("eu-west-1", &[(name, " ")]).unwrap().contains("//sts.eu-west-1.amaz"));
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
