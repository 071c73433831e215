//! The log of events: what an exchange leaves there, what readers get, and its bounds.

use crate::fixture::{AUDIENCE, BASE, Fixture, json};
use serde_json::{Value, json};
use workload_identity_core::jose::{attach, signing_input};
use workload_identity_core::trust::Credential;
use workload_identity_emulator::{EventLog, MAX_EVENTS, MAX_RECORDED_BYTES, Reply, Request, http};

impl Fixture {
    /// Sends a request and records it with its answer, as a host does.
    fn recorded(&mut self, request: &Request) {
        let mut reply = self.emulator.handle(request, self.now);
        if let Reply::Sign(unsigned) = reply {
            reply = unsigned.sign();
        }
        let response = match reply {
            Reply::Respond { response, .. } => Some(response),
            _ => None,
        };
        self.emulator.events().record(request, response.as_ref(), 3, self.now);
    }

    fn recorded_exchange(&mut self, assertion: &str) -> Value {
        let request = self.form(assertion).request(&self.token_path());
        self.recorded(&request);
        let id = self.emulator.events().last_id();
        json(&self.get(&format!("/emulator/events/{id}")))
    }

    fn stream(&self, after: u64) -> (Vec<Value>, u64) {
        let (text, last) = self.emulator.events().stream_after(after);
        let lines = text.lines().filter_map(|line| line.strip_prefix("data: "));
        (lines.map(|line| serde_json::from_str(line).expect("JSON")).collect(), last)
    }
}

fn outcomes(event: &Value) -> Vec<(String, String)> {
    let member = |check: &Value, name: &str| check[name].as_str().unwrap_or_default().to_owned();
    let checks = event["checks"].as_array().cloned().unwrap_or_default();
    checks.iter().map(|check| (member(check, "check"), member(check, "outcome"))).collect()
}

#[test]
fn an_exchange_is_shown_whole() {
    let mut fixture = Fixture::new();
    let token = fixture.github_token();
    let event = fixture.recorded_exchange(&token);
    assert_eq!((&event["kind"], &event["outcome"]), (&json!("exchange"), &json!("issued")));
    assert_eq!((&event["status"], &event["took_ms"]), (&json!(200), &json!(3)));
    let workload = &event["workload_token"];
    assert_eq!((&workload["own"], &workload["compact"]), (&json!(true), &json!(token)));
    assert_eq!(workload["header"]["alg"], "RS256");
    assert_eq!(workload["claims"]["aud"], AUDIENCE);
    assert_eq!(event["issued_token"]["claims"]["aud"], "https://vault.azure.net");
    assert!(outcomes(&event).iter().all(|(_, outcome)| outcome == "passed"));
    assert_eq!(event["verdict"]["accepted"], true);
    let fields = event["form"].to_string();
    assert!(fields.contains("client_credentials") && !fields.contains("eyJ"), "{fields}");
}

#[test]
fn a_refusal_is_shown_with_its_difference_and_repair() {
    let mut fixture = Fixture::new();
    let mut job = fixture.emulator.settings().github_job.clone();
    job.git_ref = "refs/heads/Main".to_owned();
    let token = fixture.emulator.github_token(&job, Some(AUDIENCE), fixture.now).expect("a token");
    let event = fixture.recorded_exchange(&token);
    assert_eq!((&event["outcome"], &event["aadsts"]), (&json!("refused"), &json!(7_002_138)));
    let failed: Vec<_> = outcomes(&event).into_iter().filter(|(_, o)| o == "failed").collect();
    assert_eq!(failed, [("subject".to_owned(), "failed".to_owned())]);
    let verdict = &event["verdict"];
    let field = &verdict["credentials"][0]["fields"][1];
    assert_eq!((&field["field"], &field["position"]), (&json!("subject"), &json!(39)));
    assert_eq!(field["expected"], "repo:octo-org/octo-repo:ref:refs/heads/main");
    let fix = verdict["fix"].to_string();
    assert!(
        fix.contains("wif fic update") && fix.contains(&fixture.emulator.facts().client_id),
        "{fix}"
    );
    let wanted = json!({
        "existing": "repo-octo-org-octo-repo-ref-refs-heads-main",
        "issuer": fixture.emulator.github_issuer(),
        "subject": "repo:octo-org/octo-repo:ref:refs/heads/Main",
        "audience": AUDIENCE,
    });
    assert_eq!(event["remedy"], wanted);
    // The credentials are those of the instant of the request.
    let issuer = fixture.emulator.github_issuer();
    let fitting = Credential::exact(&issuer, &job.subject(), AUDIENCE);
    fixture.emulator.trust(fitting).expect("trusted");
    let before = json(&fixture.get("/emulator/events/1"));
    assert_eq!(before["verdict"]["accepted"], false);
    assert_eq!(fixture.recorded_exchange(&token)["verdict"]["accepted"], true);
}

