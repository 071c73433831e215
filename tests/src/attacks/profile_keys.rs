//! Where the keys of each kind of issuer are fetched from, and what is special about them.

use super::case::Answer;
use super::keys::{jwk, published};
use super::{AUDIENCE, Corpus, NOW, Pieces, Token};
use serde_json::json;

const TENANT: &str = "11111111-2222-4333-8444-5555555555aa";
const APP: &str = "4f1f2a3b-0000-4000-8000-000000000001";
const LOGIN: &str = "https://login.microsoftonline.com";
const ENTRA_KEYS: &str = "https://login.microsoftonline.com/common/discovery/v2.0/keys";
const BUNDLE: &str = "https://bundle.example/spiffe";
const MINUTE: i64 = 60_000;

pub(super) fn add(corpus: &mut Corpus) {
    entra(corpus);
    bundles(corpus);
    platforms(corpus);
}

fn set(name: &str) -> Answer {
    Answer::Keys { status: 200, keys: name.to_owned() }
}

fn body(status: u16, head: &str, text: &str) -> Answer {
    Answer::Body { status, head: head.to_owned(), body: Pieces::of(text) }
}

fn document(issuer: &str, keys: &str) -> Answer {
    body(200, "", &json!({ "issuer": issuer, "jwks_uri": keys }).to_string())
}

fn entra(corpus: &mut Corpus) {
    let token = |kid: &str| {
        Token::new("rsa", "RS256")
            .header(|header| header.text("kid", kid))
            .claims(|claims| {
                claims
                    .text("iss", &format!("{LOGIN}/{TENANT}/v2.0"))
                    .text("aud", APP)
                    .text("tid", TENANT)
                    .text("ver", "2.0")
            })
            .mint()
    };
    let own = format!("{LOGIN}/{TENANT}/v2.0");
    let template = format!("{LOGIN}/{{tenantid}}/v2.0");
    let at = |segment: &str, query: &str| {
        format!("{LOGIN}/{segment}/v2.0/.well-known/openid-configuration{query}")
    };
    let fetched = json!({ "keys": null });
    corpus
        .case("entra/keys-of-the-tenant", &["S16", "S18"], "accepted")
        .policy("entra-v2")
        .issuer(fetched.clone())
        .fetch(&[document(&own, ENTRA_KEYS), set("entra")], &[&at(TENANT, ""), ENTRA_KEYS])
        .token(token("rsa"));
    let query = format!("?appid={APP}");
    let with_query = format!("{ENTRA_KEYS}{query}");
    corpus
        .case("entra/keys-of-an-app", &["S16"], "accepted")
        .about("apps with signing keys of their own: general metadata does not know them")
        .policy("entra-v2")
        .issuer(json!({ "keys": null, "app_id": APP }))
        .fetch(&[document(&own, &with_query), set("entra")], &[&at(TENANT, &query), &with_query])
        .token(token("rsa"));
    corpus
        .case("entra/keys-of-all-tenants", &["S16", "S14"], "accepted")
        .policy("entra-common")
        .issuer(fetched.clone())
        .fetch(&[document(&template, ENTRA_KEYS), set("entra")], &[&at("common", ""), ENTRA_KEYS])
        .token(token("rsa"));
    for (name, policy, issuer) in [
        ("template-for-one-tenant", "entra-v2", template.as_str()),
        ("one-tenant-for-all", "entra-common", own.as_str()),
        ("other-cloud", "entra-v2", "https://login.microsoftonline.us/common/v2.0"),
    ] {
        let case = corpus
            .case(&format!("entra/metadata-of-{name}"), &["S16", "S14"], "keys_unavailable")
            .policy(policy)
            .issuer(fetched.clone());
        case.fetch(&[document(issuer, ENTRA_KEYS), set("entra")], &[]).token(token("rsa"));
        case.fetched = None;
    }
    let now = NOW * 1000;
    corpus
        .case("entra/unknown-kid-within-five-minutes", &["S17"], "no_matching_key")
        .policy("entra-v2")
        .issuer(fetched)
        .earlier(&token("rsa"), now, "accepted")
        .fetch(&[document(&own, ENTRA_KEYS), set("entra")], &[&at(TENANT, ""), ENTRA_KEYS])
        .now(now + 4 * MINUTE)
        .token(token("new"));
}

