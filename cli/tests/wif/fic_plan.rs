//! `wif fic plan` and `wif fic apply`: the difference, the question, the exit statuses, and files that are wrong.

use crate::directory::{Directory, file};
use crate::process::{parsed, run, text, wif};
use crate::server::{answer, serve};
use serde_json::json;

const ONE: &str =
    "  - {name: one, issuer: 'https://i', subject: 'repo:octo/app:environment:stage'}\n";

#[test]
fn a_file_is_planned_applied_and_then_nothing_is_left_to_do() {
    let directory = Directory::start(&[]);
    let before = directory.names();
    let plan = directory.file(&["plan"], ONE);
    assert_eq!(plan.status, Some(3), "{plan:?}");
    assert!(plan.out.starts_with("+ one\n    issuer "), "{}", plan.out);
    assert!(plan.out.contains("1 to add, 0 to change, 0 to remove, 0 unchanged"), "{}", plan.out);
    assert!(plan.out.contains("left as they are"), "{}", plan.out);
    assert_eq!(directory.names(), before, "a plan changes nothing");
    let applied = directory.file(&["apply", "--yes"], ONE);
    assert_eq!(applied.status, Some(0), "{applied:?}");
    assert!(applied.out.ends_with("done       add     one\n"), "{}", applied.out);
    assert_eq!(directory.names().len(), before.len() + 1);
    assert_eq!(directory.file(&["plan"], ONE).status, Some(0));
    let again = directory.file(&["apply"], ONE);
    assert_eq!(again.status, Some(0), "nothing to ask: {again:?}");
    assert!(again.out.ends_with("nothing to do\n"), "{}", again.out);
}

#[test]
fn what_differs_is_shown_to_the_character() {
    let directory = Directory::start(&[]);
    directory.file(&["apply", "--yes"], ONE);
    let changed = ONE.replace("environment:stage", "environment:Stage");
    let plan = directory.file(&["plan"], &changed);
    assert_eq!(plan.status, Some(3), "{plan:?}");
    let lines: Vec<&str> = plan.out.lines().collect();
    assert_eq!(lines[0], "~ one");
    assert_eq!(lines[1], "    subject      - repo:octo/app:environment:stage");
    assert_eq!(lines[2], "                 + repo:octo/app:environment:Stage");
    assert_eq!(lines[3].trim_start(), "^ character 26");
    assert_eq!(lines[3].find('^'), lines[2].find("Stage"));
    let json = directory.file(&["plan", "--json"], &changed);
    let json = (json.status, parsed(&json.out));
    assert_eq!(json.0, Some(3));
    assert_eq!(json.1["changes"][0]["differs"], json!(["subject"]));
}

#[test]
fn only_prune_removes_what_the_file_does_not_name() {
    let directory = Directory::start(&[]);
    let plan = directory.file(&["plan", "--prune"], ONE);
    assert!(plan.out.contains("1 to add, 0 to change, 2 to remove"), "{}", plan.out);
    let applied = directory.file(&["apply", "--yes", "--prune", "--json"], ONE);
    assert_eq!(applied.status, Some(0), "{applied:?}");
    assert_eq!(parsed(&applied.out)["complete"], true);
    assert_eq!(directory.names(), ["one"]);
}

#[test]
fn nothing_changes_where_nobody_can_be_asked() {
    let directory = Directory::start(&[]);
    let before = directory.names();
    for arguments in [&["apply"][..], &["apply", "--json"]] {
        let run = directory.file(arguments, ONE);
        assert_eq!(run.status, Some(2), "{run:?}");
        assert!(run.err.contains("`--yes`"), "{}", run.err);
    }
    assert_eq!(directory.names(), before);
}

