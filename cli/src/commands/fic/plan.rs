//! `wif fic plan` and `wif fic apply`: an identity is made to trust what a file says.

use super::access_args::AccessArgs;
use super::connection::{self, Connection};
use super::identity_args::IdentityArgs;
use super::{diff, failed, listing, print_error, read_twice, trust_file, usage};
use crate::explain::escaped;
use crate::verbosity;
use clap::Args;
use clap::builder::styling::{AnsiColor, Style};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use workload_identity_core::manage::{
    Action, Change, ChangeOutcome, ManagerResult, Plan, Report, TrustFile,
};
use workload_identity_core::{Code, Error};

/// The status of a plan with changes.
const CHANGES: u8 = 3;

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const WARNING: Style = AnsiColor::Yellow.on_default();

const EXAMPLES: &str = "\
Examples:
  # trust.yaml
  #   version: 1
  #   identity: {app_id: 11111111-2222-3333-4444-555555555555}
  #   credentials:
  #     - name: production
  #       issuer: https://token.actions.githubusercontent.com
  #       subject: repo:octo/app:environment:production
  wif fic plan trust.yaml
  wif fic apply trust.yaml

  # In a pipeline, and what the file does not name goes
  wif fic apply trust.yaml --yes --prune

The identity of an option wins over that of the file. Credentials that the file does not name stay,
unless --prune removes them. `wif fic schema` prints the schema of the file.

Exit status: 0 nothing to do, or done; 3 `plan` found changes; 1 an error, or not all changes were
made; 2 wrong usage, a wrong file, or nobody to ask.";

/// Options of `wif fic plan`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct PlanArgs {
    /// Trust file in YAML or JSON; `-` is standard input
    #[arg(value_name = "FILE|-")]
    file: PathBuf,
    #[command(flatten)]
    identity: IdentityArgs,
    /// Remove credentials that the file does not name
    #[arg(long)]
    prune: bool,
    /// Print JSON, errors too
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    access: AccessArgs,
}

/// Options of `wif fic apply`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct ApplyArgs {
    /// Change without asking
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    plan: PlanArgs,
}

/// Runs `wif fic plan`.
pub(super) fn plan(args: &PlanArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let planned = prepare("plan", args).map(|(file, connection)| planned(args, &file, &connection));
    let plan = match planned {
        Err(status) => return Ok(status),
        Ok(Err(error)) => return Ok(args.failed("plan", error)),
        Ok(Ok(plan)) => plan,
    };
    listing::print(&plan, args.json, || text(&plan))?;
    Ok(if plan.changes.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(CHANGES) })
}

