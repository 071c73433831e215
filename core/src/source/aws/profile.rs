//! The shared files of the AWS SDKs and the AWS command line (AWS SDKs and Tools Reference Guide, "Shared config and
//! credentials files"): access keys in `~/.aws/credentials`, the region in `~/.aws/config`.

use super::super::SourceError;
use super::super::text_file::TextFile;
use super::credentials::{Credentials, Part, instant};
use super::region::Region;
use super::service_address::{EndpointOptions, is_true};
use crate::environment::Environment;
use crate::{Code, Effect, Error, Outcome};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde_json::Value;

pub(super) const PROFILE: &str = "AWS_PROFILE";
pub(super) const CREDENTIALS_FILE: &str = "AWS_SHARED_CREDENTIALS_FILE";
pub(super) const CONFIG_FILE: &str = "AWS_CONFIG_FILE";

/// Longest file that is read.
const MAX_FILE: u32 = 1024 * 1024;
/// The file with access keys, as messages speak of it.
pub(super) const FILE: TextFile = TextFile {
    name: "the shared credentials file",
    advice: "check AWS_SHARED_CREDENTIALS_FILE and its mode",
    max_bytes: MAX_FILE,
};
/// Members with the end of temporary credentials. No AWS document defines one; each is written by a widely used tool.
const EXPIRY: [&str; 5] = [
    "expiration",
    "aws_expiration",
    "aws_session_expiration",
    "aws_credential_expiration",
    "x_security_token_expires",
];
/// Members that name another way to credentials, which this source does not go.
const OTHER_WAYS: [&str; 6] = [
    "credential_process",
    "sso_session",
    "sso_start_url",
    "role_arn",
    "login_session",
    "credential_source",
];

/// The profile to use, and where the files are.
#[derive(Clone, Debug)]
pub(super) struct Profile {
    name: String,
    /// Whether AWS_PROFILE names it, so that it has to exist.
    named: bool,
    credentials: Option<String>,
    config: Option<String>,
}

impl Profile {
    /// The profile of AWS_PROFILE, or `default`, and the files of the environment or of the home directory.
    pub(super) fn of(environment: &Environment) -> Self {
        let home = ["HOME", "USERPROFILE"].iter().find_map(|name| environment.variable(name));
        let path = |variable, file: &str| match environment.variable(variable) {
            Some(path) => match (path.strip_prefix("~/"), home) {
                (Some(rest), Some(home)) => Some(format!("{home}/{rest}")),
                _ => Some(path.to_string()),
            },
            None => home.map(|home| format!("{home}/.aws/{file}")),
        };
        let name = environment.variable(PROFILE);
        Self {
            name: name.unwrap_or("default").into(),
            named: name.is_some(),
            credentials: path(CREDENTIALS_FILE, "credentials"),
            config: path(CONFIG_FILE, "config"),
        }
    }

    /// Reads the file with access keys.
    pub(super) fn credentials_file(&self) -> Option<Effect> {
        self.credentials.clone().map(|path| Effect::ReadFile { path, max_bytes: MAX_FILE })
    }

    /// Reads the file with regions.
    pub(super) fn config_file(&self) -> Option<Effect> {
        self.config.clone().map(|path| Effect::ReadFile { path, max_bytes: MAX_FILE })
    }

    /// The access key of the profile, if the file has one.
    pub(super) fn credentials(&self, file: &Outcome) -> Result<Option<Credentials>, SourceError> {
        let text = text(file, CREDENTIALS_FILE)?;
        let section = Section::of(text, |header| header == self.name);
        let Some(section) = section else {
            if self.named {
                return Err(self.unusable("is not in the shared credentials file"));
            }
            return Ok(None);
        };
        let (id, key) = (section.get("aws_access_key_id"), section.get("aws_secret_access_key"));
        let (Some(id), Some(key)) = (id, key) else {
            if let Some(way) = OTHER_WAYS.iter().find(|way| section.get(way).is_some()) {
                return Err(self.unusable(&format!(
                    "has `{way}`, which this source does not follow; set the variables that `aws configure export-credentials --format env` prints"
                )));
            }
            if id.is_some() != key.is_some() || self.named {
                return Err(self.unusable(
                    "has not both `aws_access_key_id` and `aws_secret_access_key` in the shared credentials file",
                ));
            }
            return Ok(None);
        };
        let token = section.get("aws_session_token").or_else(|| section.get("aws_security_token"));
        let expires = match EXPIRY.iter().find_map(|name| section.get(name)) {
            None => None,
            Some(text) => Some(instant_of(text).ok_or_else(|| {
                self.unusable("has an expiry that is not an instant such as `2026-01-01T00:00:00Z`")
            })?),
        };
        match Credentials::new(id, key, token, expires) {
            Ok(credentials) => Ok(Some(credentials)),
            Err(part) => {
                let member = match part {
                    Part::AccessKeyId => "aws_access_key_id",
                    Part::SecretAccessKey => "aws_secret_access_key",
                    Part::SessionToken => "aws_session_token",
                };
                Err(part.refused(&format!("`{member}` of the shared credentials file")).into())
            }
        }
    }

