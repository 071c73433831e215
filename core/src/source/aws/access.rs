//! How a source gets the region and the credentials of its requests: the chain that the AWS SDKs document (AWS SDKs and Tools
//! Reference Guide, "Standardized credential providers").
//!
//! In this order: variables with an access key, a pod's role (IRSA), the shared credentials file, the endpoint of a container,
//! the metadata service of an instance. The first that is there is used, and its failure is not hidden by a later one.

use super::super::SourceError;
use super::answer::refusal;
use super::container::{self, Container};
use super::credentials::{Credentials, CredentialsForm};
use super::instance_metadata::{self, InstanceMetadata};
use super::profile::Profile;
use super::progress::{Progress, State, Step};
use super::region::Region;
use super::service_address::{EndpointOptions, Service, ServiceAddress};
use super::web_identity::{self, WebIdentity};
use crate::environment::Environment;
use crate::http::HttpResponse;
use crate::source::endpoint::Endpoint;
use crate::{Code, Effect, Error, Failure, Outcome, Timestamp};
use alloc::string::ToString;

/// The places of region and credentials.
#[derive(Debug)]
pub(super) struct Access {
    region: Option<Region>,
    options: EndpointOptions,
    keys: Option<Credentials>,
    pod: Option<(WebIdentity, ServiceAddress)>,
    profile: Profile,
    container: Option<Container>,
    instance: Option<InstanceMetadata>,
}

/// The providers, in their order.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Provider {
    Keys,
    Pod,
    Profile,
    Container,
    Instance,
}

impl Access {
    /// Reads the environment. What the configuration names comes first.
    ///
    /// # Errors
    /// `config_invalid` for a value that AWS does not have, `environment_incomplete` if there cannot be a region or credentials.
    pub(super) fn of(
        region: Option<Region>,
        credentials: Option<&CredentialsForm>,
        environment: &Environment,
    ) -> Result<Self, Error> {
        let region = match region {
            Some(region) => Some(region),
            None => Region::of_environment(environment)?,
        };
        let keys = match credentials {
            Some(form) => Some(Credentials::configured(form)?),
            None => Credentials::of_environment(environment)?,
        };
        let pod = match WebIdentity::of(environment)? {
            Some(pod) => Some((pod, ServiceAddress::of(Service::SecurityToken, environment)?)),
            None => None,
        };
        let access = Self {
            region,
            options: EndpointOptions::of_environment(environment)?,
            keys,
            pod,
            profile: Profile::of(environment),
            container: Container::of(environment)?,
            instance: InstanceMetadata::of(environment)?,
        };
        if access.region.is_none()
            && access.profile.config_file().is_none()
            && access.instance.is_none()
        {
            return Err(no_region());
        }
        let has_provider = access.keys.is_some()
            || access.pod.is_some()
            || access.profile.credentials_file().is_some()
            || access.container.is_some()
            || access.instance.is_some();
        if has_provider { Ok(access) } else { Err(no_credentials()) }
    }

    /// Returns what comes first.
    pub(super) fn begin(&self, state: &mut State, now: Timestamp) -> Result<Progress, SourceError> {
        state.options = self.options;
        match self.profile.config_file() {
            Some(effect) if self.region.is_none() || self.options.are_incomplete() => {
                Ok(ask(state, Step::ConfigFile, effect))
            }
            _ => self.after_config_file(state, now),
        }
    }

