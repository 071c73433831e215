//! `wif fic list`, `show`, `add`, `update`, `remove`: what they change at the emulator, what they print, their exit statuses.

use crate::directory::{Directory, file};
use crate::process::{Emulator, run, text, wif};
use crate::server::{answer, serve};
use serde_json::json;

const GITHUB: &str = "https://token.actions.githubusercontent.com";
const AUDIENCE: &str = "api://AzureADTokenExchange";
const TRUST: &str =
    "version: 1\nidentity: {app_id: 11111111-2222-3333-4444-555555555555}\ncredentials: []\n";
const APP_ID: &str = "11111111-2222-3333-4444-555555555555";

#[test]
fn credentials_are_added_shown_changed_and_removed() {
    let directory = Directory::start(&[]);
    let before = directory.names();
    let added = directory.fic(&["add", "--github", "octo/app", "--environment", "prod"]);
    assert_eq!(added.status, Some(0), "{added:?}");
    let name = "workload-repo-octo-app-environment-prod";
    assert!(added.out.starts_with(&format!("added {name}\n")), "{}", added.out);
    let shown = directory.json(&["show", name])["credential"].clone();
    assert_eq!(text(&shown, "issuer"), GITHUB);
    assert_eq!(text(&shown, "subject"), "repo:octo/app:environment:prod");
    assert_eq!(text(&shown, "audience"), AUDIENCE);
    let again = directory.fic(&["add", "--github", "octo/app", "--environment", "prod"]);
    assert_eq!(again.status, Some(0), "{again:?}");
    assert!(again.out.starts_with("nothing to do, there is already "), "{}", again.out);
    let updated = directory.json(&["update", "--name", name, "--subject", "s", "--description=d"]);
    let updated = updated["credential"].clone();
    assert_eq!(
        (text(&updated, "subject").as_str(), text(&updated, "description").as_str()),
        ("s", "d")
    );
    assert_eq!(text(&updated, "issuer"), GITHUB);
    let other = directory.fic(&["add", "--name", name, "--issuer", GITHUB, "--subject", "t"]);
    assert_eq!(other.status, Some(1), "{other:?}");
    assert!(other.err.contains("(credential_conflict)"), "{}", other.err);
    assert_eq!(directory.fic(&["remove", name]).out, format!("removed {name}\n"));
    let gone = directory.fic(&["remove", "--name", name]);
    assert_eq!(
        (gone.status, gone.out.as_str()),
        (Some(0), "nothing to do: there is no such credential\n")
    );
    let missing = directory.fic(&["show", name, "--json"]);
    assert_eq!(missing.status, Some(1));
    assert_eq!(text(&crate::process::parsed(&missing.err), "code"), "credential_not_found");
    assert_eq!(directory.names(), before);
}

#[test]
fn the_options_of_a_fix_are_those_of_the_command() {
    let directory = Directory::start(&[]);
    let added = directory.fic(&[
        "add",
        "--name=any",
        &format!("--issuer={GITHUB}"),
        "--subject=-x y",
        "--audience=api://other",
    ]);
    assert_eq!(added.status, Some(0), "{added:?}");
    let shown = directory.json(&["show", "any"])["credential"].clone();
    assert_eq!(
        (text(&shown, "subject").as_str(), text(&shown, "audience").as_str()),
        ("-x y", "api://other")
    );
    let flexible = directory.json(&["update", "any", "--expression", "claims['sub'] eq 'a'"]);
    assert_eq!(flexible["credential"].get("subject"), None, "{flexible}");
}

