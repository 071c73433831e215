use super::*;
use crate::jose::{attach, base64url_encode, signing_input};
use alloc::string::ToString;
use serde_json::json;

fn token(header: &str, claims: &Value) -> String {
    let claims = serde_json::to_string(claims).unwrap();
    attach(&signing_input(header, &claims), b"signature")
}

fn ask(face: fn(&[u8]) -> Result<String, String>, input: &Value) -> Result<Value, Value> {
    let read = |text: String| serde_json::from_str(&text).unwrap();
    face(serde_json::to_string(input).unwrap().as_bytes()).map(read).map_err(read)
}

/// The code and the message of an error.
fn refusal(face: fn(&[u8]) -> Result<String, String>, input: &Value) -> (String, String) {
    let error = ask(face, input).unwrap_err();
    let text = |name: &str| error[name].as_str().unwrap().to_owned();
    (text("code"), text("message"))
}

const ISSUER: &str = "https://token.actions.githubusercontent.com";

#[test]
fn the_verdict_has_the_documented_members() {
    let claims = json!({"iss": ISSUER, "sub": "repo:o/a:pull_request", "aud": "a"});
    let credential = json!({"name": "n", "issuer": ISSUER, "subject": "repo:o/a:environment:x", "audience": "a"});
    let input = json!({"claims": claims, "credentials": [credential]});
    let text = explain(serde_json::to_string(&input).unwrap().as_bytes()).unwrap();
    let wanted = concat!(
        r#"{"accepted":false,"aadsts":700213,"field":"subject","difference":"job_context","nearest":0,"#,
        r#""credentials":[{"name":"n","accepted":false,"fields":["#,
        r#"{"field":"issuer","expected":"https://token.actions.githubusercontent.com","presented":"https://token.actions.githubusercontent.com","equal":true},"#,
        r#"{"field":"subject","expected":"repo:o/a:environment:x","presented":"repo:o/a:pull_request","equal":false,"difference":"job_context","position":9},"#,
        r#"{"field":"audience","expected":"a","presented":"a","equal":true}]}],"fix":["#,
    );
    assert!(text.starts_with(wanted), "{text}");
    assert!(text.contains(r#""checks":[{"check":"issuer_reachable","outcome":"unknown","#));
}

#[test]
fn control_characters_stay_data() {
    let subject = "repo:o/a:\u{1b}[31m<b>\u{202e}";
    let claims = json!({"iss": ISSUER, "sub": subject, "aud": "a"});
    let token = token(r#"{"alg":"RS256"}"#, &claims);
    let credentials = json!([{"issuer": ISSUER, "subject": "s", "audience": "a"}]);
    let verdict = ask(explain, &json!({"token": token, "credentials": credentials})).unwrap();
    assert_eq!(verdict["credentials"][0]["fields"][1]["presented"], subject);
    let fix = serde_json::to_string(&verdict["fix"]).unwrap();
    for line in verdict["fix"].as_array().unwrap() {
        assert!(line.as_str().unwrap().bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{line}");
    }
    assert!(fix.contains(r"$'repo:o/a:\\033[31m<b>"), "{fix}");
}

#[test]
fn what_is_no_token_has_its_code() {
    let large = "a".repeat(1_000_000);
    let part = base64url_encode(br#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#);
    let encrypted = format!("{part}.a.b.c.d");
    for (text, code) in [
        ("", "malformed"),
        ("no token", "malformed"),
        ("Bearer a.b.c", "malformed"),
        (&encrypted, "encrypted_unsupported"),
        (&large, "too_large"),
    ] {
        for face in [explain, preflight] {
            assert_eq!(refusal(face, &json!({"token": text})).0, code, "{text:.20}");
        }
    }
    assert_eq!(refusal(explain, &json!({"claims": {"iss": 7}})).0, "claim_type");
}

#[test]
fn requests_name_what_is_wrong() {
    let credential = json!({"issuer": "i", "subject": "s"});
    let named = json!({"name": "n", "issuer": "i", "subject": "s"});
    for (input, wanted) in [
        (json!([]), "the request is not a JSON object"),
        (json!({}), "not exactly one of `token`, `claims` and `error`"),
        (json!({"token": "a", "error": "b"}), "not exactly one of"),
        (json!({"claims": []}), "`claims` is not an object"),
        (json!({"claims": {}, "credential": []}), "`credential` is not a member of the request"),
        (json!({"claims": {}, "credentials": {}}), "`credentials` is not a list"),
        (json!({"claims": {}, "credentials": [["i"]]}), "`credentials[0]` is not an object"),
        (
            json!({"claims": {}, "credentials": [credential, {"issuer": 7}]}),
            "`credentials[1].issuer` is not a string",
        ),
        (
            json!({"claims": {}, "credentials": [{"issuer": "i", "sub": "s"}]}),
            "`credentials[0].sub` is not a member of the request",
        ),
        (
            json!({"claims": {}, "credentials": [{"issuer": "i"}]}),
            "`credentials[0].subject` or `credentials[0].expression` is missing",
        ),
        (
            json!({"claims": {}, "credentials": [named, named]}),
            "`credentials[1].name` `n` is also the name of number 1",
        ),
        (
            json!({"claims": {}, "credentials": alloc::vec![credential.clone(); 101]}),
            "more than 100 items",
        ),
        (json!({"claims": {}, "now": "soon"}), "`now` is not"),
        (json!({"error": "no number"}), "no AADSTS number"),
    ] {
        let (code, message) = refusal(explain, &input);
        assert_eq!(code, "request_invalid", "{input}");
        assert!(message.contains(wanted), "{input}: {message}");
    }
    let large = alloc::vec![b' '; MAX_BYTES + 1];
    assert!(explain(&large).unwrap_err().contains("4 MiB"));
}

/// A supplied document or instant that speaks against a token refuses it, although a credential accepts it.
#[test]
fn a_check_that_lacks_something_says_what_to_supply() {
    let checks = |members: Value| -> Vec<(String, String)> {
        let verdict: Value =
            serde_json::from_str(&explain(members.to_string().as_bytes()).unwrap()).unwrap();
        let checks = verdict["checks"].as_array().unwrap().iter();
        let part = |check: &Value, name: &str| check[name].as_str().unwrap().to_owned();
        checks.map(|check| (part(check, "outcome"), part(check, "message"))).collect()
    };
    let claims = json!({"iss": "https://idp.example/", "sub": "s", "aud": "a"});
    let token = |header: Value, claims: &Value| {
        let part = |value: &Value| crate::jose::base64url_encode(value.to_string().as_bytes());
        json!({"token": format!("{}.{}.c2ln", part(&header), part(claims))})
    };
    let found = checks(json!({"claims": claims}));
    assert!(
        found.iter().all(|(outcome, message)| outcome == "unknown" && message.contains("supply"))
    );
    assert!(
        found[1].1.ends_with("`https://idp.example/.well-known/openid-configuration`"),
        "{found:?}"
    );
    let found = checks(token(json!({"alg": "RS256", "kid": "k-1\u{1b}"}), &claims));
    let [reachable, named, count, signing, algorithm, signature, lifetime] = &found[..] else {
        panic!("{found:?}")
    };
    assert_eq!(algorithm.0, "pass");
    assert_eq!((lifetime.0.as_str(), lifetime.1.contains("`exp`")), ("fail", true));
    assert!(signing.1.ends_with(r"`k-1\u{1b}`"), "{signing:?}");
    for (check, what) in [
        (reachable, "discovery"),
        (named, "discovery"),
        (count, "jwks"),
        (signing, "jwks"),
        (signature, "jwks"),
    ] {
        assert_eq!(check.0, "unknown", "{check:?}");
        assert!(check.1.contains(&format!("supply `{what}`")), "{check:?}");
    }
    let claims = json!({"iss": "https://10.0.0.1", "sub": "s", "aud": "a", "exp": 1_900_000_000});
    let found = checks(token(json!({"alg": "ES256"}), &claims));
    assert_eq!((found[0].0.as_str(), found[4].0.as_str()), ("fail", "fail"));
    assert_eq!(found[3].1, "the token names no key (`kid`)");
    assert!(found[6].1.contains("supply `now`") && found[6].1.contains("1900000000"), "{found:?}");
}

#[test]
fn checks_can_refuse_what_a_credential_accepts() {
    let claims = json!({"iss": ISSUER, "sub": "s", "aud": "a", "exp": 1_000, "nbf": 100});
    let token = token(r#"{"alg":"RS256","kid":"k"}"#, &claims);
    let credentials = json!([{"issuer": ISSUER, "subject": "s", "audience": "a"}]);
    let verdict = |more: Value| {
        let mut input = json!({"token": token, "credentials": credentials});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        ask(explain, &input).unwrap()
    };
    let outcome = |verdict: &Value, name: &str| {
        let checks = verdict["checks"].as_array().unwrap();
        checks.iter().find(|check| check["check"] == name).unwrap()["outcome"].clone()
    };
    let good = verdict(json!({"now": 500_000, "discovery": {"issuer": ISSUER}}));
    assert_eq!((&good["accepted"], &good["aadsts"]), (&json!(true), &Value::Null));
    for name in ["issuer_reachable", "discovery_issuer", "algorithm", "lifetime"] {
        assert_eq!(outcome(&good, name), "pass", "{name}");
    }
    let keys: Vec<Value> = (0..101).map(|key| json!({"kid": format!("k{key}")})).collect();
    for (more, name, aadsts) in [
        (json!({"now": 1_300_000}), "lifetime", 700_024),
        (json!({"discovery": "{\"issuer\":\"https://other\"}"}), "discovery_issuer", 50_166),
        (json!({"discovery": "<html>"}), "discovery_issuer", 50_166),
        (json!({"discovery_error": "dns"}), "issuer_reachable", 90_061),
        (json!({"jwks": {"keys": []}}), "signing_key", 7_000_272),
        (json!({"jwks": {"keys": keys}}), "key_count", 7_000_272),
        (json!({"jwks": "<html>"}), "key_count", 50_166),
        (json!({"jwks_error": "timeout"}), "key_count", 90_061),
    ] {
        let verdict = verdict(more.clone());
        assert_eq!(verdict["accepted"], false, "{more}");
        assert_eq!(verdict["aadsts"], aadsts, "{more}");
        assert_eq!(outcome(&verdict, name), "fail", "{more}");
        assert_eq!(verdict["credentials"][0]["accepted"], true, "{more}");
    }
}

#[test]
fn subjects_and_expressions() {
    let parsed = ask(subject, &json!({"subject": "repo:o@1/a@2:environment:x"})).unwrap();
    assert_eq!(parsed["form"], "environment");
    assert_eq!(parsed["generation"], 2);
    assert_eq!(parsed["parts"]["repo_id"], "2");
    let unknown = ask(subject, &json!({"subject": "\u{1b}"})).unwrap();
    assert_eq!((&unknown["platform"], &unknown["subject"]), (&Value::Null, &json!("\u{1b}")));
    let built = ask(
        subject,
        &json!({"platform": "gitlab", "form": "ref", "parts": {"project": "g/p", "ref_type": "tag", "ref": "v1"}}),
    );
    assert_eq!(built.unwrap()["subject"], "project_path:g/p:ref_type:tag:ref:v1");
    for input in [
        json!({}),
        json!({"platform": "moon", "form": "x"}),
        json!({"platform": "gitlab", "form": "x"}),
    ] {
        assert_eq!(refusal(subject, &input).0, "request_invalid", "{input}");
    }
    let read = ask(
        expression,
        &json!({"expression": "claims['sub'] matches 'repo:octo*'", "issuer": ISSUER}),
    );
    let read = read.unwrap();
    assert_eq!(read["clauses"][0]["operator"], "matches");
    assert!(read["warnings"][0].as_str().unwrap().contains("other owners"));
    assert_eq!(read["supported_claims"], json!(["sub", "job_workflow_ref"]));
    let (_, message) = refusal(expression, &json!({"expression": "claims['sub'"}));
    assert!(message.contains("at character 12"), "{message}");
}

#[test]
fn files_become_the_list_that_explain_takes() {
    let file = br#"{"value":[{"name":"n","issuer":"i","subject":null,"claimsMatchingExpression":{"value":"e"},"audiences":["a"]}]}"#;
    assert_eq!(
        credentials(file).unwrap(),
        r#"[{"audience":"a","expression":"e","issuer":"i","name":"n"}]"#
    );
    assert!(credentials(b"[{}]").unwrap_err().contains("(line 1, column 2)"));
}
