//! `--github`, `--kubernetes` and the like: issuer and subject of a platform's tokens by the names that its users know.

use clap::{ArgGroup, Args};
use workload_identity_core::Error;
use workload_identity_core::trust::{Platform, Subject};

/// Which tokens of which platform.
#[derive(Args, Debug, Default)]
#[command(group(ArgGroup::new("platform").multiple(false)))]
#[command(group(ArgGroup::new("context").multiple(false)))]
pub(super) struct PlatformArgs {
    /// Repository of GitHub Actions; OWNER@ID/REPO@ID since 15 July 2026 for new and renamed ones
    #[arg(long, value_name = "OWNER/REPO", group = "platform", requires = "context")]
    github: Option<String>,
    /// Project of GitLab CI/CD, by its path or its number
    #[arg(long, value_name = "GROUP/PROJECT", group = "platform")]
    gitlab: Option<String>,
    /// Service account of a Kubernetes cluster, whose issuer --issuer names
    #[arg(long, value_name = "NAMESPACE/NAME", group = "platform", requires = "issuer")]
    kubernetes: Option<String>,
    /// Workspace of HCP Terraform
    #[arg(long, value_name = "ORG/PROJECT/WORKSPACE", group = "platform", requires = "phase")]
    terraform: Option<String>,
    /// Service connection of Azure DevOps, whose issuer --issuer names (vstoken.dev.azure.com/ID)
    #[arg(long, value_name = "ORG/PROJECT/NAME", group = "platform", requires = "issuer")]
    azure_devops: Option<String>,
    /// GitHub: jobs with this environment
    #[arg(long, value_name = "NAME", group = "context", requires = "github")]
    environment: Option<String>,
    /// GitHub, GitLab: runs for this branch
    #[arg(long, value_name = "NAME", group = "context")]
    branch: Option<String>,
    /// GitHub, GitLab: runs for this tag
    #[arg(long, value_name = "NAME", group = "context")]
    tag: Option<String>,
    /// GitHub: runs for pull requests
    #[arg(long, group = "context", requires = "github")]
    pull_request: bool,
    /// HCP Terraform: plan or apply
    #[arg(long, value_name = "PHASE", group = "context", requires = "terraform", value_parser = ["plan", "apply"])]
    phase: Option<String>,
}

/// Issuer and subject of a platform's tokens.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PlatformSubject {
    /// `None` if the platform has no issuer of its own.
    pub(super) issuer: Option<&'static str>,
    pub(super) subject: String,
}

impl PlatformArgs {
    /// The platform's issuer and the subject; `None` without an option of a platform.
    ///
    /// # Errors
    /// The option that is wrong, and why.
    pub(super) fn subject(&self) -> Result<Option<PlatformSubject>, String> {
        let form = if let Some(repository) = &self.github {
            self.of_github(repository)?
        } else if let Some(project) = &self.gitlab {
            self.of_gitlab(project)?
        } else if let Some(account) = &self.kubernetes {
            self.check_option(&[])?;
            let [namespace, name] = split("--kubernetes", "NAMESPACE/NAME", account)?;
            Form::new(Platform::Kubernetes, "service_account")
                .with("namespace", namespace)
                .with("name", name)
        } else if let Some(workspace) = &self.terraform {
            self.check_option(&["phase"])?;
            let [organization, project, workspace] =
                split("--terraform", "ORG/PROJECT/WORKSPACE", workspace)?;
            Form::new(Platform::Terraform, "workspace")
                .with("organization", organization)
                .with("project", project)
                .with("workspace", workspace)
                .with("run_phase", self.phase.as_deref().unwrap_or_default())
        } else if let Some(connection) = &self.azure_devops {
            self.check_option(&[])?;
            let [organization, project, connection] =
                split("--azure-devops", "ORG/PROJECT/NAME", connection)?;
            Form::new(Platform::AzureDevops, "service_connection")
                .with("organization", organization)
                .with("project", project)
                .with("connection", connection)
        } else {
            return self.check_option(&[]).map(|()| None);
        };
        self.check_context(&form)?;
        form.build().map(Some)
    }

