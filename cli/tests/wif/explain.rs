//! `wif explain` and `wif preflight`: the verdict, its forms and exit status, and input that is wrong.

use crate::process::{parsed, run, text, wif};
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};
use tempfile::NamedTempFile;
use workload_identity_core::jose::base64url_encode;

const ISSUER: &str = "https://token.actions.githubusercontent.com";
const SUBJECT: &str = "repo:octo/app:environment:prod";
const AUDIENCE: &str = "api://AzureADTokenExchange";

/// A token whose signature nobody looks at.
fn token(subject: &str) -> String {
    let header = base64url_encode(br#"{"alg":"RS256","kid":"k"}"#);
    let claims = json!({ "iss": ISSUER, "sub": subject, "aud": AUDIENCE, "iat": 1, "exp": 301 });
    format!("{header}.{}.{}", base64url_encode(claims.to_string().as_bytes()), "c2ln")
}

fn credential(subject: &str) -> String {
    format!("issuer={ISSUER},subject={subject},audience={AUDIENCE}")
}

fn file(content: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(content.as_bytes()).expect("written");
    file
}

fn piped(command: &mut Command, input: &str) -> crate::process::Run {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("wif starts");
    child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("an end");
    crate::process::Run {
        status: output.status.code(),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

#[test]
fn a_credential_accepts_or_the_field_is_named() {
    let (good, bad) = (credential(SUBJECT), credential("repo:octo/app:ref:refs/heads/main"));
    let own = token(SUBJECT);
    let accepted = run(&mut wif(&["explain", &own, "--credential", &bad, "--credential", &good]));
    assert_eq!(accepted.status, Some(0), "{accepted:?}");
    let refused = run(&mut wif(&["explain", &own, "--credential", &bad, "--json"]));
    assert_eq!(refused.status, Some(1), "{refused:?}");
    let verdict = parsed(&refused.out);
    assert_eq!((&verdict["accepted"], &verdict["aadsts"]), (&json!(false), &json!(700_213)));
    let field = &verdict["credentials"][0]["fields"][1];
    assert_eq!(text(field, "field"), "subject");
    assert_eq!(text(field, "presented"), SUBJECT);
    assert_eq!((&field["equal"], &field["position"]), (&json!(false), &json!(14)));
    assert_eq!(text(field, "difference"), "job_context");
    let fix = verdict["fix"].as_array().expect("a list");
    let starts = |start: &str| fix.iter().filter_map(Value::as_str).any(|t| t.starts_with(start));
    assert!(starts("az ad app federated-credential ") && starts("wif fic "), "{fix:?}");
}

#[test]
fn tokens_come_from_arguments_files_and_standard_input() {
    let good = credential(SUBJECT);
    let saved = file(&format!("{}\n", token(SUBJECT)));
    let path = saved.path().to_str().expect("text");
    assert_eq!(run(&mut wif(&["explain", path, "--credential", &good])).status, Some(0));
    for arguments in [&["explain", "-"][..], &["explain"]] {
        let mut command = wif(arguments);
        let run = piped(command.args(["--credential", &good]), &token(SUBJECT));
        assert_eq!(run.status, Some(0), "{run:?}");
    }
}

#[test]
fn credentials_come_from_a_file_of_the_azure_cli() {
    let list = json!([{ "name": "prod", "issuer": ISSUER, "subject": SUBJECT, "audiences": [AUDIENCE], "id": "x" }]);
    let list = file(&list.to_string());
    let path = list.path().to_str().expect("text");
    let verdict = run(&mut wif(&["explain", &token("x"), "--credentials", path, "--json"]));
    assert_eq!(text(&parsed(&verdict.out)["credentials"][0], "name"), "prod");
    let wrong = file("[{\"issuer\": \"i\",\n  \"subjet\": \"s\"}]");
    let path = wrong.path().to_str().expect("text");
    let refused = run(&mut wif(&["explain", &token("x"), "--credentials", path]));
    assert_eq!(refused.status, Some(2), "{refused:?}");
    assert!(refused.err.contains("subjet") && refused.err.contains("line 2"), "{}", refused.err);
}

#[test]
fn entras_answer_is_enough() {
    let answer = format!(
        "AADSTS700213: No matching federated identity record found for presented assertion subject '{SUBJECT}'."
    );
    let other = credential("repo:octo/app:environment:Prod");
    let run = run(&mut wif(&["explain", "--error", &answer, "--credential", &other, "--json"]));
    let verdict = parsed(&run.out);
    assert_eq!((run.status, &verdict["aadsts"]), (Some(1), &json!(700_213)), "{verdict}");
}

#[test]
fn entras_answer_comes_from_wherever_a_token_does() {
    let answer = format!("AADSTS700213: ... presented assertion subject '{SUBJECT}'.");
    let saved = file(&format!("{answer}\r\nTrace ID: t"));
    let path = saved.path().to_str().expect("text");
    let other = credential("repo:octo/app:environment:Prod");
    for arguments in
        [&[answer.as_str()][..], &["-"], &[path], &["--error", "-"], &["--error", path]]
    {
        let mut command = wif(&["explain", "--json", "--credential", &other]);
        let run = piped(command.args(arguments), &answer);
        let verdict = parsed(&run.out);
        assert_eq!(verdict["difference"], json!("case_only"), "{arguments:?} {run:?}");
    }
}

#[test]
fn a_trust_file_has_credentials_too() {
    let content = format!(
        "version: 1\nidentity: {{app_id: 11111111-2222-3333-4444-555555555555}}\ncredentials:\n  - name: prod\n    \
         issuer: {ISSUER}\n    subject: {SUBJECT}\n"
    );
    for (content, status, words) in [
        (content.clone(), 0, "prod"),
        (content.replace("subject", "subjet"), 2, "line 6, column 5"),
    ] {
        let saved = file(&content);
        let path = saved.path().to_str().expect("text");
        let run = run(&mut wif(&["explain", &token(SUBJECT), "--credentials", path]));
        assert_eq!(run.status, Some(status), "{run:?}");
        assert!(run.out.contains(words) || run.err.contains(words), "{run:?}");
    }
}

#[test]
fn a_check_names_the_option_that_it_lacks() {
    let good = credential(SUBJECT);
    let run = run(&mut wif(&["explain", &token(SUBJECT), "--credential", &good, "--now", "5"]));
    assert!(run.out.contains("supply `--jwks`") && run.out.contains("`--discovery`"), "{run:?}");
}

#[test]
fn terminal_escapes_and_html_are_shown_escaped() {
    let hostile = "a\u{1b}]0;owned\u{7}\u{202e}<script>\r\n";
    let good = credential(SUBJECT);
    for command in [
        &mut wif(&["explain", &token(hostile), "--credential", &good]),
        &mut wif(&["preflight", &token(hostile)]),
    ] {
        let run = run(command);
        assert!(run.out.contains(r"a\u{1b}]0;owned\u{7}\u{202e}<script>\r\n"), "{}", run.out);
        assert!(!run.out.chars().any(|c| c.is_control() && c != '\n'), "{:?}", run.out);
    }
}

#[test]
fn names_of_files_and_secrets_of_urls_do_not_reach_the_terminal() {
    let name = "\u{1b}[31mabsent";
    for option in ["--batch", "--credentials"] {
        let run = run(&mut wif(&["explain", option, name]));
        assert_eq!(run.status, Some(2), "{run:?}");
        assert!(run.err.contains(r"\u{1b}[31mabsent"), "{run:?}");
    }
    let issuer = "https://user:s3cret@issuer.example";
    let run = run(&mut wif(&["discovery", "--issuer", issuer]));
    assert_eq!(run.status, Some(2), "{run:?}");
    assert!(run.err.contains("[secret]@issuer.example") && !run.err.contains("s3cret"), "{run:?}");
}

#[test]
fn no_line_of_a_batch_stops_the_run() {
    let case = |name: &str, subject: &str| {
        let claims = json!({ "iss": ISSUER, "sub": subject, "aud": AUDIENCE });
        let credentials = json!([{ "issuer": ISSUER, "subject": SUBJECT, "audience": AUDIENCE }]);
        json!({ "name": name, "claims": claims, "credentials": credentials }).to_string()
    };
    let long = format!("{{\"name\":\"{}\"}}", "x".repeat(5 << 20));
    let lines = [
        case("good", SUBJECT),
        case("case", &SUBJECT.to_uppercase()),
        "not JSON".to_owned(),
        "[]".to_owned(),
        "{\"name\":\"no token\",\"credentials\":[]}".to_owned(),
        "{\"name\":7,\"token\":\"a.b\",\"credentials\":{}}".to_owned(),
        long,
        case("last", "s"),
    ];
    let run = piped(&mut wif(&["explain", "--batch", "-"]), &(lines.join("\n") + "\n"));
    assert_eq!(run.status, Some(0), "{}", run.err);
    let results: Vec<Value> = run.out.lines().map(parsed).collect();
    assert_eq!(results.len(), lines.len(), "{}", run.out);
    assert_eq!(results[0], json!({"name":"good","accepted":true,"aadsts":null,"difference":null}));
    assert_eq!(
        results[1],
        json!({"name":"case","accepted":false,"aadsts":7_002_138,"difference":"case_only"})
    );
    for (index, code) in [(2, "request_invalid"), (3, "request_invalid"), (6, "too_large")] {
        assert_eq!(text(&results[index], "code"), code);
    }
    assert_eq!(results[4]["name"], "no token");
    assert_eq!(results[7]["name"], "last");
}

#[test]
fn a_wrong_line_of_a_batch_keeps_its_name() {
    let around =
        |claims: &str| format!("{{\"name\":\"n\",\"claims\":{claims},\"credentials\":[]}}");
    let deep = format!("{}1{}", "{\"a\":".repeat(200), "}".repeat(200));
    let twice = format!("{{\"iss\":\"{ISSUER}\",\"sub\":\"a\",\"sub\":\"b\"}}");
    let lines = [
        around("{\"exp\":1e999}"),
        around("{\"sub\":\"\\ud800\"}"),
        around(&deep),
        around(&twice),
        "{\"name\":\"n\",\"claims\":{},\"claims\":{}}".to_owned(),
    ];
    let run = piped(&mut wif(&["explain", "--batch", "-"]), &lines.join("\n"));
    let refused = json!({"name":"n","accepted":false,"aadsts":null,"difference":null,"code":"request_invalid"});
    let results: Vec<Value> = run.out.lines().map(parsed).collect();
    assert_eq!(results, vec![refused; lines.len()]);
}

/// A pattern of many wildcards, and a subject of many megabytes.
#[test]
fn a_hostile_line_of_a_batch_takes_no_time() {
    let pattern = format!("claims['sub'] matches '{}b'", "*a".repeat(900));
    let flexible = json!({ "issuer": ISSUER, "expression": pattern, "audience": AUDIENCE });
    let case = |length: usize| {
        let claims = json!({ "iss": ISSUER, "sub": "a".repeat(length), "aud": AUDIENCE });
        let credentials = vec![&flexible; 20];
        json!({ "name": length, "claims": claims, "credentials": credentials }).to_string()
    };
    let began = std::time::Instant::now();
    let lines = format!("{}\n{}\n", case(15_000), case(3_000_000));
    let run = piped(&mut wif(&["explain", "--batch", "-"]), &lines);
    let results: Vec<Value> = run.out.lines().map(parsed).collect();
    assert_eq!(results[0]["aadsts"], json!(7_002_131));
    assert_eq!(results[1]["code"], json!("too_large"));
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}

#[test]
fn wrong_usage_and_tokens_that_are_none_are_told_apart() {
    let good = credential(SUBJECT);
    for (arguments, status) in [
        (&["explain", "a.b.c", "--credential", "issuer=i"][..], 2),
        (&["explain", "a.b.c", "--credential", &good, "--batch", "-"], 2),
        (&["explain", "a.b.c", "--credentials", "/no/such/file"], 2),
        (&["explain", "a.b.c", "--credential", &good], 1),
        (&["explain", "a.b.c.d.e", "--credential", &good], 1),
        (&["preflight", "a.b"], 1),
        (&["preflight", "a.b.c", "--source", "file"], 2),
    ] {
        let run = run(&mut wif(arguments));
        assert_eq!(run.status, Some(status), "{arguments:?}: {run:?}");
        assert!(run.err.starts_with("error:"), "{arguments:?}: {run:?}");
    }
    let large = file(&"x".repeat(1 << 20));
    let path = large.path().to_str().expect("text");
    let refused = run(&mut wif(&["explain", path, "--credential", &good, "--json"]));
    assert_eq!(
        (refused.status, text(&parsed(&refused.err), "code").as_str()),
        (Some(1), "too_large")
    );
}

#[test]
fn a_preflight_tells_whether_an_exchange_is_possible() {
    let run = run(&mut wif(&["preflight", &token(SUBJECT), "--json"]));
    assert_eq!(run.status, Some(0), "{run:?}");
    let report = parsed(&run.out);
    assert_eq!(text(&report, "algorithm"), "RS256");
    assert_eq!((&report["audience"], &report["lifetime_s"]), (&json!([AUDIENCE]), &json!(300)));
    assert_eq!(report["entra"]["possible"], true);
}

#[test]
fn endless_files_and_unknown_sources_are_wrong_usage() {
    let token = token(SUBJECT);
    let credential = credential(SUBJECT);
    for (arguments, what) in [
        (&["preflight", &token, "--jwks", "/dev/zero"][..], "larger than 1 MiB"),
        (&["preflight", "--source", "sorcery"], "`--source`"),
        (&["preflight", "--source", "sorcery", "--json"], "config_invalid"),
        (&["explain", &token, "--credential", &credential, "--jwks", "/dev/zero"], "1 MiB"),
        (
            &[
                "explain",
                &token,
                "--credential",
                &credential,
                "--discovery",
                "/dev/zero",
                "--jwks",
                "/dev/null",
            ],
            "1 MiB",
        ),
    ] {
        let run = run(&mut wif(arguments));
        assert_eq!(run.status, Some(2), "{arguments:?}: {run:?}");
        assert!(run.err.contains(what), "{run:?}");
    }
    let run = run(&mut wif(&["check-issuer", "https://127.0.0.1:1", "--ca-file", "/dev/zero"]));
    assert!(run.status == Some(2) && run.err.contains("16 MiB"), "{run:?}");
}

#[test]
fn a_preflight_asks_the_source_of_the_environment() {
    let saved = file(&token(SUBJECT));
    for source in ["auto", "file"] {
        let mut command = wif(&["preflight", "--source", source, "--json"]);
        let run = run(command.env("AZURE_FEDERATED_TOKEN_FILE", saved.path()));
        assert_eq!(run.status, Some(0), "{run:?}");
        assert_eq!(text(&parsed(&run.out), "subject"), SUBJECT);
    }
    let missing = run(&mut wif(&["preflight", "--source", "auto", "--json"]));
    assert_eq!(missing.status, Some(1));
    assert_eq!(text(&parsed(&missing.err), "code"), "source_not_found");
}
