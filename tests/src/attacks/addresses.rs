//! Addresses of keys: every spelling of `tests/vectors/addresses.json` under each policy, and addresses that documents name.

use super::{Answer, Corpus, ISSUER, Pieces, Token};
use serde::Deserialize;
use serde_json::{Value, json};

/// The file. The core's own tests read it, too.
#[derive(Deserialize)]
struct Table {
    cases: Vec<Address>,
}

#[derive(Deserialize)]
struct Address {
    url: String,
    about: String,
    /// The policies that accept it.
    accepted: Vec<String>,
}

/// The policies of the file with the options that choose them.
fn policies() -> [(&'static str, &'static str, Value); 4] {
    let networks = "10.0.0.0/8 fd12::/16 127.0.0.0/8";
    let list: Vec<_> = networks.split(' ').collect();
    [
        ("default", "default", json!({})),
        ("deny", "deny", json!({ "private_addresses": "deny" })),
        ("loopback-http", "loopback_http", json!({ "allow_loopback_http": true })),
        ("networks", networks, json!({ "allowed_networks": list })),
    ]
}

pub(super) fn add(corpus: &mut Corpus) {
    let table: Table =
        serde_json::from_str(include_str!("../../vectors/addresses.json")).expect("a table");
    let token = Token::es256().mint();
    for (index, address) in table.cases.iter().enumerate() {
        for (name, policy, options) in policies() {
            let accepted = address.accepted.iter().any(|known| known == policy);
            let expected = if accepted { "accepted" } else { "config_invalid" };
            let case = corpus
                .case(&format!("addresses/{index:03}-{name}"), &["S16"], expected)
                .about(&address.about)
                .issuer(json!({ "keys": null, "jwks_uri": address.url }))
                .options(options);
            if accepted {
                // As configured: only documents' addresses are written again.
                case.fetch(&[keys()], &[&address.url]).token(&token);
            }
        }
    }
    named_by_the_issuer(corpus);
    options(corpus);
}

fn keys() -> Answer {
    Answer::Keys { status: 200, keys: "good".to_owned() }
}

/// A configured issuer's own document may name a private address, unless the options deny it.
fn named_by_the_issuer(corpus: &mut Corpus) {
    let token = Token::es256().mint();
    let deny = json!({ "private_addresses": "deny" });
    let networks = json!({ "allowed_networks": ["10.96.0.0/12"] });
    for (name, url, options, accepted) in [
        ("private", "https://10.96.0.1/openid/v1/jwks", json!({}), true),
        ("service", "https://kubernetes.default.svc/openid/v1/jwks", json!({}), true),
        ("this-machine", "https://127.0.0.1:6443/openid/v1/jwks", json!({}), true),
        ("this-machine-by-http", "http://127.0.0.1:6443/openid/v1/jwks", json!({}), false),
        ("metadata-service", "https://[::ffff:a9fe:a9fe]/", json!({}), false),
        ("private-denied", "https://10.96.0.1/openid/v1/jwks", deny.clone(), false),
        ("service-denied", "https://kubernetes.default.svc/openid/v1/jwks", deny, false),
        ("in-a-network", "https://10.96.0.1/openid/v1/jwks", networks.clone(), true),
        ("in-no-network", "https://192.168.7.7/openid/v1/jwks", networks, false),
    ] {
        let document = json!({ "issuer": ISSUER, "jwks_uri": url }).to_string();
        let document =
            Answer::Body { status: 200, head: String::new(), body: Pieces::of(&document) };
        let expected = if accepted { "accepted" } else { "keys_unavailable" };
        let last = if accepted { keys() } else { Answer::Failed { failed: "refused".to_owned() } };
        let discovery = format!("{ISSUER}/.well-known/openid-configuration");
        let case = corpus
            .case(&format!("addresses/document-names-{name}"), &["S16", "S18"], expected)
            .policy("discovered")
            .options(options);
        case.fetch(&[document, last], &[&discovery, url]).token(&token);
        if !accepted {
            case.fetched = Some(vec![discovery]);
        }
    }
}

fn options(corpus: &mut Corpus) {
    for (name, options) in [
        ("networks-empty", json!({ "allowed_networks": [] })),
        ("networks-blank", json!({ "allowed_networks": [""] })),
        ("networks-not-a-list", json!({ "allowed_networks": "10.0.0.0/8" })),
        ("networks-name", json!({ "allowed_networks": ["localhost"] })),
        ("networks-prefix", json!({ "allowed_networks": ["10.0.0.0/33"] })),
        ("networks-host-bits", json!({ "allowed_networks": ["10.0.0.1/8"] })),
        (
            "networks-contradicted",
            json!({ "private_addresses": "allow", "allowed_networks": ["10.0.0.0/8"] }),
        ),
        ("private-unknown", json!({ "private_addresses": "refuse" })),
        ("private-boolean", json!({ "private_addresses": false })),
    ] {
        corpus
            .case(&format!("addresses/{name}"), &["S13", "S16"], "config_invalid")
            .options(options);
    }
}
