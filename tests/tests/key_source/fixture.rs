//! A key source, its server and its clock, with the rules that must hold for them.

use crate::coverage::Coverage;
use crate::rng::Rng;
use crate::server::{self, DISCOVERY, NAMES, PLACES, Server};
use workload_identity_core::crypto::HostCrypto;
use workload_identity_core::jose::{Algorithm, KeyUse};
use workload_identity_core::json;
use workload_identity_core::keys::{EmptySet, KeySource, KeySourceSettings, Snapshot};
use workload_identity_core::{Check, Code, Effect, Entropy, Outcome, Timestamp};

const BURST: i64 = 3;
const REFILL_MS: i64 = 6_000;

/// A request that was sent, and when by the forward clock.
struct Question {
    number: u64,
    effect: Effect,
    at: i64,
}

pub(crate) struct Fixture {
    rng: Rng,
    source: KeySource,
    settings: KeySourceSettings,
    server: Server,
    entropy: Entropy,
    now: Timestamp,
    /// How far the clock went forward in all; what it was set back does not count.
    forward: i64,
    /// Requests whose responses can still arrive, the latest last.
    questions: Vec<Question>,
    /// The latest request that has its response.
    answered: u64,
    /// What was taken in last, usable or too old.
    taken: Option<u8>,
    /// When the issuer's document last held a name.
    vouched: [Option<i64>; 8],
    /// When attempts began.
    attempts: Vec<i64>,
    /// When unknown names last caused a fetch.
    caused: Option<i64>,
    snapshots: Vec<String>,
    pub(crate) coverage: Coverage,
}

