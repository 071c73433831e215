//! `wif fic`: the credential by which the command itself gets its access token.

use crate::directory::file;
use crate::process::{Emulator, Run, parsed, run};
use serde_json::json;

const WARNING: &str = "accepts the workload token with which this command signed in";

/// `wif fic` as the job of an emulator, for its own application.
fn job(emulator: &Emulator, arguments: &[&str]) -> Run {
    let urls = ["--graph-url", &emulator.text("graph_url"), "--arm-url", &emulator.text("arm_url")];
    run(emulator.job(&["fic"]).args(arguments).args(urls))
}

#[test]
fn a_plan_warns_before_it_ends_the_callers_own_trust() {
    let emulator = Emulator::start(&[]);
    let trust = |identity: &str, id: &str| {
        file(&format!("version: 1\nidentity: {{{identity}: {id}}}\ncredentials: []\n"))
    };
    let own = "repo-octo-org-octo-repo-ref-refs-heads-main";
    for (kind, fact) in [("app_id", "client_id"), ("app_object_id", "application_object_id")] {
        let file = trust(kind, &emulator.text(fact));
        let path = file.path().to_str().expect("text");
        let kept = job(&emulator, &["plan", path]);
        assert_eq!((kept.status, kept.out.contains("warning")), (Some(0), false), "{kept:?}");
        let plan = job(&emulator, &["plan", path, "--prune"]);
        assert_eq!(plan.status, Some(3), "{plan:?}");
        assert!(plan.out.contains(&format!("warning: `{own}` {WARNING}")), "{}", plan.out);
        assert_eq!(plan.out.matches("warning").count(), 1, "{}", plan.out);
        let plan = parsed(&job(&emulator, &["plan", path, "--prune", "--json"]).out);
        let changes = plan["changes"].as_array().expect("a list");
        for change in changes {
            let marked = change.get("used_by_caller");
            let expected = (change["name"] == own).then_some(json!(true));
            assert_eq!(marked, expected.as_ref(), "{change}");
        }
    }
    let other = trust("managed_identity", &emulator.text("managed_identity_id"));
    let path = other.path().to_str().expect("text");
    let plan = job(&emulator, &["plan", path, "--prune"]);
    assert_eq!((plan.status, plan.out.contains("warning")), (Some(0), false), "{plan:?}");
    let file = trust("app_id", &emulator.text("client_id"));
    let path = file.path().to_str().expect("text");
    let applied = job(&emulator, &["apply", path, "--prune", "--yes", "--json"]);
    let report = parsed(&applied.out);
    assert_eq!(report["changes"][0]["used_by_caller"], true, "{report}");
}

#[test]
fn a_removal_of_the_callers_own_trust_is_told() {
    let emulator = Emulator::start(&[]);
    let app_id = emulator.text("client_id");
    let other = "system-serviceaccount-default-workload";
    let removed = job(&emulator, &["remove", other, "--app-id", &app_id]);
    assert_eq!((removed.status, removed.err.as_str()), (Some(0), ""), "{removed:?}");
    let gone = job(&emulator, &["remove", other, "--app-id", &app_id, "--json"]);
    assert_eq!(parsed(&gone.out), json!({"deleted": false}));
    let own = "repo-octo-org-octo-repo-ref-refs-heads-main";
    let removed = job(&emulator, &["remove", own, "--app-id", &app_id, "--json"]);
    assert_eq!(removed.status, Some(0), "{removed:?}");
    assert_eq!(parsed(&removed.out), json!({"deleted": true, "used_by_caller": true}));
    let refused = job(&emulator, &["list", "--app-id", &app_id]);
    assert!(refused.err.contains("(trust_mismatch)"), "{refused:?}");
}
