//! The text that the emulator prints when it is ready.

use super::platform::Platforms;
use std::fmt::Write;
use workload_identity_core::trust::shell_word;
use workload_identity_emulator::{Facts, FederatedCredential, HostFacts};

/// The data of the text.
pub(super) struct StartupInfo<'a> {
    pub(super) facts: &'a Facts,
    pub(super) credentials: &'a [FederatedCredential],
    pub(super) ca_file: Option<&'a str>,
    pub(super) token_file: Option<&'a str>,
    pub(super) platforms: &'a Platforms,
}

impl StartupInfo<'_> {
    /// The text form: the endpoints, and commands to paste into another shell.
    pub(super) fn page(&self) -> String {
        let mut page = String::new();
        // Writing to a String cannot fail.
        let _ = self.write(&mut page);
        page
    }

    /// One line of JSON.
    pub(super) fn json(&self) -> String {
        self.facts.to_json(&HostFacts {
            ca_file: self.ca_file,
            token_file: self.token_file,
            environment: self.variables().into_iter().collect(),
            platforms: self.platforms.names(),
        })
    }

    fn write(&self, page: &mut String) -> std::fmt::Result {
        let facts = self.facts;
        writeln!(page, "Emulator at {} (Ctrl-C ends it)\n", facts.base_url)?;
        writeln!(page, "  inspector       {}/", facts.base_url)?;
        writeln!(page, "  tenant          {}", facts.tenant_id)?;
        writeln!(page, "  application     {}", facts.client_id)?;
        writeln!(page, "  token endpoint  {}/oauth2/v2.0/token", facts.authority)?;
        writeln!(page, "  protected API   {}", facts.api_url)?;
        writeln!(page, "  token requests  {}", facts.token_requests_url)?;
        writeln!(page, "  Graph           {}", facts.graph_url)?;
        writeln!(page, "  ARM             {}", facts.arm_url)?;
        if let Some(path) = self.ca_file {
            writeln!(page, "  CA file         {path}")?;
        }
        if let Some(path) = self.token_file {
            writeln!(page, "  token file      {path}")?;
        }
        writeln!(page, "\nTrusted, each exactly and case-sensitively:")?;
        for FederatedCredential { credential, .. } in self.credentials {
            writeln!(page, "\n  issuer    {}", credential.issuer)?;
            writeln!(page, "  subject   {}", credential.subject().unwrap_or_default())?;
            writeln!(page, "  audience  {}", credential.audience)?;
        }
        writeln!(page, "\nTo be this workload, paste into another shell:\n")?;
        for (name, value) in self.variables() {
            writeln!(page, "  export {name}={}", shell_word(value))?;
        }
        page.push_str(TRIES);
        Ok(())
    }

    fn variables(&self) -> Vec<(&'static str, &str)> {
        let facts = self.facts;
        let mut variables = vec![
            ("AZURE_AUTHORITY_HOST", facts.base_url.as_str()),
            ("AZURE_TENANT_ID", &facts.tenant_id),
            ("AZURE_CLIENT_ID", &facts.client_id),
        ];
        match self.token_file {
            Some(path) => variables.push(("AZURE_FEDERATED_TOKEN_FILE", path)),
            None if !self.platforms.names().is_empty() => {}
            None => variables.extend([
                ("ACTIONS_ID_TOKEN_REQUEST_URL", facts.github_request_url.as_str()),
                ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", &facts.github_request_token),
            ]),
        }
        if let Some(path) = self.ca_file {
            variables.extend([("SSL_CERT_FILE", path), ("NODE_EXTRA_CA_CERTS", path)]);
        }
        let own = self.platforms.variables();
        variables.retain(|(name, _)| !own.contains_key(name));
        variables.extend(own.iter().map(|(name, value)| (*name, value.as_str())));
        variables
    }
}

const TRIES: &str = r#"
and try one of

  wif token --scope https://vault.azure.net/.default --json
  python3 -c 'from workload_identity import WorkloadIdentity as W; print(W.from_environment().get_token("https://vault.azure.net/.default").expires_on)'
  node -e 'require("workload-identity").WorkloadIdentity.fromEnvironment().getToken("https://vault.azure.net/.default").then((t) => console.log(t.expiresOnTimestamp))'
"#;
