//! Cases that take turns in short rounds, and the rows that come of them (benches/README.md).

use cpu_time::ThreadTime;
use std::hint::black_box;
use std::time::Duration;

const SLICE: Duration = Duration::from_millis(40);
const ROUNDS: usize = 15;

/// Something to measure; it says whether its result was right.
pub struct Case<'a> {
    pub name: String,
    pub work: Box<dyn Fn() -> bool + 'a>,
}

impl<'a> Case<'a> {
    pub fn new(name: impl Into<String>, work: impl Fn() -> bool + 'a) -> Self {
        Self { name: name.into(), work: Box::new(work) }
    }

    fn run(&self, count: u32) -> Duration {
        let start = ThreadTime::now();
        for _ in 0..count {
            assert!(black_box((self.work)()), "{}: a wrong result", self.name);
        }
        start.elapsed()
    }

    /// How many operations fill a slice; finding out also warms the case up.
    fn count(&self) -> u32 {
        let mut count = 1;
        loop {
            let elapsed = self.run(count);
            if elapsed >= SLICE / 4 {
                return (f64::from(count) * SLICE.as_secs_f64() / elapsed.as_secs_f64()) as u32 + 1;
            }
            count *= 4;
        }
    }
}

/// Median nanoseconds of one operation of each case, in their order.
pub fn take_turns(cases: &[Case]) -> Vec<f64> {
    let counts: Vec<u32> = cases.iter().map(Case::count).collect();
    let mut times = vec![Vec::with_capacity(ROUNDS); cases.len()];
    for _ in 0..ROUNDS {
        for ((case, count), times) in cases.iter().zip(&counts).zip(&mut times) {
            times.push(case.run(*count).as_secs_f64() * 1e9 / f64::from(*count));
        }
    }
    for (case, times) in cases.iter().zip(&mut times) {
        times.sort_by(f64::total_cmp);
        let (least, most) = (times[0], times[ROUNDS - 1]);
        println!("{}: {:.0} ns ({least:.0} to {most:.0})", case.name, times[ROUNDS / 2]);
    }
    times.iter().map(|times| times[ROUNDS / 2]).collect()
}

/// Prints a row; good when `theirs / ours` is at least `required`.
pub fn row(name: &str, ours: f64, peer: &str, theirs: f64, required: f64) {
    println!(
        "{}",
        serde_json::json!({
            "row": name, "ours_ns": ours, "peer": peer, "peer_ns": theirs, "required": required,
        })
    );
}
