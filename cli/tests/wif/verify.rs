//! `wif verify` with keys in a file.

use crate::keys::{AUDIENCE, ISSUER, Keys, run_with};
use crate::process::{parsed, run, text, wif};
use serde_json::Value;

const ACCEPTED: &str = "\
check      outcome      what the token says, and why it failed
form       passed
algorithm  passed       ES256
issuer     passed       https://issuer.example
type       passed
audience   passed       api://mine
time       passed       iat 1767225600 (100 s ago), exp 1767398400 (in 172700 s)
key        passed       k1, thumbprint xCUpZe200lwn4OSlO0Z_phbEb2pcqENAywYt1lGogHg
signature  passed
claims     passed       sub workload

accepted
  profile: generic-oidc
";

const REFUSED: &str = "\
check      outcome      what the token says, and why it failed
form       passed
algorithm  passed       ES256
issuer     passed       https://issuer.example
type       passed
audience   failed       api://mine, wanted api://other - audience_mismatch: the token is for another audience
time       not reached  iat 1767225600 (100 s ago), exp 1767398400 (in 172700 s)
key        not reached  k1
signature  not reached
claims     not reached  sub workload

refused: audience_mismatch: the token is for another audience
";

#[test]
fn the_table_shows_every_check() {
    let keys = Keys::new();
    let accepted = run_with(&mut keys.verify_good(&[]), format!("{}\n", keys.token));
    assert_eq!((accepted.status, accepted.err.as_str()), (Some(0), ""));
    assert_eq!(accepted.out, ACCEPTED);
    let mut command = keys.verify(&["--issuer", ISSUER, "--audience", "api://other"]);
    let refused = run_with(&mut command, &keys.token);
    assert_eq!((refused.status, refused.err.as_str()), (Some(1), ""));
    assert_eq!(refused.out, REFUSED);
}

#[test]
fn the_token_may_be_an_argument() {
    let keys = Keys::new();
    for (arguments, input) in [(vec![keys.token.as_str()], ""), (vec!["-"], keys.token.as_str())] {
        let run = run_with(&mut keys.verify_good(&arguments), input);
        assert_eq!((run.status, run.out.as_str()), (Some(0), ACCEPTED));
    }
}

#[test]
fn json_says_the_same() {
    let keys = Keys::new();
    let accepted = run_with(&mut keys.verify_good(&["--json"]), &keys.token);
    assert_eq!((accepted.status, accepted.err.as_str()), (Some(0), ""));
    let result = parsed(&accepted.out);
    assert_eq!(result.get("accepted"), Some(&Value::Bool(true)));
    let verified = result.get("verified").expect("verified");
    assert_eq!(text(verified.get("claims").expect("claims"), "sub"), "workload");
    assert_eq!(text(verified, "key_id"), "k1");

    let refused = run_with(&mut keys.verify_good(&["--json"]), &keys.other);
    assert_eq!((refused.status, refused.err.as_str()), (Some(1), ""));
    let result = parsed(&refused.out);
    assert_eq!(text(&result, "code"), "no_matching_key");
    assert_eq!(text(result.get("error").expect("error"), "code"), "no_matching_key");
    assert_eq!(outcomes(&result)[5..8], ["time passed", "key failed", "signature not_reached"]);
}

/// Each check and its outcome, in order.
fn outcomes(result: &Value) -> Vec<String> {
    let checks = result.get("checks").and_then(Value::as_array).expect("checks");
    checks.iter().map(|row| format!("{} {}", text(row, "check"), text(row, "outcome"))).collect()
}

#[test]
fn each_check_can_fail() {
    let keys = Keys::new();
    let forged = format!("{}AAAA", &keys.token[..keys.token.len() - 4]);
    let good = ["--issuer", ISSUER, "--audience", AUDIENCE];
    let cases: &[(&str, &[&str], &str, &str)] = &[
        ("a.b", &[], "malformed", "form"),
        ("", &[], "malformed", "form"),
        (&keys.token, &["--algorithms", "RS256,PS256"], "alg_not_allowed", "algorithm"),
        (&keys.token, &["--profile", "rfc9068"], "typ_mismatch", "type"),
        (&keys.token, &["--sole-audience", "--now", "1767398460"], "expired", "time"),
        (&keys.token, &["--now", "1767225539"], "issued_in_future", "time"),
        (&keys.other, &[], "no_matching_key", "key"),
        (&forged, &[], "signature_invalid", "signature"),
        (&keys.token, &["--claim", "sub=other"], "claim_mismatch", "claims"),
        (&keys.token, &["--claim-like", "sub=w?rk"], "claim_mismatch", "claims"),
        (&keys.token, &["--require", "azp"], "claim_missing", "claims"),
        (&keys.token, &["--max-age", "30"], "too_old", "claims"),
        (&keys.token, &["--role", "Admin"], "claim_missing", "claims"),
        (&keys.token, &["--scope", "orders.read"], "claim_missing", "claims"),
        (&keys.token, &["--authorized-party", "app"], "claim_missing", "claims"),
    ];
    for (token, arguments, code, check) in cases {
        let mut command = keys.verify(&good);
        // `--now` may be given once only.
        if arguments.contains(&"--now") {
            command = wif(&["verify", "--jwks", &keys.file("keys.json", &keys.jwks)]);
            command.args(good);
        }
        let run = run_with(command.args(*arguments).arg("--json"), token);
        let result = parsed(&run.out);
        assert_eq!((run.status, text(&result, "code").as_str()), (Some(1), *code), "{arguments:?}");
        let failed: Vec<_> =
            outcomes(&result).into_iter().filter(|row| row.ends_with(" failed")).collect();
        assert_eq!(failed, [format!("{check} failed")], "{arguments:?}");
    }
    let other = run_with(
        &mut keys.verify(&["--issuer", "https://other.example", "--audience", AUDIENCE, "--json"]),
        &keys.token,
    );
    assert_eq!(outcomes(&parsed(&other.out))[2], "issuer failed");
}