    /// The region of the profile, if the file has one.
    pub(super) fn region(&self, file: &Outcome) -> Result<Option<Region>, SourceError> {
        let region = self.setting(file, "region")?;
        let parse = |name| Region::parse(name, "`region` of the shared config file");
        Ok(region.map(parse).transpose()?)
    }

    /// Which endpoints the profile asks for.
    pub(super) fn endpoint_options(&self, file: &Outcome) -> Result<EndpointOptions, SourceError> {
        let value = |name: &str| -> Result<Option<bool>, SourceError> {
            let origin = format!("`{name}` of the shared config file");
            Ok(self.setting(file, name)?.map(|text| is_true(text, &origin)).transpose()?)
        };
        Ok(EndpointOptions {
            fips: value("use_fips_endpoint")?,
            dual_stack: value("use_dualstack_endpoint")?,
        })
    }

    /// A member of the profile in the config file.
    fn setting<'a>(&self, file: &'a Outcome, name: &str) -> Result<Option<&'a str>, SourceError> {
        let text = text(file, CONFIG_FILE)?;
        let is_ours = |header: &str| {
            let name = header.strip_prefix("profile ").map(str::trim_ascii);
            name == Some(&self.name) || (header == "default" && self.name == "default")
        };
        Ok(Section::of(text, is_ours).and_then(|section| section.get(name)))
    }

    /// There is no file with access keys.
    ///
    /// # Errors
    /// `environment_incomplete` if AWS_PROFILE names a profile.
    pub(super) fn without_file(&self) -> Result<(), SourceError> {
        if self.named {
            return Err(self.unusable("is in no file: the shared credentials file does not exist"));
        }
        Ok(())
    }

    fn unusable(&self, what: &str) -> SourceError {
        let profile = if self.named { PROFILE } else { "the AWS profile `default`" };
        let verb = if self.named { "names a profile that " } else { "" };
        Error::new(Code::EnvironmentIncomplete, format!("{profile} {verb}{what}")).into()
    }
}

/// Reads an instant: a date of RFC 3339, the same with a space in it, or Unix seconds.
fn instant_of(text: &str) -> Option<crate::Timestamp> {
    match text.parse::<u32>() {
        Ok(seconds) => instant(&Value::from(seconds)),
        Err(_) => instant(&Value::from(text)),
    }
}

/// The text of a file.
fn text<'a>(file: &'a Outcome, variable: &str) -> Result<&'a str, SourceError> {
    let Outcome::File(content) = file else { return Err(SourceError::unexpected()) };
    let invalid = |what| {
        Error::new(
            Code::ConfigInvalid,
            format!("the file of {variable}, by default in ~/.aws, {what}"),
        )
    };
    if content.expose().len() > MAX_FILE as usize {
        return Err(invalid("is larger than 1 MiB").into());
    }
    let text = core::str::from_utf8(content.expose()).map_err(|_| invalid("is not text"))?;
    // Editors on Windows put a byte order mark in front.
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The members of the sections with one name. Of two members with one name the later one counts.
struct Section<'a>(Vec<(String, &'a str)>);

impl<'a> Section<'a> {
    fn of(text: &'a str, accept: impl Fn(&str) -> bool) -> Option<Self> {
        let mut members = None;
        let mut inside = false;
        for line in text.lines() {
            let trimmed = line.trim_ascii();
            if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
                continue;
            }
            if let Some(header) = trimmed.strip_prefix('[') {
                let header = header.split(']').next().unwrap_or_default().trim_ascii();
                inside = accept(header);
                if inside {
                    members.get_or_insert_with(Vec::new);
                }
                continue;
            }
            // A line that is indented belongs to the member before it.
            let is_nested = line.starts_with([' ', '\t']);
            if let (true, false, Some(members)) = (inside, is_nested, members.as_mut())
                && let Some((name, value)) = trimmed.split_once('=')
            {
                members.push((name.trim_ascii().to_ascii_lowercase(), value_of(value)));
            }
        }
        members.map(Self)
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        let found = self.0.iter().rev().find(|(known, _)| known == name);
        found.map(|(_, value)| *value).filter(|value| !value.is_empty())
    }
}

