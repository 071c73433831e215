//! Values that must not leak: redacted in Debug, wiped when dropped.

use core::fmt;
use zeroize::Zeroize;

/// A secret value. `Debug` prints `[secret]`; there is no `Display`; reading it is explicit.
///
/// ```
/// use workload_identity_core::Secret;
/// let secret = Secret::new(String::from("eyJ..."));
/// assert_eq!(format!("{secret:?}"), "[secret]");
/// assert_eq!(secret.expose(), "eyJ...");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Wraps a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, where it has to be used.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[secret]")
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
