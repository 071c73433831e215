//! Azure: the hosts of managed identities, Azure Pipelines, and identity bindings of AKS. One file per platform.

mod aks_identity_binding;
mod app_service;
mod arc;
mod cloud_shell;
mod imds;
mod machine_learning;
mod managed_identity;
mod pipelines;
mod service_fabric;

pub(super) use aks_identity_binding::PLATFORM as AKS_IDENTITY_BINDING;
pub(super) use app_service::PLATFORM as APP_SERVICE;
pub(super) use arc::PLATFORM as ARC;
pub(super) use cloud_shell::PLATFORM as CLOUD_SHELL;
pub(super) use imds::PLATFORM as IMDS;
pub(super) use machine_learning::PLATFORM as MACHINE_LEARNING;
pub(super) use pipelines::PLATFORM as PIPELINES;
pub(super) use service_fabric::PLATFORM as SERVICE_FABRIC;
