//! `wif emulator`: the startup information for programs and as text, and its end.

use crate::process::{Emulator, Run, get, parsed, run, send, send_json, text, wif};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use workload_identity_core::http::form_encode;
use workload_identity_core::jose::UnverifiedClaims;

/// More than a busy machine needs, and less than what the wrong behaviour takes.
const LONG: Duration = Duration::from_secs(30);

const SEAM: [&str; 16] = [
    "base_url",
    "authority",
    "tenant_id",
    "client_id",
    "issuer",
    "audience",
    "github_request_url",
    "github_request_token",
    "api_url",
    "token_requests_url",
    "graph_url",
    "arm_url",
    "inspector_url",
    "application_object_id",
    "managed_identity_id",
    "managed_identity_client_id",
];

#[test]
fn the_line_has_the_agreed_members() {
    let emulator = Emulator::start(&[]);
    for name in SEAM {
        assert!(!emulator.text(name).is_empty(), "{name}");
    }
    assert_eq!(emulator.startup_info.get("ca_file"), None);
    let members = |emulator: &Emulator| emulator.startup_info.as_object().map(serde_json::Map::len);
    // `environment`, `platforms` and `management_token_scope`, which are no texts.
    assert_eq!(members(&emulator), Some(SEAM.len() + 3));
    let base_url = emulator.text("base_url");
    assert!(base_url.starts_with("http://127.0.0.1:"));
    assert_eq!(emulator.text("inspector_url"), format!("{base_url}/"));
    let scope = |service: &str| emulator.startup_info["management_token_scope"][service].clone();
    assert_eq!(scope("graph"), "https://graph.microsoft.com/.default");
    assert_eq!(scope("arm"), "https://management.azure.com/.default");
    assert_eq!(emulator.text("authority"), format!("{base_url}/{}", emulator.text("tenant_id")));
    let secure = Emulator::start(&["--tls"]);
    assert!(secure.text("ca_file").ends_with(".pem"));
    assert_eq!(members(&secure), Some(SEAM.len() + 4));
}

#[test]
fn what_the_line_names_works() {
    let emulator = Emulator::start(&[]);
    let workload = emulator.workload_token(&emulator.text("audience"));
    let claims = UnverifiedClaims::peek(&workload).expect("a JWT");
    assert_eq!(claims.issuer, Some(emulator.text("issuer")));
    let discovery = format!("{}/.well-known/openid-configuration", emulator.text("issuer"));
    let document = parsed(&get(&discovery, None).expect("an answer").body);
    assert_eq!(text(&document, "issuer"), emulator.text("issuer"));
    let token = run(&mut emulator.token(&[])).out;
    let api = emulator.text("api_url");
    assert_eq!(get(&api, Some(token.trim())).expect("an answer").status, 200);
    assert_eq!(get(&api, Some("nonsense")).expect("an answer").status, 401);
    assert_eq!(emulator.token_requests(), 1);
}

