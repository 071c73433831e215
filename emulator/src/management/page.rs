//! Pages of a list, whose continuation is an opaque text.

use workload_identity_core::jose::{base64url_decode, base64url_encode};

/// A page, and the text that asks for the next one.
pub(super) struct Page<'i, T> {
    pub(super) items: &'i [T],
    pub(super) next: Option<String>,
}

/// The page of at most `size` items from where `continuation` left off. `None` for a text that is no continuation.
pub(super) fn page<'i, T>(
    items: &'i [T],
    size: usize,
    continuation: Option<&str>,
) -> Option<Page<'i, T>> {
    let start = match continuation {
        Some(text) => position(text)?,
        None => 0,
    };
    // Items can have been removed since the page before.
    let rest = items.get(start..).unwrap_or_default();
    let (items, left) = rest.split_at(size.min(rest.len()));
    let next = (!left.is_empty()).then(|| {
        let position = start + items.len();
        base64url_encode(position.to_string().as_bytes())
    });
    Some(Page { items, next })
}

fn position(continuation: &str) -> Option<usize> {
    let bytes = base64url_decode(continuation)?;
    std::str::from_utf8(&bytes).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other() {
        let items = [1, 2, 3, 4, 5];
        let first = page(&items, 2, None).expect("a page");
        assert_eq!(first.items, [1, 2]);
        let second = page(&items, 2, first.next.as_deref()).expect("a page");
        assert_eq!(second.items, [3, 4]);
        let last = page(&items, 2, second.next.as_deref()).expect("a page");
        assert_eq!((last.items, last.next), (&[5][..], None));
        let late = page(&items[..1], 2, second.next.as_deref()).expect("a page");
        assert_eq!((late.items, late.next), (&[][..], None));
    }

    #[test]
    fn another_text_is_no_continuation() {
        for text in ["", "2", "%", "LTE", "Mzk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"] {
            assert!(page(&[1], 1, Some(text)).is_none(), "{text}");
        }
    }
}
