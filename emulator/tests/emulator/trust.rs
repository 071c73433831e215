//! What the application trusts: issuer, subject, audience, keys, signature, validity.

use crate::fixture::{AUDIENCE, BASE, Fixture, NOW, Response, SharedSigner, aadsts, refusal, text};
use crate::issuer::{ISSUER, Issuer, SUBJECT, Token};
use workload_identity_emulator::{
    Credential, CredentialError, Fetched, MAX_CREDENTIALS, Reply, Rotation,
};

#[test]
fn an_external_issuers_token_is_exchanged() {
    let (mut fixture, mut issuer) = (Fixture::trusting(), Issuer::new());
    let response = fixture.exchange_with(&Token::new(NOW).sign(), |url| Ok(issuer.answer(url)));
    assert_eq!(response.status, 200);
    assert_eq!(
        issuer.fetched,
        ["https://idp.example/realm/.well-known/openid-configuration", "https://idp.example/keys"]
    );
}

#[test]
fn metadata_is_cached_until_forgotten() {
    let (mut fixture, mut issuer) = (Fixture::trusting(), Issuer::new());
    let token = Token::new(NOW).sign();
    for expected in [2, 2, 2] {
        assert_eq!(fixture.exchange_with(&token, |url| Ok(issuer.answer(url))).status, 200);
        assert_eq!(issuer.fetched.len(), expected);
    }
    fixture.emulator.forget_metadata();
    assert_eq!(fixture.exchange_with(&token, |url| Ok(issuer.answer(url))).status, 200);
    assert_eq!(issuer.fetched.len(), 4);
}

#[test]
fn metadata_is_kept_for_a_day() {
    let (mut fixture, mut issuer) = (Fixture::trusting(), Issuer::new());
    for (after, expected) in [(0, 2), (86_399, 2), (86_400, 4)] {
        fixture.now = NOW.plus_seconds(after);
        let token = Token::new(fixture.now).sign();
        assert_eq!(fixture.exchange_with(&token, |url| Ok(issuer.answer(url))).status, 200);
        assert_eq!(issuer.fetched.len(), expected, "after {after} s");
    }
}

#[test]
fn a_new_key_can_stay_unknown_for_a_while() {
    let mut fixture = Fixture::with(|settings| settings.metadata_cooldown_seconds = 60);
    let before = fixture.github_token();
    assert_eq!(fixture.exchange(&before).status, 200);
    fixture.emulator.rotate(Rotation::Workload, false).expect("rotated");
    let after = fixture.github_token();
    fixture.now = NOW.plus_seconds(59);
    assert_eq!(aadsts(&fixture.exchange(&after)), 7_000_272);
    fixture.now = NOW.plus_seconds(60);
    assert_eq!(fixture.exchange(&after).status, 200);
}

#[test]
fn an_unknown_key_is_looked_for_once() {
    let (mut fixture, mut issuer) = (Fixture::trusting(), Issuer::new());
    let token = Token::new(NOW);
    assert_eq!(fixture.exchange_with(&token.sign(), |url| Ok(issuer.answer(url))).status, 200);
    // The issuer rotates: the new key is fetched although the old set is cached.
    issuer.keys.push(("key-2".to_owned(), SharedSigner(2)));
    let mut rotated = token.clone().header("kid", "key-2");
    rotated.signer = SharedSigner(2);
    assert_eq!(fixture.exchange_with(&rotated.sign(), |url| Ok(issuer.answer(url))).status, 200);
    assert_eq!(issuer.fetched.len(), 4);
    // A key that nobody publishes is looked for once per request, then refused.
    let unknown = token.header("kid", "3q2-7w").sign();
    let response = fixture.exchange_with(&unknown, |url| Ok(issuer.answer(url)));
    assert_eq!(refusal(&response), (401, "invalid_client".to_owned(), 7_000_272));
    assert!(text(&response, "error_description").contains("identifier DEADBEEF used"));
    assert_eq!(issuer.fetched.len(), 6);
}