    /// Reads an outcome.
    pub(super) fn read(
        &self,
        outcome: &Outcome,
        state: &mut State,
        now: Timestamp,
    ) -> Result<Progress, SourceError> {
        if let Outcome::Failed { failure, detail } = outcome {
            return self.failed(*failure, detail, state, now);
        }
        let endpoint = match state.step {
            Step::AssumeRole => &web_identity::ENDPOINT,
            Step::Container => &container::ENDPOINT,
            _ => &instance_metadata::ENDPOINT,
        };
        match state.step {
            Step::ConfigFile => {
                state.options = self.options.or(self.profile.endpoint_options(outcome)?);
                if self.region.is_none() {
                    let region = self.profile.region(outcome)?;
                    state.region = region.map(|region| region.name().to_string());
                }
                self.after_config_file(state, now)
            }
            Step::CredentialsFile => match self.profile.credentials(outcome)? {
                Some(found) => self.ready(found, "the shared credentials file", state, now),
                None => self.credentials(Provider::Container, state, now),
            },
            Step::PodToken => {
                let token = web_identity::FILE.text(outcome)?;
                self.assume_role(token, state)
            }
            Step::ContainerToken => {
                let token = container::AUTHORIZATION_FILE.text(outcome)?;
                self.ask_container(Some(token), state)
            }
            Step::MetadataToken => {
                let token = instance_metadata::token(accept(outcome, endpoint, now)?)?;
                state.metadata_token = Some(token.to_string());
                if self.region_of(state).is_some() {
                    self.credentials(Provider::Instance, state, now)
                } else {
                    self.region_of_instance(state)
                }
            }
            Step::Region => {
                let region = instance_metadata::region(accept(outcome, endpoint, now)?)?;
                self.with_region(&region, state, now)
            }
            Step::Role => {
                let role = instance_metadata::role(accept(outcome, endpoint, now)?)?;
                self.credentials_of_role(role, state)
            }
            Step::AssumeRole => {
                let found = web_identity::credentials(accept(outcome, endpoint, now)?)?;
                self.ready(found, "AssumeRoleWithWebIdentity", state, now)
            }
            Step::Container => {
                let response = accept(outcome, endpoint, now)?;
                let answer = super::answer::Answer::of(response, endpoint)?;
                let found = Credentials::issued(&answer, "Token", endpoint)?;
                self.ready(found, "the container's endpoint", state, now)
            }
            Step::RoleCredentials => {
                let found = instance_metadata::credentials(accept(outcome, endpoint, now)?)?;
                self.ready(found, "the instance's role", state, now)
            }
            // The wait after an error of the first step.
            Step::Begin => self.begin(state, now),
            Step::Signed => Err(SourceError::unexpected()),
        }
    }

    /// The error of an effect that the host could not perform, or the next provider if the file is not there.
    fn failed(
        &self,
        failure: Failure,
        detail: &str,
        state: &mut State,
        now: Timestamp,
    ) -> Result<Progress, SourceError> {
        let is_absent = matches!(failure, Failure::NotFound | Failure::Unsupported);
        match state.step {
            Step::ConfigFile => self.after_config_file(state, now),
            Step::CredentialsFile if is_absent => {
                self.profile.without_file()?;
                self.credentials(Provider::Container, state, now)
            }
            Step::CredentialsFile => Err(super::profile::FILE.failed(failure, detail)),
            Step::PodToken => Err(web_identity::FILE.failed(failure, detail)),
            Step::ContainerToken => Err(container::AUTHORIZATION_FILE.failed(failure, detail)),
            Step::AssumeRole => Err(web_identity::ENDPOINT.failed(failure, detail)),
            Step::Container => Err(container::ENDPOINT.failed(failure, detail)),
            Step::MetadataToken | Step::Region if self.region_of(state).is_none() => {
                Err(no_region().into())
            }
            Step::MetadataToken if failure == Failure::Unsupported => Err(no_credentials().into()),
            Step::MetadataToken => {
                let mut refused = instance_metadata::ENDPOINT.failed(failure, detail);
                refused.error.hint = Some(NO_CREDENTIALS.into());
                Err(refused)
            }
            _ => Err(instance_metadata::ENDPOINT.failed(failure, detail)),
        }
    }

    /// Asks the first of the providers from one on.
    fn credentials(
        &self,
        first: Provider,
        state: &mut State,
        now: Timestamp,
    ) -> Result<Progress, SourceError> {
        if first <= Provider::Keys
            && let Some(keys) = &self.keys
        {
            return self.ready(keys.clone(), "the environment", state, now);
        }
        if first <= Provider::Pod
            && let Some((pod, _)) = &self.pod
        {
            return Ok(ask(state, Step::PodToken, pod.file()));
        }
        if first <= Provider::Profile
            && let Some(effect) = self.profile.credentials_file()
        {
            return Ok(ask(state, Step::CredentialsFile, effect));
        }
        if first <= Provider::Container
            && let Some(container) = &self.container
        {
            return match container.file() {
                Some(effect) => Ok(ask(state, Step::ContainerToken, effect)),
                None => self.ask_container(None, state),
            };
        }
        let Some(instance) = &self.instance else { return Err(no_credentials().into()) };
        let (step, request) = match &state.metadata_token {
            Some(token) => (Step::Role, instance.role_request(token)),
            None => (Step::MetadataToken, instance.token_request()),
        };
        Ok(ask(state, step, Effect::Http(request)))
    }

