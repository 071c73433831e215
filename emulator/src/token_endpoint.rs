//! `POST /{tenant}/oauth2/v2.0/token` (and `/oauth2/token`): the client credentials grant with an assertion.

use crate::access_token::RequestedClaims;
use crate::assertion;
use crate::discovery::Version;
use crate::emulator::Emulator;
use crate::entra_error::{Aadsts, Correlation, Refusal};
use crate::exchange::Exchange;
use crate::fault::FaultTarget;
use crate::fault_plan::Struck;
use crate::identifiers::is_uuid;
use crate::message::{Reply, Request, Response};
use crate::scope;
use workload_identity_core::Timestamp;
use workload_identity_core::entra::CLOUDS;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The fields of a form; empty ones count as absent, as at Entra.
struct Form<'f>(&'f [(String, String)]);

impl<'f> Form<'f> {
    fn get(&self, name: &str) -> Option<&'f str> {
        let found = self.0.iter().find(|(known, value)| known == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    fn require(&self, name: &str) -> Result<&'f str, Refusal> {
        self.get(name).ok_or_else(|| {
            Refusal::new(
                Aadsts::ParameterMissing,
                format!("The request body must contain the following parameter: '{name}'."),
            )
        })
    }

    fn refuse_duplicates(&self) -> Result<(), Refusal> {
        for (index, (name, _)) in self.0.iter().enumerate() {
            if self.0[..index].iter().any(|(earlier, _)| earlier == name) {
                return Err(Refusal::new(
                    Aadsts::ParameterDuplicated,
                    format!(
                        "The request is not properly formatted. The parameter '{name}' is duplicated."
                    ),
                ));
            }
        }
        Ok(())
    }
}

impl Emulator {
    pub(crate) fn token_endpoint(
        &mut self,
        tenant: &str,
        version: Version,
        request: &Request,
        now: Timestamp,
    ) -> Reply {
        let fields = request.form_fields();
        if request.method == "POST" {
            self.token_requests.record(request, &fields);
        }
        let form = Form(&fields);
        let struck = self.faults.strike(FaultTarget::Token);
        let wanted = request.header("client-request-id").or_else(|| form.get("client-request-id"));
        let correlation = self.correlation(wanted);
        let clock = struck.clock(now);
        if let Some(answer) = struck.answer(&correlation, clock) {
            return Reply::Respond(answer);
        }
        match self.accept(tenant, version, &request.method, &form, &correlation, &struck) {
            Ok(exchange) => self.resume(exchange, now),
            Err(refusal) => Reply::Respond(refused(&correlation, &struck, &refusal, clock)),
        }
    }

    /// Every check that needs no key of the issuer.
    fn accept(
        &self,
        tenant: &str,
        version: Version,
        method: &str,
        form: &Form<'_>,
        correlation: &Correlation,
        struck: &Struck,
    ) -> Result<Exchange, Refusal> {
        if method != "POST" {
            return Err(Refusal::new(
                Aadsts::WrongMethod,
                format!(
                    "The endpoint only accepts POST, OPTIONS requests. Received a {method} request."
                ),
            ));
        }
        form.refuse_duplicates()?;
        let grant_type = form.require("grant_type")?;
        if grant_type != "client_credentials" {
            return Err(Refusal::new(
                Aadsts::GrantTypeUnsupported,
                format!("The app requested an unsupported grant type '{grant_type}'."),
            ));
        }
        self.find_tenant(tenant)?;
        let client_id = form.require("client_id")?;
        if !client_id.eq_ignore_ascii_case(&self.settings.client_id) {
            return Err(Refusal::new(
                Aadsts::ApplicationNotFound,
                format!(
                    "Application with identifier '{client_id}' was not found in the directory '{}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
                    self.settings.tenant_domain
                ),
            ));
        }
        let resource = match version {
            Version::V1 => form.require("resource")?.to_owned(),
            Version::V2 => scope::resource(form.require("scope")?)?,
        };
        self.find_resource(&resource)?;
        let requested = RequestedClaims::parse(form.get("claims"))?;
        let assertion = self.credential(form)?;
        let issuer = self.match_assertion(assertion)?;
        Ok(Exchange::new(
            correlation.clone(),
            struck.clone(),
            version,
            assertion.to_owned(),
            issuer,
            resource,
            requested,
        ))
    }