#[test]
fn each_member_must_match_to_the_letter() {
    type Change = fn(&mut Token);
    let cases: [(Change, i64); 7] = [
        (|token| token.issuer.push('/'), 700_211),
        (|token| token.subject.push('x'), 700_213),
        (|token| token.audience.push('x'), 700_212),
        (|token| token.issuer = token.issuer.replace("realm", "Realm"), 7_002_138),
        (|token| token.subject = token.subject.to_uppercase(), 7_002_138),
        (|token| token.audience = token.audience.to_lowercase(), 7_002_138),
        (|token| token.issuer.insert(0, ' '), 700_211),
    ];
    for (index, (change, code)) in cases.into_iter().enumerate() {
        let mut fixture = Fixture::trusting();
        let mut token = Token::new(NOW);
        change(&mut token);
        // Refused without asking the issuer for anything.
        let response = fixture.exchange(&token.sign());
        assert_eq!(refusal(&response), (401, "invalid_client".to_owned(), code), "case {index}");
    }
}

#[test]
fn the_refusal_quotes_what_was_presented() {
    let mut fixture = Fixture::trusting();
    let mut token = Token::new(NOW);
    token.subject = "repo:octo/app:ref:refs/heads/dev".to_owned();
    let response = fixture.exchange(&token.sign());
    assert!(text(&response, "error_description").starts_with(
        "AADSTS700213: No matching federated identity record found for presented assertion subject 'repo:octo/app:ref:refs/heads/dev'."
    ));
}

#[test]
fn an_application_without_credentials() {
    let mut fixture = Fixture::with(|settings| settings.trust_own_issuers = false);
    let token = fixture.github_token();
    let response = fixture.exchange(&token);
    assert_eq!(refusal(&response), (401, "invalid_client".to_owned(), 70_025));
    assert!(text(&response, "error_description").contains(&fixture.emulator.settings().client_id));
}

#[test]
fn limits_of_credentials() {
    let mut fixture = Fixture::with(|settings| settings.trust_own_issuers = false);
    let credential = |subject: &str| Credential::exact(ISSUER, subject, AUDIENCE);
    for number in 0..MAX_CREDENTIALS {
        assert_eq!(fixture.emulator.trust(credential(&format!("s{number}"))), Ok(()));
    }
    assert_eq!(fixture.emulator.trust(credential("more")), Err(CredentialError::TooMany));
    assert!(fixture.emulator.distrust(ISSUER, "s0"));
    assert_eq!(
        fixture.emulator.trust(credential(&"x".repeat(601))),
        Err(CredentialError::TooLong("subject"))
    );
    assert_eq!(fixture.emulator.trust(credential("s1")), Err(CredentialError::Duplicate));
    assert_eq!(fixture.emulator.trust(credential(&"x".repeat(600))), Ok(()));
}

#[test]
fn tokens_of_entra_are_refused() {
    let mut fixture = Fixture::trusting();
    let access_token = fixture.access_token();
    assert_eq!(
        refusal(&fixture.exchange(&access_token)),
        (400, "invalid_request".to_owned(), 700_222)
    );
    for issuer in [
        "https://login.microsoftonline.com/8f2f1c6e-5d0a-4c57-9b3e-2a7d64c1e0b9/v2.0",
        "https://sts.windows.net/8f2f1c6e-5d0a-4c57-9b3e-2a7d64c1e0b9/",
        "https://westeurope.login.microsoft.com/x/v2.0",
        "https://login.sovcloud-identity.de/x/v2.0",
    ] {
        let mut token = Token::new(NOW);
        token.issuer = issuer.to_owned();
        assert_eq!(aadsts(&fixture.exchange(&token.sign())), 700_222, "{issuer}");
    }
    let mut token = Token::new(NOW);
    token.issuer = "https://login.microsoftonline.com.evil.example/x".to_owned();
    assert_eq!(aadsts(&fixture.exchange(&token.sign())), 700_211);
}

#[test]
fn self_signed_assertions_need_a_certificate_that_is_not_there() {
    let mut fixture = Fixture::new();
    let mut token = Token::new(NOW);
    token.issuer = fixture.emulator.settings().client_id.clone();
    token.subject = token.issuer.clone();
    assert_eq!(
        refusal(&fixture.exchange(&token.sign())),
        (401, "invalid_client".to_owned(), 700_027)
    );
}