#[test]
fn what_was_not_done_is_reported() {
    let directory = Directory::start(&[]);
    let two = format!("{ONE}  - {{name: two, issuer: 'https://i', subject: b}}\n");
    // The reads of plan and apply and the first write pass, and then every request fails.
    let fault = |text: &str| {
        let url = format!("{}/emulator/faults", directory.emulator.text("base_url"));
        crate::process::send("POST", &url, None, text).expect("an answer").status / 100
    };
    assert_eq!(fault("graph:forbidden"), 2);
    let run = directory.file(&["apply", "--yes", "--timeout", "120"], &two);
    assert_eq!(run.status, Some(1), "{run:?}");
    assert!(run.err.contains("(management_refused)"), "{}", run.err);
}

#[test]
fn the_identity_of_an_option_wins() {
    let directory = Directory::start(&[]);
    let app_id = directory.emulator.text("client_id");
    let other = format!(
        "version: 1\nidentity: {{app_id: 11111111-2222-3333-4444-555555555555}}\ncredentials:\n{ONE}"
    );
    let other = file(&other);
    let path = other.path().to_str().expect("text");
    let missing = directory.fic(&["plan", path]);
    assert_eq!(missing.status, Some(1), "{missing:?}");
    let plan = directory.fic(&["plan", path, "--app-id", &app_id]);
    assert_eq!(plan.status, Some(3), "{plan:?}");
    assert!(plan.err.contains("takes the place of the file's"), "{}", plan.err);
}

#[test]
fn wrong_files_are_refused_with_line_and_column_before_any_request() {
    let head = "version: 1\nidentity: {app_id: 11111111-2222-3333-4444-555555555555}\n";
    let list = format!("{head}credentials:\n");
    for (content, named) in [
        (format!("{list}  - {{nam: x}}\n"), "`credentials[0].nam` is no member"),
        (format!("{list}{ONE}{ONE}"), "`credentials[1].name` is also the name of"),
        (format!("{list}\t- x\n"), "a tab stands"),
        (format!("{list}  - &a {{name: one}}\n  - *a\n"), "anchors"),
        (format!("{head}credentials: []\n---\n{head}"), "a second document"),
        (format!("{list}{}", ONE.replace("one", "o")), "3 to 120"),
        (format!("{list}{}", ONE.replace("https://i", "i")), "no URL"),
        ("\u{1b}[31m: x\n".to_owned(), "line 1"),
    ] {
        let content = file(&content);
        let run = crate::process::run(wif(&["fic", "plan"]).arg(content.path()));
        assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{named}: {run:?}");
        assert!(run.err.contains(named) && run.err.contains("(line "), "{named}: {}", run.err);
        assert!(run.err.contains("(config_invalid)") && !run.err.contains('\u{1b}'), "{}", run.err);
    }
    let missing = crate::process::run(&mut wif(&["fic", "plan", "/no/such/trust.yaml", "--json"]));
    assert_eq!(missing.status, Some(2));
    assert_eq!(text(&parsed(&missing.err), "code"), "request_invalid");
}

#[test]
fn a_file_of_10_megabytes_is_not_read_whole() {
    let large = file(&"- x\n".repeat(2_500_000));
    let run = crate::process::run(wif(&["fic", "plan", "--json"]).arg(large.path()));
    assert_eq!(run.status, Some(2));
    assert_eq!(text(&parsed(&run.err), "code"), "config_invalid");
    let endless = std::path::Path::new("/dev/zero");
    if endless.exists() {
        let run = crate::process::run(wif(&["fic", "plan", "--json"]).arg(endless));
        assert_eq!(text(&parsed(&run.err), "code"), "config_invalid");
    }
}

#[test]
fn two_inputs_cannot_both_be_standard_input() {
    let run = crate::process::run(&mut wif(&["fic", "plan", "-", "--access-token-file", "-"]));
    assert_eq!(run.status, Some(2));
    assert!(run.err.contains("cannot both be `-`"), "{}", run.err);
}

