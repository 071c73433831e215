//! The decision table of trust: each case is evaluated as a binding would.

use serde_json::{Value, json};
use workload_identity_core::trust::Difference;
use workload_identity_core::wire;

fn table() -> Vec<Value> {
    let text = include_str!("../vectors/trust.json");
    let table: Value = serde_json::from_str(text).expect("a table in JSON");
    table["cases"].as_array().expect("cases").clone()
}

fn explain(case: &Value) -> Value {
    let input = json!({"claims": case["claims"], "credentials": case["credentials"]});
    let answer = wire::trust::explain(input.to_string().as_bytes());
    let answer = answer.unwrap_or_else(|error| panic!("{}: {error}", case["name"]));
    serde_json::from_str(&answer).expect("JSON")
}

#[test]
fn every_case_has_the_verdict_of_the_documents() {
    let cases = table();
    assert!(cases.len() >= 150, "{} cases", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let verdict = explain(case);
        let nearest = verdict["nearest"].as_u64().and_then(|index| usize::try_from(index).ok());
        let fields = nearest.map(|index| &verdict["credentials"][index]["fields"]);
        let fields = fields.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let decisive = fields.iter().find(|field| field["field"] == case["field"]);
        let found = json!({
            "accepted": verdict["accepted"],
            "aadsts": verdict["aadsts"],
            "field": verdict["field"],
            "difference": verdict["difference"],
            "position": decisive.map_or(&Value::Null, |field| &field["position"]),
        });
        for member in ["accepted", "aadsts", "field", "difference", "position"] {
            if found[member] != case[member] {
                let (found, wanted) = (&found[member], &case[member]);
                wrong.push(format!("{}: {member} is {found}, not {wanted}", case["name"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_class_of_difference_has_a_case() {
    let cases = table();
    for class in Difference::ALL {
        assert!(cases.iter().any(|case| case["difference"] == class.name()), "{}", class.name());
    }
}

/// What is printed goes to terminals and pages: the advice has no control characters and no markup of the token's.
#[test]
fn advice_is_plain_text() {
    for case in table() {
        let verdict = explain(&case);
        let advice = verdict["fix"].as_array().expect("a list");
        assert_eq!(advice.is_empty(), verdict["accepted"] == true, "{}", case["name"]);
        for line in advice {
            let line = line.as_str().expect("text");
            assert!(line.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{line:?}");
        }
    }
}

#[test]
fn the_page_lists_every_class_in_order() {
    let page = include_str!("../../docs/concepts/trust.md");
    let rows = Difference::ALL
        .iter()
        .map(|class| format!("| `{}` | {} |\n", class.name(), class.meaning()));
    let table: String = rows.collect();
    assert!(page.contains(&table), "docs/concepts/trust.md should have\n{table}");
}
