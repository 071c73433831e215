//! The table of addresses in `tests/vectors/addresses.json`, and networks.

use super::*;
use alloc::string::ToString;
use alloc::vec::Vec;
use serde_json::Value;

const TABLE: &str = include_str!("../../../tests/vectors/addresses.json");

fn policy(text: &str) -> AddressPolicy {
    match text {
        "default" => AddressPolicy::default(),
        "deny" => AddressPolicy { private: PrivateAddresses::Deny, ..AddressPolicy::default() },
        "loopback_http" => AddressPolicy { allow_loopback_http: true, ..AddressPolicy::default() },
        networks => {
            let networks = networks.split(' ').map(|text| text.parse().expect(text)).collect();
            AddressPolicy {
                private: PrivateAddresses::Within(networks),
                ..AddressPolicy::default()
            }
        }
    }
}

#[test]
fn each_spelling_is_accepted_or_refused_as_the_table_has_it() {
    let table: Value = serde_json::from_str(TABLE).expect("JSON");
    let policies = ["default", "deny", "loopback_http", "10.0.0.0/8 fd12::/16 127.0.0.0/8"];
    for case in table["cases"].as_array().expect("cases") {
        let url = case["url"].as_str().expect("url");
        for name in policies {
            let accepted = case["accepted"].as_array().expect("accepted").contains(&name.into());
            assert_eq!(policy(name).parse(url).is_ok(), accepted, "{name}: {url}");
        }
        if case["accepted"].as_array().is_some_and(Vec::is_empty) {
            assert!(AddressPolicy::AUTHORITY.parse(url).is_err(), "{url}");
        }
    }
}

#[test]
fn refusals_name_the_option() {
    let reason = |policy: &AddressPolicy, url| policy.parse(url).unwrap_err().to_string();
    for (name, url, option) in [
        ("default", "http://127.0.0.1/", "`allow_loopback_http`"),
        ("deny", "https://10.0.0.1/", "`private_addresses`"),
        ("deny", "https://vault.default.svc/", "`private_addresses`"),
        ("10.0.0.0/8", "https://192.168.0.1/", "`allowed_networks`"),
        ("default", "https://169.254.169.254/", "no option allows it"),
    ] {
        let text = reason(&policy(name), url);
        assert!(text.contains(option), "{text}");
    }
}

#[test]
fn redirects_do_not_lead_into_private_networks() {
    let policy = AddressPolicy::default();
    let follow = |from: &str, to: &str| {
        let from = Url::parse(from).expect(from);
        policy.redirect(&from, to).is_ok()
    };
    assert!(follow("https://a.example/", "https://b.example/"));
    assert!(follow("https://10.0.0.1/a", "https://10.0.0.1/b"));
    assert!(follow("https://10.0.0.1/a", "https://b.example/"));
    for (from, to) in [
        ("https://a.example/", "https://10.0.0.1/"),
        ("https://a.example/", "https://localhost/"),
        ("https://a.example/", "https://vault.default.svc/"),
        ("https://10.0.0.1/", "https://10.0.0.2/"),
        ("https://10.0.0.1/", "https://169.254.169.254/"),
    ] {
        assert!(!follow(from, to), "{from} to {to}");
    }
}

#[test]
fn networks_are_read_strictly() {
    for good in ["0.0.0.0/0", "10.0.0.0/8", "10.1.2.3/32", "10.1.2.3", "::/0", "fd12::/16", "::1"] {
        assert!(good.parse::<Network>().is_ok(), "{good}");
    }
    for bad in [
        "",
        "/",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/+8",
        "10.0.0.0/8/8",
        "10.0.0/8",
        "10.0.0.0/ 8",
        "fd12::/129",
        "[fd12::]/16",
        "fe80::%1/64",
        "localhost",
        "*",
        "10.0.0.0/99999999999",
    ] {
        assert_eq!(bad.parse::<Network>(), Err(NetworkError::Malformed), "{bad}");
    }
    let message = "10.1.2.3/8".parse::<Network>().unwrap_err().to_string();
    assert_eq!(message, "has bits behind its prefix; write 10.0.0.0/8");
}
