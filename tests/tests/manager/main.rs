//! The manager against the emulator's Microsoft Graph and ARM, on one virtual clock.

mod applying;
mod directory;
mod model;
mod secrets;
