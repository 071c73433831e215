//! The kinds of addresses that a URL's host can be: public, private, this machine, or one that no request goes to.
//!
//! A name that resolves to such an address is not detected here: the host's resolver and firewall have to refuse it.

use super::Url;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What kind of network a host belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Network {
    Public,
    /// This machine.
    Loopback,
    /// A private network.
    Private,
    /// Link-local, a cloud's metadata service, multicast, reserved, or a spelling that hides an address.
    Forbidden,
}

/// Returns the kind of a URL's host.
pub(crate) fn network(url: &Url) -> Network {
    match url.address() {
        Some(IpAddr::V4(address)) => network_v4(address),
        // An embedded IPv4 address hides where a request goes.
        Some(IpAddr::V6(_)) if url.host().contains('.') => Network::Forbidden,
        Some(IpAddr::V6(_)) if url.host() == "[::1]" => Network::Loopback,
        Some(IpAddr::V6(address)) => network_v6(address),
        None => network_of_name(url.host()),
    }
}

/// Names of metadata services: Google Cloud, EC2, Azure, Tencent Cloud, Equinix Metal, Rancher.
const METADATA_NAMES: [&str; 9] = [
    "metadata",
    "metadata.google.internal",
    "metadata.goog",
    "instance-data",
    "instance-data.ec2.internal",
    "metadata.azure.internal",
    "metadata.tencentyun.com",
    "metadata.platformequinix.com",
    "rancher-metadata",
];

/// Names of private networks: Kubernetes services, multicast DNS (RFC 6762), homes (RFC 8375), and ICANN's reserved `internal`.
const PRIVATE_SUFFIXES: [&str; 5] = ["svc", "local", "home.arpa", "internal", "lan"];

fn network_of_name(host: &str) -> Network {
    let is_below = |domain: &str| {
        host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    // A host whose last label is a number is an IPv4 address to some resolvers (WHATWG URL, section 3.5): octal,
    // hexadecimal, or with fewer than four numbers.
    if last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x") {
        return Network::Forbidden;
    }
    if METADATA_NAMES.iter().any(|name| is_below(name)) {
        return Network::Forbidden;
    }
    if last == "localhost" {
        return Network::Loopback;
    }
    // A single label is looked up in the search domains of the machine's own network.
    if !host.contains('.') || PRIVATE_SUFFIXES.iter().any(|suffix| is_below(suffix)) {
        return Network::Private;
    }
    Network::Public
}

/// The ranges that are not public (RFC 6890) with the length of their prefix. The first that contains an address counts:
/// metadata services stand before the network around them.
const RANGES_V4: [(Ipv4Addr, u32, Network); 12] = [
    // Alibaba Cloud's metadata service and Azure's platform endpoint. Oracle's 192.0.0.192 is in a reserved range.
    (Ipv4Addr::new(100, 100, 100, 200), 32, Network::Forbidden),
    (Ipv4Addr::new(168, 63, 129, 16), 32, Network::Forbidden),
    (Ipv4Addr::new(127, 0, 0, 0), 8, Network::Loopback),
    (Ipv4Addr::new(10, 0, 0, 0), 8, Network::Private),
    (Ipv4Addr::new(172, 16, 0, 0), 12, Network::Private),
    (Ipv4Addr::new(192, 168, 0, 0), 16, Network::Private),
    (Ipv4Addr::new(100, 64, 0, 0), 10, Network::Private),
    (Ipv4Addr::new(0, 0, 0, 0), 8, Network::Forbidden),
    (Ipv4Addr::new(169, 254, 0, 0), 16, Network::Forbidden),
    (Ipv4Addr::new(192, 0, 0, 0), 24, Network::Forbidden),
    (Ipv4Addr::new(198, 18, 0, 0), 15, Network::Forbidden),
    (Ipv4Addr::new(224, 0, 0, 0), 3, Network::Forbidden),
];

fn network_v4(address: Ipv4Addr) -> Network {
    let contains = |(first, bits, _): &&(Ipv4Addr, u32, Network)| {
        (address.to_bits() ^ first.to_bits()) >> (32 - bits) == 0
    };
    RANGES_V4.iter().find(contains).map_or(Network::Public, |(_, _, network)| *network)
}

/// As [`RANGES_V4`]. Addresses outside of these ranges are reserved.
const RANGES_V6: [(Ipv6Addr, u32, Network); 8] = [
    // Services of EC2 (metadata, EKS Pod Identity), and the metadata services of Google Cloud, Oracle Cloud and Scaleway.
    (Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0), 32, Network::Forbidden),
    (Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254), 128, Network::Forbidden),
    (Ipv6Addr::new(0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe), 128, Network::Forbidden),
    (Ipv6Addr::new(0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42), 128, Network::Forbidden),
    // Teredo (RFC 4380) and 6to4 (RFC 3056) carry an IPv4 address.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32, Network::Forbidden),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, Network::Forbidden),
    // Unique local (RFC 4193) and global unicast (RFC 4291, section 2.4).
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, Network::Private),
    (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3, Network::Public),
];

fn network_v6(address: Ipv6Addr) -> Network {
    // ISATAP (RFC 5214) carries an IPv4 address in the interface identifier.
    if let [_, _, _, _, 0 | 0x200, 0x5efe, _, _] = address.segments() {
        return Network::Forbidden;
    }
    let contains = |(first, bits, _): &&(Ipv6Addr, u32, Network)| {
        (address.to_bits() ^ first.to_bits()) >> (128 - bits) == 0
    };
    RANGES_V6.iter().find(contains).map_or(Network::Forbidden, |(_, _, network)| *network)
}
