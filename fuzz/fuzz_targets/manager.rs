//! The manager as bindings call it: any requests, any answers of the service in any order. It must not panic, must answer with
//! valid JSON, must send the access token to the configured service only, and must not show it in an error.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use workload_identity_core::json;
use workload_identity_core::wire::Manager;

const TOKEN: &str = "c2VjcmV0LWFjY2Vzcy10b2tlbg";
const GRAPH: &str = r#"{"identity":{"app_id":"11111111-2222-3333-4444-555555555555"}}"#;
const ARM: &str = r#"{"identity":{"managed_identity":"/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/mine"}}"#;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    config: Option<&'a [u8]>,
    managed: bool,
    requests: Vec<Request<'a>>,
    answers: Vec<Answer<'a>>,
}

#[derive(Arbitrary, Debug)]
enum Request<'a> {
    List,
    Get(&'a str),
    Delete(&'a str),
    Write { operation: u8, name: &'a str, subject: &'a str },
    Apply { names: Vec<&'a str>, prune: bool },
    Raw(&'a [u8]),
}

#[derive(Arbitrary, Debug)]
enum Answer<'a> {
    Listed { names: Vec<&'a str>, next: Option<&'a str> },
    Http { status: u16, head: &'a [u8], body: &'a [u8] },
    Failed(&'a str),
    End,
    Later(u32),
}

fuzz_target!(|input: Input<'_>| {
    let config = input.config.unwrap_or(if input.managed { ARM } else { GRAPH }.as_bytes());
    let Ok(mut machine) = Manager::new(config) else { return };
    machine.reseed(&[7; 32]).expect("32 bytes are a seed");
    let mut now = 1_700_000_000_000;
    let mut tickets: Vec<u64> =
        input.requests.iter().take(8).map(|request| machine.begin(&request.text())).collect();
    for answer in input.answers.iter().take(200) {
        let Some(ticket) = tickets.first().copied() else { break };
        let text = machine.poll(ticket, now);
        let step = json::parse(text.as_bytes()).expect("a step is strict JSON");
        match step["step"].as_str() {
            Some("perform") => {
                let effect = &step["effect"];
                let id = effect["id"].as_u64().expect("an id");
                if input.config.is_none() && effect["kind"] == "http" {
                    let url = effect["url"].as_str().expect("a URL");
                    let host =
                        if input.managed { "management.azure.com" } else { "graph.microsoft.com" };
                    assert!(url.starts_with(&format!("https://{host}/")), "{url}");
                }
                match (effect["kind"].as_str(), answer) {
                    (_, Answer::End) => {
                        machine.end(ticket);
                        tickets.remove(0);
                    }
                    (_, Answer::Failed(word)) => {
                        machine.resolve(id, "failed", 0, word.as_bytes(), b"", now);
                    }
                    (Some("ask_host"), _) => {
                        machine.resolve(id, "answer", 0, b"", TOKEN.as_bytes(), now);
                    }
                    (Some("sleep"), _) => {
                        now = effect["until"].as_i64().expect("an instant");
                        machine.resolve(id, "elapsed", 0, b"", b"", now);
                    }
                    (_, Answer::Listed { names, next }) => {
                        let body = list(names, *next, input.managed);
                        machine.resolve(id, "http", 200, b"", body.as_bytes(), now);
                    }
                    (_, Answer::Http { status, head, body }) => {
                        machine.resolve(id, "http", u32::from(*status), head, body, now);
                    }
                    (_, Answer::Later(millis)) => now += i64::from(*millis),
                }
            }
            Some("done" | "fail") => {
                assert!(!text.contains(TOKEN), "a secret is shown: {text}");
                assert_eq!(machine.poll(ticket, now), text, "a final step stays");
                machine.end(ticket);
                tickets.remove(0);
            }
            Some("wait") => {
                tickets.rotate_left(1);
                now += 1_000;
            }
            other => panic!("{other:?}"),
        }
    }
    for ticket in tickets {
        machine.end(ticket);
    }
});

impl Request<'_> {
    fn text(&self) -> Vec<u8> {
        let credential = |name: &str, subject: &str| serde_json::json!({"name": name, "issuer": "https://i.example", "subject": subject});
        let request = match self {
            Request::List => serde_json::json!({"operation": "list"}),
            Request::Get(name) => serde_json::json!({"operation": "get", "name": name}),
            Request::Delete(name) => serde_json::json!({"operation": "delete", "name": name}),
            Request::Write { operation, name, subject } => {
                let operation = ["create", "update", "upsert"][usize::from(operation % 3)];
                serde_json::json!({"operation": operation, "credential": credential(name, subject)})
            }
            Request::Apply { names, prune } => {
                let all: Vec<Value> = names
                    .iter()
                    .enumerate()
                    .map(|(at, name)| credential(name, &at.to_string()))
                    .collect();
                serde_json::json!({"operation": "apply", "credentials": all, "prune": prune})
            }
            Request::Raw(bytes) => return bytes.to_vec(),
        };
        request.to_string().into_bytes()
    }
}

fn list(names: &[&str], next: Option<&str>, managed: bool) -> String {
    let item = |(at, name): (usize, &&str)| {
        let values = serde_json::json!({"issuer": "https://i.example", "subject": at.to_string(), "audiences": ["a"]});
        if managed {
            serde_json::json!({"name": name, "properties": values})
        } else {
            let mut values = values;
            values["name"] = (*name).into();
            values
        }
    };
    let value: Vec<Value> = names.iter().enumerate().map(item).collect();
    serde_json::json!({"value": value, "nextLink": next}).to_string()
}