#[test]
fn another_issuer_is_trusted_and_its_keys_are_fetched() {
    let issuer = Emulator::start(&[]);
    let audience = "api://AzureADTokenExchange";
    let subject = "repo:octo-org/octo-repo:ref:refs/heads/main";
    let credential =
        format!("issuer={},subject={subject},audience={audience}", issuer.text("issuer"));
    let emulator = Emulator::start(&["--credential", &credential]);
    let ok = run(emulator
        .client(&[])
        .env("ACTIONS_ID_TOKEN_REQUEST_URL", issuer.text("github_request_url"))
        .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", issuer.text("github_request_token")));
    assert_eq!((ok.status, ok.err.as_str()), (Some(0), ""));
    // Its own issuer is trusted beside.
    assert_eq!(run(&mut emulator.token(&[])).status, Some(0));
    assert_eq!((emulator.token_requests(), issuer.token_requests()), (2, 0));
}

#[test]
fn an_issuer_over_tls_needs_its_ca() {
    let issuer = Emulator::start(&["--tls"]);
    let credential = format!(
        "issuer={},subject=repo:octo-org/octo-repo:ref:refs/heads/main,audience=api://AzureADTokenExchange",
        issuer.text("issuer")
    );
    let exchange = |emulator: &Emulator| -> Run {
        run(emulator
            .client(&["--json", "--ca-file", &issuer.text("ca_file")])
            .env("ACTIONS_ID_TOKEN_REQUEST_URL", issuer.text("github_request_url"))
            .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", issuer.text("github_request_token")))
    };
    let knowing =
        Emulator::start(&["--credential", &credential, "--ca-file", &issuer.text("ca_file")]);
    let ok = exchange(&knowing);
    assert_eq!((ok.status, ok.err.as_str()), (Some(0), ""));
    let unknowing = Emulator::start(&["--credential", &credential]);
    let refused = exchange(&unknowing);
    assert_eq!(refused.status, Some(1));
    assert!(refused.err.contains("90061"), "{}", refused.err);
}

#[test]
fn an_issuer_that_is_gone_is_an_answer_not_a_hang() {
    let issuer = Emulator::start(&[]);
    let token = issuer.workload_token("api://AzureADTokenExchange");
    let credential = format!(
        "issuer={},subject=repo:octo-org/octo-repo:ref:refs/heads/main,audience=api://AzureADTokenExchange",
        issuer.text("issuer")
    );
    let emulator = Emulator::start(&["--credential", &credential]);
    drop(issuer);
    let client_id = emulator.text("client_id");
    let form = form_encode([
        ("grant_type", "client_credentials"),
        ("client_id", client_id.as_str()),
        ("scope", "https://vault.azure.net/.default"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", token.as_str()),
    ]);
    let endpoint = format!("{}/oauth2/v2.0/token", emulator.text("authority"));
    let answer = send("POST", &endpoint, None, &form).expect("an answer");
    assert!(answer.body.contains("AADSTS90061"), "{}", answer.body);
    assert!(!answer.body.contains("eyJ"));
}

#[test]
fn access_tokens_have_the_chosen_claims() {
    let emulator = Emulator::start(&[
        "--role",
        "Orders.Read",
        "--role",
        "Orders.Write",
        "--claim",
        "groups=[\"operators\"]",
        "--claim",
        "uti=null",
    ]);
    let claims = |token: &str| {
        let payload = token.trim().split('.').nth(1).expect("a payload");
        let bytes = workload_identity_core::jose::base64url_decode(payload).expect("base64url");
        parsed(std::str::from_utf8(&bytes).expect("UTF-8"))
    };
    let token = claims(&run(&mut emulator.token(&[])).out);
    assert_eq!(token["roles"], json!(["Orders.Read", "Orders.Write"]));
    assert_eq!((&token["groups"], token.get("uti")), (&json!(["operators"]), None));
    let url = format!("{}/emulator/access-token", emulator.text("base_url"));
    let body = json!({ "audience": "api://orders", "scopes": ["Orders.Read"] });
    let minted = send_json("POST", &url, &body).expect("an answer").body;
    let token = claims(&text(&parsed(&minted), "access_token"));
    assert_eq!((&token["scp"], &token["aud"]), (&json!("Orders.Read"), &json!("api://orders")));
    assert_eq!((token.get("roles"), token.get("idtyp")), (None, None));
    let user = Emulator::start(&["--scope", "a", "--scope", "b"]);
    let token = claims(&run(&mut user.token(&[])).out);
    assert_eq!((&token["scp"], token.get("roles")), (&json!("a b"), None));
    let wrong = run(&mut wif(&["emulator", "--claim", "name=Ada"]));
    assert_eq!(wrong.status, Some(2));
    assert!(wrong.err.contains("NAME=JSON"), "{}", wrong.err);
}

#[cfg(unix)]
#[test]
fn signals_end_it_cleanly() {
    for signal in ["-TERM", "-INT"] {
        let emulator = Emulator::start(&["--fault", "latency=120000"]);
        let endpoint = format!("{}/oauth2/v2.0/token", emulator.text("authority"));
        let waiting = thread::spawn(move || send("POST", &endpoint, None, "a=b"));
        let end = Instant::now() + LONG;
        while emulator.token_requests() == 0 {
            assert!(Instant::now() < end, "no request arrives");
            thread::sleep(Duration::from_millis(10));
        }
        let start = Instant::now();
        let (status, rest) = emulator.end_with(signal);
        assert!(start.elapsed() < LONG, "{signal}: {:?}", start.elapsed());
        assert!(waiting.join().expect("the client").is_err(), "{signal}");
        assert_eq!((status.code(), rest.as_str()), (Some(0), ""), "{signal}");
    }
}

#[test]
fn nonsense_on_the_wire_harms_nobody_else() {
    let emulator = Emulator::start(&[]);
    let host = emulator.text("base_url").replace("http://", "");
    for garbage in [&b"\x16\x03\x01\x02\x00\x01\x00"[..], b"GET\r\n\r\n", b"\0\0\0\0", b""] {
        let mut stream = TcpStream::connect(&host).expect("a connection");
        stream.write_all(garbage).expect("sent");
        stream.shutdown(Shutdown::Write).expect("half closed");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{garbage:?}");
    }
    let endpoint = format!("{}/oauth2/v2.0/token", emulator.text("authority"));
    let large = send("POST", &endpoint, None, &"a".repeat(1024 * 1024 + 1));
    // The answer may be lost when the server closes before it has read everything.
    assert!(large.is_err() || large.is_ok_and(|answer| answer.status == 413));
    assert_eq!(run(&mut emulator.token(&[])).status, Some(0));
}

#[test]
fn many_clients_are_served_at_once() {
    let emulator = Emulator::start(&["--fault", "latency=1500"]);
    let endpoint = format!("{}/oauth2/v2.0/token", emulator.text("authority"));
    let start = Instant::now();
    let clients: Vec<_> = (0..50)
        .map(|_| {
            let endpoint = endpoint.clone();
            thread::spawn(move || send("POST", &endpoint, None, "a=b").expect("an answer").status)
        })
        .collect();
    assert!(clients.into_iter().all(|client| client.join().expect("the client") == 400));
    // One after the other would take 75 seconds.
    assert!(start.elapsed() < LONG, "{:?}", start.elapsed());
    assert_eq!(emulator.token_requests(), 50);
}

#[test]
fn the_port_is_the_wished_one_or_an_error() {
    // Below the ports that a system chooses by itself, so that nobody gets it meanwhile.
    let first = 10_000 + u16::try_from(std::process::id() % 20_000).expect("a port");
    let is_free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let free = (first..).find(is_free).expect("a free port").to_string();
    let emulator = Emulator::start(&["--port", &free]);
    assert_eq!(emulator.text("base_url"), format!("http://127.0.0.1:{free}"));
    let second = run(&mut wif(&["emulator", "--json", "--port", &free]));
    assert_eq!((second.status, second.out.as_str()), (Some(1), ""));
    assert!(second.err.contains(&free), "{}", second.err);
}

#[test]
fn a_token_file_that_cannot_be_written_is_an_error() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("no/such/folder");
    let path = path.to_str().expect("UTF-8");
    let failed = run(&mut wif(&["emulator", "--json", "--token-file", path]));
    assert_eq!((failed.status, failed.out.as_str()), (Some(1), ""));
    assert!(failed.err.contains(path), "{}", failed.err);
}

#[cfg(unix)]
#[test]
fn the_token_file_is_private_and_goes_with_the_emulator() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("token");
    let emulator = Emulator::start(&["--token-file", path.to_str().expect("UTF-8")]);
    let token = std::fs::read_to_string(&path).expect("a file");
    let claims = UnverifiedClaims::peek(&token).expect("a JWT");
    assert_eq!(claims.subject.as_deref(), Some("system:serviceaccount:default:workload"));
    let mode = std::fs::metadata(&path).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    emulator.end_with("-TERM");
    assert!(!path.exists());
}

/// Reads the page up to its last line, then pastes its variables into `wif token`.
#[cfg(unix)]
#[test]
fn the_page_for_people_can_be_pasted() {
    for options in [&[][..], &["--tls"]] {
        let mut child = wif(&["emulator", "--quiet"])
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .expect("wif starts");
        let out = BufReader::new(child.stdout.take().expect("piped"));
        let mut page = String::new();
        for line in out.lines() {
            let line = line.expect("UTF-8");
            page.push_str(&line);
            page.push('\n');
            if line.trim_start().starts_with("node -e") {
                break;
            }
        }
        let exports: Vec<&str> =
            page.lines().map(str::trim).filter(|line| line.starts_with("export ")).collect();
        let script = format!(
            "{}\n{} token --scope https://vault.azure.net/.default --json",
            exports.join("\n"),
            env!("CARGO_BIN_EXE_wif")
        );
        let pasted = run(Command::new("sh").args(["-c", &script]).env_clear());
        let ended = Command::new("kill").arg(child.id().to_string()).status();
        assert!(ended.expect("kill starts").success());
        assert_eq!(child.wait().expect("ended").code(), Some(0));
        assert_eq!((pasted.status, pasted.err.as_str()), (Some(0), ""), "{page}");
        assert!(parsed(&pasted.out).get("token").and_then(Value::as_str).is_some());
        assert!(page.contains("wif token --scope") && page.contains("python3 -c"));
        assert!(!page.contains("eyJ"));
    }
}