#[test]
fn signature_and_key_must_belong_together() {
    let (mut fixture, mut issuer) = (Fixture::trusting(), Issuer::new());
    let mut forged = Token::new(NOW);
    forged.signer = SharedSigner(2);
    let response = fixture.exchange_with(&forged.sign(), |url| Ok(issuer.answer(url)));
    assert_eq!(refusal(&response), (401, "invalid_client".to_owned(), 700_027));
    let good = Token::new(NOW).sign();
    let (input, signature) = good.rsplit_once('.').expect("three parts");
    let mut other = Token::new(NOW);
    other.expires = Some(NOW.seconds() + 301);
    let other = other.sign();
    let (_, foreign) = other.rsplit_once('.').expect("three parts");
    assert_ne!(signature, foreign);
    let response =
        fixture.exchange_with(&format!("{input}.{foreign}"), |url| Ok(issuer.answer(url)));
    assert_eq!(aadsts(&response), 700_027);
    assert_eq!(fixture.exchange_with(&good, |url| Ok(issuer.answer(url))).status, 200);
}

#[test]
fn other_algorithms_and_types_are_refused() {
    let mut fixture = Fixture::trusting();
    for (name, value, code) in [
        ("alg", "RS384", 5_002_738),
        ("alg", "ES256", 5_002_738),
        ("alg", "none", 5_002_738),
        ("alg", "HS256", 5_002_738),
        ("typ", "at+jwt", 5_002_727),
    ] {
        let token = Token::new(NOW).header(name, value).sign();
        let response = fixture.exchange(&token);
        assert_eq!(refusal(&response), (400, "invalid_request".to_owned(), code), "{value}");
    }
}

#[test]
fn validity_has_five_minutes_of_tolerance() {
    let at = |starts: Option<i64>, expires: Option<i64>| {
        let (mut fixture, mut issuer) = (Fixture::trusting(), Issuer::new());
        let mut token = Token::new(NOW);
        token.starts = starts.map(|seconds| NOW.seconds() + seconds);
        token.expires = expires.map(|seconds| NOW.seconds() + seconds);
        let response = fixture.exchange_with(&token.sign(), |url| Ok(issuer.answer(url)));
        if response.status == 200 { 0 } else { aadsts(&response) }
    };
    assert_eq!(at(Some(0), Some(300)), 0);
    assert_eq!(at(Some(-600), Some(-299)), 0);
    assert_eq!(at(Some(-600), Some(-300)), 700_024);
    assert_eq!(at(Some(300), Some(900)), 0);
    assert_eq!(at(Some(301), Some(900)), 700_024);
    assert_eq!(at(None, Some(300)), 0);
    assert_eq!(at(Some(0), None), 50_027);
}

#[test]
fn an_expired_assertion_is_explained_as_entra_does() {
    let (mut fixture, mut issuer) = (Fixture::trusting(), Issuer::new());
    let mut token = Token::new(NOW);
    token.starts = None;
    token.expires = Some(NOW.seconds() - 4000);
    let response = fixture.exchange_with(&token.sign(), |url| Ok(issuer.answer(url)));
    assert_eq!(refusal(&response), (401, "invalid_client".to_owned(), 700_024));
    assert!(text(&response, "error_description").contains(
        "Current time: 2026-11-22T13:29:05.0000000Z, assertion valid from 1970-01-01T00:00:00.0000000Z, expiry time of assertion 2026-11-22T12:22:25.0000000Z."
    ));
}