#[test]
fn an_identity_is_an_application_or_a_managed_identity() {
    let emulator = Emulator::start(&[]);
    let job = |arguments: &[&str]| {
        let urls =
            ["--graph-url", &emulator.text("graph_url"), "--arm-url", &emulator.text("arm_url")];
        run(emulator.job(&["fic"]).args(arguments).args(urls))
    };
    let (client, object) = (emulator.text("client_id"), emulator.text("application_object_id"));
    let by_client = job(&["list", "--json", "--app-id", &client]);
    let by_object = job(&["list", "--json", "--app-object-id", &object]);
    assert_eq!(by_client.status, Some(0), "{by_client:?}");
    assert_eq!(by_client.out, by_object.out);
    let identity = emulator.text("managed_identity_id");
    let added = job(&[
        "add",
        "--managed-identity",
        &identity,
        "--kubernetes",
        "shop/orders",
        "--issuer",
        "https://i",
    ]);
    assert_eq!(added.status, Some(0), "{added:?}");
    let listed = job(&["list", "--managed-identity", &identity]);
    assert!(listed.out.contains("system:serviceaccount:shop:orders"), "{}", listed.out);
    assert_eq!(job(&["list", "--json", "--app-id", &client]).out, by_client.out);
    let verbose = job(&["list", "-v", "--app-id", &client]);
    assert!(verbose.err.contains("GET ") && !verbose.err.contains("eyJ"), "{}", verbose.err);
}

#[test]
fn wrong_usage_sends_nothing_and_says_what_to_do() {
    for (arguments, named) in [
        (&["list"][..], "--app-id"),
        (&["list", "--app-id", "x"], "`--app-id` is not a GUID"),
        (&["list", "--app-id", APP_ID, "--app-object-id", APP_ID], "cannot be used with"),
        (&["list", "--managed-identity", "/x"], "`--managed-identity`"),
        (&["list", "--app-id", APP_ID, "--graph-url", "http://graph.example"], "`--graph-url`"),
        (
            &["list", "--app-id", APP_ID, "--graph-url", "https://g/v1.0"],
            "`--graph-url` ends with a version",
        ),
        (&["show", "--app-id", APP_ID], "NAME"),
        (&["show", "--app-id", APP_ID, "a/b"], "`--name`"),
        (&["add", "--app-id", APP_ID], "which tokens?"),
        (&["add", "--app-id", APP_ID, "--subject", "s"], "`--issuer` is missing"),
        (
            &[
                "add",
                "--app-id",
                APP_ID,
                "--issuer",
                "https://i",
                "--subject",
                "s",
                "--name",
                "a.b",
            ],
            "`--name` is not",
        ),
        (&["add", "--app-id", APP_ID, "--issuer", "i", "--subject", "s"], "`--issuer` is no URL"),
        (
            &["add", "--app-id", APP_ID, "--issuer", "https://i", "--expression", "x"],
            "`--expression` is no expression at character 0",
        ),
        (
            &[
                "add",
                "--app-id",
                APP_ID,
                "--issuer",
                "https://i",
                "--subject",
                "s",
                "--expression",
                "x",
            ],
            "cannot be used with",
        ),
        (&["add", "--app-id", APP_ID, "--github", "octo", "--branch", "main"], "OWNER/REPO"),
        (&["update", "--app-id", APP_ID, "prod"], "what changes?"),
        (
            &["list", "--app-id", APP_ID, "--access-token-file", "/no/such/file"],
            "--access-token-file",
        ),
    ] {
        let mut command = wif(&["fic"]);
        // The port is closed: a request would fail with another status.
        command.args(arguments).env("ACTIONS_ID_TOKEN_REQUEST_URL", "http://127.0.0.1:1/");
        command.env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ghs_x").env("AZURE_TENANT_ID", APP_ID);
        let run = run(command.env("AZURE_CLIENT_ID", APP_ID));
        assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{arguments:?}: {run:?}");
        assert!(
            run.err.starts_with("error: ") && run.err.contains(named),
            "{arguments:?}: {}",
            run.err
        );
    }
}

#[test]
fn what_the_service_refuses_has_its_code() {
    for (fault, code) in [
        ("graph:forbidden", "management_refused"),
        ("graph:html", "response_not_json"),
        ("graph:status=404", "identity_not_found"),
        ("graph:redirect", "response_redirect"),
    ] {
        let directory = Directory::start(&["--fault", fault]);
        let run = directory.fic(&["list", "--timeout", "120"]);
        assert_eq!((run.status, run.out.as_str()), (Some(1), ""), "{fault}: {run:?}");
        assert!(run.err.contains(&format!("({code})")), "{fault}: {}", run.err);
    }
    let directory = Directory::start(&["--fault", "graph:throttle=2*1", "--fault", "graph:503*1"]);
    let listed = directory.fic(&["list"]);
    assert_eq!(listed.status, Some(0), "{listed:?}");
    assert!(listed.err.contains("waiting "), "{}", listed.err);
}

