//! Which addresses keys are fetched from and credentials are sent to: `https` to public and private ones, or fewer.

use super::address::{self, Network as Kind};
use super::{Url, UrlError};
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::str::FromStr;
use serde::Deserialize;

/// The addresses that requests may go to. Link-local and metadata addresses are refused by every policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressPolicy {
    /// Private networks, and this machine over `https`.
    pub private: PrivateAddresses,
    /// `http` to this machine, for tests.
    pub allow_loopback_http: bool,
}

/// The private addresses that requests may go to: RFC 1918, unique local (RFC 4193), names such as `vault.default.svc`, and
/// this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PrivateAddresses {
    /// All of them: the configuration names the issuers, and they name their endpoints.
    #[default]
    Allow,
    /// None, for those who use issuers that they do not control.
    Deny,
    /// Addresses in these networks. A private name has no known address, so it is refused.
    Within(Vec<Network>),
}

/// The member `private_addresses` of a configuration.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PrivateAddressesForm {
    Allow,
    Deny,
}

/// A network in CIDR notation (RFC 4632), such as `10.20.0.0/16`. One address is a network, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    prefix: u32,
}

/// Why a text is not a network. Its text is the end of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NetworkError {
    /// Not an address, or not with the length of a prefix.
    Malformed,
    /// The address is not the first of its network, which is this.
    HostBits(Network),
}

/// Why an address is refused. Its text is the end of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Malformed,
    Insecure,
    LoopbackHttp,
    Denied,
    OutsideNetworks,
    Forbidden,
}

impl AddressPolicy {
    /// The policy of token endpoints without options. `http` to this machine needs none there.
    pub(crate) const AUTHORITY: Self =
        Self { private: PrivateAddresses::Allow, allow_loopback_http: true };

    /// Checks that requests may go to an address.
    ///
    /// # Errors
    /// The reason, as the end of a sentence about the address.
    pub fn check(&self, address: &str) -> Result<(), String> {
        self.parse(address).map(drop).map_err(|refusal| format!("{refusal}"))
    }

    /// Parses a URL and applies the policy.
    pub(crate) fn parse(&self, text: &str) -> Result<Url, Refusal> {
        let url = Url::parse(text).map_err(|error| match error {
            UrlError::Malformed => Refusal::Malformed,
            UrlError::Insecure => Refusal::Insecure,
        })?;
        match address::network(&url) {
            Kind::Public => Ok(url),
            Kind::Forbidden => Err(Refusal::Forbidden),
            Kind::Loopback if !url.is_https() && self.allow_loopback_http => Ok(url),
            Kind::Loopback if !url.is_https() => Err(Refusal::LoopbackHttp),
            Kind::Loopback | Kind::Private => match &self.private {
                PrivateAddresses::Allow => Ok(url),
                PrivateAddresses::Deny => Err(Refusal::Denied),
                PrivateAddresses::Within(networks) if is_within(&url, networks) => Ok(url),
                PrivateAddresses::Within(_) => Err(Refusal::OutsideNetworks),
            },
        }
    }

    /// Parses the target of a redirect. Neither the configuration nor a document of the issuer names it, so it is public, or
    /// at the host that redirects. A target that is only a path is at that host.
    pub(crate) fn redirect(&self, from: &Url, target: &str) -> Result<Url, Refusal> {
        let relative = target.starts_with('/') && !target.starts_with("//");
        let base = if relative { from.origin() } else { "" };
        let to = self.parse(&format!("{base}{target}"))?;
        if address::network(&to) != Kind::Public && from.host() != to.host() {
            return Err(Refusal::Denied);
        }
        Ok(to)
    }
}

impl PrivateAddresses {
    /// Reads the members `private_addresses` and `allowed_networks` of a configuration.
    ///
    /// # Errors
    /// `config_invalid` names the member.
    pub(crate) fn read(
        form: Option<PrivateAddressesForm>,
        networks: Option<Vec<String>>,
    ) -> Result<Self, Error> {
        match (form, networks) {
            (None | Some(PrivateAddressesForm::Allow), None) => Ok(Self::Allow),
            (Some(PrivateAddressesForm::Deny), None) => Ok(Self::Deny),
            (Some(PrivateAddressesForm::Allow), Some(_)) => Err(Error::new(
                Code::ConfigInvalid,
                "`private_addresses` allows all private addresses, so `allowed_networks` has no effect; leave one of them out",
            )),
            (_, Some(networks)) => {
                let parse = |(index, text): (usize, &String)| {
                    text.parse().map_err(|error: NetworkError| {
                        let message = format!("`allowed_networks[{index}]` {error}");
                        Error::new(Code::ConfigInvalid, message)
                    })
                };
                networks.iter().enumerate().map(parse).collect::<Result<_, _>>().map(Self::Within)
            }
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    /// Parses CIDR notation.
    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let first: IpAddr = address.parse().map_err(|_| NetworkError::Malformed)?;
        let width = if first.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(width), |digits| {
            let number = digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(digits);
            let prefix = number.and_then(|digits| digits.parse().ok());
            prefix.filter(|prefix| *prefix <= width).ok_or(NetworkError::Malformed)
        })?;
        let network = Self { first: masked(first, prefix), prefix };
        if network.first == first { Ok(network) } else { Err(NetworkError::HostBits(network)) }
    }
}

impl Network {
    fn contains(&self, address: IpAddr) -> bool {
        address.is_ipv4() == self.first.is_ipv4() && masked(address, self.prefix) == self.first
    }
}

/// Returns the address with the bits behind the prefix cleared.
fn masked(address: IpAddr, prefix: u32) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - prefix.min(32)).unwrap_or(0);
            Ipv4Addr::from_bits(address.to_bits() & mask).into()
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - prefix.min(128)).unwrap_or(0);
            Ipv6Addr::from_bits(address.to_bits() & mask).into()
        }
    }
}

fn is_within(url: &Url, networks: &[Network]) -> bool {
    let contains = |address| networks.iter().any(|network| network.contains(address));
    match url.address() {
        Some(address) => contains(address),
        None => {
            url.host() == "localhost"
                && (contains(Ipv4Addr::LOCALHOST.into()) || contains(Ipv6Addr::LOCALHOST.into()))
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Refusal::Malformed => {
                "is not an absolute https URL without user information and fragment"
            }
            Refusal::Insecure => "uses http; only https is allowed",
            Refusal::LoopbackHttp => {
                "uses http; only https is allowed, except on this machine with `allow_loopback_http`"
            }
            Refusal::Denied => {
                "is of a private network or of this machine, which `private_addresses` denies"
            }
            Refusal::OutsideNetworks => {
                "is of a private network or of this machine, and not in one of `allowed_networks`"
            }
            Refusal::Forbidden => {
                "is link-local, a cloud's metadata service, reserved, or spelled in a way that hides what it is; no option allows it"
            }
        })
    }
}

impl fmt::Display for NetworkError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NetworkError::Malformed => {
                formatter.write_str("is not a network such as 10.20.0.0/16 or fd12:3456::/32")
            }
            NetworkError::HostBits(Network { first, prefix }) => {
                write!(formatter, "has bits behind its prefix; write {first}/{prefix}")
            }
        }
    }
}

impl core::error::Error for NetworkError {}

#[cfg(test)]
#[path = "address_tests.rs"]
mod tests;
