//! Runs a program for its standard output, with a time limit and a bound of the output.
//!
//! The program gets no shell and no standard input, and its standard error is dropped. On Unix it leads a process group, so that its
//! children end with it; on Windows only the program itself is ended.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{self, Read};
#[cfg(unix)]
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};
use workload_identity_core::Failure;

/// How often the end of a program is looked for whose child keeps the output open.
const INTERVAL: Duration = Duration::from_millis(20);
/// How long the rest of the output is waited for after the end.
const GRACE: Duration = Duration::from_secs(2);
/// Bytes that are read at once.
const PART: usize = 64 * 1024;

/// Returns the output, at most one byte more than `max_bytes`.
pub(super) fn execute(
    command: &[String],
    environment: &BTreeMap<String, String>,
    max_bytes: u32,
    limit: Duration,
) -> Result<Vec<u8>, (Failure, String)> {
    let deadline = Instant::now() + limit;
    let most = u64::from(max_bytes) + 1;
    let (mut program, output) = Program::start(command, environment)
        .map_err(|error| super::operating_system::failed(&error))?;
    let parts = read_on_a_thread(output, most);
    let mut content = Vec::new();
    let mut status = None;
    // A child that has left the group may have the output open for as long as it runs.
    let mut grace_end = deadline;
    loop {
        match parts.recv_timeout(INTERVAL) {
            Ok(part) => content.extend(part),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
        match status {
            Some(_) if Instant::now() >= grace_end => break,
            Some(_) => {}
            None => {
                in_time(deadline)?;
                status = program.status();
                if status.is_some() {
                    program.end();
                    grace_end = Instant::now() + GRACE;
                }
            }
        }
    }
    if content.len() as u64 >= most {
        return Ok(content);
    }
    let status = loop {
        if let Some(status) = status.or_else(|| program.status()) {
            break status;
        }
        in_time(deadline)?;
        thread::sleep(INTERVAL.min(deadline.saturating_duration_since(Instant::now())));
    };
    if status.success() { Ok(content) } else { Err((Failure::Other, exit_status(status))) }
}

/// A running program, which ends with its children when this is dropped.
struct Program(Child);

impl Program {
    fn start(
        command: &[String],
        environment: &BTreeMap<String, String>,
    ) -> io::Result<(Self, ChildStdout)> {
        let (name, arguments) = command
            .split_first()
            .map_or((OsStr::new(""), &[][..]), |(name, rest)| (name.as_ref(), rest));
        let mut command = Command::new(name);
        command.args(arguments).envs(environment);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn()?;
        let output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        Ok((Self(child), output))
    }

    /// How the program has ended, unless it runs.
    fn status(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().ok().flatten()
    }

    fn end(&mut self) {
        #[cfg(unix)]
        {
            use rustix::process::{Pid, Signal, kill_process_group};
            // The group's children, also after the end of the program itself. It fails if nothing is left.
            let _ = kill_process_group(Pid::from_child(&self.0), Signal::KILL);
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.end();
    }
}

/// The output in parts, until its end or its bound.
fn read_on_a_thread(output: ChildStdout, most: u64) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::spawn(move || {
        let mut output = output.take(most);
        let mut part = vec![0; PART];
        while let Ok(count @ 1..) = output.read(&mut part) {
            if sender.send(part.iter().take(count).copied().collect()).is_err() {
                break;
            }
        }
    });
    receiver
}

fn in_time(deadline: Instant) -> Result<(), (Failure, String)> {
    if Instant::now() < deadline {
        return Ok(());
    }
    Err((Failure::Timeout, "the program did not end in time".to_owned()))
}

fn exit_status(status: ExitStatus) -> String {
    status.code().map_or("the program was ended by a signal".to_owned(), |code| {
        format!("exit status {code}")
    })
}