/// The value without the comment behind it, which begins with a space and `#` or `;`.
fn value_of(text: &str) -> &str {
    let end = [" #", " ;", "\t#", "\t;"].iter().filter_map(|mark| text.find(mark)).min();
    text.get(..end.unwrap_or(text.len())).unwrap_or_default().trim_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Secret, Timestamp};
    use serde_json::Map;

    const NOW: i64 = 1_767_225_600_000;

    fn profile(name: Option<&str>) -> Profile {
        let mut variables = Map::new();
        variables.insert("HOME".into(), "/app-home".into());
        variables.insert(PROFILE.into(), name.map(Value::from).unwrap_or_default());
        Profile::of(&Environment::new(variables, Vec::new()))
    }

    fn file(text: &str) -> Outcome {
        Outcome::File(Secret::new(text.into()))
    }

    #[test]
    fn a_profiles_keys_are_read() {
        let text = "# keys\n[default]\naws_access_key_id=AKIDDEFAULT\r\naws_secret_access_key = a/b+c=\n\n[work]\n  \nAWS_Access_Key_ID = AKIDWORK ; mine\naws_secret_access_key=s\naws_session_token = t==\nexpiration = 2026-01-01T00:00:00Z\ns3 =\n  aws_access_key_id = AKIDNESTED\n";
        let found = profile(None).credentials(&file(text)).unwrap().unwrap();
        assert_eq!(found.access_key_id, "AKIDDEFAULT");
        assert_eq!(found.secret_access_key.expose(), "a/b+c=");
        assert!(found.session_token.is_none() && found.expires.is_none());
        let marked = "\u{feff}[default]\naws_access_key_id=AKIDMARK\naws_secret_access_key=s";
        let found = profile(None).credentials(&file(marked)).unwrap().unwrap();
        assert_eq!(found.access_key_id, "AKIDMARK");
        let found = profile(Some("work")).credentials(&file(text)).unwrap().unwrap();
        assert_eq!(found.access_key_id, "AKIDWORK");
        assert_eq!(found.session_token.map(|token| token.expose().clone()).unwrap(), "t==");
        assert_eq!(found.expires, Some(Timestamp::from_millis(NOW)));
    }

    #[test]
    fn a_file_without_the_profile_is_passed_over_unless_a_variable_names_it() {
        for text in [
            "",
            "[other]\naws_access_key_id=a\naws_secret_access_key=b\n",
            "[default]\nregion=x\n",
            "not ini \u{0}",
        ] {
            assert!(profile(None).credentials(&file(text)).unwrap().is_none(), "{text}");
            let error = profile(Some("work")).credentials(&file(text)).unwrap_err().error;
            assert_eq!(error.code, Code::EnvironmentIncomplete, "{text}");
            assert!(error.message.starts_with("AWS_PROFILE names a profile that"), "{error}");
        }
    }

    #[test]
    fn keys_that_cannot_be_used_are_reported_without_their_value() {
        for (text, what) in [
            ("[default]\naws_access_key_id=AKID\n", "not both"),
            ("[default]\nsso_session=s\n", "`sso_session`"),
            ("[default]\ncredential_process=/bin/hunter2\n", "`credential_process`"),
            (
                "[default]\naws_access_key_id=AK ID\naws_secret_access_key=hunter2\n",
                "`aws_access_key_id`",
            ),
            (
                "[default]\naws_access_key_id=AKID\naws_secret_access_key=hunt er2\n",
                "`aws_secret_access_key`",
            ),
            (
                "[default]\naws_access_key_id=AKID\naws_secret_access_key=hunter2\nexpiration=hunter2\n",
                "expiry",
            ),
        ] {
            let error = profile(None).credentials(&file(text)).unwrap_err().error;
            assert!(error.message.contains(what), "{error}");
            assert!(!error.message.contains("er2"), "{error}");
        }
    }

    #[test]
    fn the_region_is_that_of_the_profile() {
        let text = "[default]\nregion = eu-west-1\n[profile work]\nregion=us-east-2\n[work]\nregion=eu-north-1\n";
        let region = |name| profile(name).region(&file(text)).unwrap();
        assert_eq!(region(None).unwrap().name(), "eu-west-1");
        assert_eq!(region(Some("work")).unwrap().name(), "us-east-2");
        assert!(region(Some("other")).is_none());
        assert!(profile(None).region(&file("[default]\nregion=a b\n")).is_err());
    }

    #[test]
    fn the_files_are_in_the_home_directory_unless_variables_name_them() {
        let path = |effect| match effect {
            Some(Effect::ReadFile { path, .. }) => path,
            _ => String::new(),
        };
        let found = profile(None);
        assert_eq!(path(found.credentials_file()), "/app-home/.aws/credentials");
        assert_eq!(path(found.config_file()), "/app-home/.aws/config");
        let mut variables = Map::new();
        variables.insert("USERPROFILE".into(), "C:\\Users\\u".into());
        variables.insert(CREDENTIALS_FILE.into(), "~/keys".into());
        let found = Profile::of(&Environment::new(variables, Vec::new()));
        assert_eq!(path(found.credentials_file()), "C:\\Users\\u/keys");
        assert!(Profile::of(&Environment::default()).credentials_file().is_none());
    }
}
