//! The call `FetchJWTSVID` of the SPIFFE Workload API, by the crate `spiffe`.

use serde::Deserialize;
use spiffe::transport::{GrpcStatusCode, TransportError};
use spiffe::{SpiffeId, WorkloadApiClient, WorkloadApiError};
use std::time::Duration;
use workload_identity_core::Failure;

/// The payload of the effect (`docs/protocol.md`, section 4).
#[derive(Deserialize)]
pub(super) struct FetchJwtSvid {
    socket: String,
    audience: Vec<String>,
    spiffe_id: Option<String>,
    hint: Option<String>,
}

/// Fetches a JWT-SVID within a time limit: that with the hint, else the first.
pub(super) fn fetch_jwt_svid(
    request: &FetchJwtSvid,
    limit: Duration,
) -> Result<Vec<u8>, (Failure, String)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| (Failure::Other, error.to_string()))?;
    match runtime.block_on(async { tokio::time::timeout(limit, call(request)).await }) {
        Err(_) => Err((Failure::Timeout, "no answer in time".to_owned())),
        Ok(Ok(token)) => Ok(token.into_bytes()),
        Ok(Err(error)) => Err((word(&error), error.to_string())),
    }
}

async fn call(request: &FetchJwtSvid) -> Result<String, WorkloadApiError> {
    let id = request.spiffe_id.as_deref().map(SpiffeId::new).transpose()?;
    let client = WorkloadApiClient::connect_to(&request.socket).await?;
    match &request.hint {
        None => client.fetch_jwt_token(&request.audience, id.as_ref()).await,
        Some(hint) => {
            let svid = client.fetch_jwt_svid_by_hint(&request.audience, id.as_ref(), hint).await?;
            Ok(svid.token().to_owned())
        }
    }
}

/// The failure word of an error. Another attempt is of no use after `other`.
fn word(error: &WorkloadApiError) -> Failure {
    match error {
        WorkloadApiError::NoIdentityIssued | WorkloadApiError::PermissionDenied(_) => {
            Failure::Denied
        }
        WorkloadApiError::Transport(TransportError::Connect(_)) => Failure::Refused,
        WorkloadApiError::Transport(TransportError::Status(status)) => match status.code() {
            GrpcStatusCode::Unavailable => Failure::Refused,
            GrpcStatusCode::DeadlineExceeded => Failure::Timeout,
            // What answers at the socket does not speak HTTP/2.
            GrpcStatusCode::Unknown if status.message() == "transport error" => Failure::Refused,
            _ => Failure::Other,
        },
        _ => Failure::Other,
    }
}