#[test]
fn metadata_that_cannot_be_had() {
    let code = |outcome: Result<Fetched, String>| {
        let mut fixture = Fixture::trusting();
        let response = fixture.exchange_with(&Token::new(NOW).sign(), |_| outcome.clone());
        assert_eq!(response.status, 400);
        aadsts(&response)
    };
    let ok = |body: &str| Ok(Fetched { status: 200, body: body.as_bytes().to_vec() });
    assert_eq!(code(Err("connection refused".to_owned())), 90_061);
    assert_eq!(code(Ok(Fetched { status: 500, body: Vec::new() })), 90_061);
    assert_eq!(code(Ok(Fetched { status: 301, body: Vec::new() })), 90_061);
    assert_eq!(code(ok("<html>")), 50_166);
    assert_eq!(code(ok(r#"{"issuer":"https://idp.example/realm"}"#)), 50_166);
    assert_eq!(
        code(ok(r#"{"issuer":"https://idp.example/realm","jwks_uri":"http://idp.example/keys"}"#)),
        90_061
    );
    assert_eq!(
        code(ok(r#"{"issuer":"https://idp.example/other","jwks_uri":"https://x/"}"#)),
        50_166
    );
}

#[test]
fn address_and_outcome_of_a_fetch_are_in_the_answer() {
    const DISCOVERY: &str = "https://idp.example/realm/.well-known/openid-configuration";
    let text = |outcome: Result<Fetched, String>| {
        let mut fixture = Fixture::trusting();
        let response = fixture.exchange_with(&Token::new(NOW).sign(), |_| outcome.clone());
        text(&response, "error_description")
    };
    let ok = |body: &str| Ok(Fetched { status: 200, body: body.as_bytes().to_vec() });
    for (outcome, named) in [
        (Err("tls: unknown issuer".to_owned()), format!("GET {DISCOVERY}: tls: unknown issuer")),
        (
            Ok(Fetched { status: 406, body: b"only application/jwk-set+json".to_vec() }),
            format!("GET {DISCOVERY}: status 406"),
        ),
        (ok("<html>"), format!("GET {DISCOVERY}: the discovery document is refused")),
        (
            ok(r#"{"issuer":"https://idp.example/other","jwks_uri":"https://x/"}"#),
            "names the issuer 'https://idp.example/other', the assertion 'https://idp.example/realm'".to_owned(),
        ),
        (
            ok(r#"{"issuer":"https://idp.example/realm","jwks_uri":"http://idp.example/keys"}"#),
            "GET http://idp.example/keys: the address uses http".to_owned(),
        ),
        (
            ok(r#"{"issuer":"https://idp.example/realm","jwks_uri":"https://169.254.169.254/keys"}"#),
            "GET https://169.254.169.254/keys: the address is link-local".to_owned(),
        ),
    ] {
        let text = text(outcome);
        assert!(text.contains(&named), "{text}");
    }
}

#[test]
fn metadata_services_are_not_asked_for_keys() {
    for host in ["169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "168.63.129.16", "2852039166"] {
        let mut fixture = Fixture::new();
        let issuer = format!("https://{host}/realm");
        fixture
            .emulator
            .trust(Credential::exact(&issuer, SUBJECT, AUDIENCE))
            .expect("a credential");
        let token = Token { issuer: issuer.clone(), ..Token::new(NOW) }.sign();
        let response = fixture.exchange_with(&token, |url| panic!("{url} is fetched"));
        let text = text(&response, "error_description");
        assert!(
            text.contains(&format!(
                "GET {issuer}/.well-known/openid-configuration: the address is "
            )),
            "{text}"
        );
    }
}

#[test]
fn only_the_first_hundred_keys_are_known() {
    let (mut fixture, mut issuer) = (Fixture::trusting(), Issuer::new());
    let own = issuer.keys.remove(0);
    issuer.keys = (0..99).map(|number| (format!("other-{number}"), SharedSigner(2))).collect();
    issuer.keys.push(own.clone());
    let token = Token::new(NOW).sign();
    assert_eq!(fixture.exchange_with(&token, |url| Ok(issuer.answer(url))).status, 200);
    issuer.keys.insert(0, ("one-more".to_owned(), SharedSigner(2)));
    fixture.emulator.forget_metadata();
    let response = fixture.exchange_with(&token, |url| Ok(issuer.answer(url)));
    assert_eq!(aadsts(&response), 7_000_272);
}

#[test]
fn a_forgotten_exchange_is_answered_all_the_same() {
    let mut fixture = Fixture::trusting();
    let request = fixture.form(&Token::new(NOW).sign()).request(&fixture.token_path());
    let Reply::Fetch { exchange, .. } = fixture.emulator.handle(&request, fixture.now) else {
        panic!("nothing to fetch");
    };
    for expected in [400, 503] {
        let reply = fixture.emulator.fetched(exchange, Err("gone".to_owned()), fixture.now);
        let response = Response::of(reply);
        assert_eq!(response.status, expected);
    }
}

#[test]
fn own_issuers_are_trusted_from_the_start() {
    let fixture = Fixture::new();
    let trusted: Vec<(&str, &str)> = fixture
        .emulator
        .credentials()
        .iter()
        .map(|known| {
            let credential = &known.credential;
            (credential.issuer.as_str(), credential.subject().unwrap_or_default())
        })
        .collect();
    let github = format!("{BASE}/_services/token");
    let kubernetes = format!("{BASE}/oic/cluster-1/");
    assert_eq!(
        trusted,
        [
            (github.as_str(), "repo:octo-org/octo-repo:ref:refs/heads/main"),
            (kubernetes.as_str(), "system:serviceaccount:default:workload"),
        ]
    );
    assert!(!trusted.iter().any(|(_, subject)| *subject == SUBJECT));
}
