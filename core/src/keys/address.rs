//! Which addresses keys are fetched from: `https`, and no literal address that means this machine or its neighbours.
//!
//! A name that resolves to such an address is for the host's resolver and firewall to judge.

use crate::http::{Url, labels};
use crate::number;

/// What a host part points at.
#[derive(Clone, Copy)]
enum Reach {
    Public,
    /// This machine or a private network.
    Local,
    /// Link-local (cloud metadata), multicast, reserved, or a spelling that only hides an address.
    Never,
}

/// The URL, or why it is refused, as the end of a sentence.
pub(super) fn check(text: &str, local_allowed: bool) -> Result<Url, &'static str> {
    let url = Url::parse(text)
        .map_err(|_| "is not an absolute https URL without user information and fragment")?;
    match reach(url.host()) {
        Reach::Public => Ok(url),
        Reach::Local if local_allowed => Ok(url),
        Reach::Local => Err("is one of this machine or of a private network"),
        Reach::Never => Err("is link-local, reserved or spelled in a way that hides what it is"),
    }
}

fn reach(host: &str) -> Reach {
    let last = labels(host).next_back().unwrap_or_default();
    if let Some(address) = host.strip_prefix("[") {
        let dotted = last.len() < host.len();
        return if dotted { Reach::Never } else { reach_v6(address.as_bytes()) };
    }
    // As in the URL standard: a host whose last label is a number is an IPv4 address or nothing.
    if last.iter().all(u8::is_ascii_digit) || last.starts_with(b"0x") {
        return reach_v4(host);
    }
    if last == b"localhost" { Reach::Local } else { Reach::Public }
}

/// A range of addresses (RFC 4632).
struct Range {
    first: u32,
    bits: u32,
    reach: Reach,
}

const fn range(octets: [u8; 4], bits: u32, reach: Reach) -> Range {
    Range { first: u32::from_be_bytes(octets), bits, reach }
}

/// Every range that is not public (RFC 6890), and Azure's platform endpoint, which looks like any other address.
const RANGES: [Range; 11] = [
    range([127, 0, 0, 0], 8, Reach::Local),
    range([10, 0, 0, 0], 8, Reach::Local),
    range([172, 16, 0, 0], 12, Reach::Local),
    range([192, 168, 0, 0], 16, Reach::Local),
    range([100, 64, 0, 0], 10, Reach::Local),
    range([0, 0, 0, 0], 8, Reach::Never),
    range([169, 254, 0, 0], 16, Reach::Never),
    range([192, 0, 0, 0], 24, Reach::Never),
    range([198, 18, 0, 0], 15, Reach::Never),
    range([224, 0, 0, 0], 3, Reach::Never),
    range([168, 63, 129, 16], 32, Reach::Never),
];

fn reach_v4(host: &str) -> Reach {
    let Some(address) = v4(host) else { return Reach::Never };
    let within = |range: &&Range| (address ^ range.first) >> (32 - range.bits) == 0;
    RANGES.iter().find(within).map_or(Reach::Public, |range| range.reach)
}

/// Four numbers below 256, without a leading zero, which is octal to some.
fn v4(host: &str) -> Option<u32> {
    let (mut address, mut octets) = (0, 0);
    for label in labels(host) {
        let octet = number::read(label).and_then(|octet| u8::try_from(octet).ok())?;
        if label.len() > 1 && label.starts_with(b"0") {
            return None;
        }
        address = (address << 8) | u32::from(octet);
        octets += 1;
    }
    (octets == 4).then_some(address)
}

/// Global unicast (RFC 4291, section 2.4) is public; of the rest, loopback and unique local are known.
fn reach_v6(address: &[u8]) -> Reach {
    if address == b"::1]" {
        return Reach::Local;
    }
    let mut first = 0_u32;
    for byte in address.iter().take_while(|byte| **byte != b':') {
        // Too many digits stay too many.
        first = (first.min(0xffff) << 4) | char::from(*byte).to_digit(16).unwrap_or(0);
    }
    match first {
        // 6to4 carries an IPv4 address.
        0x2002 => Reach::Never,
        0x2000..=0x3fff => Reach::Public,
        0xfc00..=0xfdff => Reach::Local,
        _ => Reach::Never,
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
            assert!(check(good, false).is_ok(), "{good}");
        }
    }

    #[test]
    fn this_machine_and_private_networks_need_leave() {
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
            assert!(check(local, false).is_err(), "{local}");
            assert!(check(local, true).is_ok(), "{local}");
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
        ] {
            assert!(check(bad, true).is_err(), "{bad}");
        }
    }
}
