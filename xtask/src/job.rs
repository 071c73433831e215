//! Named, timed pieces of work.

use std::fmt;
use std::time::{Duration, Instant};

/// Why a job stopped, in words for the person at the terminal.
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// The jobs of this run, with their times.
#[derive(Default)]
pub(crate) struct Jobs {
    done: Vec<(String, Duration, bool)>,
}

impl Jobs {
    /// Runs one job between a headline and its time.
    pub(crate) fn run(
        &mut self,
        name: &str,
        work: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        println!("\n== {name}");
        let started = Instant::now();
        let result = work();
        let time = started.elapsed();
        println!("== {name}: {} in {:.1} s", verdict(result.is_ok()), time.as_secs_f64());
        self.done.push((name.to_owned(), time, result.is_ok()));
        result.map_err(|failure| Failure(format!("{name}: {failure}")))
    }

    /// One line per job, when there was more than one.
    pub(crate) fn summary(&self) {
        if self.done.len() < 2 {
            return;
        }
        println!("\n   seconds  job");
        for (name, time, good) in &self.done {
            println!("{:>10.1}  {name}{}", time.as_secs_f64(), if *good { "" } else { "  FAILED" });
        }
        let total: f64 = self.done.iter().map(|(_, time, _)| time.as_secs_f64()).sum();
        println!("{total:>10.1}  in all");
    }
}

fn verdict(good: bool) -> &'static str {
    if good { "ok" } else { "FAILED" }
}