#[test]
fn tokens_of_other_issuers_keep_their_signature_to_themselves() {
    let mut fixture = Fixture::new();
    let claims = r#"{"iss":"https://token.actions.githubusercontent.com","sub":"s","aud":"a"}"#;
    let token = attach(&signing_input(r#"{"alg":"RS256"}"#, claims), b"signature");
    let signature = token.rsplit('.').next().expect("a signature").to_owned();
    let event = fixture.recorded_exchange(&token);
    assert_eq!(event["workload_token"]["own"], false);
    assert_eq!(event["workload_token"]["claims"]["sub"], "s");
    assert!(!event.to_string().contains(&signature));
    let (events, _) = fixture.stream(0);
    assert!(!events[0].to_string().contains(&signature));
}

#[test]
fn what_cannot_be_decoded_is_not_repeated() {
    let mut fixture = Fixture::new();
    let event = fixture.recorded_exchange("not-a-token-but-perhaps-a-secret");
    assert_eq!(event["workload_token"], Value::Null);
    assert!(!event.to_string().contains("perhaps"));
    let secret = fixture.form("").without("client_assertion").add("client_secret", "hunter2");
    let request = secret.request(&fixture.token_path());
    fixture.recorded(&request);
    assert!(!json(&fixture.get("/emulator/events/2")).to_string().contains("hunter2"));
    // A token in the wrong place.
    let token = attach(&signing_input("{}", r#"{"iss":"https://a.example"}"#), b"signature");
    let form = fixture.form(&token).without("client_id").without("scope");
    let form = form.add("client_id", &token).add("scope", &token).add("claims", &token);
    let mut request = form.request(&format!("/{token}/oauth2/v2.0/token"));
    request.headers_mut().insert("user-agent", token.parse().expect("a value"));
    fixture.recorded(&request);
    let signature = token.rsplit('.').next().expect("a signature");
    let event = json(&fixture.get("/emulator/events/3")).to_string();
    assert!(!event.contains(signature), "{event}");
}

#[test]
fn a_managed_identity_has_commands_of_its_own() {
    let mut fixture = Fixture::new();
    let facts = fixture.emulator.facts();
    let token = fixture.github_token();
    let form = fixture.form(&token).without("client_id");
    let form = form.add("client_id", &facts.managed_identity_client_id);
    let request = form.request(&fixture.token_path());
    fixture.recorded(&request);
    let event = json(&fixture.get("/emulator/events/1"));
    assert_eq!(event["aadsts"], 70_025);
    let fix = event["verdict"]["fix"].as_array().expect("a list");
    let commands: Vec<&str> = fix.iter().filter_map(Value::as_str).collect();
    let [.., az, wif] = commands.as_slice() else { panic!("{commands:?}") };
    let subject = "repo:octo-org/octo-repo:ref:refs/heads/main";
    assert!(
        az.starts_with("az identity federated-credential create --subscription=")
            && az.contains(" --resource-group=shop --identity-name=orders --name=")
            && az.ends_with(&format!("--subject={subject} --audiences={AUDIENCE}")),
        "{az}"
    );
    let start = format!("wif fic add --managed-identity={} ", facts.managed_identity_id);
    assert!(wif.starts_with(&start), "{wif}");
    assert_eq!(event["remedy"]["existing"], Value::Null);
}

#[test]
fn long_fields_can_be_sent_again() {
    let mut fixture = Fixture::new();
    let token = fixture.github_token();
    let claims = format!(r#"{{"access_token":{{"{}":null}}}}"#, "x".repeat(2000));
    let request = fixture.form(&token).add("claims", &claims).request(&fixture.token_path());
    fixture.recorded(&request);
    let event = json(&fixture.get("/emulator/events/1"));
    let form = event["form"].as_array().expect("a list");
    assert!(form.contains(&json!({ "name": "claims", "value": claims })));
}

#[test]
fn requests_have_their_faults() {
    let mut fixture = Fixture::new();
    fixture.fault("api:status=503*1");
    fixture.fault("throttle=7*1");
    fixture.fault("api:reset*1");
    for path in
        ["/api/resource", "/api/resource?token=eyJx", "/nothing/eyJhbGciOi", "/emulator/facts", "/"]
    {
        fixture.recorded(&http::Request::get(path).body(Vec::new()).expect("a request"));
    }
    let token = fixture.github_token();
    fixture.recorded_exchange(&token);
    let (events, last) = fixture.stream(0);
    let faults: Vec<&Value> = events.iter().map(|event| &event["faults"]).collect();
    assert_eq!(faults[0], &json!(["status=503"]));
    assert_eq!(faults[1], &json!(["reset"]));
    assert_eq!((&events[1]["path"], &events[1]["status"]), (&json!("/api/resource"), &Value::Null));
    assert_eq!(events[2]["path"], "/nothing/...");
    assert_eq!((faults[3], &events[3]["outcome"]), (&json!(["throttle=7"]), &json!("refused")));
    assert_eq!((events.len(), last), (4, 4));
    let event = json(&fixture.get("/emulator/events/4"));
    assert!(outcomes(&event).iter().all(|(_, outcome)| outcome == "not_reached"));
}

#[test]
fn readers_continue_where_they_stopped() {
    let fixture = Fixture::new();
    let log = fixture.emulator.events();
    let request = http::Request::get("/api/resource").body(Vec::new()).expect("a request");
    let response = http::Response::new(Vec::<u8>::new());
    for _ in 0..150 {
        log.record(&request, Some(&response), 0, fixture.now);
    }
    let (events, last) = fixture.stream(0);
    assert_eq!((events.len(), last), (100, 100));
    let (events, last) = fixture.stream(last);
    assert_eq!((events.len(), last, &events[0]["id"]), (50, 150, &json!(101)));
    assert_eq!(fixture.stream(150), (Vec::new(), 150));
    // Those of an earlier emulator start from the first.
    assert_eq!(fixture.stream(9000).0[0]["id"], 1);
    for _ in 0..MAX_EVENTS {
        log.record(&request, Some(&response), 0, fixture.now);
    }
    let (events, _) = fixture.stream(100);
    assert_eq!((&events[0], &events[1]["id"]), (&json!({ "lost": 50 }), &json!(151)));
}

#[test]
fn readers_learn_that_events_are_forgotten() {
    let mut fixture = Fixture::new();
    let get = |path: &str| http::Request::get(path).body(Vec::new()).expect("a request");
    for _ in 0..3 {
        fixture.recorded(&get("/api/resource"));
    }
    let forget = http::Request::delete("/emulator/events").body(Vec::new()).expect("a request");
    fixture.emulator.handle(&forget, fixture.now);
    // The reader of an empty page has nothing to forget.
    assert_eq!(fixture.stream(0), (Vec::new(), 4));
    assert_eq!(fixture.emulator.events().stream_after(2).0, "id: 4\nevent: cleared\ndata: {}\n\n");
    fixture.recorded(&get("/api/step-up"));
    let (events, last) = fixture.stream(3);
    assert_eq!((&events[0], &events[1]["id"], last), (&json!({}), &json!(5), 5));
    assert_eq!(fixture.stream(4).0[0]["path"], "/api/step-up");
    assert_eq!(fixture.get("/emulator/events/2").status, 404);
}

#[test]
fn the_log_is_bounded() {
    let log = EventLog::new(BASE);
    let fixture = Fixture::new();
    let body = "x".repeat(30_000);
    let request = http::Request::post(fixture.token_path())
        .header("content-type", "application/x-www-form-urlencoded")
        .header("user-agent", "x".repeat(60_000))
        .body(format!("client_id={body}").into_bytes())
        .expect("a request");
    let response = http::Response::new(vec![b' '; 30_000]);
    for _ in 0..2000 {
        log.record(&request, Some(&response), 0, fixture.now);
    }
    let mut kept = 0;
    let (mut after, mut bytes) = (1700, 0);
    loop {
        let (text, last) = log.stream_after(after);
        if text.is_empty() {
            break;
        }
        kept += text.matches("\nid: ").count() + usize::from(text.starts_with("id: "));
        bytes += text.len();
        after = last;
    }
    assert!(kept * 60_000 <= MAX_RECORDED_BYTES + 60_000, "{kept}");
    assert!(kept > 100 && bytes / kept < 4096, "{kept} events, {bytes} bytes");
}