impl Fixture {
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Rng(seed);
        let settings = server::settings(&mut rng);
        let server = Server::new(&mut rng);
        Self {
            source: KeySource::new(settings.clone()).expect("settings"),
            settings,
            server,
            entropy: Entropy::new([u8::try_from(seed % 251).expect("small"); 32]),
            now: Timestamp::from_seconds(1_767_225_600),
            forward: 0,
            questions: Vec::new(),
            answered: 0,
            taken: None,
            vouched: [None; 8],
            attempts: Vec::new(),
            caused: None,
            snapshots: Vec::new(),
            coverage: Coverage::default(),
            rng,
        }
    }

    pub(crate) fn step(&mut self) {
        match self.rng.below(100) {
            0..18 => self.wait(),
            18..22 => self.server.change(&mut self.rng),
            22..32 => self.refresh(),
            32..40 => self.caller(),
            40..48 => self.unknown_name(),
            48..62 => self.ask(),
            62..86 => self.answer_any(),
            86..90 => self.verify_one(),
            90..94 => self.keep_and_reload(),
            94..96 => self.load_any(),
            96 => {
                let deadline = self.now.plus_millis(self.roll_ms(20_000));
                self.source.set_deadline(deadline, self.now);
            }
            97 => {
                self.source.abandon();
            }
            _ => self.read_clock(),
        }
        self.read_clock();
        self.check_ages();
        self.check_errors();
    }

    fn roll_ms(&mut self, bound: u64) -> i64 {
        i64::try_from(self.rng.below(bound)).expect("small")
    }

    /// The source looks at the clock, so that it sees every step forward and back.
    fn read_clock(&mut self) {
        self.source.refresh_due(self.now);
    }

    fn wait(&mut self) {
        let ends = [0, 1, 2, 3, 4, 5, 6, 7].map(|index| self.end_of(index));
        let span = self.rng.pick(&[1, 900, 5_000, 40_000, 700_000, 4_000_000, 30_000_000]);
        let millis = self.roll_ms(span) + 1;
        self.now = self.now.plus_millis(millis);
        self.forward += millis;
        self.read_clock();
        if self.rng.one_in(6) {
            self.coverage.set_back += 1;
            let back = self.rng.pick(&[1_000, 3_600_000, 400_000_000]);
            self.now = self.now.plus_millis(-back);
            self.read_clock();
        }
        // Time alone takes away nothing but what is too old.
        for (index, end) in ends.into_iter().enumerate() {
            if let Some(end) = end.filter(|_| !self.finds(index)) {
                assert!(self.forward >= end, "{} stopped working early", NAMES[index]);
                self.coverage.expired += 1;
            }
        }
    }

    fn begin(&mut self) {
        let before = self.source.fetching();
        let begun = self.source.begin(self.now);
        assert!(begun == self.source.fetching(), "begun is under way");
        if begun && !before {
            self.attempted();
        } else if !begun {
            self.coverage.refused += 1;
        }
    }

    fn attempted(&mut self) {
        self.attempts.push(self.forward);
        let count = i64::try_from(self.attempts.len()).expect("few");
        for (index, since) in (0i64..).zip(&self.attempts) {
            let allowed = BURST + (self.forward - since) / REFILL_MS;
            assert!(count - index <= allowed, "{} attempts where {allowed} may be", count - index);
        }
        // Older ones bound nothing any more.
        if self.attempts.len() > 40 {
            self.attempts.remove(0);
        }
    }

    fn refresh(&mut self) {
        if self.source.refresh_due(self.now) {
            self.source.abandon();
            self.begin();
            assert!(self.source.fetching(), "a refresh that is due may begin");
        }
    }

    fn caller(&mut self) {
        if self.source.held(self.now).is_err() {
            self.begin();
        }
    }

    fn unknown_name(&mut self) {
        let name = self.rng.below(1_000_000).to_string();
        let find =
            self.source.find(Algorithm::Es256, Some(name.as_str()), KeyUse::ORDINARY, self.now);
        assert!(find.is_err());
        let name = (!self.rng.one_in(5)).then_some(name.as_str());
        // Some only ask.
        if self.source.fetch_for(name, self.now) && !self.rng.one_in(4) {
            let since = self.caused.map(|caused| self.forward - caused);
            assert!(since.is_none_or(|since| since >= self.settings.cool_down_ms));
            self.caused = Some(self.forward);
            assert!(!self.source.fetching());
            self.begin();
            assert!(self.source.fetching(), "what is allowed may begin");
        }
    }

    fn ask(&mut self) {
        let Some(effect) = self.source.ask(self.now) else {
            return assert!(!self.source.fetching());
        };
        match &effect {
            Effect::Http(request) => {
                let redirected = self.settings.redirects > 0
                    && [
                        "https://evil.example/x",
                        "https://issuer.example/keys",
                        "https://keys.example/keys",
                        "https://keys.example/moved",
                    ]
                    .contains(&request.url.as_str());
                let own = request.url == DISCOVERY || PLACES.contains(&request.url.as_str());
                assert!(own || redirected, "{}", request.url);
                assert!((1..=self.settings.timeout_ms).contains(&request.timeout_ms));
                self.coverage.redirected += u32::from(!own);
            }
            Effect::Sleep { until } => {
                let pause = until.since(self.now);
                assert!(pause <= 12_000, "a caller waits {pause} ms");
            }
            other => panic!("{other:?}"),
        }
        self.questions.push(Question { number: self.source.asked(), effect, at: self.forward });
    }

    fn answer_any(&mut self) {
        let count = self.questions.len() as u64;
        if count == 0 {
            return;
        }
        // The latest mostly; late answers and doubles, too.
        let index = if self.rng.one_in(4) { self.rng.below(count) } else { count - 1 } as usize;
        let double = self.rng.one_in(8);
        let question = &self.questions[index];
        let (number, at) = (question.number, question.at);
        let outcome = match &question.effect {
            Effect::Http(request) => self.server.answer(request, &mut self.rng),
            Effect::Sleep { until } => {
                let pause = until.since(self.now).max(0);
                self.now = self.now.plus_millis(pause);
                self.forward += pause;
                Outcome::Elapsed
            }
            other => panic!("{other:?}"),
        };
        if !double {
            self.questions.remove(index);
        }
        self.answer(number, at, &outcome);
    }

    fn answer(&mut self, number: u64, at: i64, outcome: &Outcome) {
        let latest = number == self.source.asked() && self.answered < number;
        let current = latest && self.source.fetching();
        self.answered = self.answered.max(number);
        let was_keys = matches!(self.source.clone().ask(self.now), Some(Effect::Http(request)) if request.url != DISCOVERY);
        let (usable, fetched_at) = (self.usable(), self.fetched_at());
        let before = self.taken;
        let generation = self.source.generation();
        let slept = *outcome == Outcome::Elapsed;
        self.source.answer_to(number, outcome, &HostCrypto, self.now, &mut self.entropy);
        let changed = self.source.generation() != generation;
        let renewed = !changed && self.fetched_at() != fetched_at;
        assert!(self.fetched_at() >= fetched_at, "an older set took the place of a newer one");
        if !current {
            self.coverage.late += 1;
            assert!(!changed && !renewed, "an answer nobody waits for changed something");
        }
        if changed || renewed {
            assert!(was_keys);
            // An answer can come so late that it is too old when it comes.
            let young = self.forward - at < self.settings.hard_ms;
            let expected = young.then_some(at);
            assert_eq!(self.fetched_at(), expected, "an age is that of its question");
            let Outcome::Http(response) = outcome else { panic!("keys from nothing") };
            assert!(response.status == 200 || (response.status == 304 && renewed));
            let names = match response.status {
                200 => server::names(&response.body).expect("a key set"),
                _ => before.expect("something was held"),
            };
            let held = young.then_some(names);
            assert_eq!(self.current_names(), held, "what is held is what was sent");
            self.take(names, at);
            self.coverage.replaced += u32::from(changed && before.is_some());
            self.coverage.renewed += u32::from(renewed);
            if self.settings.empty_set == EmptySet::KeepLast {
                assert!(names != 0 || before.is_none_or(|before| before == 0));
            } else if names == 0 {
                assert_eq!(self.usable(), 0, "an empty set revokes everything");
                self.coverage.emptied += 1;
            }
        } else {
            assert_eq!(self.usable(), usable, "a failure took keys away");
            self.coverage.failed += u32::from(current && !slept);
        }
        let pausing = matches!(self.source.clone().ask(self.now), Some(Effect::Sleep { .. }));
        if current && pausing && !slept {
            self.coverage.retried += 1;
            self.attempted();
        }
    }

    fn take(&mut self, names: u8, at: i64) {
        self.taken = Some(names);
        for index in (0..8).filter(|index| names & (1 << index) != 0) {
            self.vouched[index] = self.vouched[index].max(Some(at));
        }
    }

    /// A token is verified with a key that is usable.
    fn verify_one(&mut self) {
        let name = self.rng.pick(&NAMES);
        let found = self.source.find(Algorithm::Es256, Some(name), KeyUse::ORDINARY, self.now);
        if let Ok(found) = found {
            found.set.mark_verified();
        }
        let held = self.source.held(self.now);
        self.coverage.previous += u32::from(held.is_ok_and(|held| held.previous.is_some()));
    }

    fn snapshot(&self) -> Option<String> {
        let snapshot = self.source.snapshot(self.now)?;
        Some(serde_json::to_string(&snapshot).expect("JSON"))
    }

    /// What is written loads as what it was.
    fn keep_and_reload(&mut self) {
        let Some(text) = self.snapshot() else {
            return assert!(self.source.held(self.now).is_err());
        };
        let mut other = KeySource::new(self.settings.clone()).expect("settings");
        let snapshot = read(&text);
        let taken = other.load(&snapshot, &HostCrypto, self.now, &mut self.entropy);
        assert!(taken, "{text}");
        assert_eq!(other.snapshot(self.now).as_ref(), Some(&snapshot));
        let (one, two) = (self.source.held(self.now), other.held(self.now));
        let (one, two) = (one.expect("held"), two.expect("held"));
        assert_eq!(one.set.jwks().keys(), two.set.jwks().keys());
        assert_eq!(one.age_ms, two.age_ms);
        self.snapshots.push(text);
    }

    /// Some earlier snapshot comes back.
    fn load_any(&mut self) {
        let count = self.snapshots.len() as u64;
        if count == 0 {
            return;
        }
        let snapshot = read(&self.snapshots[self.rng.below(count) as usize]);
        let (before, held) = (self.fetched_at(), self.source.clone());
        let taken = self.source.load(&snapshot, &HostCrypto, self.now, &mut self.entropy);
        assert!(self.fetched_at() >= before, "a snapshot took the place of something newer");
        if taken {
            self.coverage.loaded += 1;
            // With a clock that was set back an old snapshot looks new; the caller who loads it is responsible for it.
            let at = self.fetched_at().expect("it was taken");
            let names = self.current_names().expect("it was taken");
            self.take(names, at);
        } else {
            assert_eq!(self.source.generation(), held.generation());
        }
    }

    /// The names that a token may use now.
    fn usable(&self) -> u8 {
        (0..8).filter(|index| self.finds(*index)).fold(0, |names, index| names | (1 << index))
    }

    fn finds(&self, index: usize) -> bool {
        self.end_of(index).is_some()
    }

    /// Until when a name is said to work, by the forward clock.
    fn end_of(&self, index: usize) -> Option<i64> {
        let name = Some(NAMES[index]);
        let found = self.source.find(Algorithm::Es256, name, KeyUse::ORDINARY, self.now).ok()?;
        let (age, until) = (found.age_ms.expect("an age"), found.until.expect("an end"));
        assert_eq!(age + until.since(self.now), self.settings.hard_ms);
        Some(self.forward + until.since(self.now))
    }

    fn current_names(&self) -> Option<u8> {
        let held = self.source.held(self.now).ok()?;
        server::names(held.set.jwks().to_json().as_bytes())
    }

    /// By the forward clock.
    fn fetched_at(&self) -> Option<i64> {
        let held = self.source.held(self.now).ok()?;
        held.age_ms.map(|age| self.forward - age)
    }

    /// A key that the issuer no longer names stops working at the latest at the hard age.
    fn check_ages(&self) {
        for index in (0..8).filter(|index| self.finds(*index)) {
            let vouched = self.vouched[index].expect("nobody vouched for this key");
            assert!(self.forward - vouched < self.settings.hard_ms, "{}", NAMES[index]);
        }
    }

    /// A caller that comes back at the time it was given can fetch then.
    fn check_errors(&self) {
        let Err(error) = self.source.held(self.now) else { return };
        let proxy = error.code == Code::ProxyAuthenticationRequired;
        assert_eq!(error.check, Some(Check::Key));
        let at = error.retry_at.unwrap_or(self.now);
        assert!(error.to_json().len() < 1024 && at >= self.now && at.since(self.now) <= 602_000);
        assert!(proxy || self.source.clone().begin(at), "nothing may begin when it was said to");
    }
}

fn read(text: &str) -> Snapshot {
    let document = json::strict::parse(text.as_bytes()).expect("a snapshot is strict JSON");
    Snapshot::read(&document, Default::default()).expect("a snapshot")
}
