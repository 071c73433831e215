//! Configurations that are refused, with their messages, and what a configuration accepts.

use super::*;
use crate::Code;
use crate::json::non_empty::EMPTY;
use alloc::format;

fn message(text: &str) -> String {
    let error = VerifierConfig::parse(text.as_bytes()).unwrap_err();
    assert_eq!(error.code, Code::ConfigInvalid, "{text}");
    error.message.clone()
}

fn with(member: &str) -> String {
    format!(r#"{{"issuers":[{{"issuer":"https://issuer.example","audience":"a",{member}}}]}}"#)
}

#[test]
fn messages_name_the_member() {
    for (text, expected) in [
        ("[]", "the configuration is not a JSON object"),
        ("{}", "`issuers` is not a list of 1 to 100 objects"),
        (r#"{"issuers":[]}"#, "`issuers` is not a list of 1 to 100 objects"),
        (r#"{"issuers":[1]}"#, "`issuers` is not an object"),
        (r#"{"issuers":[{}],"leeway_seconds":301}"#, "`leeway_seconds` is not between 0 and 300"),
        (r#"{"signatures":"x"}"#, "`signatures` is not one of core, host"),
        (r#"{"timeout_ms":1.5}"#, "`timeout_ms` is not an integer from 0 to 3600000"),
        (
            r#"{"cache_max_bytes":2147483649}"#,
            "`cache_max_bytes` is not an integer from 0 to 2147483648",
        ),
        (&with(r#""nmae":1"#), "`issuers.nmae` is not a member of the configuration"),
        (&with(r#""keys":null"#), "`issuers.keys` is not a JWK Set"),
        (&with(r#""keys":[]"#), "`issuers.keys` is not an object"),
        (
            &with(r#""tenants":"""#),
            "`issuers.tenants` is not a string or a list of strings that are not empty",
        ),
        (&with(r#""tenants":["any"]"#), "`issuers.tenants` is not a member for this profile"),
        (&with(r#""claims":[1]"#), "`issuers.claims` is not an object"),
        (&with(r#""claims":[{}]"#), "`issuers.claims.claim` is missing or empty"),
        (&with(r#""claims":[{"claim":" "}]"#), "`issuers.claims.claim` is missing or empty"),
        (
            &with(r#""claims":[{"claim":"c","present":1}]"#),
            "`issuers.claims.present` is not true or false",
        ),
        (
            &with(r#""claims":[{"claim":"c","equals":1,"glob":"x"}]"#),
            "`issuers.claims` is not a rule with one of `equals`, `one_of`, `glob` and `present`",
        ),
    ] {
        assert_eq!(message(text), expected, "{text}");
    }
    for member in [r#""equals":18446744073709551616"#, r#""one_of":[1,[-9223372036854775809]]"#] {
        let text = with(&format!(r#""claims":[{{"claim":"c",{member}}}]"#));
        assert!(message(&text).contains("more than 64 bits"), "{text}");
    }
    let null = with(r#""claims":[{"claim":"c","equals":null}],"tenants":null,"signers":null"#);
    assert!(VerifierConfig::parse(null.as_bytes()).is_ok());
}

/// A list that was filtered to nothing must not turn a check off.
#[test]
fn no_list_is_empty() {
    let null = |member: &str| with(&format!(r#""{member}":null"#));
    for member in [
        "issuer",
        "audience",
        "tenants",
        "trust_domain",
        "signers",
        "algorithms",
        "require",
        "claims",
        "authorized_parties",
        "roles",
        "scopes",
        "rfc9068_without",
    ] {
        let text = null(member).replace(r#""issuer":"https://issuer.example","#, "");
        let text = text.replace(r#""audience":"a","#, "");
        let text = text.replace("null", "[]");
        let found = message(&text);
        assert_eq!(found, format!("`issuers.{member}` is {EMPTY}"), "{text}");
    }
    for member in [
        "signers",
        "algorithms",
        "require",
        "authorized_parties",
        "roles",
        "scopes",
        "rfc9068_without",
    ] {
        let found = message(&with(&format!(r#""{member}":[""]"#)));
        assert_eq!(found, format!("`issuers.{member}[0]` is missing or empty"));
    }
    for member in ["issuer", "audience", "tenants", "trust_domain"] {
        for blank in ["\"\"", "\" \"", "[\"a\",\"\\t\"]"] {
            let text = null(member).replace(r#""issuer":"https://issuer.example","#, "");
            let text = text.replace(r#""audience":"a","#, "").replace("null", blank);
            let expected = "is not a string or a list of strings that are not empty";
            assert_eq!(message(&text), format!("`issuers.{member}` {expected}"), "{text}");
        }
    }
    for (rule, member) in [
        (r#""equals":"""#, "equals"),
        (r#""equals":" ""#, "equals"),
        (r#""one_of":["a","\t"]"#, "one_of[1]"),
    ] {
        let found = message(&with(&format!(r#""claims":[{{"claim":"c",{rule}}}]"#)));
        assert_eq!(found, format!("`issuers.claims.{member}` is missing or empty"));
    }
    let found = message(&with(r#""claims":[{"claim":"c","one_of":[]}]"#));
    assert_eq!(found, format!("`issuers.claims.one_of` is {EMPTY}"));
    assert_eq!(message(r#"{"issuers":[]}"#), "`issuers` is not a list of 1 to 100 objects");
    for (networks, expected) in [
        ("[]", format!("`allowed_networks` is {EMPTY}")),
        (r#"[" "]"#, "`allowed_networks[0]` is missing or empty".into()),
    ] {
        let text = with(r#""roles":null"#).replacen(
            '{',
            &format!(r#"{{"allowed_networks":{networks},"#),
            1,
        );
        assert_eq!(message(&text), expected);
    }
    for member in ["require", "claims", "authorized_parties", "roles", "scopes", "algorithms"] {
        assert!(VerifierConfig::parse(null(member).as_bytes()).is_ok(), "{member}");
    }
}

#[test]
fn accepted_issuers_have_the_form_of_the_claim() {
    let of = |issuer: &str| {
        let text = format!(r#"{{"issuers":[{{"audience":"a",{issuer}}}]}}"#);
        VerifierConfig::parse(text.as_bytes()).unwrap().accepted_issuers().join(" ")
    };
    let tenant = "11111111-2222-3333-4444-555555555555";
    assert_eq!(
        of(r#""issuer":["https://a.example","https://b.example"]"#),
        "https://a.example https://b.example"
    );
    assert_eq!(of(r#""profile":"github""#), "https://token.actions.githubusercontent.com");
    let v2 = format!("https://login.microsoftonline.com/{tenant}/v2.0");
    let v1 = format!("https://sts.windows.net/{tenant}/");
    assert_eq!(of(&format!(r#""profile":"entra-v2","tenant_id":"{tenant}""#)), v2);
    assert_eq!(of(&format!(r#""profile":"entra-v1","tenant_id":"{tenant}""#)), v1);
    assert_eq!(
        of(&format!(r#""profile":"entra-common","tenants":["{tenant}"]"#)),
        format!("{v1} {v2}")
    );
    assert_eq!(
        of(r#""profile":"entra-common","tenants":"any""#),
        "https://sts.windows.net/{tenantid}/ https://login.microsoftonline.com/{tenantid}/v2.0"
    );
    assert_eq!(
        of(
            r#""profile":"spiffe-jwt-svid","trust_domain":"example.org","jwks_uri":"https://a.example/k""#
        ),
        "spiffe://example.org"
    );
}

#[test]
fn values_are_never_shown() {
    let secret = "ghs_secret, expected nothing";
    let members = [
        "issuers",
        "leeway_seconds",
        "max_token_bytes",
        "cache_max_bytes",
        "signatures",
        "allow_loopback_http",
        "private_addresses",
        "allowed_networks",
        "dangerously_allow_rsa_1024",
        "timeout_ms",
    ];
    let of_an_issuer = [
        "profile",
        "tenant_id",
        "tenants",
        "cloud",
        "authority_host",
        "app_id",
        "trust_domain",
        "signers",
        "keys",
        "jwks_uri",
        "discovery",
        "algorithms",
        "sole_audience",
        "max_age_seconds",
        "require",
        "claims",
        "authorized_parties",
        "roles",
        "scopes",
        "app_only",
    ];
    for value in [format!("\"{secret}\""), format!("[\"{secret}\"]"), format!("[[\"{secret}\"]]")] {
        let texts = members
            .iter()
            .map(|member| format!(r#"{{"{member}":{value}}}"#))
            .chain(of_an_issuer.iter().map(|member| with(&format!(r#""{member}":{value}"#))))
            .chain(
                ["claim", "equals", "one_of", "glob", "present"]
                    .iter()
                    .map(|member| with(&format!(r#""claims":[{{"{member}":{value}}}]"#))),
            );
        for text in texts {
            if let Err(error) = VerifierConfig::parse(text.as_bytes()) {
                assert!(!format!("{error:?}").contains("secret"), "{text}");
            }
        }
    }
}
