//! Management of federated identity credentials: on applications and agent identity blueprints by Microsoft Graph, on
//! user-assigned managed identities by Azure Resource Manager (ARM).
//!
//! A [`Manager`] is a machine like [`Engine`](crate::Engine). It looks before it writes, writes one change at a time, and reads
//! back what a file of credentials asked for. Sources: "federatedIdentityCredential resource type" (Microsoft Graph
//! reference), "Federated Identity Credentials" (ARM reference), "Workload identity federation considerations" (Entra
//! documentation).
//!
//! ```text
//! Token ──▶ Read ──▶ decide ──▶ Write ──▶ decide ──▶ Finished
//!             ▲▼                  ▲▼
//!            Pause               Pause ──▶ Read, when it is not known whether a write has arrived
//! ```

mod answer;
mod apply;
mod arm;
mod call;
mod challenge;
mod changes;
mod config;
mod credential;
mod existing;
mod graph;
mod identity;
mod job;
mod limits;
mod manager;
mod next;
mod pages;
mod refusal;
mod report;
mod request;
mod resource_id;
mod result;
mod single_write;
mod trust_file;
mod work;
mod write_order;

pub use changes::{Action, Change, Plan};
pub use config::ManagerConfig;
pub use credential::{CredentialUpdate, FederatedCredential};
pub use identity::Identity;
pub use manager::Manager;
pub use report::{ChangeOutcome, ChangeReport, Report};
pub use request::{ManagerRequest, Operation};
pub use result::ManagerResult;
pub use trust_file::{CredentialEntry, MAX_TRUST_FILE_BYTES, TrustFile, trust_file_schema};
