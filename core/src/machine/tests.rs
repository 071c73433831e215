//! The rules of tickets, flights and leases, with jobs that are lists of effects.

use super::*;
use alloc::vec::Vec;

const T0: Timestamp = Timestamp::from_millis(1_000_000_000);
/// Time of a request without a deadline.
const TIMEOUT_MS: i64 = 30_000;
/// An effect's lease: ten seconds for a file, and two seconds of grace.
const LEASE_MS: i64 = 12_000;

/// The effects that are still to be performed.
type Job = Vec<Effect>;
type Machine = Flights<Job, &'static str, (), u32>;

fn at(millis: i64) -> Timestamp {
    T0.plus_millis(millis)
}

fn job(effects: usize) -> Job {
    let file = || Effect::ReadFile { path: "token".into(), max_bytes: 1 };
    core::iter::repeat_with(file).take(effects).collect()
}

/// Registers a request, and lets it join the flight of its key.
fn begin(machine: &mut Machine, key: &'static str, effects: usize, deadline_ms: i64) -> Ticket {
    let ticket = machine.begin((), Some(at(deadline_ms)));
    let Polled::Open { deadline } = poll(machine, ticket, 0) else { panic!("not a new ticket") };
    let flight =
        machine.joinable(&key).unwrap_or_else(|| machine.start(Some(key), job(effects), at(0)));
    machine.join(ticket, flight, deadline);
    ticket
}

fn poll(machine: &mut Machine, ticket: Ticket, millis: i64) -> Polled<Job, u32> {
    machine.poll(ticket, TIMEOUT_MS, at(millis), |job, _| job.first().cloned())
}

fn perform(machine: &mut Machine, ticket: Ticket, millis: i64) -> EffectId {
    match poll(machine, ticket, millis) {
        Polled::Step(Step::Perform { effect_id, .. }) => effect_id,
        other => panic!("{other:?}"),
    }
}

/// The end of a follower's wait, in milliseconds after the start.
fn wait(machine: &mut Machine, ticket: Ticket, millis: i64) -> i64 {
    match poll(machine, ticket, millis) {
        Polled::Step(Step::Wait { until, .. }) => until.since(T0),
        other => panic!("{other:?}"),
    }
}

fn resolve(machine: &mut Machine, effect: EffectId, millis: i64) -> Option<Finished<Job>> {
    machine.resolve(effect, at(millis), |job, _| {
        job.pop();
        job.is_empty()
    })
}