    /// Whether the path names the one tenant there is.
    pub(crate) fn find_tenant(&self, tenant: &str) -> Result<(), Refusal> {
        if tenant.eq_ignore_ascii_case(&self.settings.tenant_id)
            || tenant.eq_ignore_ascii_case(&self.settings.tenant_domain)
        {
            return Ok(());
        }
        let refusal = match tenant {
            "common" | "consumers" => Refusal::new(
                Aadsts::TenantShared,
                "The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.",
            ),
            "organizations" => Refusal::new(
                Aadsts::TenantUnnamed,
                "No tenant-identifying information found in either the request or implied by any provided credentials.",
            ),
            _ if is_uuid(tenant) || is_domain(tenant) => Refusal::new(
                Aadsts::TenantNotFound,
                format!(
                    "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant."
                ),
            ),
            _ => Refusal::new(
                Aadsts::TenantMalformed,
                format!(
                    "Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid external domain."
                ),
            ),
        };
        Err(refusal)
    }

    fn find_resource(&self, resource: &str) -> Result<(), Refusal> {
        let known = &self.settings.resources;
        if known.is_empty() || known.iter().any(|name| name == resource) {
            return Ok(());
        }
        Err(Refusal::new(
            Aadsts::ResourceNotFound,
            format!(
                "The resource principal named {resource} was not found in the tenant named {}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.",
                self.settings.tenant_domain
            ),
        ))
    }

    /// The assertion of the form; secrets are refused, since the application has none.
    fn credential<'f>(&self, form: &Form<'f>) -> Result<&'f str, Refusal> {
        let Some(assertion) = form.get("client_assertion") else {
            return Err(match form.get("client_secret") {
                Some(_) => Refusal::new(
                    Aadsts::SecretInvalid,
                    format!(
                        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{}'.",
                        self.settings.client_id
                    ),
                ),
                None => Refusal::new(
                    Aadsts::CredentialMissing,
                    "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
                ),
            });
        };
        match form.require("client_assertion_type")? {
            ASSERTION_TYPE => Ok(assertion),
            _ => Err(Refusal::new(
                Aadsts::RequestMalformed,
                "Invalid request. Request is malformed or invalid.",
            )),
        }
    }

    /// The issuer of an assertion that a credential accepts, its signature still unchecked.
    fn match_assertion(&self, assertion: &str) -> Result<String, Refusal> {
        let presented = assertion::inspect(assertion)?;
        let client_id = &self.settings.client_id;
        if presented.issuer.eq_ignore_ascii_case(client_id) {
            return Err(Refusal::new(
                Aadsts::SignatureInvalid,
                "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found.]",
            ));
        }
        if self.is_entra_issuer(&presented.issuer) {
            return Err(Refusal::new(
                Aadsts::EntraIssued,
                "AAD-issued tokens may not be used for federated identity flows.",
            ));
        }
        let client = format!("'{client_id}'({})", self.settings.tenant_domain);
        self.credentials.matching(
            &client,
            &presented.issuer,
            &presented.subject,
            &presented.audience,
        )?;
        Ok(presented.issuer)
    }

    fn is_entra_issuer(&self, issuer: &str) -> bool {
        if issuer == self.access_token_issuer() || issuer == self.access_token_issuer_v1() {
            return true;
        }
        let Some(rest) = issuer.strip_prefix("https://") else { return false };
        let host = rest.split('/').next().unwrap_or_default().to_ascii_lowercase();
        let is = |known: &str| {
            host == known || host.strip_suffix(known).is_some_and(|region| region.ends_with('.'))
        };
        CLOUDS.iter().any(|cloud| is(cloud.host) || cloud.aliases.iter().any(|alias| is(alias)))
    }
}

/// The error answer, under the request's faults.
pub(crate) fn refused(
    correlation: &Correlation,
    struck: &Struck,
    refusal: &Refusal,
    now: Timestamp,
) -> Response {
    struck.distort(correlation.refuse(refusal, now))
}

fn is_domain(text: &str) -> bool {
    text.contains('.')
        && text.split('.').all(|label| {
            !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
}