    fn of_github<'a>(&'a self, repository: &'a str) -> Result<Form<'a>, String> {
        self.check_option(&["environment", "branch", "tag", "pull-request"])?;
        let [owner, repo] = split("--github", "OWNER/REPO", repository)?;
        let form = match (&self.environment, &self.branch, &self.tag) {
            (Some(environment), ..) => {
                Form::new(Platform::Github, "environment").with("environment", environment)
            }
            (_, Some(branch), _) => Form::new(Platform::Github, "branch").with("branch", branch),
            (.., Some(tag)) => Form::new(Platform::Github, "tag").with("tag", tag),
            _ => Form::new(Platform::Github, "pull_request"),
        };
        let form = match (owner.split_once('@'), repo.split_once('@')) {
            (Some((owner, owner_id)), Some((repo, repo_id))) => form
                .generation(2)
                .with("owner", owner)
                .with("owner_id", owner_id)
                .with("repo", repo)
                .with("repo_id", repo_id),
            (None, None) => form.with("owner", owner).with("repo", repo),
            _ => {
                return Err(
                    "`--github` has one id of two: write OWNER@ID/REPO@ID or OWNER/REPO".to_owned()
                );
            }
        };
        Ok(form)
    }

    fn of_gitlab<'a>(&'a self, project: &'a str) -> Result<Form<'a>, String> {
        self.check_option(&["branch", "tag"])?;
        let is_number = !project.is_empty() && project.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number && !project.contains('/') {
            return Err(format!(
                "`--gitlab {}` is not GROUP/PROJECT or a project's number",
                crate::explain::escaped(project)
            ));
        }
        let (ref_type, name) = match (&self.branch, &self.tag) {
            (Some(branch), _) => ("branch", branch),
            (_, Some(tag)) => ("tag", tag),
            _ => return Err("`--gitlab` needs `--branch` or `--tag`".to_owned()),
        };
        let form = match is_number {
            true => Form::new(Platform::Gitlab, "ref").generation(2).with("project_id", project),
            false => Form::new(Platform::Gitlab, "ref").with("project", project),
        };
        Ok(form.with("ref_type", ref_type).with("ref", name))
    }

    /// Refuses the option of another platform, which would be left out of the subject. `requires` of clap lets it pass beside an
    /// option that excludes the required one.
    fn check_option(&self, own: &[&str]) -> Result<(), String> {
        let options = [
            (self.environment.is_some(), "environment", "`--github`"),
            (self.pull_request, "pull-request", "`--github`"),
            (self.branch.is_some(), "branch", "`--github` or `--gitlab`"),
            (self.tag.is_some(), "tag", "`--github` or `--gitlab`"),
            (self.phase.is_some(), "phase", "`--terraform`"),
        ];
        let foreign = options.iter().find(|(given, option, _)| *given && !own.contains(option));
        match foreign {
            Some((_, option, platform)) => Err(format!("`--{option}` needs {platform}")),
            None => Ok(()),
        }
    }

    /// No name of a branch or tag has `*` or `?` (git-check-ref-format), and Entra compares a subject exactly.
    fn check_context(&self, form: &Form<'_>) -> Result<(), String> {
        let named = [&self.branch, &self.tag].into_iter().flatten().next();
        if !named.is_some_and(|name| name.contains(['*', '?'])) {
            return Ok(());
        }
        let issuer = form.platform.issuer().unwrap_or_default();
        let subject = form.build().map(|built| built.subject)?.replace('\'', "''");
        Err(format!(
            "a subject has no wildcards; use `--issuer {issuer} --expression \"claims['sub'] matches '{}'\"`",
            crate::explain::escaped(&subject)
        ))
    }
}

/// A form of subject with its parts.
struct Form<'a> {
    platform: Platform,
    name: &'static str,
    generation: u8,
    parts: Vec<(&'static str, &'a str)>,
}

impl<'a> Form<'a> {
    fn new(platform: Platform, name: &'static str) -> Self {
        Self { platform, name, generation: 1, parts: Vec::new() }
    }

    fn generation(mut self, generation: u8) -> Self {
        self.generation = generation;
        self
    }

    fn with(mut self, part: &'static str, value: &'a str) -> Self {
        self.parts.push((part, value));
        self
    }

    fn build(&self) -> Result<PlatformSubject, String> {
        if let Some((part, _)) = self.parts.iter().find(|(_, value)| value.is_empty()) {
            return Err(format!("{} is empty", self.option(part)));
        }
        let subject = Subject::build(self.platform, self.name, self.generation, &self.parts)
            .map_err(|error: Error| self.in_options(error.message.clone()))?;
        Ok(PlatformSubject { issuer: self.platform.issuer(), subject })
    }

    /// The message of the core in the words of the command line.
    fn in_options(&self, message: String) -> String {
        self.parts.iter().fold(message, |message, (part, _)| {
            message.replace(&format!("the part `{part}`"), &self.option(part))
        })
    }

    /// The option that a part comes from.
    fn option(&self, part: &str) -> String {
        let platform = match self.platform {
            Platform::Github => "github",
            Platform::Gitlab => "gitlab",
            Platform::Kubernetes => "kubernetes",
            Platform::Terraform => "terraform",
            _ => "azure-devops",
        };
        match part {
            "environment" | "branch" | "tag" => format!("`--{part}`"),
            "run_phase" => "`--phase`".to_owned(),
            "ref" => format!("`--{}`", self.value("ref_type")),
            _ => format!("`--{platform}`: the part `{part}`"),
        }
    }