#[test]
fn rules_can_be_met() {
    let keys = Keys::new();
    let run = run_with(
        &mut keys.verify_good(&[
            "--issuer",
            "https://second.example",
            "--audience",
            "api://second",
            "--algorithms",
            "RS256,ES256",
            "--claim",
            "sub=workload",
            "--claim-like",
            "sub=work*",
            "--require",
            "/sub",
            "--max-age",
            "100",
            "--leeway",
            "0",
            "--sole-audience",
        ]),
        &keys.token,
    );
    assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{}", run.out);
}

#[test]
fn keys_that_are_none_refuse() {
    let keys = Keys::new();
    for (content, code) in
        [("<html>", "malformed"), ("{}", "malformed"), ("[]", "malformed"), ("", "malformed")]
    {
        let path = keys.file("bad.json", content);
        let mut command =
            wif(&["verify", "--jwks", &path, "--issuer", ISSUER, "--audience", AUDIENCE]);
        let run = run_with(command.arg("--json"), &keys.token);
        assert_eq!((run.status, run.err.as_str()), (Some(1), ""), "{content}");
        let result = parsed(&run.out);
        assert_eq!(text(&result, "code"), code);
        assert!(outcomes(&result).iter().all(|row| row.ends_with("not_reached")));
    }
    // Nothing in the file becomes part of the policy.
    let path = keys.file("bad.json", format!("{}, \"audience\": \"x\"", keys.jwks));
    let mut command = wif(&["verify", "--jwks", &path, "--issuer", ISSUER, "--audience", AUDIENCE]);
    assert_eq!(run_with(&mut command, &keys.token).status, Some(1));
}

#[test]
fn wrong_usage_is_2() {
    let keys = Keys::new();
    let path = keys.file("keys.json", &keys.jwks);
    let cases: &[&[&str]] = &[
        &[],
        &["--jwks", &path],
        &["--audience", "a"],
        &["--audience", "a", "--jwks", "/no/such/file", "--issuer", ISSUER],
        &["--audience", "a", "--jwks", &path],
        &["--audience", "a", "--profile", "nonsense"],
        &["--audience", "a", "--profile", "entra-v2", "--tenant-id", "contoso.com"],
        &["--audience", "a", "--issuer", ISSUER, "--algorithms", "HS256"],
        &["--audience", "a", "--issuer", ISSUER, "--leeway", "301"],
        &["--audience", "a", "--issuer", ISSUER, "--claim", "sub"],
        &["--audience", "a", "--issuer", "http://127.0.0.1:1"],
        &["--audience", "a", "--issuer", ISSUER, "--now", "noon"],
        &["--batch", "/no/such/file"],
        &["--batch", "-", "--audience", "a"],
        &["--batch", "-", "--json"],
        &["--batch", "-", "token"],
    ];
    for arguments in cases {
        let run = run(wif(&["verify"]).args(*arguments));
        assert_eq!(run.status, Some(2), "{arguments:?}: {run:?}");
        assert!(run.out.is_empty() && run.err.contains("--help"), "{arguments:?}: {run:?}");
    }
}

#[test]
fn no_output_holds_the_token() {
    let keys = Keys::new();
    let hostile = [keys.token.clone(), keys.other.clone(), format!("{}x", keys.token)];
    for token in hostile {
        for arguments in [&[][..], &["--json"], &["--algorithms", "RS256"]] {
            let run = run_with(&mut keys.verify_good(arguments), &token);
            for part in token.split('.') {
                assert!(!run.out.contains(part) && !run.err.contains(part), "{arguments:?}");
            }
        }
    }
}