    fn after_config_file(
        &self,
        state: &mut State,
        now: Timestamp,
    ) -> Result<Progress, SourceError> {
        if self.region_of(state).is_some() {
            self.credentials(Provider::Keys, state, now)
        } else {
            self.region_of_instance(state)
        }
    }

    fn region_of_instance(&self, state: &mut State) -> Result<Progress, SourceError> {
        let Some(instance) = &self.instance else { return Err(no_region().into()) };
        let (step, request) = match &state.metadata_token {
            Some(token) => (Step::Region, instance.region_request(token)),
            None => (Step::MetadataToken, instance.token_request()),
        };
        Ok(ask(state, step, Effect::Http(request)))
    }

    fn credentials_of_role(&self, role: &str, state: &mut State) -> Result<Progress, SourceError> {
        let (Some(instance), Some(token)) = (&self.instance, &state.metadata_token) else {
            return Err(SourceError::unexpected());
        };
        let request = instance.credentials_request(token, role);
        Ok(ask(state, Step::RoleCredentials, Effect::Http(request)))
    }

    fn assume_role(&self, token: &str, state: &mut State) -> Result<Progress, SourceError> {
        let (Some((pod, address)), Some(region)) = (&self.pod, self.region_of(state)) else {
            return Err(SourceError::unexpected());
        };
        let url = address.url(&region, state.options);
        let request = pod.request(url, token, state.timeout_ms);
        Ok(ask(state, Step::AssumeRole, Effect::Http(request)))
    }

    fn ask_container(
        &self,
        file: Option<&str>,
        state: &mut State,
    ) -> Result<Progress, SourceError> {
        let Some(container) = &self.container else { return Err(SourceError::unexpected()) };
        Ok(ask(state, Step::Container, Effect::Http(container.request(file)?)))
    }

    fn with_region(
        &self,
        region: &Region,
        state: &mut State,
        now: Timestamp,
    ) -> Result<Progress, SourceError> {
        state.region = Some(region.name().to_string());
        self.credentials(Provider::Keys, state, now)
    }

    fn ready(
        &self,
        found: Credentials,
        origin: &str,
        state: &State,
        now: Timestamp,
    ) -> Result<Progress, SourceError> {
        let region = self.region_of(state).ok_or_else(SourceError::unexpected)?;
        Ok(Progress::Ready(region, found.valid(origin, now)?))
    }

    fn region_of(&self, state: &State) -> Option<Region> {
        let found = || Region::parse(state.region.as_deref()?, "the region").ok();
        self.region.clone().or_else(found)
    }
}

fn ask(state: &mut State, step: Step, effect: Effect) -> Progress {
    state.step = step;
    Progress::Ask(effect)
}

/// The answer if its status is 200.
fn accept<'a>(
    outcome: &'a Outcome,
    endpoint: &Endpoint,
    now: Timestamp,
) -> Result<&'a HttpResponse, SourceError> {
    let Outcome::Http(response) = outcome else { return Err(SourceError::unexpected()) };
    if response.status == 200 { Ok(response) } else { Err(refusal(response, endpoint, now)) }
}

const NO_CREDENTIALS: &str = "no AWS credentials were found before: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_ROLE_ARN with AWS_WEB_IDENTITY_TOKEN_FILE, the shared credentials file, and AWS_CONTAINER_CREDENTIALS_FULL_URI are not there";

fn no_credentials() -> Error {
    Error::new(
        Code::EnvironmentIncomplete,
        "no AWS credentials are in the environment, in the shared credentials file or at an endpoint; give the task, pod or instance a role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    )
}

fn no_region() -> Error {
    Error::new(
        Code::EnvironmentIncomplete,
        "no AWS region is known; set AWS_REGION, or `region` in the configuration or in ~/.aws/config",
    )
}
