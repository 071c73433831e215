//! Tests of the driver with many threads at once. The host counts the effects.

use super::driver::{Driver, Host, Machine};
use super::now;
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Barrier, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use workload_identity_core::http::{Headers, HttpResponse};
use workload_identity_core::jose::{attach, signing_input};
use workload_identity_core::{
    Code, Config, Effect, EffectId, Engine, Error, Failure, FlightId, Outcome, Request, Secret,
    Step, Ticket, Timestamp, TokenResult,
};

/// More than anything that these tests wait for takes on a busy machine.
const LONG: Duration = Duration::from_secs(30);

/// The callers that have been told to wait for a leader.
#[derive(Default)]
struct Followers {
    tickets: Mutex<HashSet<Ticket>>,
    joined: Condvar,
}

impl Followers {
    fn join(&self, ticket: Ticket) {
        self.tickets.lock().expect("no panic").insert(ticket);
        self.joined.notify_all();
    }

    fn wait_for(&self, number: usize) {
        let tickets = self.tickets.lock().expect("no panic");
        let few = |tickets: &mut HashSet<Ticket>| tickets.len() < number;
        // If they do not come, the counts of the test are wrong.
        let _ = self.joined.wait_timeout_while(tickets, LONG, few);
    }
}

/// An engine whose followers are known. Only a notification wakes them: without one they wait for a minute more.
struct Watched {
    engine: Engine,
    followers: Arc<Followers>,
}

impl Machine for Watched {
    type Request = Request;
    type Value = TokenResult;

    fn begin(&mut self, request: Result<Request, Error>) -> Ticket {
        self.engine.begin(request)
    }

    fn poll(&mut self, ticket: Ticket, now: Timestamp) -> Step<TokenResult> {
        let mut step = self.engine.poll(ticket, now);
        if let Step::Wait { until, .. } = &mut step {
            *until = until.plus_seconds(60);
            self.followers.join(ticket);
        }
        step
    }

    fn resolve(&mut self, effect: EffectId, outcome: Outcome, now: Timestamp) -> Option<FlightId> {
        self.engine.resolve(effect, outcome, now)
    }

    fn end(&mut self, ticket: Ticket) -> Option<FlightId> {
        self.engine.end(ticket)
    }
}

type Exchange = Box<dyn Fn(usize) -> Outcome + Send + Sync>;

struct Counted {
    exchanges: AtomicUsize,
    followers: Arc<Followers>,
    /// How many callers have to follow before an exchange ends.
    awaited: usize,
    exchange: Exchange,
}

impl Host for Counted {
    fn perform(&self, effect: &Effect) -> Outcome {
        match effect {
            Effect::AskHost { .. } => Outcome::Answer(Secret::new(assertion().into_bytes())),
            Effect::Http(_) => {
                let number = self.exchanges.fetch_add(1, Ordering::SeqCst) + 1;
                self.followers.wait_for(self.awaited);
                (self.exchange)(number)
            }
            _ => Outcome::Elapsed,
        }
    }
}

