//! Runs several jobs of this tool at a time, each in a process of its own.
//!
//! A job's output goes to a file and is printed in one piece when the job ends. After a failure no further job starts.

use crate::job::{Failure, Jobs};
use crate::project;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How much the machine can do at a time: one job that keeps all cores busy beside one that mostly waits, or three that do.
const CAPACITY: usize = 3;
/// How often running jobs are looked at.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// How many lines of a failed job stand at the end of the run, where they are seen first.
const SHOWN_LINES: usize = 80;

/// What a job needs of the machine.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Load {
    /// Servers and test runners, which mostly wait.
    Light,
    /// Compilers and fuzzers, which keep all cores busy. They run at a lower priority, so that tests beside them keep
    /// their time limits.
    Heavy,
}

/// One call of `cargo xtask`.
pub(crate) struct Planned {
    pub(crate) name: &'static str,
    pub(crate) arguments: &'static [&'static str],
    pub(crate) load: Load,
    /// The names of the jobs that have to end first.
    pub(crate) after: &'static [&'static str],
}

struct Running {
    index: usize,
    process: Child,
    output: PathBuf,
    started: Instant,
}

/// Runs all jobs, the first in the list first where the order is free.
pub(crate) fn run(jobs: &mut Jobs, plan: &[Planned]) -> Result<(), Failure> {
    let mut waiting: Vec<usize> = (0..plan.len()).collect();
    let mut ended: Vec<&str> = Vec::new();
    let mut running: Vec<Running> = Vec::new();
    let mut failed: Option<(&str, String)> = None;
    loop {
        if failed.is_none() {
            while let Some(place) = next(plan, &waiting, &ended, &running) {
                running.push(start(plan, waiting.remove(place))?);
            }
        }
        if running.is_empty() {
            break;
        }
        std::thread::sleep(POLL_INTERVAL);
        for place in (0..running.len()).rev() {
            let Some(status) = running[place].process.try_wait()? else { continue };
            let job = running.remove(place);
            let name = plan[job.index].name;
            println!("\n== {name}");
            let output = std::fs::read(&job.output)?;
            let output = String::from_utf8_lossy(&output);
            print!("{output}");
            jobs.ended(name, job.started.elapsed(), status.success());
            if status.success() {
                ended.push(name);
            } else {
                failed.get_or_insert_with(|| (name, end_of(&output)));
            }
        }
    }
    if let Some((name, end)) = failed {
        return Err(Failure::new(format!(
            "{name}: its output is above, between that of other jobs; this is its end\n\n{end}"
        )));
    }
    if let Some(index) = waiting.first() {
        let Planned { name, after, .. } = &plan[*index];
        return Err(Failure::new(format!("{name} waits for {after:?}, which never ends")));
    }
    Ok(())
}

/// Returns the last lines of an output.
fn end_of(output: &str) -> String {
    let lines: Vec<&str> = output.lines().collect();
    lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
}

/// Returns the place in `waiting` of the next job that can start.
fn next(plan: &[Planned], waiting: &[usize], ended: &[&str], running: &[Running]) -> Option<usize> {
    let loads: Vec<Load> = running.iter().map(|job| plan[job.index].load).collect();
    waiting.iter().position(|index| {
        let job = &plan[*index];
        job.after.iter().all(|name| ended.contains(name)) && fits(job.load, &loads)
    })
}

fn fits(load: Load, running: &[Load]) -> bool {
    let weight = |load: Load| if load == Load::Heavy { 2 } else { 1 };
    running.iter().map(|load| weight(*load)).sum::<usize>() + weight(load) <= CAPACITY
}

fn start(plan: &[Planned], index: usize) -> Result<Running, Failure> {
    let job = &plan[index];
    println!("-- {} starts", job.name);
    let output =
        project::installed("ci")?.join(format!("{}.txt", job.name.replace([' ', '/'], "-")));
    let file = File::create(&output)?;
    let program = std::env::current_exe()?;
    let mut command = match job.load {
        Load::Light => Command::new(program),
        Load::Heavy => {
            let mut command = Command::new("nice");
            command.arg(program);
            command
        }
    };
    let process = command
        .args(job.arguments)
        .stdin(Stdio::null())
        .stderr(file.try_clone()?)
        .stdout(file)
        .spawn()
        .map_err(|error| Failure::new(format!("{} cannot start: {error}", job.name)))?;
    Ok(Running { index, process, output, started: Instant::now() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_heavy_job_runs_beside_one_light_one() {
        use Load::{Heavy, Light};
        assert!(fits(Heavy, &[Light]) && fits(Light, &[Heavy]) && fits(Light, &[Light, Light]));
        assert!(!fits(Heavy, &[Heavy]) && !fits(Heavy, &[Light, Light]));
        assert!(!fits(Light, &[Heavy, Light]));
    }

    #[test]
    fn the_end_of_a_failed_job_is_shown() {
        let output: String = (0..100).map(|line| format!("line {line}\n")).collect();
        assert!(end_of(&output).starts_with("line 20\n") && end_of(&output).ends_with("line 99"));
        assert_eq!(end_of("one\n"), "one");
        assert_eq!(end_of(""), "");
    }

    #[test]
    fn jobs_start_in_order_once_those_before_them_have_ended() {
        let job = |name, after| Planned { name, arguments: &[], load: Load::Light, after };
        let plan = [job("a", &["b"]), job("b", &[]), job("c", &[])];
        assert_eq!(next(&plan, &[0, 1, 2], &[], &[]), Some(1));
        assert_eq!(next(&plan, &[0, 2], &["b"], &[]), Some(0));
        assert_eq!(next(&plan, &[0], &[], &[]), None);
    }
}
