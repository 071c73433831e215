//! The verifier machine on a virtual clock: flights, remembered verdicts, refreshes, floods, several issuers, addresses.

mod addresses;
mod flights;
mod floods;
mod issuers;
mod refreshes;
mod remembered;
mod world;
