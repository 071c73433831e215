//! Named, timed pieces of work.

use std::fmt;
use std::time::{Duration, Instant};

/// Why a job stopped, for the terminal.
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
pub(crate) struct Jobs {
    started: Instant,
    ended: Vec<(String, Duration, bool)>,
}

impl Jobs {
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), ended: Vec::new() }
    }

    /// Runs one job between a headline and its time.
    pub(crate) fn run(
        &mut self,
        name: &str,
        work: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        println!("\n== {name}");
        let started = Instant::now();
        let result = work();
        self.ended(name, started.elapsed(), result.is_ok());
        result.map_err(|failure| Failure(format!("{name}: {failure}")))
    }

    /// Notes the end of a job and prints its time.
    pub(crate) fn ended(&mut self, name: &str, time: Duration, good: bool) {
        let result = if good { "ok" } else { "FAILED" };
        println!("== {name}: {result} in {:.1} s", time.as_secs_f64());
        self.ended.push((name.to_owned(), time, good));
    }

    /// Prints one line per job, when there was more than one, and the time since the start.
    pub(crate) fn summary(&self) {
        if self.ended.len() < 2 {
            return;
        }
        println!("\n   seconds  job");
        for (name, time, good) in &self.ended {
            println!("{:>10.1}  {name}{}", time.as_secs_f64(), if *good { "" } else { "  FAILED" });
        }
        println!("{:>10.1}  from start to end", self.started.elapsed().as_secs_f64());
    }
}
