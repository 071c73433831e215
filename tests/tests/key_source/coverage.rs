//! How often a run reached each case. A run that reaches none of a kind shows nothing about it.

/// A counter per case.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Coverage {
    pub(crate) replaced: u32,
    pub(crate) renewed: u32,
    pub(crate) failed: u32,
    pub(crate) retried: u32,
    pub(crate) expired: u32,
    pub(crate) previous: u32,
    pub(crate) late: u32,
    pub(crate) loaded: u32,
    pub(crate) redirected: u32,
    pub(crate) set_back: u32,
    pub(crate) refused: u32,
    pub(crate) emptied: u32,
}

impl Coverage {
    fn numbers(&mut self) -> [&mut u32; 12] {
        [
            &mut self.replaced,
            &mut self.renewed,
            &mut self.failed,
            &mut self.retried,
            &mut self.expired,
            &mut self.previous,
            &mut self.late,
            &mut self.loaded,
            &mut self.redirected,
            &mut self.set_back,
            &mut self.refused,
            &mut self.emptied,
        ]
    }

    pub(crate) fn add(&mut self, other: &Coverage) {
        let mut other = *other;
        for (sum, number) in self.numbers().into_iter().zip(other.numbers()) {
            *sum += *number;
        }
    }

    pub(crate) fn is_complete(mut self) -> bool {
        self.numbers().into_iter().all(|number| *number >= 10)
    }
}