    fn value(&self, part: &str) -> &str {
        self.parts.iter().find(|(name, _)| *name == part).map_or("", |(_, value)| value)
    }
}

fn split<'t, const N: usize>(
    option: &str,
    form: &str,
    text: &'t str,
) -> Result<[&'t str; N], String> {
    let parts: Vec<&str> = text.split('/').collect();
    <[&str; N]>::try_from(parts)
        .ok()
        .filter(|parts| parts.iter().all(|part| !part.is_empty()))
        .ok_or_else(|| format!("`{option} {}` is not {form}", crate::explain::escaped(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Command {
        #[arg(long)]
        issuer: Option<String>,
        #[command(flatten)]
        platform: PlatformArgs,
    }

    fn subject(arguments: &str) -> Result<String, String> {
        let words = ["wif"].into_iter().chain(arguments.split(' ').filter(|word| !word.is_empty()));
        let command = Command::try_parse_from(words).map_err(|error| error.to_string())?;
        let _ = &command.issuer;
        command.platform.subject().map(|found| found.map_or(String::new(), |found| found.subject))
    }

    #[test]
    fn names_become_subjects() {
        for (arguments, expected) in [
            ("", ""),
            ("--github o/a --environment prod", "repo:o/a:environment:prod"),
            ("--github o/a --environment a:b", "repo:o/a:environment:a%3Ab"),
            ("--github o/a --branch f/x", "repo:o/a:ref:refs/heads/f/x"),
            ("--github o@1/a@2 --tag v1", "repo:o@1/a@2:ref:refs/tags/v1"),
            ("--github o/a --pull-request", "repo:o/a:pull_request"),
            ("--gitlab g/s/p --branch main", "project_path:g/s/p:ref_type:branch:ref:main"),
            ("--gitlab 17 --tag v1", "project_id:17:ref_type:tag:ref:v1"),
            ("--kubernetes n/s --issuer https://i", "system:serviceaccount:n:s"),
            (
                "--terraform o/p/w --phase plan",
                "organization:o:project:p:workspace:w:run_phase:plan",
            ),
            ("--azure-devops o/p/c --issuer https://i", "sc://o/p/c"),
        ] {
            assert_eq!(subject(arguments).as_deref(), Ok(expected), "{arguments}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (arguments, named) in [
            ("--github o/a", "--environment"),
            ("--github octo --branch main", "OWNER/REPO"),
            ("--github o/a/b --branch main", "OWNER/REPO"),
            ("--github o@1/a --branch main", "one id of two"),
            ("--github o@x/a@2 --branch main", "owner_id"),
            ("--github o/a --branch main --tag v1", "cannot be used with"),
            ("--github o/a --gitlab g/p --branch main", "cannot be used with"),
            (
                "--github o/a --branch release/*",
                "claims['sub'] matches 'repo:o/a:ref:refs/heads/release/*'",
            ),
            ("--gitlab g/p", "--branch"),
            ("--gitlab p --branch main", "GROUP/PROJECT"),
            ("--gitlab g/p --environment x", "--github"),
            ("--kubernetes n/s", "--issuer"),
            ("--kubernetes n --issuer https://i", "NAMESPACE/NAME"),
            ("--terraform o/p/w", "--phase"),
            ("--terraform o/p/w --phase destroy", "plan, apply"),
            ("--github o/r --phase plan", "`--phase` needs `--terraform`"),
            ("--kubernetes n/s --issuer i --environment e", "`--environment` needs `--github`"),
            ("--kubernetes n/s --issuer i --branch b", "`--branch` needs `--github` or `--gitlab`"),
            ("--azure-devops o/p/c --issuer i --pull-request", "`--pull-request` needs `--github`"),
            ("--gitlab g/p --pull-request", "`--pull-request` needs `--github`"),
            ("--issuer i --environment e", "--github"),
            ("--terraform o/p/w --tag t", "`--tag` needs"),
            ("--github o/r --environment=", "`--environment` is empty"),
            ("--github o/r --branch=", "`--branch` is empty"),
            ("--gitlab g/p --tag=", "`--tag` is empty"),
            ("--github o@x/r@1 --pull-request", "`--github`: the part `owner_id` is not a number"),
            ("--branch main", "`--branch` needs `--github` or `--gitlab`"),
        ] {
            let message = subject(arguments).expect_err(arguments);
            assert!(message.contains(named), "{arguments}: {message}");
        }
    }
}
