//! Names of regions (AWS General Reference, "AWS service endpoints").

use crate::environment::Environment;
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;

/// The name of a region, such as `eu-west-1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Region(String);

impl Region {
    /// Reads a name. `origin` is the variable or member that it is from.
    ///
    /// # Errors
    /// `config_invalid`: the name would not be a part of a host name.
    pub(super) fn parse(name: &str, origin: &str) -> Result<Self, Error> {
        let name = name.trim_ascii();
        let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (4..=40).contains(&name.len())
            && name.bytes().all(is_part)
            && name.starts_with(|first: char| first.is_ascii_lowercase())
            && name.ends_with(|last: char| last.is_ascii_digit())
        {
            return Ok(Self(name.into()));
        }
        let message =
            format!("{origin} is not the name of a region such as `eu-west-1`, in lower case");
        Err(Error::new(Code::ConfigInvalid, message))
    }

    /// The region that the environment names: AWS_REGION, which Lambda and containers set, then AWS_DEFAULT_REGION.
    pub(super) fn of_environment(environment: &Environment) -> Result<Option<Self>, Error> {
        let variables = ["AWS_REGION", "AWS_DEFAULT_REGION"];
        let set = variables.iter().find_map(|name| Some((*name, environment.variable(name)?)));
        set.map(|(name, region)| Self::parse(region, name)).transpose()
    }

    pub(super) fn name(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_no_region_are_refused() {
        for bad in [
            "",
            "aws-global",
            "EU-WEST-1",
            "eu-west-1.evil.example/",
            "eu west 1",
            "eu-west-1\n@x1",
            "1-1-1",
        ] {
            let error = Region::parse(bad, "AWS_REGION").unwrap_err();
            assert_eq!(error.code, Code::ConfigInvalid, "{bad}");
            assert!(error.message.starts_with("AWS_REGION is not"), "{error}");
        }
    }
}
