//! The attack corpus through `wif verify --batch`: every line has the result that the corpus expects.

use crate::keys::run_with;
use crate::process::{parsed, wif};
use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use workload_identity_core::json::strict;

/// Cases with these members need another host, a network or several calls.
const NOT_IN_A_LINE: &[&str] =
    &["fetch", "fetched", "verify", "earlier", "by_host", "options", "issuer", "needs"];

/// Members of an object, each as it is written.
type Members<'t> = BTreeMap<String, &'t RawValue>;

#[derive(Deserialize)]
struct Corpus<'t> {
    now: i64,
    #[serde(borrow)]
    policies: Members<'t>,
    #[serde(borrow)]
    keys: Members<'t>,
    cases: Vec<Value>,
}

#[test]
fn a_corpus_line_gets_the_result_of_the_case() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/attacks.json");
    let text = std::fs::read_to_string(path).expect("the corpus");
    let corpus: Corpus<'_> = serde_json::from_str(&text).expect("the corpus");
    let (mut input, mut expected) = (String::new(), BTreeMap::new());
    for case in &corpus.cases {
        let text = |name: &str| case.get(name).and_then(Value::as_str);
        let (Some(name), Some(token), Some(result)) =
            (text("name"), text("token"), text("expected"))
        else {
            continue;
        };
        let mut policy: Members<'_> =
            serde_json::from_str(corpus.policies[text("policy").expect("a policy")].get())
                .expect("an object");
        let issuers = policy.remove("issuers").expect("issuers").get();
        let Ok([mut issuer]) = serde_json::from_str::<[Members<'_>; 1]>(issuers) else { continue };
        let given: Option<String> =
            issuer.remove("keys").and_then(|keys| serde_json::from_str(keys.get()).ok());
        let set = text("keys").or(given.as_deref()).and_then(|known| corpus.keys.get(known));
        let skipped = NOT_IN_A_LINE.iter().any(|name| case.get(*name).is_some());
        // In a line, a key set that is not JSON is a string; in a case, it is part of the configuration.
        let Some(set) = set.filter(|set| !skipped && is_document(set.get())) else {
            continue;
        };
        let now = case.get("now").and_then(Value::as_i64).unwrap_or(corpus.now) / 1000;
        let quoted = [("name", json!(name)), ("token", json!(token)), ("now", json!(now))];
        let mut line: BTreeMap<String, Box<RawValue>> = quoted
            .into_iter()
            .map(|(name, value)| (name.to_owned(), to_raw_value(&value).expect("JSON")))
            .collect();
        line.insert("jwks".to_owned(), (*set).to_owned());
        for (name, value) in issuer.into_iter().chain(policy) {
            line.insert(name, value.to_owned());
        }
        input.push_str(&serde_json::to_string(&line).expect("JSON"));
        input.push('\n');
        expected.insert(name.to_owned(), result.to_owned());
    }
    assert!(expected.len() >= 300, "only {} cases", expected.len());
    let run = run_with(&mut wif(&["verify", "--batch", "-"]), input);
    assert_eq!((run.status, run.err.as_str()), (Some(0), ""));
    for line in run.out.lines() {
        let result = parsed(line);
        let text = |name: &str| result.get(name).and_then(Value::as_str);
        let name = text("name").expect("a name");
        let wanted = expected.remove(name).expect("one result for each line");
        assert_eq!(text("code").unwrap_or("accepted"), wanted, "{name}");
    }
    assert!(expected.is_empty(), "without a result: {expected:?}");
}

fn is_document(set: &str) -> bool {
    strict::check(set.as_bytes()).is_ok()
        && serde_json::from_str::<Members<'_>>(set)
            .is_ok_and(|members| members.contains_key("keys"))
}
