//! Many tickets share one fetch, whichever of them ends and when.

use crate::world::{asked, at, begin, fetched_with, key_set, ok, token, verifier, verifier_of};
use serde_json::json;
use std::sync::Arc;
use workload_identity_core::crypto::RustCrypto;
use workload_identity_core::verify::{VerificationResult, Verifier, VerifierRequest};
use workload_identity_core::{Code, Effect, Failure, Outcome, Step, Ticket};

const NOTHING: (usize, usize, usize) = (0, 0, 0);

fn code(step: Step<VerificationResult>) -> Code {
    match step {
        Step::Fail(error) => error.code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_thousand_tickets_share_a_fetch() {
    let mut verifier = verifier();
    let tokens = [token("k1"), token("k2")];
    let tickets: Vec<Ticket> =
        (0..1000).map(|index| begin(&mut verifier, &tokens[index % 2])).collect();
    let mut leader = None;
    for ticket in &tickets {
        match verifier.poll(*ticket, at(0)) {
            step @ Step::Perform { .. } => {
                assert!(leader.replace(asked(&step).0).is_none());
            }
            Step::Wait { until, .. } => assert!(until > at(0)),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(verifier.open(), (1000, 1, 1));
    let woken = verifier.resolve(leader.expect("a leader"), &ok(&key_set(&["k1"])), at(10));
    assert!(woken.is_some());
    for (index, ticket) in tickets.into_iter().enumerate() {
        match verifier.poll(ticket, at(10)) {
            Step::Done { .. } => assert_eq!(index % 2, 0),
            step => assert_eq!((code(step), index % 2), (Code::NoMatchingKey, 1)),
        }
        assert_eq!(verifier.end(ticket), None);
    }
    assert_eq!(verifier.open(), NOTHING);
}

#[test]
fn every_leader_leaves_and_nothing_stays() {
    let mut verifier = verifier();
    let tickets: Vec<Ticket> = (0..20).map(|_| begin(&mut verifier, &token("k1"))).collect();
    let mut late = Vec::new();
    for (index, ticket) in tickets.iter().enumerate() {
        late.push(asked(&verifier.poll(*ticket, at(0))).0);
        for follower in tickets.iter().skip(index + 1) {
            assert!(matches!(verifier.poll(*follower, at(0)), Step::Wait { .. }));
        }
        assert_eq!(verifier.end(*ticket).is_some(), index < 19);
    }
    assert_eq!(verifier.open(), NOTHING);
    for effect in late {
        assert_eq!(verifier.resolve(effect, &ok(&key_set(&["k1"])), at(1)), None);
    }
    // An abandoned fetch is no failure of the server: the next one may begin at once.
    let ticket = begin(&mut verifier, &token("k1"));
    asked(&verifier.poll(ticket, at(1)));
    verifier.end(ticket);
    assert_eq!(verifier.open(), NOTHING);
}

#[test]
fn a_cancelled_leader_takes_nobody_along() {
    let mut verifier = verifier();
    let tickets: Vec<Ticket> = (0..3).map(|_| begin(&mut verifier, &token("k1"))).collect();
    let (effect, _) = asked(&verifier.poll(tickets[0], at(0)));
    verifier.poll(tickets[1], at(0));
    verifier.poll(tickets[2], at(0));
    let cancelled = Outcome::Failed { failure: Failure::Cancelled, detail: String::new() };
    assert!(verifier.resolve(effect, &cancelled, at(1)).is_some());
    assert_eq!(code(verifier.poll(tickets[0], at(1))), Code::Cancelled);
    let (effect, _) = asked(&verifier.poll(tickets[2], at(1)));
    verifier.resolve(effect, &ok(&key_set(&["k1"])), at(2));
    for ticket in &tickets[1..] {
        assert!(matches!(verifier.poll(*ticket, at(2)), Step::Done { .. }));
    }
    tickets.into_iter().for_each(|ticket| {
        verifier.end(ticket);
    });
    assert_eq!(verifier.open(), NOTHING);
}

#[test]
fn each_deadline_is_its_own() {
    let mut verifier = verifier();
    let with_deadline = |verifier: &mut Verifier, millis: i64| {
        let mut request = VerifierRequest::token(token("k1"));
        request.deadline = Some(at(millis));
        verifier.begin(Ok(request))
    };
    let tickets: Vec<Ticket> =
        (1..=5).map(|index| with_deadline(&mut verifier, index * 1000)).collect();
    for ticket in &tickets {
        verifier.poll(*ticket, at(0));
    }
    for (index, ticket) in tickets.iter().enumerate() {
        let deadline = at((index as i64 + 1) * 1000);
        assert!(!matches!(verifier.poll(*ticket, deadline.plus_millis(-1)), Step::Fail(_)));
        assert_eq!(code(verifier.poll(*ticket, deadline)), Code::DeadlineExceeded);
        assert_eq!(code(verifier.poll(*ticket, deadline)), Code::DeadlineExceeded);
    }
    tickets.into_iter().for_each(|ticket| {
        verifier.end(ticket);
    });
    assert_eq!(verifier.open(), NOTHING);
}

#[test]
fn host_signatures_leave_nothing_behind() {
    let config = json!({"issuers": [{"issuer": crate::world::ISSUER, "audience": crate::world::AUDIENCE, "keys": key_set(&["k1"])}], "signatures": "host"});
    let mut verifier = verifier_of(&config, Arc::new(RustCrypto));
    let tickets: Vec<Ticket> = (0..50).map(|_| begin(&mut verifier, &token("k1"))).collect();
    let mut effects = Vec::new();
    for ticket in &tickets {
        match verifier.poll(*ticket, at(0)) {
            Step::Perform { effect_id: id, effect: Effect::Verify { .. }, .. } => effects.push(id),
            other => panic!("{other:?}"),
        }
    }
    for (index, effect) in effects.iter().enumerate().filter(|(index, _)| index % 3 == 0) {
        assert!(verifier.resolve(*effect, &Outcome::Verified(true), at(1)).is_some());
        let step = verifier.poll(tickets[index], at(1));
        assert!(matches!(step, Step::Done { .. }));
    }
    tickets.into_iter().for_each(|ticket| {
        verifier.end(ticket);
    });
    assert_eq!(verifier.open(), NOTHING);
    for effect in effects {
        assert_eq!(verifier.resolve(effect, &Outcome::Verified(true), at(2)), None);
    }
}

/// Whatever callers and network do, in whatever order: when all have ended, nothing is open, and it still works.
#[test]
fn no_order_of_calls_leaks() {
    for seed in 1..=60u64 {
        let mut state = seed;
        let mut below = |limit: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % limit
        };
        let signatures = if seed % 2 == 0 { "core" } else { "host" };
        let config = fetched_with(json!({"signatures": signatures, "timeout_ms": 5000}));
        let mut verifier = verifier_of(&config, Arc::new(RustCrypto));
        let tokens: Vec<String> = ["k1", "k2", "k9"].iter().map(|key| token(key)).collect();
        let (mut now, mut tickets, mut effects) = (0, Vec::new(), Vec::new());
        for _ in 0..400 {
            match below(6) {
                0 if tickets.len() < 20 => {
                    tickets.push(begin(&mut verifier, &tokens[below(3) as usize]));
                }
                1 if !tickets.is_empty() => {
                    let index = below(tickets.len() as u64) as usize;
                    verifier.end(tickets.swap_remove(index));
                }
                2 if !effects.is_empty() => {
                    let index = below(effects.len() as u64) as usize;
                    let outcome = match below(6) {
                        0 => Outcome::Failed { failure: Failure::Cancelled, detail: String::new() },
                        1 => Outcome::Failed { failure: Failure::Timeout, detail: String::new() },
                        2 => Outcome::Elapsed,
                        3 => Outcome::Verified(true),
                        _ => ok(&key_set(&["k1", "k2"])),
                    };
                    verifier.resolve(effects.swap_remove(index), &outcome, at(now));
                }
                3 => now += below(4000) as i64,
                4 if below(50) == 0 => now += 3_600_000,
                _ if !tickets.is_empty() => {
                    let ticket = tickets[below(tickets.len() as u64) as usize];
                    match verifier.poll(ticket, at(now)) {
                        Step::Perform { effect_id: id, .. } => effects.push(id),
                        Step::Done { refresh: Some(refresh), .. }
                            if !tickets.contains(&refresh) =>
                        {
                            tickets.push(refresh);
                        }
                        Step::Fail(error) => assert_ne!(error.code, Code::Internal),
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        tickets.into_iter().for_each(|ticket| {
            verifier.end(ticket);
        });
        assert_eq!(verifier.open(), NOTHING, "seed {seed}");
    }
}
