//! Microsoft Entra ID: tenants, template issuers, keys of other issuers and clouds.

use super::keys::published;
use super::{Corpus, Members, NOW, Token};
use serde_json::json;

const TENANT: &str = "11111111-2222-4333-8444-5555555555aa";
const OTHER: &str = "99999999-2222-4333-8444-5555555555bb";
/// The tenant of personal accounts.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
const API: &str = "4f1f2a3b-0000-4000-8000-000000000001";
const CLIENT: &str = "c1111111-0000-4000-8000-000000000002";
const LOGIN: &str = "https://login.microsoftonline.com";

pub(super) fn add(corpus: &mut Corpus) {
    policies(corpus);
    issuers(corpus);
    tenants(corpus);
    keys(corpus);
    claims(corpus);
    not_for_us(corpus);
}

fn v2_of(key: &'static str, tenant: &str) -> Token {
    Token::new(key, "RS256").claims(|claims| {
        claims
            .text("iss", &format!("{LOGIN}/{tenant}/v2.0"))
            .text("aud", API)
            .number("nbf", NOW)
            .text("tid", tenant)
            .text("oid", "00000000-0000-4000-8000-000000000003")
            .text("azp", CLIENT)
            .text("ver", "2.0")
    })
}

fn v2() -> Token {
    v2_of("rsa", TENANT)
}

fn v1() -> Token {
    Token::new("rsa", "RS256").header(|header| header.text("x5t", "rsa")).claims(|claims| {
        claims
            .text("iss", &format!("https://sts.windows.net/{TENANT}/"))
            .text("aud", &format!("api://{API}"))
            .text("tid", TENANT)
            .text("appid", CLIENT)
            .text("ver", "1.0")
    })
}

fn key(name: &str, issuer: &str) -> Members {
    published(name, "RS256")
        .without("alg")
        .text("x5t", name)
        .text("cloud_instance_name", "microsoftonline.com")
        .text("issuer", issuer)
}

