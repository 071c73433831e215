//! Plans and their application.

use super::*;

pub(super) fn all() -> Vec<Recorder> {
    vec![applied()]
}

fn applied() -> Recorder {
    let mut r = Recorder::manager(
        "manager-apply",
        "What differs is removed, changed and added, in this order; a read at the end shows what was wanted. The second time nothing changes.",
        app(),
    );
    let wanted = json!([credential("main", "new"), credential("tags", "s3")]);
    let there = [stored("main", "old"), stored("other", "s4")];
    let t = r.begin(json!({"operation": "plan", "credentials": wanted}));
    r.authorized(t).lists(t, GRAPH, &there);
    let plan = json!({
        "changes": [
            {"action": "update", "name": "main", "before": shown("main", "old"), "after": shown("main", "new"), "differs": ["subject"]},
            {"action": "add", "name": "tags", "after": {"name": "tags", "issuer": ISSUER, "subject": "s3", "audience": AUDIENCE}}
        ],
        "unmanaged": ["other"],
        "unchanged": 0
    });
    r.gives(t, plan);
    let t = r.begin(json!({"operation": "apply", "credentials": wanted, "prune": true}));
    r.authorized(t).lists(t, GRAPH, &there);
    let (e, _) = r.sends(t, "DELETE", &format!("{GRAPH}/other"));
    r.resolve(e, "http", 204, "", b"");
    let (e, body) = r.sends(t, "PATCH", &format!("{GRAPH}/main"));
    assert_eq!(body, json!({"subject": "new"}));
    r.resolve(e, "http", 204, "", b"");
    let (e, _) = r.sends(t, "POST", GRAPH);
    r.http(e, 201, stored("tags", "s3"));
    let after = [stored("main", "new"), stored("tags", "s3")];
    r.lists(t, GRAPH, &after);
    let step = r.poll(t, "done");
    assert_eq!(step["value"]["complete"], true);
    assert!(
        step["value"]["changes"]
            .as_array()
            .is_some_and(|all| all.iter().all(|change| change["outcome"] == "done"))
    );
    r.end(t);
    let t = r.begin(json!({"operation": "apply", "credentials": wanted, "prune": true}));
    r.authorized(t).lists(t, GRAPH, &after);
    r.gives(t, json!({"changes": [], "unmanaged": [], "unchanged": 2, "complete": true}));
    r
}
