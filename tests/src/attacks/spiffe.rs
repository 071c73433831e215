//! SPIFFE JWT-SVIDs, and the tokens of AWS load balancers: the two that bend the rules of others.

use super::keys::{jwk, published};
use super::token::mint_input;
use super::{AUDIENCE, Corpus, Members, NOW, Token};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use serde_json::json;

pub(super) fn add(corpus: &mut Corpus) {
    svids(corpus);
    subjects(corpus);
    bundles(corpus);
    load_balancers(corpus);
}

fn svid() -> Token {
    Token::es256().claims(|claims| {
        claims
            .without("iss")
            .text("sub", "spiffe://example.org/service")
            .raw("aud", &format!("[\"{AUDIENCE}\"]"))
    })
}

fn expect<'c>(
    corpus: &'c mut Corpus,
    name: &str,
    covers: &[&str],
    token: impl AsRef<str>,
    code: &str,
) -> &'c mut super::Case {
    corpus.case(&format!("spiffe/{name}"), covers, code).policy("spiffe").token(token)
}

fn svids(corpus: &mut Corpus) {
    let for_svids = |name: &str| jwk(name).text("use", "jwt-svid");
    corpus.keys("bundle", &["ec", "rsa", "ec384", "ec521", "ed"].map(for_svids));
    corpus.policy(
        "spiffe",
        &format!(
            r#"{{"issuers":[{{"profile":"spiffe-jwt-svid","trust_domain":"example.org","audience":"{AUDIENCE}","keys":"bundle"}}]}}"#
        ),
    );
    expect(corpus, "control", &["S7"], svid().mint(), "accepted");
    for (key, alg) in [("rsa", "RS256"), ("rsa", "PS256"), ("ec384", "ES384"), ("ec521", "ES512")] {
        let token = svid().header(|h| h.text("alg", alg).text("kid", key)).signed_by(key, alg);
        let case = expect(corpus, alg, &["S5", "S6"], token.mint(), "accepted");
        if alg == "ES512" {
            case.needs(alg);
        }
    }
    for alg in ["EdDSA", "Ed25519"] {
        let token = svid().header(|h| h.text("alg", alg).text("kid", "ed")).signed_by("ed", alg);
        expect(corpus, alg, &["S6"], token.mint(), "alg_not_allowed");
    }
    for alg in ["HS256", "none"] {
        let token = svid().header(|h| h.text("alg", alg));
        expect(corpus, alg, &["S1", "S2"], token.mint(), "alg_not_allowed");
    }
    for (name, member, json, code) in [
        ("x5c", "x5c", r#"["MIIB"]"#, "typ_mismatch"),
        ("jku", "jku", r#""https://attacker.example""#, "typ_mismatch"),
        ("jwk", "jwk", "{}", "typ_mismatch"),
        ("x5t", "x5t", r#""AAAA""#, "typ_mismatch"),
        ("unknown", "x", "1", "typ_mismatch"),
        ("crit", "crit", r#"["exp"]"#, "crit_unsupported"),
        ("cty", "cty", r#""JWT""#, "malformed"),
        ("cty-text", "cty", r#""text""#, "typ_mismatch"),
    ] {
        let token = svid().header(|header| header.raw(member, json));
        expect(corpus, &format!("header-{name}"), &["S4", "S8"], token.mint(), code);
    }
    for (name, typ, code) in [
        ("jose", Some("JOSE"), "accepted"),
        ("absent", None, "accepted"),
        ("access-token", Some("at+jwt"), "typ_mismatch"),
        ("wit-svid", Some("wit+jwt"), "typ_mismatch"),
    ] {
        let token = svid().header(|header| match typ {
            Some(typ) => header.text("typ", typ),
            None => header.without("typ"),
        });
        expect(corpus, &format!("typ-{name}"), &["S7"], token.mint(), code);
    }
    let change = |change: fn(Members) -> Members| svid().claims(change).mint();
    for (name, token, code) in [
        ("any-issuer", change(|c| c.text("iss", "https://attacker.example")), "accepted"),
        ("issuer-is-no-string", change(|c| c.raw("iss", "[]")), "claim_type"),
        ("no-audience", change(|c| c.without("aud")), "claim_missing"),
        ("no-expiry", change(|c| c.without("exp")), "claim_missing"),
        ("empty-audience", change(|c| c.raw("aud", "[]")), "claim_type"),
        (
            "other-audience",
            change(|c| c.text("aud", "spiffe://example.org/other")),
            "audience_mismatch",
        ),
        ("duplicate-audience", change(|c| c.again("aud", "\"x\"")), "malformed"),
        ("expired", change(|c| c.number("exp", NOW - 61)), "expired"),
        ("not-yet", change(|c| c.number("nbf", NOW + 3600)), "not_yet_valid"),
    ] {
        expect(corpus, name, &["S12", "S13"], token, code);
    }
    let unnamed = svid().header(|header| header.without("kid")).mint();
    expect(corpus, "no-kid-one-fits", &["S5"], unnamed, "accepted");
    let json = format!("{{\"token\":\"{}\"}}", svid().mint());
    expect(corpus, "json-form", &["S7"], json, "malformed");
}

fn subjects(corpus: &mut Corpus) {
    for (name, sub, code) in [
        ("other-trust-domain", "spiffe://other.org/service", "unknown_issuer"),
        ("longer-trust-domain", "spiffe://example.org.attacker.org/service", "unknown_issuer"),
        ("sub-trust-domain", "spiffe://a.example.org/service", "unknown_issuer"),
        ("upper-case-trust-domain", "spiffe://Example.org/service", "unknown_issuer"),
        ("port", "spiffe://example.org:443/service", "unknown_issuer"),
        ("user", "spiffe://example.org@attacker.org/service", "unknown_issuer"),
        ("other-scheme", "https://example.org/service", "unknown_issuer"),
        ("no-scheme", "example.org/service", "unknown_issuer"),
        ("empty", "", "unknown_issuer"),
        ("double-slash", "spiffe://example.org//service", "unknown_issuer"),
        ("trailing-slash", "spiffe://example.org/service/", "unknown_issuer"),
        ("dot-segment", "spiffe://example.org/a/../service", "unknown_issuer"),
        ("query", "spiffe://example.org/service?x=1", "unknown_issuer"),
        ("fragment", "spiffe://example.org/service#x", "unknown_issuer"),
        ("percent", "spiffe://example.org/%73ervice", "unknown_issuer"),
        ("trust-domain-itself", "spiffe://example.org", "accepted"),
    ] {
        let token = svid().claims(|claims| claims.text("sub", sub));
        expect(corpus, &format!("subject-{name}"), &["S10", "S18"], token.mint(), code);
    }
    let token = svid().claims(|claims| claims.without("sub"));
    expect(corpus, "subject-missing", &["S26"], token.mint(), "claim_missing");
    let token = svid().claims(|claims| claims.raw("sub", r#"["spiffe://example.org/service"]"#));
    expect(corpus, "subject-list", &["S12"], token.mint(), "claim_type");
    for (name, domain) in [
        ("empty", ""),
        ("star", "*"),
        ("url", "spiffe://example.org"),
        ("upper-case", "Example.org"),
    ] {
        corpus
            .case(&format!("spiffe/configured-domain-{name}"), &["S13", "S10"], "config_invalid")
            .policy("spiffe")
            .issuer(json!({ "trust_domain": domain }));
    }
    corpus
        .case("spiffe/two-trust-domains-one-bundle", &["S13", "S10"], "config_invalid")
        .about("the key of one could sign for the other")
        .policy("spiffe")
        .issuer(json!({ "trust_domain": ["example.org", "other.org"] }));
    corpus.keys("bundle-other", &[jwk("ec-other").text("use", "jwt-svid").text("kid", "ec")]);
    let issuer = |domain: &str, keys: &str| {
        format!(
            r#"{{"profile":"spiffe-jwt-svid","trust_domain":"{domain}","audience":"{AUDIENCE}","keys":"{keys}"}}"#
        )
    };
    let own = issuer("example.org", "bundle");
    corpus.policy(
        "spiffe-two-bundles",
        &format!(r#"{{"issuers":[{own},{}]}}"#, issuer("other.org", "bundle-other")),
    );
    corpus.policy(
        "spiffe-shared-bundle",
        &format!(r#"{{"issuers":[{own},{}]}}"#, issuer("other.org", "bundle")),
    );
    corpus
        .case("spiffe/one-bundle-for-two-issuers", &["S13", "S10"], "config_invalid")
        .policy("spiffe-shared-bundle");
    let other = svid().claims(|claims| claims.text("sub", "spiffe://other.org/service"));
    for (name, token, code) in [
        ("own-key", svid(), "accepted"),
        ("other-key", svid().signed_by("ec-other", "ES256"), "signature_invalid"),
        ("other-domain-own-key", other.clone().signed_by("ec-other", "ES256"), "accepted"),
        ("other-domain-other-key", other, "signature_invalid"),
    ] {
        expect(corpus, &format!("two-bundles-{name}"), &["S10"], token.mint(), code)
            .policy("spiffe-two-bundles");
    }
}

fn bundles(corpus: &mut Corpus) {
    for (name, key, code) in [
        ("use-sig", jwk("ec").text("use", "sig"), "key_rejected"),
        ("use-absent", jwk("ec"), "key_rejected"),
        (
            "use-x509-svid",
            jwk("ec").text("use", "x509-svid").raw("x5c", r#"["MIIB"]"#),
            "key_rejected",
        ),
        ("use-wit-svid", jwk("ec").text("use", "wit-svid"), "key_rejected"),
        ("without-kid", jwk("ec").text("use", "jwt-svid").without("kid"), "no_matching_key"),
    ] {
        let set = format!("bundle-{name}");
        corpus.keys(&set, &[key]);
        expect(corpus, &format!("bundle-{name}"), &["S5"], svid().mint(), code).keys(&set);
    }
    expect(corpus, "bundle-empty", &["S3"], svid().mint(), "no_matching_key")
        .about("an empty bundle revokes everything")
        .keys("none");
    let mixed = [
        jwk("rsa").text("use", "x509-svid").without("kid"),
        jwk("ec").text("use", "jwt-svid").text("kid", "ec"),
    ];
    corpus.keys("bundle-mixed", &mixed);
    expect(corpus, "bundle-mixed", &["S24"], svid().mint(), "accepted").keys("bundle-mixed");
}

const SIGNER: &str =
    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/front/50dc6c495c0c9188";

fn load_balancers(corpus: &mut Corpus) {
    corpus.keys("alb", &[published("ec", "ES256")]);
    corpus.policy(
        "alb",
        &format!(
            r#"{{"issuers":[{{"profile":"alb","issuer":"https://idp.example","audience":"client-1","signers":["{SIGNER}"],"keys":"alb"}}]}}"#
        ),
    );
    let header = |signer: &str, client: &str| {
        Members::default()
            .text("typ", "JWT")
            .text("kid", "ec")
            .text("alg", "ES256")
            .text("iss", "https://idp.example")
            .text("client", client)
            .text("signer", signer)
            .number("exp", NOW + 120)
    };
    let payload = Members::default()
        .text("sub", "user-1")
        .text("email", "u@idp.example")
        .number("exp", NOW + 120)
        .text("iss", "https://idp.example");
    let padded = |header: &Members, payload: &Members| {
        let input =
            format!("{}.{}", URL_SAFE.encode(header.json()), URL_SAFE.encode(payload.json()));
        let token = mint_input(&input, "ec", "ES256");
        format!("{token}==")
    };
    let own = header(SIGNER, "client-1");
    let good = padded(&own, &payload);
    let expect = |corpus: &mut Corpus, name: &str, token: &str, code: &str| {
        corpus.case(&format!("alb/{name}"), &["S32", "S13"], code).policy("alb").token(token);
    };
    expect(corpus, "control-padded", &good, "accepted");
    let bare = Token::es256().header_bytes(own.json()).payload_bytes(payload.json()).mint();
    expect(corpus, "control-not-padded", &bare, "accepted");
    for (name, token) in [
        ("newline", format!("{good}\n")),
        ("space", format!("{good} ")),
        ("too-much-padding", format!("{good}=")),
        ("too-little-padding", good[..good.len() - 1].to_owned()),
        ("plus", good.replacen("==", "+=", 1)),
    ] {
        expect(corpus, name, &token, "malformed");
    }
    for (name, header, payload, code) in [
        ("other-client", header(SIGNER, "client-2"), payload.clone(), "audience_mismatch"),
        ("no-client", own.clone().without("client"), payload.clone(), "claim_missing"),
        (
            "other-signer",
            header(&SIGNER.replace("123456789012", "210987654321"), "client-1"),
            payload.clone(),
            "claim_mismatch",
        ),
        ("no-signer", own.clone().without("signer"), payload.clone(), "claim_missing"),
        (
            "signer-list",
            own.clone().raw("signer", &format!("[\"{SIGNER}\"]")),
            payload.clone(),
            "malformed",
        ),
        ("expired", own.clone(), payload.clone().number("exp", NOW - 61), "expired"),
        (
            "other-issuer",
            own.clone(),
            payload.text("iss", "https://attacker.example"),
            "unknown_issuer",
        ),
    ] {
        expect(corpus, name, &padded(&header, &payload), code);
    }
    corpus
        .case("alb/padding-at-others", &["S32"], "malformed")
        .token(format!("{}==", Token::es256().mint()));
    corpus.policy(
        "alb-and-oidc",
        &format!(
            r#"{{"issuers":[{{"profile":"alb","issuer":"https://idp.example","audience":"client-1","signers":["{SIGNER}"],"keys":"alb"}},{{"issuer":"https://issuer.example","audience":"{AUDIENCE}","keys":"good"}}]}}"#
        ),
    );
    let oidc = Token::es256();
    let (header, payload) = oidc.texts();
    let padded_input = format!("{}.{}", URL_SAFE.encode(header), URL_SAFE.encode(payload));
    for (name, token, code) in [
        ("padded-of-the-balancer", good.clone(), "accepted"),
        ("plain-of-the-other", oidc.mint(), "accepted"),
        (
            "padded-of-the-other",
            format!("{}==", mint_input(&padded_input, "ec", "ES256")),
            "malformed",
        ),
        ("padded-signature-of-the-other", format!("{}==", oidc.mint()), "malformed"),
    ] {
        corpus
            .case(&format!("alb/beside-another-{name}"), &["S32"], code)
            .policy("alb-and-oidc")
            .token(token);
    }
    corpus
        .case("alb/signers-missing", &["S13"], "config_invalid")
        .policy("alb")
        .issuer(json!({ "signers": null }));
}
