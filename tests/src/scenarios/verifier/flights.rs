//! Many callers and one fetch: leaders, followers, leases, deadlines, stale answers.

use super::{KEYS, at_address, key_set, token};
use crate::Recorder;
use serde_json::json;

pub(super) fn all() -> Vec<Recorder> {
    vec![followers(), leader_leaves(), leader_silent(), deadline(), cancelled(), stale_answers()]
}

fn followers() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-followers",
        "Three tokens, one fetch: each gets its own result.",
        at_address(),
    );
    let good = r.begin_token(&token("k1"));
    let (e, _) = r.asks(good, KEYS);
    let absent = r.begin_token(&token("k9"));
    r.poll(absent, "wait");
    let forged = r.begin_token(&super::mint(
        "k2",
        &json!({"alg": "ES256", "kid": "k1"}),
        &json!({"iss": super::ISSUER, "aud": "api://mine", "exp": 1_767_229_200}),
    ));
    r.poll(forged, "wait");
    assert_ne!(r.http(e, 200, key_set(&["k1"])), 0);
    r.accepted(good);
    r.fail(absent, "no_matching_key");
    r.fail(forged, "signature_invalid");
    for t in [good, absent, forged] {
        assert_eq!(r.end(t), 0);
    }
    r
}

fn leader_leaves() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-leader-leaves",
        "The leader's caller is gone: `end` names the flight, a follower takes over, a late answer changes nothing.",
        at_address(),
    );
    let leader = r.begin_token(&token("k1"));
    let follower = r.begin_token(&token("k1"));
    let (late, _) = r.asks(leader, KEYS);
    r.poll(follower, "wait");
    assert_ne!(r.end(leader), 0);
    let (e, _) = r.asks(follower, KEYS);
    assert_eq!(r.http(late, 200, key_set(&["k9"])), 0);
    assert_ne!(r.http(e, 200, key_set(&["k1"])), 0);
    r.accepted(follower);
    assert_eq!(r.end(follower), 0);
    r
}

fn leader_silent() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-lease",
        "A leader that falls silent loses its lease to a follower.",
        at_address(),
    );
    let leader = r.begin_token(&token("k1"));
    let follower = r.begin_token(&token("k1"));
    r.asks(leader, KEYS);
    let until = r.poll(follower, "wait")["until"].as_i64().expect("until");
    let pause = until - r.now();
    r.wait(pause - 1);
    r.poll(follower, "wait");
    r.wait(1);
    let (e, _) = r.asks(follower, KEYS);
    r.poll(leader, "wait");
    r.http(e, 200, key_set(&["k1"]));
    for t in [leader, follower] {
        r.accepted(t);
        r.end(t);
    }
    r
}

fn deadline() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-deadline",
        "The leader's deadline passes; its follower has more time and carries on. Without a deadline of its own a request has `timeout_ms`.",
        super::config(json!({"jwks_uri": KEYS}), json!({"timeout_ms": 4000})),
    );
    let leader = r.begin(json!({"token": token("k1"), "deadline": r.now() + 1000}));
    let follower = r.begin_token(&token("k1"));
    let step = r.poll(leader, "perform");
    assert_eq!(step["effect"]["timeout_ms"], 1000);
    r.poll(follower, "wait");
    r.wait(1000);
    r.fail(leader, "deadline_exceeded");
    assert_ne!(r.end(leader), 0);
    r.asks(follower, KEYS);
    r.wait(3000);
    r.fail(follower, "deadline_exceeded");
    assert_eq!(r.end(follower), 0);
    r
}

fn cancelled() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-cancelled",
        "A leader's caller gives up: it is told so, the others go on. When nobody is left the fetch ends and is no failure.",
        at_address(),
    );
    let leader = r.begin_token(&token("k1"));
    let follower = r.begin_token(&token("k1"));
    let (e, _) = r.asks(leader, KEYS);
    r.poll(follower, "wait");
    assert_ne!(r.resolve(e, "failed", 0, "cancelled", b""), 0);
    r.fail(leader, "cancelled");
    r.end(leader);
    let (e, _) = r.asks(follower, KEYS);
    assert_eq!(r.resolve(e, "failed", 0, "cancelled", b""), 0);
    r.fail(follower, "cancelled");
    r.end(follower);
    super::fetched(&mut r, &token("k1"), &["k1"]);
    r
}

fn stale_answers() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-stale-answers",
        "Answers to unknown or answered effects change nothing; polling twice repeats the step; unknown tickets are misuse.",
        at_address(),
    );
    r.fail(99, "misuse");
    assert_eq!(r.end(99), 0);
    let t = r.begin_token(&token("k1"));
    let (e, _) = r.asks(t, KEYS);
    assert_eq!(r.asks(t, KEYS).0, e);
    assert_eq!(r.http(e + 1000, 200, key_set(&["k9"])), 0);
    r.http(e, 200, key_set(&["k1"]));
    assert_eq!(r.http(e, 200, key_set(&["k9"])), 0);
    r.accepted(t);
    r.accepted(t);
    r.end(t);
    r
}
