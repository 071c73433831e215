//! The addresses that a host's variables may name. Other parts of a system can set a variable, and the request carries a
//! secret, so each variable is accepted in the forms that its platform uses, and no other.

use crate::http::{NetworkKind, Url, network};
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;
use core::net::Ipv4Addr;

/// An endpoint on this machine: `http://localhost:40342/...`.
pub(super) fn of_this_machine(variable: &str, text: &str) -> Result<String, Error> {
    match Url::parse(text) {
        Ok(url) if network(&url) == NetworkKind::Loopback && is_plain(&url) => {
            Ok(url.as_str().into())
        }
        _ => Err(refused(variable, "an address of this machine")),
    }
}

/// An endpoint on this machine, or that of App Service on Linux: `http://169.254.129.2:8081/msi/token`.
pub(super) fn of_app_service(variable: &str, text: &str) -> Result<String, Error> {
    if is_sandbox(text) {
        return Ok(text.trim_end_matches('/').into());
    }
    of_this_machine(variable, text)
        .map_err(|_| refused(variable, "an address of this machine or of App Service's sandbox"))
}

/// An endpoint of the cluster's own network over TLS: `https://10.0.0.4:2377/metadata/identity/oauth2/token`.
pub(super) fn of_cluster(variable: &str, text: &str) -> Result<String, Error> {
    match Url::parse(text) {
        Ok(url)
            if url.is_https()
                && is_plain(&url)
                && matches!(network(&url), NetworkKind::Loopback | NetworkKind::Private) =>
        {
            Ok(url.as_str().into())
        }
        _ => Err(refused(variable, "an https address of the cluster's own network")),
    }
}

/// A certificate's SHA-1 thumbprint in lower-case hex.
pub(super) fn thumbprint(text: &str) -> Result<String, Error> {
    let digits: String = text.chars().filter(|digit| !matches!(digit, ' ' | ':')).collect();
    if digits.len() == 40 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Ok(digits.to_ascii_lowercase());
    }
    Err(Error::new(
        Code::ConfigInvalid,
        "IDENTITY_SERVER_THUMBPRINT is not the SHA-1 thumbprint of a certificate (40 hexadecimal digits); Service Fabric sets it, do not change it",
    ))
}

/// Whether there is no query, to which parameters would be added.
fn is_plain(url: &Url) -> bool {
    !url.as_str().contains('?')
}

/// App Service gives each sandbox an address of 169.254.0.0/16. The /24 networks of metadata services are not among them.
fn is_sandbox(text: &str) -> bool {
    let Some(address) = text
        .trim_end_matches('/')
        .strip_suffix(":8081/msi/token")
        .and_then(|start| start.strip_prefix("http://"))
        .and_then(|address| address.parse::<Ipv4Addr>().ok())
    else {
        return false;
    };
    let [_, _, third, _] = address.octets();
    address.is_link_local() && !matches!(third, 0 | 169 | 170)
}

fn refused(variable: &str, form: &str) -> Error {
    let message = format!(
        "{variable} is not {form}, and the request would carry a secret to it; the platform sets it, do not change it"
    );
    Error::new(Code::ConfigInvalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_the_platforms_are_accepted() {
        for (accept, good) in [
            (
                of_this_machine as fn(&str, &str) -> _,
                "http://localhost:40342/metadata/identity/oauth2/token",
            ),
            (of_app_service, "http://127.0.0.1:41741/MSI/token/"),
            (of_app_service, "http://localhost:42356/msi/token"),
            (of_app_service, "http://169.254.129.2:8081/msi/token"),
            (of_app_service, "http://169.254.255.2:8081/msi/token/"),
            (of_cluster, "https://10.0.0.4:2377/metadata/identity/oauth2/token"),
            (of_cluster, "https://localhost:2377/metadata/identity/oauth2/token"),
        ] {
            assert!(accept("V", good).is_ok(), "{good}");
        }
    }

    #[test]
    fn other_addresses_are_refused() {
        for bad in [
            "http://169.254.169.254/metadata/identity/oauth2/token",
            "http://169.254.169.254:8081/msi/token",
            "http://169.254.170.2:8081/msi/token",
            "http://169.254.0.1:8081/msi/token",
            "http://169.254.129.2:8081/latest/api/token",
            "http://169.254.129.2:8081@evil.example/msi/token",
            "http://169.254.129.2.evil.example:8081/msi/token",
            "https://evil.example/msi/token",
            "http://evil.example/msi/token",
            "http://user:password@localhost/msi/token",
            "http://localhost/msi/token?resource=a",
            "http://localhost/msi/token#a",
            "http://2852039166/msi/token",
            "http://metadata.google.internal/msi/token",
            "file:///etc/passwd",
            "localhost",
        ] {
            for accept in [of_this_machine as fn(&str, &str) -> _, of_app_service, of_cluster] {
                let error = accept("IDENTITY_ENDPOINT", bad).unwrap_err();
                assert_eq!(error.code, Code::ConfigInvalid, "{bad}");
                assert!(error.message.starts_with("IDENTITY_ENDPOINT is not"), "{error}");
                assert!(!error.message.contains("password"), "{error}");
            }
        }
        assert!(of_cluster("V", "http://localhost:2377/token").is_err());
    }

    #[test]
    fn thumbprints_are_normalised() {
        let digits = "0123456789ABCDEF0123456789ABCDEF01234567";
        assert_eq!(thumbprint(digits).unwrap(), digits.to_ascii_lowercase());
        assert_eq!(thumbprint(&digits.replace("AB", "A:B")).unwrap(), digits.to_ascii_lowercase());
        for bad in ["", "0123", &"g".repeat(40), &"0".repeat(64)] {
            assert_eq!(thumbprint(bad).unwrap_err().code, Code::ConfigInvalid, "{bad}");
        }
    }
}
