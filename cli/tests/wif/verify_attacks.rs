//! The attack corpus through `wif verify --batch`: the verdicts are those of every other host.

use crate::keys::run_with;
use crate::process::{parsed, wif};
use std::collections::BTreeMap;
use std::path::PathBuf;
use workload_identity_core::json::{self, Json, RawMembers};

/// What a line of a corpus cannot say: other hosts, a network, several calls.
const BEYOND: &[&str] =
    &["fetch", "fetched", "verify", "earlier", "by_host", "options", "issuer", "needs"];

#[test]
fn a_corpus_line_gets_the_verdict_of_the_case() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/attacks.json");
    let text = std::fs::read_to_string(path).expect("the corpus");
    let corpus = RawMembers::read(text.as_bytes()).expect("JSON");
    let part = |name: &str| corpus.raw(name).expect("a part of the corpus");
    let policies = RawMembers::read(part("policies").as_bytes()).expect("policies");
    let keys = RawMembers::read(part("keys").as_bytes()).expect("key sets");
    let began = corpus.get("now").and_then(|now| now.as_integer()).expect("now");
    let cases = corpus.get("cases").expect("cases");
    let (mut input, mut expected) = (String::new(), BTreeMap::new());
    for case in cases.as_list().expect("a list") {
        let text = |name: &str| case.member(name).and_then(Json::as_text);
        let (Some(name), Some(token), Some(verdict)) =
            (text("name"), text("token"), text("expected"))
        else {
            continue;
        };
        let policy = policies.raw(text("policy").expect("a policy")).expect("a known policy");
        let policy = RawMembers::read(policy.as_bytes()).expect("an object");
        let issuers = policy.raw("issuers").expect("issuers");
        // One issuer: the text of the list is its text in brackets.
        let issuer = issuers.trim_start_matches('[').trim_end_matches(']');
        let Ok(issuer) = RawMembers::read(issuer.as_bytes()) else { continue };
        let known = text("keys").map(str::to_owned);
        let known = known.or_else(|| issuer.get("keys")?.as_text().map(str::to_owned));
        let set = known.and_then(|known| keys.raw(&known));
        let beyond = BEYOND.iter().any(|name| case.member(name).is_some());
        // A key set as text, because it is no JSON: here the text is judged, there the configuration that holds it.
        let Some(set) = set.filter(|set| !beyond && is_document(set)) else {
            continue;
        };
        let now = case.member("now").and_then(Json::as_integer).unwrap_or(began);
        input.push_str(&json::object(|o| {
            o.text("name", name).text("token", token).raw("jwks", set).integer("now", now / 1000);
            for member in issuer.names().filter(|name| name != "keys") {
                o.raw(&member, issuer.raw(&member).expect("a member"));
            }
            for member in policy.names().filter(|name| name != "issuers") {
                o.raw(&member, policy.raw(&member).expect("a member"));
            }
        }));
        input.push('\n');
        expected.insert(name.to_owned(), verdict.to_owned());
    }
    assert!(expected.len() >= 300, "only {} cases", expected.len());
    let run = run_with(&mut wif(&["verify", "--batch", "-"]), input);
    assert_eq!((run.status, run.err.as_str()), (Some(0), ""));
    for line in run.out.lines() {
        let verdict = parsed(line);
        let text = |name: &str| verdict.member(name).and_then(Json::as_text);
        let name = text("name").expect("a name");
        let wanted = expected.remove(name).expect("one verdict for each line");
        assert_eq!(text("code").unwrap_or("accepted"), wanted, "{name}");
    }
    assert!(expected.is_empty(), "without verdict: {expected:?}");
}

fn is_document(set: &str) -> bool {
    RawMembers::read(set.as_bytes()).is_ok_and(|members| members.contains("keys"))
}
