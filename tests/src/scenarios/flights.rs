//! Leaders, followers, leases and deadlines.

use super::{assertion, config, issued, jwt, refusal, request};
use crate::Recorder;
use serde_json::json;

pub(super) fn all() -> Vec<Recorder> {
    vec![
        followers(),
        failure_reaches_all(),
        leader_leaves(),
        leader_silent(),
        deadline(),
        per_request(),
        stale_answers(),
        misuse(),
    ]
}

fn followers() -> Recorder {
    let mut r = Recorder::new(
        "flight-followers",
        "Three callers, one token request: the leader performs, the others wait and get the same token.",
        config(json!({})),
    );
    let tickets: Vec<u64> = (0..3).map(|_| r.begin(request())).collect();
    let e = r.perform(tickets[0], "ask_host");
    r.poll(tickets[1], "wait");
    assert_eq!(r.resolve(e, "answer", 0, "", jwt().as_bytes()), 0);
    r.poll(tickets[2], "wait");
    let e = r.perform(tickets[0], "http");
    assert_ne!(r.http(e, 200, issued("token-1", 3600)), 0);
    for t in tickets {
        r.done(t, "token-1");
        assert_eq!(r.end(t), 0);
    }
    r
}

fn failure_reaches_all() -> Recorder {
    let mut r = Recorder::new(
        "flight-failure",
        "One refusal reaches all who wait; the next caller starts afresh.",
        config(json!({})),
    );
    let tickets: Vec<u64> = (0..3).map(|_| r.begin(request())).collect();
    assertion(&mut r, tickets[0]);
    let e = r.perform(tickets[0], "http");
    r.poll(tickets[1], "wait");
    r.poll(tickets[2], "wait");
    r.http(e, 401, refusal(700213, "invalid_client", "No match."));
    for t in tickets {
        r.fail(t, "trust_mismatch");
        r.end(t);
    }
    let t = r.begin(request());
    // The refused assertion is not used again.
    r.perform(t, "ask_host");
    r.end(t);
    r
}

fn leader_leaves() -> Recorder {
    let mut r = Recorder::new(
        "flight-leader-leaves",
        "The leader is cancelled: `end` names the flight to wake, a follower takes over, a late answer changes nothing.",
        config(json!({})),
    );
    let leader = r.begin(request());
    let follower = r.begin(request());
    assertion(&mut r, leader);
    let late = r.perform(leader, "http");
    r.poll(follower, "wait");
    assert_ne!(r.end(leader), 0);
    let e = r.perform(follower, "http");
    assert_ne!(e, late);
    assert_eq!(r.http(late, 200, issued("late", 3600)), 0);
    r.http(e, 200, issued("token-1", 3600));
    r.done(follower, "token-1");
    r.end(follower);
    r
}

fn leader_silent() -> Recorder {
    let mut r = Recorder::new(
        "flight-lease",
        "A leader that falls silent loses its lease to a follower.",
        config(json!({})),
    );
    let leader = r.begin(request());
    let follower = r.begin(request());
    assertion(&mut r, leader);
    r.perform(leader, "http");
    let until = r.poll(follower, "wait")["until"].as_i64().expect("until");
    let pause = until - r.now();
    r.wait(pause - 1);
    r.poll(follower, "wait");
    r.wait(1);
    let e = r.perform(follower, "http");
    r.poll(leader, "wait");
    r.http(e, 200, issued("token-1", 3600));
    for t in [leader, follower] {
        r.done(t, "token-1");
        r.end(t);
    }
    r
}

fn deadline() -> Recorder {
    let mut r = Recorder::new(
        "flight-deadline",
        "The leader's deadline passes; its follower has more time and carries on.",
        config(json!({})),
    );
    let leader = r.begin(json!({"scopes": [super::SCOPE], "deadline": r.now() + 1000}));
    let follower = r.begin(request());
    assertion(&mut r, leader);
    r.perform(leader, "http");
    r.poll(follower, "wait");
    r.wait(1000);
    r.fail(leader, "deadline_exceeded");
    assert_ne!(r.end(leader), 0);
    let e = r.perform(follower, "http");
    r.http(e, 200, issued("token-1", 3600));
    r.done(follower, "token-1");
    r.end(follower);
    r
}

fn per_request() -> Recorder {
    let mut r = Recorder::new(
        "flight-per-request",
        "On edge platforms each request leads its own flight.",
        config(json!({"flight": "per_request"})),
    );
    let first = r.begin(request());
    let second = r.begin(request());
    assertion(&mut r, first);
    let e1 = r.perform(first, "http");
    let e2 = r.perform(second, "http");
    r.http(e2, 200, issued("token-2", 3600));
    r.done(second, "token-2");
    r.end(second);
    r.http(e1, 200, issued("token-1", 3600));
    r.done(first, "token-1");
    r.end(first);
    r
}

fn stale_answers() -> Recorder {
    let mut r = Recorder::new(
        "flight-stale-answers",
        "Answers to unknown or answered effects change nothing; polling twice repeats the step.",
        config(json!({})),
    );
    let t = r.begin(request());
    let e = r.perform(t, "ask_host");
    assert_eq!(r.perform(t, "ask_host"), e);
    assert_eq!(r.resolve(e + 1000, "answer", 0, "", b"x"), 0);
    r.resolve(e, "answer", 0, "", jwt().as_bytes());
    assert_eq!(r.resolve(e, "answer", 0, "", b"again"), 0);
    let e = r.perform(t, "http");
    r.http(e, 200, issued("token-1", 3600));
    r.done(t, "token-1");
    r.done(t, "token-1");
    r.end(t);
    r
}

fn misuse() -> Recorder {
    let mut r = Recorder::new(
        "misuse",
        "Unknown tickets, outcomes of the wrong kind and of unknown kinds.",
        config(json!({})),
    );
    r.fail(99, "misuse");
    assert_eq!(r.end(99), 0);
    let t = r.begin(request());
    assertion(&mut r, t);
    let e = r.perform(t, "http");
    r.resolve(e, "signed", 0, "", b"x");
    r.fail(t, "misuse");
    r.end(t);
    let t = r.begin(json!({"scopes": [super::SCOPE], "deadline": r.now() + 1}));
    let e = r.perform(t, "http");
    r.resolve(e, "no-such-kind", 0, "", b"");
    r.fail(t, "network_failed");
    r.end(t);
    r
}
