//! Which addresses keys are fetched from: `https`, and no literal address that means this machine or its neighbours.
//!
//! A name that resolves to such an address is for the host's resolver and firewall to judge.

use crate::http::Url;

/// What a host part points at.
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

/// Whether a URL that passed [`check`] is `https`.
pub(super) fn is_secure(url: &Url) -> bool {
    url.as_str().starts_with("https:")
}

fn reach(host: &str) -> Reach {
    if let Some(address) = host.strip_prefix('[') {
        return reach_v6(address.trim_end_matches(']'));
    }
    let last = host.rsplit('.').next().unwrap_or_default();
    // As in the URL standard: a host whose last label is a number is an IPv4 address or nothing.
    if last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x") {
        return reach_v4(host);
    }
    if last == "localhost" { Reach::Local } else { Reach::Public }
}

fn reach_v4(host: &str) -> Reach {
    let mut octets = [0u8; 4];
    let mut labels = host.split('.');
    for octet in &mut octets {
        let label = labels.next().unwrap_or_default();
        let plain = label == "0" || !label.starts_with('0');
        match label.parse() {
            // No leading zero (octal to some) and no sign.
            Ok(value) if plain && !label.starts_with('+') => *octet = value,
            _ => return Reach::Never,
        }
    }
    match octets {
        _ if labels.next().is_some() => Reach::Never,
        [127 | 10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => Reach::Local,
        [0, ..] | [169, 254, ..] | [192, 0, 0, _] | [198, 18..=19, ..] | [224..=255, ..] => {
            Reach::Never
        }
        // Azure's platform endpoint looks like any other address.
        [168, 63, 129, 16] => Reach::Never,
        _ => Reach::Public,
    }
}

/// Global unicast (RFC 4291, section 2.4) is public; of the rest, loopback and unique local are known.
fn reach_v6(address: &str) -> Reach {
    if address == "::1" {
        return Reach::Local;
    }
    let first = address.split(':').next().unwrap_or_default();
    match u16::from_str_radix(first, 16) {
        _ if address.contains('.') => Reach::Never,
        // 6to4 carries an IPv4 address.
        Ok(0x2002) => Reach::Never,
        Ok(0x2000..=0x3fff) => Reach::Public,
        Ok(0xfc00..=0xfdff) => Reach::Local,
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
