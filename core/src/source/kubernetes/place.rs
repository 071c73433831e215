//! Where the cluster is described: by the variables of a pod, or by a kubeconfig file.

use super::kubeconfig;
use crate::environment::Environment;
use crate::http::AddressPolicy;
use crate::json::non_empty::NonBlank;
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;
use core::net::IpAddr;

pub(super) const HOST: &str = "KUBERNETES_SERVICE_HOST";
pub(super) const PORT: &str = "KUBERNETES_SERVICE_PORT";

/// Where the cluster is described.
#[derive(Debug)]
pub(super) enum Place {
    /// By the variables of a pod.
    Cluster { server: String },
    /// By a kubeconfig file, and the name of one of its contexts.
    Kubeconfig { path: String, context: Option<String> },
}

impl Place {
    /// The configured kubeconfig, else the pod's own cluster, else the kubeconfig of `KUBECONFIG`.
    pub(super) fn choose(
        path: Option<NonBlank>,
        context: Option<NonBlank>,
        environment: &Environment,
    ) -> Result<Self, Error> {
        let invalid = |message: &str| Error::new(Code::ConfigInvalid, message);
        let context = context.map(|NonBlank(context)| context);
        if let Some(NonBlank(path)) = path {
            return Ok(Self::Kubeconfig { path, context });
        }
        match (environment.variable(HOST), environment.variable(PORT)) {
            (Some(host), Some(port)) if context.is_none() => {
                return server(host, port).map(|server| Self::Cluster { server });
            }
            (Some(_), None) if context.is_none() => {
                return Err(Error::new(
                    Code::EnvironmentIncomplete,
                    "KUBERNETES_SERVICE_HOST is set without KUBERNETES_SERVICE_PORT; kubelet sets both",
                ));
            }
            _ => {}
        }
        let path = environment.variable(kubeconfig::VARIABLE).ok_or_else(|| {
            invalid(
                "there is no cluster: KUBERNETES_SERVICE_HOST is not set, as it is in a pod, and neither `source.kubeconfig` nor KUBECONFIG names a kubeconfig file",
            )
        })?;
        kubeconfig::single(path)?;
        Ok(Self::Kubeconfig { path: path.into(), context })
    }

    /// What to check when the credential is refused.
    pub(super) fn credential_advice(&self) -> &'static str {
        match self {
            Self::Cluster { .. } => {
                "check that the pod's own service account token is of this cluster and is renewed by kubelet"
            }
            Self::Kubeconfig { .. } => {
                "it has expired or is of another cluster; renew `token` or `tokenFile` of the kubeconfig's user"
            }
        }
    }
}

/// The API server of a pod's variables.
fn server(host: &str, port: &str) -> Result<String, Error> {
    let url = match host.parse() {
        Ok(IpAddr::V6(_)) => format!("https://[{host}]:{port}"),
        _ => format!("https://{host}:{port}"),
    };
    let refuse = |what: &str| {
        let message = format!(
            "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT name an address that {what}; kubelet sets them, do not change them"
        );
        Error::new(Code::ConfigInvalid, message)
    };
    let url =
        AddressPolicy::AUTHORITY.parse(&url).map_err(|refusal| refuse(&format!("{refusal}")))?;
    if url.path_and_query().is_empty() { Ok(url.into_string()) } else { Err(refuse("has a path")) }
}
