//! Addresses that keys are fetched from: `https`, and no literal address of this machine or of a private network.
//!
//! A name that resolves to such an address is not detected here: the host's resolver and firewall have to refuse it.

use super::Url;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What kind of network a host belongs to.
#[derive(Clone, Copy)]
enum Network {
    Public,
    /// This machine or a private network.
    Private,
    /// Link-local (cloud metadata), multicast, reserved, or a spelling that hides an address.
    Forbidden,
}

/// Parses a URL to fetch keys from. The error is the end of a sentence.
pub(crate) fn key_url(text: &str, private_allowed: bool) -> Result<Url, &'static str> {
    let url = Url::parse(text)
        .map_err(|_| "is not an absolute https URL without user information and fragment")?;
    match network(&url) {
        Network::Public => Ok(url),
        Network::Private if private_allowed => Ok(url),
        Network::Private => Err("is one of this machine or of a private network"),
        Network::Forbidden => {
            Err("is link-local, reserved or spelled in a way that hides what it is")
        }
    }
}

fn network(url: &Url) -> Network {
    match url.address() {
        Some(IpAddr::V4(address)) => network_v4(address),
        // An embedded IPv4 address hides where a request goes.
        Some(IpAddr::V6(_)) if url.host().contains('.') => Network::Forbidden,
        Some(IpAddr::V6(_)) if url.host() == "[::1]" => Network::Private,
        Some(IpAddr::V6(address)) => network_v6(address),
        None => network_of_name(url.host()),
    }
}

/// A host whose last label is a number is an IPv4 address to some resolvers (WHATWG URL, section 3.5): octal,
/// hexadecimal, or with fewer than four numbers.
fn network_of_name(host: &str) -> Network {
    let last = host.rsplit('.').next().unwrap_or_default();
    if last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x") {
        Network::Forbidden
    } else if last == "localhost" {
        Network::Private
    } else {
        Network::Public
    }
}

/// The ranges that are not public (RFC 6890) with the length of their prefix, and Azure's platform endpoint.
const RANGES: [(Ipv4Addr, u32, Network); 11] = [
    (Ipv4Addr::new(127, 0, 0, 0), 8, Network::Private),
    (Ipv4Addr::new(10, 0, 0, 0), 8, Network::Private),
    (Ipv4Addr::new(172, 16, 0, 0), 12, Network::Private),
    (Ipv4Addr::new(192, 168, 0, 0), 16, Network::Private),
    (Ipv4Addr::new(100, 64, 0, 0), 10, Network::Private),
    (Ipv4Addr::new(0, 0, 0, 0), 8, Network::Forbidden),
    (Ipv4Addr::new(169, 254, 0, 0), 16, Network::Forbidden),
    (Ipv4Addr::new(192, 0, 0, 0), 24, Network::Forbidden),
    (Ipv4Addr::new(198, 18, 0, 0), 15, Network::Forbidden),
    (Ipv4Addr::new(224, 0, 0, 0), 3, Network::Forbidden),
    (Ipv4Addr::new(168, 63, 129, 16), 32, Network::Forbidden),
];

fn network_v4(address: Ipv4Addr) -> Network {
    let within = |(first, bits, _): &&(Ipv4Addr, u32, Network)| {
        (address.to_bits() ^ first.to_bits()) >> (32 - bits) == 0
    };
    RANGES.iter().find(within).map_or(Network::Public, |(_, _, network)| *network)
}

/// Global unicast (RFC 4291, section 2.4) is public, unique local (RFC 4193) is private.
fn network_v6(address: Ipv6Addr) -> Network {
    let [first, ..] = address.segments();
    match first {
        // 6to4 (RFC 3056) carries an IPv4 address.
        0x2002 => Network::Forbidden,
        0x2000..=0x3fff => Network::Public,
        0xfc00..=0xfdff => Network::Private,
        _ => Network::Forbidden,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_https_is_accepted() {
        for good in [
            "https://login.example/keys?appid=1",
            "https://8.8.8.8/keys",
            "https://172.32.0.1/",
            "https://[2606:4700::1]/keys",
            "https://localhost.example/",
            "https://a.0xyz.example/",
        ] {
            assert!(key_url(good, false).is_ok(), "{good}");
        }
    }

    #[test]
    fn private_networks_need_permission() {
        for local in [
            "http://127.0.0.1:1/keys",
            "http://localhost/keys",
            "http://[::1]/keys",
            "https://127.1.2.3/",
            "https://localhost/",
            "https://a.localhost/",
            "https://10.0.0.1/",
            "https://172.16.0.1/",
            "https://192.168.1.1/",
            "https://100.64.0.1/",
            "https://[fd00::1]/",
            "https://[::1]/",
        ] {
            assert!(key_url(local, false).is_err(), "{local}");
            assert!(key_url(local, true).is_ok(), "{local}");
        }
    }

    #[test]
    fn everything_else_is_refused_always() {
        for bad in [
            "",
            "http://login.example/",
            "http://10.0.0.1/",
            "ftp://login.example/",
            "file:///etc/passwd",
            "data:application/json,{}",
            "https://user@login.example/",
            "https://login.example/#keys",
            "https://169.254.169.254/latest",
            "https://168.63.129.16/",
            "https://0.0.0.0/",
            "https://255.255.255.255/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://127.1/",
            "https://1.2.3.4.5/",
            "https://1.2.3.256/",
            "https://[fe80::1]/",
            "https://[::]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[2002:7f00:1::]/",
            "https://[ff02::1]/",
            "https://[0:0:0:0:0:0:0:1]/",
            "https://[2001:db8::1.2.3.4]/",
        ] {
            assert!(key_url(bad, true).is_err(), "{bad}");
        }
    }
}