fn assertion() -> String {
    let claims = format!(r#"{{"iss":"i","sub":"s","aud":"a","exp":{}}}"#, now().seconds() + 600);
    attach(&signing_input(r#"{"alg":"RS256"}"#, &claims), b"signature")
}

fn answer(status: u16, body: String) -> Outcome {
    let headers = Headers::from_pairs([("content-type", "application/json")]);
    Outcome::Http(HttpResponse { status, headers, body: body.into_bytes() })
}

fn issue(number: usize, refresh_in: u32) -> Outcome {
    answer(
        200,
        format!(
            r#"{{"token_type":"Bearer","expires_in":3600,"refresh_in":{refresh_in},"access_token":"t{number}"}}"#
        ),
    )
}

/// A driver for this many callers at once: all follow one of them before its exchange ends.
fn driver(
    callers: usize,
    exchange: impl Fn(usize) -> Outcome + Send + Sync + 'static,
) -> Arc<Driver<Watched, Counted>> {
    let config = br#"{"tenant_id":"contoso.com","client_id":"3b1d7a52-c94e-4f08-8e67-90af5d2c6b14",
        "source":{"kind":"callback"}}"#;
    let mut engine = Engine::new(Config::parse(config).expect("a configuration"));
    engine.reseed([5; 32]);
    let followers = Arc::<Followers>::default();
    let host = Counted {
        exchanges: AtomicUsize::new(0),
        followers: Arc::clone(&followers),
        awaited: callers - 1,
        exchange: Box::new(exchange),
    };
    Driver::new(Watched { engine, followers }, host)
}

fn ask(driver: &Arc<Driver<Watched, Counted>>) -> Result<String, Error> {
    let request = Request::new("https://vault.azure.net/.default");
    driver.request(Ok(request)).map(|result| result.token.secret().to_owned())
}

fn exchanges(driver: &Driver<Watched, Counted>) -> usize {
    driver.host().exchanges.load(Ordering::SeqCst)
}

/// Asks from `size` threads at the same time. The result of a thread that panicked is `None`.
fn ask_from_threads(
    driver: &Arc<Driver<Watched, Counted>>,
    size: usize,
) -> Vec<Option<Result<String, Error>>> {
    let barrier = Arc::new(Barrier::new(size));
    let threads: Vec<_> = (0..size)
        .map(|_| {
            let (driver, barrier) = (Arc::clone(driver), Arc::clone(&barrier));
            thread::spawn(move || {
                barrier.wait();
                ask(&driver)
            })
        })
        .collect();
    threads.into_iter().map(|thread| thread.join().ok()).collect()
}

#[test]
fn two_hundred_threads_make_one_exchange() {
    let driver = driver(200, |number| issue(number, 1800));
    let answers = ask_from_threads(&driver, 200);
    assert!(answers.iter().all(|answer| matches!(answer, Some(Ok(token)) if token == "t1")));
    assert_eq!(exchanges(&driver), 1);
    assert_eq!(ask(&driver).expect("from the cache"), "t1");
    assert_eq!(exchanges(&driver), 1);
}

#[test]
fn one_failure_reaches_all() {
    let driver = driver(50, |_| {
        let text = "AADSTS700016: unknown";
        answer(400, format!(r#"{{"error":"unauthorized_client","error_description":"{text}"}}"#))
    });
    let answers = ask_from_threads(&driver, 50);
    let code = |answer: &Option<Result<String, Error>>| match answer {
        Some(Err(error)) => Some(error.code),
        _ => None,
    };
    assert!(answers.iter().all(|answer| code(answer) == Some(Code::ConfigurationRejected)));
    assert_eq!(exchanges(&driver), 1);
}

#[test]
fn a_leader_that_panics_is_replaced_at_once() {
    let driver = driver(20, |number| match number {
        1 => panic!("the host's first exchange ends like this on purpose"),
        _ => issue(number, 1800),
    });
    let start = Instant::now();
    let answers = ask_from_threads(&driver, 20);
    assert_eq!(answers.iter().filter(|answer| answer.is_none()).count(), 1);
    let good = answers.iter().flatten();
    assert!(good.clone().all(|answer| answer.as_deref() == Ok("t2")));
    assert_eq!((good.count(), exchanges(&driver)), (19, 2));
    assert!(start.elapsed() < LONG, "{:?}", start.elapsed());
}

#[test]
fn transport_failures_are_retried_by_one() {
    let driver = driver(20, |number| match number {
        1 => Outcome::Failed { failure: Failure::Refused, detail: String::new() },
        _ => issue(number, 1800),
    });
    let answers = ask_from_threads(&driver, 20);
    assert!(answers.iter().flatten().all(|answer| answer.as_deref() == Ok("t2")));
    assert_eq!(exchanges(&driver), 2);
}

#[test]
fn a_refresh_runs_in_the_background_once() {
    let (answered, refresh) = mpsc::channel();
    let refresh: Mutex<Receiver<()>> = Mutex::new(refresh);
    let driver = driver(1, move |number| {
        if number == 1 {
            return issue(number, 1);
        }
        // A caller that waits for the successor gets it after this time, in place of the first token.
        let _ = refresh.lock().expect("no panic").recv_timeout(LONG);
        issue(number, 1800)
    });
    assert_eq!(ask(&driver).expect("a token"), "t1");
    thread::sleep(Duration::from_millis(1100));
    // Still valid, so no caller waits for its successor.
    let answers = ask_from_threads(&driver, 20);
    assert!(answers.iter().all(|answer| matches!(answer, Some(Ok(token)) if token == "t1")));
    answered.send(()).expect("a refresh");
    let deadline = Instant::now() + LONG;
    while ask(&driver).expect("a token") == "t1" && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(ask(&driver).expect("a token"), "t2");
    assert_eq!(exchanges(&driver), 2);
}
