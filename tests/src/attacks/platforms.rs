//! Workload issuers other than Entra: each with its own algorithms, subjects and claims.

use super::keys::{jwk, published};
use super::{AUDIENCE, Corpus, NOW, Token};
use serde_json::json;

pub(super) fn add(corpus: &mut Corpus) {
    corpus.keys(
        "platform",
        &[published("rsa", "RS256"), published("ec", "ES256"), published("ec384", "ES384")],
    );
    github(corpus);
    gitlab(corpus);
    kubernetes(corpus);
    google(corpus);
    aws(corpus);
    azure_devops(corpus);
    texts(corpus);
}

pub(super) fn policy(corpus: &mut Corpus, name: &str, more: &str) {
    let json = format!(
        r#"{{"issuers":[{{"profile":"{name}","audience":"{AUDIENCE}",{more}"keys":"platform"}}]}}"#
    );
    corpus.policy(name, &json);
}

pub(super) fn expect(
    corpus: &mut Corpus,
    policy: &str,
    name: &str,
    covers: &[&str],
    token: &Token,
    code: &str,
) {
    corpus.case(&format!("{policy}/{name}"), covers, code).policy(policy).token(token.mint());
}

fn github(corpus: &mut Corpus) {
    policy(corpus, "github", "");
    let token =
        Token::new("rsa", "RS256").header(|header| header.text("x5t", "rsa")).claims(|claims| {
            claims
                .text("iss", "https://token.actions.githubusercontent.com")
                .text("sub", "repo:octo-org/octo-repo:ref:refs/heads/main")
                .text("repository", "octo-org/octo-repo")
                .text("repository_owner", "octo-org")
                .text("repository_id", "74")
                .text("repository_owner_id", "65")
        });
    expect(corpus, "github", "control", &["S10"], &token, "accepted");
    let immutable = token
        .clone()
        .claims(|claims| claims.text("sub", "repo:octo-org@65/octo-repo@74:ref:refs/heads/main"));
    expect(corpus, "github", "immutable-subject", &["S10"], &immutable, "accepted");
    for (name, iss) in [
        ("enterprise-slug", "https://token.actions.githubusercontent.com/octo-enterprise"),
        ("slash", "https://token.actions.githubusercontent.com/"),
        ("server", "https://github.example/_services/token"),
    ] {
        let other = token.clone().claims(|claims| claims.text("iss", iss));
        expect(
            corpus,
            "github",
            &format!("issuer-{name}"),
            &["S10", "S18"],
            &other,
            "unknown_issuer",
        );
    }
    let slug = "https://token.actions.githubusercontent.com/octo-enterprise";
    corpus
        .case("github/enterprise-slug-configured", &["S10"], "accepted")
        .policy("github")
        .issuer(json!({ "issuer": slug }))
        .token(token.clone().claims(|claims| claims.text("iss", slug)).mint());
    let without = token.clone().claims(|claims| claims.without("repository"));
    expect(corpus, "github", "no-repository", &["S26"], &without, "claim_missing");
    for (name, json) in [("empty", r#""""#), ("null", "null")] {
        let empty = token.clone().claims(|claims| claims.raw("repository_owner", json));
        let name = format!("{name}-owner");
        expect(corpus, "github", &name, &["S26", "S12"], &empty, "claim_missing");
    }
    let es =
        token.clone().header(|h| h.text("alg", "ES256").text("kid", "ec")).signed_by("ec", "ES256");
    expect(corpus, "github", "es256", &["S6"], &es, "alg_not_allowed");
    let rule = json!({ "claims": [{ "claim": "repository_id", "equals": "74" }] });
    for (name, id, code) in [
        ("same", "\"74\"", "accepted"),
        ("other", "\"75\"", "claim_mismatch"),
        ("number", "74", "claim_mismatch"),
    ] {
        corpus
            .case(&format!("github/repository-id-{name}"), &["S12"], code)
            .policy("github")
            .issuer(rule.clone())
            .token(token.clone().claims(|claims| claims.raw("repository_id", id)).mint());
    }
}

fn gitlab(corpus: &mut Corpus) {
    policy(corpus, "gitlab", "");
    let token = Token::new("rsa", "RS256").claims(|claims| {
        claims
            .text("iss", "https://gitlab.com")
            .text("sub", "project_path:group/project:ref_type:branch:ref:main")
            .text("project_id", "22")
            .text("project_path", "group/project")
            .text("ref_protected", "true")
    });
    expect(corpus, "gitlab", "control", &["S10"], &token, "accepted");
    let own = token.clone().claims(|claims| claims.text("iss", "https://gitlab.example"));
    expect(corpus, "gitlab", "own-server-not-configured", &["S10"], &own, "unknown_issuer");
    for (name, wanted, code) in
        [("text", json!("true"), "accepted"), ("bool", json!(true), "claim_mismatch")]
    {
        corpus
            .case(&format!("gitlab/protected-is-{name}"), &["S12"], code)
            .about("`ref_protected` is the string \"true\"; a rule compares types as well")
            .policy("gitlab")
            .issuer(json!({ "claims": [{ "claim": "ref_protected", "equals": wanted }] }))
            .token(token.mint());
    }
    let without = token.claims(|claims| claims.without("project_id"));
    expect(corpus, "gitlab", "no-project", &["S26"], &without, "claim_missing");
}

fn kubernetes(corpus: &mut Corpus) {
    policy(
        corpus,
        "kubernetes",
        r#""issuer":["https://cluster.example/id/","https://old.example"],"#,
    );
    let pod = r#"{"namespace":"prod","pod":{"name":"p","uid":"u"},"serviceaccount":{"name":"app","uid":"v"},"warnafter":1}"#;
    let token = Token::es256().header(|header| header.without("typ")).claims(|claims| {
        claims
            .text("iss", "https://cluster.example/id/")
            .text("sub", "system:serviceaccount:prod:app")
            .raw("aud", &format!("[\"{AUDIENCE}\"]"))
            .raw("kubernetes.io", pod)
    });
    expect(corpus, "kubernetes", "control", &["S10"], &token, "accepted");
    let old = token.clone().claims(|claims| claims.text("iss", "https://old.example"));
    expect(corpus, "kubernetes", "issuer-during-migration", &["S10"], &old, "accepted");
    let no_slash = token.clone().claims(|claims| claims.text("iss", "https://cluster.example/id"));
    expect(corpus, "kubernetes", "issuer-without-slash", &["S10"], &no_slash, "unknown_issuer");
    let legacy = Token::es256().header(|header| header.without("typ")).claims(|claims| {
        claims
            .text("iss", "kubernetes/serviceaccount")
            .text("sub", "system:serviceaccount:prod:app")
            .without("aud")
            .without("exp")
    });
    expect(corpus, "kubernetes", "legacy-token", &["S13", "S10"], &legacy, "unknown_issuer");
    corpus
        .case("kubernetes/legacy-token-configured", &["S13"], "claim_missing")
        .about("legacy tokens name no audience and never expire")
        .policy("kubernetes")
        .issuer(json!({ "issuer": "kubernetes/serviceaccount" }))
        .token(legacy.mint());
    for (name, sub) in [
        ("user", "system:node:prod"),
        ("no-name", "system:serviceaccount:prod"),
        ("prefix", "xsystem:serviceaccount:prod:app"),
    ] {
        let other = token.clone().claims(|claims| claims.text("sub", sub));
        expect(
            corpus,
            "kubernetes",
            &format!("subject-{name}"),
            &["S10"],
            &other,
            "claim_mismatch",
        );
    }
    for (name, json, code) in [
        ("missing", "{}", "claim_missing"),
        ("text", r#""prod""#, "claim_missing"),
        ("without-account", r#"{"namespace":"prod"}"#, "claim_missing"),
    ] {
        let other = token.clone().claims(|claims| claims.raw("kubernetes.io", json));
        expect(corpus, "kubernetes", &format!("member-{name}"), &["S26"], &other, code);
    }
    let namespace =
        json!({ "claims": [{ "claim": "/kubernetes.io/namespace", "equals": "prod" }] });
    for (name, json, code) in [
        ("same", pod.to_owned(), "accepted"),
        ("other", pod.replace("prod", "test"), "claim_mismatch"),
    ] {
        corpus
            .case(&format!("kubernetes/namespace-{name}"), &["S10"], code)
            .policy("kubernetes")
            .issuer(namespace.clone())
            .token(token.clone().claims(|claims| claims.raw("kubernetes.io", &json)).mint());
    }
}

fn google(corpus: &mut Corpus) {
    policy(corpus, "google", "");
    let token = |iss: &str| {
        Token::new("rsa", "RS256").claims(|claims| {
            claims
                .text("iss", iss)
                .text("sub", "117")
                .text("azp", "117")
                .raw("email_verified", "true")
        })
    };
    for (name, iss, code) in [
        ("control", "https://accounts.google.com", "accepted"),
        ("bare-host", "accounts.google.com", "accepted"),
        ("http", "http://accounts.google.com", "unknown_issuer"),
        ("slash", "https://accounts.google.com/", "unknown_issuer"),
    ] {
        expect(corpus, "google", name, &["S10"], &token(iss), code);
    }
}

fn aws(corpus: &mut Corpus) {
    policy(corpus, "aws-outbound", r#""issuer":"https://abc.tokens.sts.global.api.aws","#);
    corpus.keys("aws", &[jwk("rsa").text("use", "sig"), published("ec384", "ES384")]);
    for (key, alg, code) in [
        ("rsa", "RS256", "accepted"),
        ("ec384", "ES384", "accepted"),
        ("rsa", "PS256", "alg_not_allowed"),
    ] {
        let token = Token::new(key, alg).claims(|claims| {
            claims
                .text("iss", "https://abc.tokens.sts.global.api.aws")
                .text("sub", "arn:aws:iam::123456789012:role/app")
        });
        corpus
            .case(&format!("aws-outbound/{alg}"), &["S5", "S6"], code)
            .about("the RSA key of AWS has no `alg`")
            .policy("aws-outbound")
            .keys("aws")
            .token(token.mint());
    }
}

fn azure_devops(corpus: &mut Corpus) {
    let old = "https://vstoken.dev.azure.com/aaaaaaaa-0000-4000-8000-000000000004";
    let new = "https://login.microsoftonline.com/11111111-2222-4333-8444-5555555555aa/v2.0";
    policy(corpus, "azure-devops", &format!(r#""issuer":["{old}","{new}"],"#));
    let token = |iss: &str, sub: &str| {
        Token::new("rsa", "RS256").claims(|claims| claims.text("iss", iss).text("sub", sub))
    };
    let connection = "/eid1/c/pub/t/qrvM3Q/a/AbCd/sc/aaaaaaaa-0000-4000-8000-000000000004/bbbbbbbb-0000-4000-8000-000000000005";
    for (name, iss, sub, code) in [
        ("old-issuer", old, "sc://contoso/shop/azure", "accepted"),
        ("new-issuer", new, connection, "accepted"),
        (
            "other-organisation",
            "https://vstoken.dev.azure.com/cccccccc-0000-4000-8000-000000000006",
            "sc://contoso/shop/azure",
            "unknown_issuer",
        ),
        (
            "other-tenant",
            "https://login.microsoftonline.com/99999999-2222-4333-8444-5555555555bb/v2.0",
            connection,
            "unknown_issuer",
        ),
        ("subject-of-a-job", old, "p://contoso/shop/pipeline", "claim_mismatch"),
        ("subject-of-an-app", new, "00000000-0000-4000-8000-000000000003", "claim_mismatch"),
    ] {
        expect(corpus, "azure-devops", name, &["S10"], &token(iss, sub), code);
    }
}

/// Claims that their document calls strings are not lists of which one item fits.
fn texts(corpus: &mut Corpus) {
    let list = |claim: &str| format!("[\"{claim}\",\"octo-org/octo-repo\",\"client-1\",\"prod\"]");
    for (platform, token, claims) in [
        (
            "github",
            Token::new("rsa", "RS256").claims(|claims| {
                claims
                    .text("iss", "https://token.actions.githubusercontent.com")
                    .text("sub", "repo:octo-org/octo-repo:ref:refs/heads/main")
                    .text("repository", "octo-org/octo-repo")
                    .text("repository_owner", "octo-org")
            }),
            &["repository", "repository_owner", "ref", "environment", "job_workflow_ref"][..],
        ),
        (
            "gitlab",
            Token::new("rsa", "RS256").claims(|claims| {
                claims.text("iss", "https://gitlab.com").text("sub", "s").text("project_id", "1")
            }),
            &["project_id", "project_path", "ref"],
        ),
        (
            "google",
            Token::new("rsa", "RS256").claims(|claims| {
                claims.text("iss", "https://accounts.google.com").text("sub", "1")
            }),
            &["email", "hd", "azp"],
        ),
        (
            "rfc9068",
            Token::es256().header(|header| header.text("typ", "at+jwt")).claims(|claims| {
                claims.text("client_id", "client-1").text("jti", "1").number("iat", NOW)
            }),
            &["client_id", "scope"],
        ),
    ] {
        for claim in claims {
            for (kind, json) in [("list", list(claim)), ("number", "5".to_owned())] {
                let other = token.clone().claims(|claims| claims.raw(claim, &json));
                let name = format!("{claim}-{kind}");
                expect(corpus, platform, &name, &["S12"], &other, "claim_type");
            }
        }
    }
    for (name, json) in [
        ("namespace-list", r#"{"namespace":["prod"],"serviceaccount":{"name":"app","uid":"v"}}"#),
        ("account-list", r#"{"namespace":"prod","serviceaccount":{"name":["app"],"uid":"v"}}"#),
        ("uid-number", r#"{"namespace":"prod","serviceaccount":{"name":"app","uid":1}}"#),
    ] {
        let token = Token::es256().claims(|claims| {
            claims
                .text("iss", "https://cluster.example/id/")
                .text("sub", "system:serviceaccount:prod:app")
                .raw("kubernetes.io", json)
        });
        expect(corpus, "kubernetes", name, &["S12"], &token, "claim_type");
    }
}