fn failure(polled: Polled<Job, u32>) -> Code {
    match polled {
        Polled::Step(Step::Fail(error)) => error.code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn requests_of_one_key_share_a_flight() {
    let mut machine = Machine::new(1);
    let leader = begin(&mut machine, "a", 2, 30_000);
    let follower = begin(&mut machine, "a", 2, 30_000);
    let other = begin(&mut machine, "b", 1, 30_000);
    let first = perform(&mut machine, leader, 0);
    assert_eq!(wait(&mut machine, follower, 0), LEASE_MS);
    perform(&mut machine, other, 0);
    assert_eq!(machine.open(), (3, 2, 2));
    assert!(resolve(&mut machine, first, 100).is_none());
    // The leader has a moment to come back.
    assert_eq!(wait(&mut machine, follower, 100), 2_100);
    let second = perform(&mut machine, leader, 200);
    let finished = resolve(&mut machine, second, 300).expect("the job has no further effect");
    assert_eq!((finished.flight, finished.began), (FlightId(1), T0));
    assert_eq!(finished.waiters, [leader, follower]);
    for ticket in finished.waiters {
        assert!(matches!(poll(&mut machine, ticket, 300), Polled::Open { .. }));
        assert!(machine.settle(ticket, Ok((7, None))).is_none());
        let step = poll(&mut machine, ticket, 300);
        assert!(matches!(step, Polled::Step(Step::Done { value: 7, refresh: None })), "{step:?}");
        assert_eq!(machine.end(ticket).wake, None);
    }
    machine.end(other);
    assert_eq!(machine.open(), (0, 0, 0));
}

#[test]
fn ids_count_from_one_and_are_not_reused() {
    let mut machine = Machine::new(1);
    for expected in 1..4 {
        let ticket = begin(&mut machine, "a", 1, 30_000);
        assert_eq!(ticket, Ticket(expected));
        assert_eq!(perform(&mut machine, ticket, 0), EffectId(expected));
        machine.end(ticket);
    }
}

#[test]
fn a_leader_that_ends_is_replaced_at_once() {
    let mut machine = Machine::new(1);
    let leader = begin(&mut machine, "a", 1, 30_000);
    let follower = begin(&mut machine, "a", 1, 30_000);
    let stale = perform(&mut machine, leader, 0);
    wait(&mut machine, follower, 0);
    let left = machine.end(leader);
    assert_eq!(left.wake, Some(FlightId(1)));
    assert!(left.abandoned.is_none());
    let effect = perform(&mut machine, follower, 0);
    assert_ne!(effect, stale);
    assert!(resolve(&mut machine, stale, 0).is_none());
    assert_eq!(perform(&mut machine, follower, 0), effect);
    assert!(resolve(&mut machine, effect, 0).is_some());
}

#[test]
fn a_leader_whose_lease_has_ended_is_replaced() {
    let mut machine = Machine::new(1);
    let leader = begin(&mut machine, "a", 1, 30_000);
    let follower = begin(&mut machine, "a", 1, 30_000);
    let stale = perform(&mut machine, leader, 0);
    assert_eq!(wait(&mut machine, follower, LEASE_MS - 1), LEASE_MS);
    let effect = perform(&mut machine, follower, LEASE_MS);
    assert!(resolve(&mut machine, stale, LEASE_MS).is_none());
    assert_eq!(machine.open(), (2, 1, 1));
    // The former leader follows now.
    assert_eq!(wait(&mut machine, leader, LEASE_MS), 2 * LEASE_MS);
    assert_eq!(machine.end(leader).wake, None);
    assert!(resolve(&mut machine, effect, LEASE_MS).is_some());
}

#[test]
fn a_lost_leader_may_lead_again() {
    let mut machine = Machine::new(1);
    let leader = begin(&mut machine, "a", 1, 30_000);
    let effect = perform(&mut machine, leader, 0);
    assert_eq!(perform(&mut machine, leader, LEASE_MS + 1), effect);
}

#[test]
fn a_cancelled_leader_fails_alone() {
    let mut machine = Machine::new(1);
    let leader = begin(&mut machine, "a", 1, 30_000);
    let follower = begin(&mut machine, "a", 1, 30_000);
    let effect = perform(&mut machine, leader, 0);
    assert!(machine.has_followers(effect));
    assert_eq!(machine.cancel_leader(effect).wake, Some(FlightId(1)));
    assert_eq!(failure(poll(&mut machine, leader, 0)), Code::Cancelled);
    assert_eq!(machine.end(leader).wake, None);
    let effect = perform(&mut machine, follower, 0);
    assert!(!machine.has_followers(effect));
    let left = machine.cancel_leader(effect);
    assert_eq!((left.wake, left.abandoned.map(|job| job.len())), (None, Some(1)));
    assert_eq!(failure(poll(&mut machine, follower, 0)), Code::Cancelled);
    assert!(machine.cancel_leader(effect).abandoned.is_none(), "the effect is not pending");
    assert_eq!(machine.open(), (1, 0, 0));
}

#[test]
fn a_leader_that_is_late_leaves_its_flight_to_the_others() {
    let mut machine = Machine::new(1);
    let leader = begin(&mut machine, "a", 1, 1_000);
    let follower = begin(&mut machine, "a", 1, 30_000);
    perform(&mut machine, leader, 0);
    // No effect outlasts the deadline of the caller that waits for it.
    assert_eq!(wait(&mut machine, follower, 0), LEASE_MS);
    let Polled::Late(flight) = poll(&mut machine, leader, 1_000) else { panic!("in time") };
    let error = Error::new(Code::DeadlineExceeded, "too late");
    assert!(machine.settle(leader, Err(error)).is_none());
    assert_eq!(failure(poll(&mut machine, leader, 1_000)), Code::DeadlineExceeded);
    perform(&mut machine, follower, 1_000);
    assert_eq!(machine.end(leader).wake, Some(flight));
}

#[test]
fn effects_end_by_the_deadline_of_the_leader() {
    let mut machine = Machine::new(1);
    let ticket = machine.begin((), Some(at(400)));
    let sleep = Vec::from([Effect::Sleep { until: at(9_000) }]);
    let flight = machine.start(None, sleep, at(0));
    machine.join(ticket, flight, at(400));
    match poll(&mut machine, ticket, 100) {
        Polled::Step(Step::Perform { effect: Effect::Sleep { until }, .. }) => {
            assert_eq!(until, at(400));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_job_that_needs_no_effect_finishes_during_a_poll() {
    let mut machine = Machine::new(1);
    let first = begin(&mut machine, "a", 0, 30_000);
    let second = begin(&mut machine, "a", 0, 30_000);
    let Polled::Finished(finished) = poll(&mut machine, first, 0) else { panic!("an effect") };
    assert_eq!(finished.waiters, [first, second]);
    // A poll cannot wake the second ticket, so the end of the first one does.
    machine.settle(first, Ok((1, None)));
    machine.settle(second, Ok((1, None)));
    assert_eq!(machine.end(first).wake, Some(finished.flight));
    assert_eq!(machine.end(second).wake, None);
}

#[test]
fn a_flight_that_nobody_waits_for_is_abandoned() {
    let mut machine = Machine::new(1);
    let ticket = begin(&mut machine, "a", 3, 30_000);
    let effect = perform(&mut machine, ticket, 0);
    assert_eq!(machine.end(ticket).abandoned.map(|job| job.len()), Some(3));
    assert!(resolve(&mut machine, effect, 0).is_none());
    assert_eq!(machine.joinable(&"a"), None);
    assert_eq!(machine.open(), (0, 0, 0));
}

#[test]
fn requests_have_flights_of_their_own_up_to_a_bound() {
    let mut machine = Machine::new(2);
    let tickets = [(); 3].map(|()| begin(&mut machine, "a", 1, 30_000));
    perform(&mut machine, tickets[0], 0);
    perform(&mut machine, tickets[1], 0);
    wait(&mut machine, tickets[2], 0);
    machine.end(tickets[0]);
    let next = begin(&mut machine, "a", 1, 30_000);
    perform(&mut machine, next, 0);
    let keyless = machine.start(None, job(1), at(0));
    let alone = machine.begin((), None);
    machine.join(alone, keyless, at(10));
    perform(&mut machine, alone, 0);
    assert_eq!(machine.open(), (4, 3, 3));
}

#[test]
fn a_request_without_deadline_has_the_timeout_from_its_first_poll() {
    let mut machine = Machine::new(1);
    let ticket = machine.begin((), None);
    for millis in [5_000, 6_000] {
        let Polled::Open { deadline } = poll(&mut machine, ticket, millis) else { panic!("open") };
        assert_eq!(deadline, at(5_000 + TIMEOUT_MS));
    }
}

#[test]
fn tickets_are_bounded() {
    let mut machine = Machine::new(1);
    for _ in 0..100_000 {
        machine.begin((), None);
    }
    assert!(machine.is_full());
    let refused = machine.begin((), None);
    assert_eq!(failure(poll(&mut machine, refused, 0)), Code::TooManyRequests);
    assert!(machine.request(refused).is_none());
    machine.end(refused);
    machine.end(Ticket(1));
    let next = machine.begin((), None);
    assert!(matches!(poll(&mut machine, next, 0), Polled::Open { .. }));
    assert_eq!(failure(poll(&mut machine, Ticket(1), 0)), Code::Misuse);
}
