//! Any sequence of management calls leaves credentials that each service allows, and reads show exactly what writes left.

use crate::any_input::Rng;
use crate::fixture::{AUDIENCE, json};
use crate::management::Management;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const NAMES: [&str; 26] = [
    "n-a", "n-b", "n-c", "n-d", "n-e", "n-f", "n-g", "n-h", "n-i", "n-j", "n-k", "n-l", "n-m",
    "n-n", "n-o", "n-p", "n-q", "n-r", "n-s", "n-t", "n-u", "n-v", "n-w", "a b", "", "ab",
];
const SUBJECTS: [&str; 6] = ["one", "two", "three", "four", "five", ""];
const ISSUERS: [&str; 6] =
    ["https://a.example", "https://b.example/", "https://c.example", "https://d.example", "e", ""];

/// Issuer and subject by name, which is what the model remembers.
type Model = BTreeMap<String, (String, String)>;

fn values(rng: &mut Rng) -> (String, String, Value) {
    let (issuer, subject) = (rng.pick(&ISSUERS), rng.pick(&SUBJECTS));
    let body = json!({ "issuer": issuer, "subject": subject, "audiences": [AUDIENCE] });
    (issuer.to_owned(), subject.to_owned(), body)
}

fn is_allowed(model: &Model, name: &str, issuer: &str, subject: &str) -> bool {
    let unique = model
        .iter()
        .all(|(other, known)| other == name || *known != (issuer.to_owned(), subject.to_owned()));
    let within_limit = model.contains_key(name) || model.len() < 20;
    name.starts_with("n-") && !issuer.is_empty() && !subject.is_empty() && unique && within_limit
}

/// One random call; returns its status and the status that the model expects.
fn step(management: &mut Management, rng: &mut Rng, model: &mut Model, arm: bool) -> (u16, bool) {
    let name = rng.pick(&NAMES);
    let escaped = name.replace(' ', "%20");
    let (issuer, subject, mut body) = values(rng);
    let exists = model.contains_key(name);
    let (method, path, expected) = match (arm, rng.below(6)) {
        (true, 0..=3) => {
            body = json!({ "properties": body });
            ("PUT", management.arm_path(&escaped), is_allowed(model, name, &issuer, &subject))
        }
        (true, _) => ("DELETE", management.arm_path(&escaped), true),
        (false, 0..=2) => {
            body["name"] = name.into();
            let allowed = !exists && is_allowed(model, name, &issuer, &subject);
            ("POST", management.graph_path(), allowed)
        }
        (false, 3 | 4) => {
            let allowed = exists && is_allowed(model, name, &issuer, &subject);
            ("PATCH", format!("{}('{escaped}')", management.graph_path()), allowed)
        }
        (false, _) => ("DELETE", format!("{}('{escaped}')", management.graph_path()), exists),
    };
    if arm && name.is_empty() {
        return (400, false);
    }
    let status = management.call(method, &path, Some(&body)).status;
    if expected && method == "DELETE" {
        model.remove(name);
    } else if expected {
        model.insert(name.to_owned(), (issuer, subject));
    }
    (status, expected)
}

fn stored(management: &mut Management, arm: bool) -> Model {
    let path = if arm { management.arm_path("") } else { management.graph_path() };
    let list = json(&management.call("GET", &path, None));
    let items = list["value"].as_array().expect("a list").iter();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let values = |item: &Value| {
        let properties = if arm { &item["properties"] } else { item };
        (text(&properties["issuer"]), text(&properties["subject"]))
    };
    items.map(|item| (text(&item["name"]), values(item))).collect()
}

#[test]
fn calls_keep_the_rules_and_reads_show_the_writes() {
    for arm in [false, true] {
        let mut management = Management::new();
        let mut rng = Rng(0x5eed_4321_dcba_0002);
        let mut model = stored(&mut management, arm);
        let (mut accepted, mut most) = (0, 0);
        for number in 0..1500 {
            let (status, expected) = step(&mut management, &mut rng, &mut model, arm);
            assert_eq!(status < 300, expected, "{number}: {status}");
            assert!(status < 500, "{number}: {status}");
            accepted += usize::from(expected);
            most = most.max(model.len());
            if number % 50 == 0 {
                assert_eq!(stored(&mut management, arm), model, "{number}");
            }
        }
        assert_eq!(stored(&mut management, arm), model);
        assert!(accepted > 200 && most > 5, "{accepted} accepted, {most} at once");
    }
}