fn bundles(corpus: &mut Corpus) {
    let svid = Token::es256().claims(|claims| {
        claims
            .without("iss")
            .text("sub", "spiffe://example.org/service")
            .text("aud", AUDIENCE)
            .number("exp", NOW + 86_400)
    });
    let (token, now) = (svid.mint(), NOW * 1000);
    let fetched = json!({ "keys": null, "jwks_uri": BUNDLE });
    let moved = "location: https://other.example/bundle\n";
    let case = |corpus: &mut Corpus, name: &str, code: &str, answers: &[Answer], asked: &[&str]| {
        corpus
            .case(&format!("spiffe/{name}"), &["S16"], code)
            .policy("spiffe")
            .issuer(fetched.clone())
            .fetch(answers, asked)
            .token(&token);
    };
    case(corpus, "bundle-fetched", "accepted", &[set("bundle")], &[BUNDLE]);
    let target = "https://other.example/bundle";
    case(
        corpus,
        "bundle-moved",
        "accepted",
        &[body(302, moved, ""), set("bundle")],
        &[BUNDLE, target],
    );
    for (name, location) in [
        ("http", "http://other.example/bundle"),
        ("file", "file:///bundle"),
        ("metadata-service", "https://169.254.169.254/"),
    ] {
        let answer = body(302, &format!("location: {location}\n"), "");
        case(corpus, &format!("bundle-moved-to-{name}"), "keys_unavailable", &[answer], &[]);
        if let Some(case) = corpus.cases.last_mut() {
            case.fetched = None;
        }
    }
    case(corpus, "bundle-moved-for-ever", "keys_unavailable", &[body(302, moved, "")], &[]);
    if let Some(case) = corpus.cases.last_mut() {
        case.fetched = None;
    }
    corpus
        .case("spiffe/bundle-emptied", &["S16", "S36"], "no_matching_key")
        .about("an empty bundle revokes everything, an OpenID provider's would not")
        .policy("spiffe")
        .issuer(fetched.clone())
        .earlier(&token, now, "accepted")
        .earlier(
            &svid.clone().header(|h| h.text("kid", "new")).mint(),
            now + 2 * MINUTE,
            "no_matching_key",
        )
        .fetch(&[set("bundle"), set("none")], &[BUNDLE, BUNDLE, BUNDLE])
        .now(now + 3 * MINUTE)
        .token(&token);
}

/// The discovery document belongs to the configured issuer, whatever its spelling.
fn platforms(corpus: &mut Corpus) {
    corpus.keys("kubernetes-keys", &[published("ec", "ES256"), jwk("rsa")]);
    let token = Token::es256().header(|header| header.without("typ")).claims(|claims| {
        claims
            .text("iss", "https://cluster.example/id/")
            .text("sub", "system:serviceaccount:prod:app")
            .raw("kubernetes.io", r#"{"namespace":"prod","serviceaccount":{"name":"app"}}"#)
    });
    let keys = "https://cluster.example/id/openid/v1/jwks";
    corpus
        .case("kubernetes/issuer-that-ends-in-a-slash", &["S10", "S18"], "accepted")
        .about("one slash in the address of the document, and the issuer to the letter in it")
        .policy("kubernetes")
        .issuer(json!({ "keys": null, "issuer": "https://cluster.example/id/" }))
        .fetch(
            &[document("https://cluster.example/id/", keys), set("kubernetes-keys")],
            &["https://cluster.example/id/.well-known/openid-configuration", keys],
        )
        .token(token.mint());
    let case = corpus
        .case("kubernetes/document-without-the-slash", &["S10", "S18"], "keys_unavailable")
        .policy("kubernetes")
        .issuer(json!({ "keys": null, "issuer": "https://cluster.example/id/" }));
    case.fetch(&[document("https://cluster.example/id", keys), set("kubernetes-keys")], &[])
        .token(token.mint());
    case.fetched = None;
}