#[test]
fn terminal_escapes_of_the_service_are_shown_escaped() {
    let hostile = "a\u{1b}]0;owned\u{7}\u{202e}b\r\n";
    let listed = json!({ "value": [{
        "id": "1", "name": hostile, "issuer": hostile, "subject": hostile, "audiences": [hostile],
        "description": hostile,
    }] });
    let (address, _requests) =
        serve(move |_| answer("200 OK", "application/json", &listed.to_string()));
    let token = file("access-token");
    let mut command = wif(&["fic", "list", "--app-id", APP_ID, "--access-token-file"]);
    let run = run(command.arg(token.path()).args(["--graph-url", &format!("http://{address}")]));
    assert_eq!(run.status, Some(0), "{run:?}");
    assert_eq!(run.out.matches(r"a\u{1b}]0;owned\u{7}\u{202e}b\r\n").count(), 5, "{}", run.out);
    assert!(!run.out.chars().any(|c| c.is_control() && c != '\n'), "{:?}", run.out);
}

#[test]
fn the_page_of_a_gateway_is_no_removal() {
    let listed = json!({ "value": [{
        "id": "1", "name": "one", "issuer": "https://i", "subject": "s", "audiences": ["a"],
    }] });
    let (address, _requests) = serve(move |request| match request.line.starts_with("GET ") {
        true => answer("200 OK", "application/json", &listed.to_string()),
        false => answer("200 OK", "text/html", "<html>"),
    });
    let token = file("access-token");
    let mut command = wif(&["fic", "remove", "one", "--json", "--app-id", APP_ID, "--timeout=120"]);
    command.args(["--graph-url", &format!("http://{address}")]);
    let run = run(command.arg("--access-token-file").arg(token.path()));
    assert_eq!((run.status, run.out.as_str()), (Some(1), ""), "{run:?}");
    assert_eq!(text(&crate::process::parsed(&run.err), "code"), "response_not_json");
}

#[test]
fn errors_are_json_where_json_is_asked_for() {
    for arguments in [
        &["add", "--json", "--app-id", APP_ID][..],
        &["update", "--json", "--app-id", APP_ID, "prod"],
        &["list", "--json"],
        &["plan", "-", "--access-token-file", "-", "--json"],
    ] {
        let run = run(wif(&["fic"]).args(arguments));
        assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{arguments:?}: {run:?}");
        assert!(!text(&crate::process::parsed(&run.err), "code").is_empty());
    }
    let (address, _requests) = serve(|_| {
        let body = answer("429 Too Many Requests", "application/json", "{}");
        body.replacen("\r\n", "\r\nretry-after: 1\r\n", 1)
    });
    let (token, trust) = (file("access-token"), file(TRUST));
    let mut command = wif(&["fic", "plan", "--json", "--app-id", APP_ID, "--timeout=120"]);
    command.arg(trust.path()).args(["--graph-url", &format!("http://{address}")]);
    let throttled = run(command.arg("--access-token-file").arg(token.path()));
    assert_eq!(throttled.status, Some(1), "{throttled:?}");
    assert_eq!(text(&crate::process::parsed(&throttled.err), "code"), "throttled");
    let schema = run(&mut wif(&["fic", "schema", "--json"]));
    assert_eq!(schema.status, Some(0), "{schema:?}");
}

#[test]
fn a_person_is_told_how_to_pass_a_token() {
    let run = run(&mut wif(&["fic", "list", "--app-id", APP_ID]));
    assert_eq!(run.status, Some(1), "{run:?}");
    assert!(run.err.contains("`--access-token-file -`"), "{}", run.err);
}