/// Runs `wif fic apply`.
pub(super) fn apply(args: &ApplyArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let ApplyArgs { plan: args, yes } = args;
    let can_ask = io::stdin().is_terminal() && !trust_file::is_standard_input(&args.file);
    let (file, connection) = match prepare("apply", args) {
        Ok(prepared) => prepared,
        Err(status) => return Ok(status),
    };
    let plan = match planned(args, &file, &connection) {
        Ok(plan) => plan,
        Err(error) => return Ok(args.failed("apply", error)),
    };
    if !args.json {
        listing::print(&plan, false, || text(&plan))?;
    }
    if !plan.changes.is_empty() && !yes {
        if args.json || !can_ask {
            return Ok(usage(
                "apply",
                "nobody is there to ask before credentials change; look at `wif fic plan`, then pass `--yes`",
                args.json,
            ));
        }
        if !agreed()? {
            eprintln!("nothing is changed");
            return Ok(ExitCode::FAILURE);
        }
        // The answer is about the changes that were shown, and another writer may have been there since.
        match planned(args, &file, &connection) {
            Ok(now) if text(&now) == text(&plan) => {}
            Ok(_) => return Ok(args.failed("apply", outdated())),
            Err(error) => return Ok(args.failed("apply", error)),
        }
    }
    let report = match connection.request(&request("apply", args, &file)) {
        Ok(ManagerResult::Report(mut report)) => {
            if let Some(own) = connection.own_token() {
                report.mark_used_by(&own);
            }
            args.in_options(report)
        }
        Ok(_) => return Ok(ExitCode::FAILURE),
        Err(error) => return Ok(args.failed("apply", error)),
    };
    listing::print(&report, args.json, || outcome(&report))?;
    if report.complete {
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(error) = &report.error {
        print_error(error, args.json);
    }
    Ok(ExitCode::FAILURE)
}

fn outdated() -> Error {
    Error::new(
        Code::ManagementUnsettled,
        "the credentials were changed by another writer after the plan was shown, and nothing was changed here; look at the new plan and apply again",
    )
}

impl PlanArgs {
    fn failed(&self, command: &str, error: Error) -> ExitCode {
        failed(command, &connection::in_options(error, &self.access), self.json)
    }

    /// The report with its errors in the words of the options.
    fn in_options(&self, mut report: Report) -> Report {
        let errors = report.changes.iter_mut().filter_map(|change| change.error.as_mut());
        for error in errors.chain(report.error.as_mut()) {
            *error = connection::in_options(error.clone(), &self.access);
        }
        report
    }
}

fn prepare(command: &str, args: &PlanArgs) -> Result<(TrustFile, Connection), ExitCode> {
    if read_twice(Some(&args.file), &args.access) {
        return Err(usage(
            command,
            "the trust file and the access token cannot both be `-`",
            args.json,
        ));
    }
    let file = trust_file::read(&args.file).map_err(|error| failed(command, &error, args.json))?;
    if args.identity.identity().is_some() && !args.json && !verbosity::quiet() {
        eprintln!("note: the identity of the option takes the place of the file's");
    }
    let connection =
        Connection::open(&args.identity, &args.access, Some(&file.identity), args.json)
            .map_err(|error| args.failed(command, error))?;
    Ok((file, connection))
}

fn request(operation: &str, args: &PlanArgs, file: &TrustFile) -> Value {
    json!({ "operation": operation, "credentials": file.credentials, "prune": args.prune })
}

fn planned(args: &PlanArgs, file: &TrustFile, connection: &Connection) -> Result<Plan, Error> {
    match connection.request(&request("plan", args, file))? {
        ManagerResult::Plan(mut plan) => {
            if let Some(own) = connection.own_token() {
                plan.mark_used_by(&own);
            }
            Ok(plan)
        }
        _ => Ok(Plan::default()),
    }
}

/// Asks on standard error, so that the output can be kept.
fn agreed() -> io::Result<bool> {
    eprint!("Change these credentials? [y/N] ");
    io::stderr().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

fn text(plan: &Plan) -> String {
    let mut text: String = plan.changes.iter().map(diff::text).collect();
    let count = |action| plan.changes.iter().filter(|change| change.action == action).count();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{} to add, {} to change, {} to remove, {} unchanged",
        count(Action::Add),
        count(Action::Update),
        count(Action::Remove),
        plan.unchanged
    );
    if !plan.unmanaged.is_empty() {
        let names: Vec<String> = plan.unmanaged.iter().map(|name| escaped(name)).collect();
        let _ = writeln!(
            text,
            "not in the file, left as they are: {} (`--prune` removes them)",
            names.join(", ")
        );
    }
    text.extend(plan.changes.iter().filter(|change| change.used_by_caller).map(lost));
    text
}

fn lost(change: &Change) -> String {
    format!("{WARNING}warning{WARNING:#}: {}\n", super::own_trust(&change.name))
}

/// What was done, what failed, and what was not tried.
fn outcome(report: &Report) -> String {
    let mut text = String::new();
    for change in &report.changes {
        let Change { action, name, .. } = &change.change;
        let action = match action {
            Action::Add => "add",
            Action::Update => "change",
            Action::Remove => "remove",
        };
        let (style, word) = match change.outcome {
            ChangeOutcome::Done => (GOOD, "done"),
            ChangeOutcome::Failed => (BAD, "failed"),
            ChangeOutcome::NotTried => (BAD, "not tried"),
        };
        let reason = change.error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
        let _ = writeln!(
            text,
            "{style}{word:<9}{style:#}  {action:<6}  {}{}",
            escaped(name),
            escaped(&reason)
        );
    }
    if report.changes.is_empty() {
        text.push_str("nothing to do\n");
    }
    text
}
