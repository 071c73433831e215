//! The emulator through its requests and replies: each rule once kept and once broken.

mod access_tokens;
mod any_input;
mod arm;
mod aws_platform;
mod azure_platforms;
mod cloud_platforms;
mod discovery;
mod events;
mod faults;
mod fixture;
mod flexible;
mod graph;
mod inspector;
mod issuer;
mod management;
mod management_property;
mod protected_api;
mod records;
mod rotation;
mod success;
mod token_request;
mod trust;
mod trust_property;
mod unsigned_replies;
mod workload_issuers;
