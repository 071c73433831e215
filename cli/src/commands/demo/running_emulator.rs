//! The emulator of the demo. It can stay after the story, so that the inspector shows it.

use super::timeline::{Marker, Timeline};
use crate::commands::emulator::Platforms;
use crate::serve::Server;
use std::error::Error;
use std::io::Write;

/// A running emulator.
pub(super) struct RunningEmulator {
    pub(super) server: Server,
    pub(super) inspector_url: String,
    /// The files and sockets of a platform.
    pub(super) _platforms: Option<Platforms>,
}

impl RunningEmulator {
    /// Shows where the inspector is, and stays until the process is asked to end.
    pub(super) fn stay<W: Write>(
        self,
        timeline: &mut Timeline<W>,
        open: bool,
    ) -> Result<(), Box<dyn Error>> {
        // Before the address is printed, because the reader may send a signal at once.
        let end = self.server.watch_for_end()?;
        let url = self.inspector_url.clone();
        let fact = ("url".into(), url.clone());
        let summary = "the page shows this story; Ctrl-C ends it";
        timeline.step(Marker::Good, "inspector", summary, &[fact])?;
        if open && let Err(error) = opener::open_browser(&url) {
            timeline.remark(&format!("no browser can be opened ({error}); open {url} yourself"))?;
        }
        end.wait();
        Ok(())
    }
}