fn policies(corpus: &mut Corpus) {
    let template = format!("{LOGIN}/{{tenantid}}/v2.0");
    let consumers = format!("{LOGIN}/{CONSUMERS}/v2.0");
    corpus.keys("entra", &[key("rsa", &template), key("rsa-other", &consumers)]);
    corpus.keys(
        "entra-v1",
        &[key("rsa", &template).without("issuer").without("cloud_instance_name")],
    );
    let policy = |profile: &str, tenants: &str, keys: &str| {
        format!(
            r#"{{"issuers":[{{"profile":"{profile}",{tenants},"audience":["{API}","api://{API}"],"keys":"{keys}"}}]}}"#
        )
    };
    let one = format!(r#""tenant_id":"{TENANT}""#);
    corpus.policy("entra-v2", &policy("entra-v2", &one, "entra"));
    corpus.policy("entra-v1", &policy("entra-v1", &one, "entra-v1"));
    corpus.policy(
        "entra-common",
        &policy("entra-common", &format!(r#""tenants":["{TENANT}"]"#), "entra"),
    );
    corpus.policy("entra-any", &policy("entra-common", r#""tenants":"any""#, "entra"));
}

fn expect<'c>(
    corpus: &'c mut Corpus,
    name: &str,
    policy: &str,
    covers: &[&str],
    token: &Token,
    code: &str,
) -> &'c mut super::Case {
    corpus.case(&format!("entra/{name}"), covers, code).policy(policy).token(token.mint())
}

fn issuers(corpus: &mut Corpus) {
    expect(corpus, "v2", "entra-v2", &["S14"], &v2(), "accepted");
    expect(corpus, "v1", "entra-v1", &["S14"], &v1(), "accepted");
    expect(corpus, "v2-common", "entra-common", &["S14"], &v2(), "accepted");
    expect(corpus, "v1-common", "entra-common", &["S14"], &v1(), "accepted")
        .about("a v1 token by a key whose issuer is spelt as v2's template");
    expect(corpus, "v1-with-v2-keys", "entra-v1", &["S14"], &v1(), "accepted").keys("entra");
    expect(corpus, "v1-where-v2-is-expected", "entra-v2", &["S14", "S10"], &v1(), "unknown_issuer");
    expect(corpus, "v2-where-v1-is-expected", "entra-v1", &["S14", "S10"], &v2(), "unknown_issuer");
    let issuer = |issuer: &str| v2().claims(|claims| claims.text("iss", issuer));
    for (name, iss, code) in [
        ("template-itself", format!("{LOGIN}/{{tenantid}}/v2.0"), "issuer_mismatch"),
        (
            "other-cloud",
            format!("https://login.microsoftonline.us/{TENANT}/v2.0"),
            "unknown_issuer",
        ),
        (
            "other-cloud-china",
            format!("https://login.partner.microsoftonline.cn/{TENANT}/v2.0"),
            "unknown_issuer",
        ),
        ("alias-host", format!("https://login.windows.net/{TENANT}/v2.0"), "unknown_issuer"),
        ("trailing-slash", format!("{LOGIN}/{TENANT}/v2.0/"), "unknown_issuer"),
        ("no-version", format!("{LOGIN}/{TENANT}"), "unknown_issuer"),
        ("upper-case-version", format!("{LOGIN}/{TENANT}/V2.0"), "unknown_issuer"),
        (
            "other-host",
            format!("https://login.microsoftonline.com.attacker.example/{TENANT}/v2.0"),
            "unknown_issuer",
        ),
        (
            "user-part",
            format!("https://login.microsoftonline.com@attacker.example/{TENANT}/v2.0"),
            "unknown_issuer",
        ),
        ("dots-in-path", format!("{LOGIN}/x/../{TENANT}/v2.0"), "unknown_issuer"),
        ("empty-tenant", format!("{LOGIN}//v2.0"), "unknown_issuer"),
        ("common-as-tenant", format!("{LOGIN}/common/v2.0"), "issuer_mismatch"),
        ("policy-of-b2c", format!("{LOGIN}/tfp/{TENANT}/b2c_1_signin/v2.0"), "unknown_issuer"),
        ("b2c-host", format!("https://contoso.b2clogin.com/{TENANT}/v2.0"), "unknown_issuer"),
        (
            "upper-case-tenant",
            format!("{LOGIN}/{}/v2.0", TENANT.to_ascii_uppercase()),
            "issuer_mismatch",
        ),
        ("other-tenant-in-iss", format!("{LOGIN}/{OTHER}/v2.0"), "issuer_mismatch"),
    ] {
        expect(
            corpus,
            &format!("issuer-{name}"),
            "entra-common",
            &["S14", "S10"],
            &issuer(&iss),
            code,
        );
    }
}

fn tenants(corpus: &mut Corpus) {
    let tid = |json: &str| v2().claims(|claims| claims.raw("tid", json));
    for (name, token, code) in [
        ("of-another", tid(&format!("\"{OTHER}\"")), "issuer_mismatch"),
        ("upper-case", tid(&format!("\"{}\"", TENANT.to_ascii_uppercase())), "issuer_mismatch"),
        ("no-guid", tid(r#""contoso.onmicrosoft.com""#), "claim_type"),
        ("braces", tid(&format!("\"{{{TENANT}}}\"")), "claim_type"),
        ("empty", tid(r#""""#), "claim_type"),
        ("list", tid(&format!("[\"{TENANT}\"]")), "claim_type"),
        ("null", tid("null"), "claim_type"),
        ("missing", v2().claims(|claims| claims.without("tid")), "claim_missing"),
        ("and-Tid", v2().claims(|c| c.text("Tid", OTHER)), "claim_mismatch"),
        ("and-TID-the-same", v2().claims(|c| c.text("TID", TENANT)), "claim_mismatch"),
        ("and-Iss", v2().claims(|c| c.text("Iss", "x")), "claim_mismatch"),
        ("and-AUD", v2().claims(|c| c.text("AUD", API)), "claim_mismatch"),
        ("twice", v2().claims(|c| c.again("tid", &format!("\"{OTHER}\""))), "malformed"),
    ] {
        expect(corpus, &format!("tid-{name}"), "entra-common", &["S14", "S35"], &token, code);
    }
    let other = v2_of("rsa", OTHER);
    expect(corpus, "tenant-not-listed", "entra-common", &["S14"], &other, "tenant_not_allowed");
    expect(corpus, "tenant-configured-in-upper-case", "entra-common", &["S14"], &v2(), "accepted")
        .issuer(json!({ "tenants": [TENANT.to_ascii_uppercase()] }));
    expect(corpus, "tenant-not-ours", "entra-v2", &["S14"], &other, "tenant_not_allowed");
    expect(corpus, "any-tenant-by-choice", "entra-any", &["S14"], &other, "accepted");
    expect(
        corpus,
        "any-tenant-still-needs-tid",
        "entra-any",
        &["S14"],
        &other.clone().claims(|c| c.without("tid")),
        "claim_missing",
    );
    expect(
        corpus,
        "any-tenant-still-compares",
        "entra-any",
        &["S14"],
        &other.claims(|c| c.text("tid", TENANT)),
        "issuer_mismatch",
    );
    for (name, tenants) in [
        ("none", json!(null)),
        ("empty-list", json!([])),
        ("star", json!("*")),
        ("star-in-list", json!(["any"])),
        ("domain", json!(["contoso.onmicrosoft.com"])),
    ] {
        corpus
            .case(&format!("entra/common-with-tenants-{name}"), &["S14", "S13"], "config_invalid")
            .policy("entra-common")
            .issuer(json!({ "tenants": tenants }));
    }
    for (name, tenant) in
        [("missing", json!(null)), ("common", json!("common")), ("glob", json!("*"))]
    {
        corpus
            .case(&format!("entra/v2-with-tenant-{name}"), &["S14", "S13"], "config_invalid")
            .policy("entra-v2")
            .issuer(json!({ "tenant_id": tenant }));
    }
}

fn keys(corpus: &mut Corpus) {
    let personal = v2_of("rsa-other", CONSUMERS);
    expect(corpus, "key-of-personal-accounts", "entra-any", &["S14"], &personal, "accepted");
    expect(
        corpus,
        "key-of-personal-accounts-for-a-company",
        "entra-any",
        &["S14", "S10"],
        &v2_of("rsa-other", TENANT),
        "key_issuer_mismatch",
    );
    expect(
        corpus,
        "key-of-personal-accounts-for-v1",
        "entra-common",
        &["S14"],
        &v1().header(|h| h.text("kid", "rsa-other")).signed_by("rsa-other", "RS256"),
        "key_issuer_mismatch",
    );
    let template = format!("{LOGIN}/{{tenantid}}/v2.0");
    for (name, member, value, code) in [
        (
            "issuer-of-another-tenant",
            "issuer",
            format!("{LOGIN}/{OTHER}/v2.0"),
            "key_issuer_mismatch",
        ),
        ("issuer-of-the-tenant", "issuer", format!("{LOGIN}/{TENANT}/v2.0"), "accepted"),
        (
            "issuer-of-another-cloud",
            "issuer",
            "https://login.microsoftonline.us/{tenantid}/v2.0".to_owned(),
            "key_issuer_mismatch",
        ),
        ("issuer-empty", "issuer", String::new(), "key_issuer_mismatch"),
        (
            "cloud-of-another",
            "cloud_instance_name",
            "microsoftonline.us".to_owned(),
            "key_issuer_mismatch",
        ),
        (
            "cloud-other-case",
            "cloud_instance_name",
            "MicrosoftOnline.com".to_owned(),
            "key_issuer_mismatch",
        ),
    ] {
        let set = format!("entra-key-{name}");
        corpus.keys(&set, &[key("rsa", &template).text(member, &value)]);
        expect(corpus, &format!("key-{name}"), "entra-common", &["S14"], &v2(), code).keys(&set);
    }
    corpus.keys("entra-key-bare", &[published("rsa", "RS256")]);
    expect(corpus, "key-without-issuer", "entra-v2", &["S14"], &v2(), "accepted")
        .keys("entra-key-bare");
    let by_x5t = v1().header(|header| header.without("kid"));
    expect(corpus, "x5t-names-the-key", "entra-v1", &["S5"], &by_x5t, "accepted");
    expect(
        corpus,
        "x5t-unknown",
        "entra-v1",
        &["S5"],
        &by_x5t.header(|h| h.text("x5t", "nobody")),
        "no_matching_key",
    );
    expect(
        corpus,
        "es256",
        "entra-v2",
        &["S6"],
        &v2().header(|h| h.text("alg", "ES256").text("kid", "ec")).signed_by("ec", "ES256"),
        "alg_not_allowed",
    );
    expect(
        corpus,
        "rs384",
        "entra-v2",
        &["S6"],
        &v2().header(|h| h.text("alg", "RS384")).signed_by("rsa", "RS384"),
        "alg_not_allowed",
    );
}

fn claims(corpus: &mut Corpus) {
    for (name, json, code) in [
        ("client-id", format!("\"{API}\""), "accepted"),
        ("app-id-uri", format!("\"api://{API}\""), "accepted"),
        ("app-id-uri-slash", format!("\"api://{API}/\""), "audience_mismatch"),
        ("graph", r#""00000003-0000-0000-c000-000000000000""#.to_owned(), "audience_mismatch"),
        ("upper-case", format!("\"{}\"", API.to_ascii_uppercase()), "audience_mismatch"),
    ] {
        let token = v2().claims(|claims| claims.raw("aud", &json));
        expect(corpus, &format!("aud-{name}"), "entra-v2", &["S13"], &token, code);
    }
    for (name, token, code) in [
        ("v1-in-v2", v2().claims(|c| c.text("ver", "1.0")), "claim_mismatch"),
        ("missing", v2().claims(|c| c.without("ver")), "claim_missing"),
        ("number", v2().claims(|c| c.raw("ver", "2.0")), "claim_type"),
    ] {
        expect(corpus, &format!("ver-{name}"), "entra-v2", &["S14", "S12"], &token, code);
    }
    let v2_in_v1 = v1().claims(|c| c.text("ver", "2.0"));
    expect(corpus, "ver-v2-in-v1", "entra-v1", &["S14"], &v2_in_v1, "claim_mismatch");
    let parties = json!({ "authorized_parties": [CLIENT] });
    for (name, token, code) in [
        ("azp", v2(), "accepted"),
        ("azp-other", v2().claims(|c| c.text("azp", API)), "claim_mismatch"),
        ("azp-missing", v2().claims(|c| c.without("azp")), "claim_missing"),
    ] {
        expect(corpus, &format!("party-{name}"), "entra-v2", &["S14"], &token, code)
            .issuer(parties.clone());
    }
    expect(corpus, "party-appid", "entra-v1", &["S14"], &v1(), "accepted").issuer(parties);
    let app = json!({ "app_only": true });
    for (name, token, code) in [
        ("app", v2().claims(|c| c.text("idtyp", "app")), "accepted"),
        ("user", v2().claims(|c| c.text("idtyp", "user").text("scp", "a")), "claim_mismatch"),
        ("missing", v2().claims(|c| c.raw("roles", r#"["Reader"]"#)), "claim_missing"),
        ("device", v2().claims(|c| c.text("idtyp", "device")), "claim_mismatch"),
    ] {
        expect(corpus, &format!("idtyp-{name}"), "entra-v2", &["S14"], &token, code)
            .issuer(app.clone());
    }
    let roles = json!({ "roles": ["Reader"] });
    for (name, token, code) in [
        ("control", v2().claims(|c| c.raw("roles", r#"["Reader"]"#)), "accepted"),
        ("missing", v2(), "claim_missing"),
        ("empty", v2().claims(|c| c.raw("roles", "[]")), "claim_mismatch"),
    ] {
        expect(corpus, &format!("roles-{name}"), "entra-v2", &["S14"], &token, code)
            .issuer(roles.clone());
    }
    let actor = v2().claims(|c| {
        c.raw("actor", &format!(r#"{{"tid":"{OTHER}","appid":"{CLIENT}"}}"#))
            .raw("xms_act_fct", "[1]")
    });
    expect(corpus, "actor-claim-means-nothing", "entra-v2", &["S14"], &actor, "accepted")
        .about("what an actor claims about tenants is never read (CVE-2025-55241)");
}

/// Tokens for Microsoft Graph: the header that was signed is another one.
fn not_for_us(corpus: &mut Corpus) {
    let graph = v2().header(|header| header.text("nonce", "AQABAAAAAA"));
    expect(corpus, "nonce-in-header", "entra-v2", &["S27"], &graph, "not_for_us");
    let unsigned = graph.signed_by("rsa-other", "RS256");
    expect(
        corpus,
        "nonce-in-header-not-verifiable",
        "entra-common",
        &["S27"],
        &unsigned,
        "not_for_us",
    );
    let token = Token::es256().header(|header| header.text("nonce", "AQABAAAAAA"));
    corpus
        .case("entra/nonce-elsewhere", &["S27"], "accepted")
        .about("at other issuers a `nonce` in the header is an unknown member")
        .token(token.mint());
    let signed = v2().claims(|claims| claims.text("nonce", "n-0S6_WzA2Mj"));
    expect(corpus, "nonce-in-payload", "entra-v2", &["S27"], &signed, "accepted");
}
