//! `NO_PROXY`: the hosts that are reached without a proxy. `tests/vectors/no_proxy.tsv` has cases for every language.

use std::net::IpAddr;
use std::str::FromStr;

/// Whether an entry of the list is for this host, a name or an address in brackets if it is IPv6.
pub(super) fn matches(list: &str, host: &str, port: u16) -> bool {
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix('.').unwrap_or(&host);
    list.split(|c: char| c == ',' || c.is_whitespace())
        .filter(|entry| !entry.is_empty())
        .any(|entry| entry_matches(&entry.to_ascii_lowercase(), host, port))
}

fn entry_matches(entry: &str, host: &str, port: u16) -> bool {
    let address = literal(host);
    if let Some((network, bits)) = entry.split_once('/') {
        return address.is_some_and(|address| is_in_network(address, network, bits));
    }
    let Some((pattern, wanted)) = split_port(entry) else { return false };
    if wanted.is_some_and(|wanted| wanted != port) {
        return false;
    }
    if pattern == "*" {
        return true;
    }
    match (literal(pattern), address) {
        (Some(pattern), Some(address)) => pattern == address,
        (None, None) => is_below(host, pattern),
        _ => false,
    }
}

/// An entry and its port. `None` if what follows the colon is no port.
fn split_port(entry: &str) -> Option<(&str, Option<u16>)> {
    if literal(entry).is_some() {
        return Some((entry, None));
    }
    match entry.rsplit_once(':') {
        None => Some((entry, None)),
        Some((pattern, port)) => Some((pattern, Some(number(port)?))),
    }
}

/// An address, with or without brackets.
fn literal(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    bare.unwrap_or(text).parse().ok()
}

/// A name and every name below it, with or without `.` or `*.` in front.
fn is_below(host: &str, pattern: &str) -> bool {
    let pattern = pattern.strip_prefix('*').unwrap_or(pattern);
    let name = pattern.strip_prefix('.').unwrap_or(pattern);
    let name = name.strip_suffix('.').unwrap_or(name);
    let above = host.strip_suffix(name).filter(|_| !name.is_empty());
    above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
}

/// A CIDR block (RFC 4632, section 3.1; RFC 4291, section 2.3).
fn is_in_network(address: IpAddr, network: &str, bits: &str) -> bool {
    let Some(bits) = number::<u32>(bits) else { return false };
    match (address, network.parse().ok()) {
        (IpAddr::V4(address), Some(IpAddr::V4(network))) if bits <= 32 => {
            let differing = u32::from(address) ^ u32::from(network);
            bits == 0 || differing >> (32 - bits) == 0
        }
        (IpAddr::V6(address), Some(IpAddr::V6(network))) if bits <= 128 => {
            let differing = u128::from(address) ^ u128::from(network);
            bits == 0 || differing >> (128 - bits) == 0
        }
        _ => false,
    }
}

/// Decimal digits without a sign.
fn number<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}