#[test]
fn a_plan_of_twenty_credentials_reads_one_page() {
    let directory = Directory::start(&[]);
    let credentials: String = (0..20)
        .map(|number| {
            format!("  - {{name: n-{number}, issuer: 'https://i', subject: s{number}}}\n")
        })
        .collect();
    assert_eq!(directory.file(&["apply", "--yes", "--prune"], &credentials).status, Some(0));
    let plan = directory.file(&["plan", "-v"], &credentials);
    assert_eq!(plan.status, Some(0), "{plan:?}");
    assert_eq!(plan.err.matches("GET ").count(), 1, "{}", plan.err);
}

#[test]
fn an_access_token_of_standard_input_is_read_once() {
    let directory = Directory::start(&[]);
    let (url, app_id) = (directory.graph_url(), directory.emulator.text("client_id"));
    let head = format!("version: 1\nidentity: {{app_id: {app_id}}}\ncredentials:\n");
    let trust = file(&format!("{head}{ONE}"));
    let arguments = |operation: &[&str]| {
        let mut command = wif(&["fic"]);
        command.args(operation).args(["--graph-url", &url, "--access-token-file", "-"]);
        command
    };
    let mut apply = arguments(&["apply", "--yes"]);
    let applied = directory.run(apply.arg(trust.path()), &directory.secret);
    assert_eq!(applied.status, Some(0), "{applied:?}");
    let equal = ["add", "--name=one", "--issuer=https://i", "--app-id", &app_id];
    let mut add = arguments(&equal);
    let add = add.arg("--subject=repo:octo/app:environment:stage");
    let added = directory.run(add, &directory.secret);
    assert!(added.out.starts_with("nothing to do"), "{added:?}");
    let refused = directory.run(&mut arguments(&["list", "--app-id", &app_id]), "no-token");
    assert!(refused.err.contains("(management_refused)"), "{refused:?}");
}

#[test]
fn what_was_half_done_is_reported_in_the_words_of_the_options() {
    // Everything that is written gets the page of a gateway.
    let (address, _requests) = serve(|request| match request.line.starts_with("GET ") {
        true => answer("200 OK", "application/json", "{\"value\":[]}"),
        false => answer("200 OK", "text/html", "<html>"),
    });
    let head = "version: 1\nidentity: {app_id: 11111111-2222-3333-4444-555555555555}\n";
    let trust = file(&format!("{head}credentials:\n{ONE}"));
    let token = file("access-token");
    let apply_within = |timeout: &str, more: &[&str]| {
        let mut command = wif(&["fic", "apply", "--timeout", timeout]);
        command.arg(trust.path()).arg("--access-token-file").arg(token.path());
        run(command.args(more).args(["--graph-url", &format!("http://{address}")]))
    };
    // It tries again until its time is over. A busy machine may need more of it for the first answer.
    let apply = |more: &[&str]| {
        let mut run = apply_within("1", more);
        for timeout in ["5", "30"] {
            if !run.err.contains("response_not_json") {
                run = apply_within(timeout, more);
            }
        }
        run
    };
    let text_form = apply(&["--yes"]);
    assert_eq!(text_form.status, Some(1), "{text_form:?}");
    let (out, err) = (&text_form.out, &text_form.err);
    assert!(out.contains("failed     add     one: ") && out.contains("`--graph-url`"), "{out}");
    assert!(err.contains("`--graph-url`") && err.contains("(response_not_json)"), "{err}");
    assert!(err.contains("the change may have been made"), "{err}");
    let json_form = apply(&["--yes", "--json"]);
    assert_eq!(json_form.status, Some(1), "{json_form:?}");
    let report = parsed(&json_form.out);
    assert_eq!(
        (&report["complete"], &report["changes"][0]["outcome"]),
        (&json!(false), &json!("failed"))
    );
    assert_eq!(text(&parsed(&json_form.err), "code"), "response_not_json");
    let nobody = apply_within("120", &["--json"]);
    assert_eq!((nobody.status, nobody.out.as_str()), (Some(2), ""), "{nobody:?}");
    assert_eq!(text(&parsed(&nobody.err), "code"), "request_invalid");
}
