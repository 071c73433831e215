//! Patterns for claims: `*`, `?` and `\`.

/// Returns whether a text matches a pattern: `*` stands for any run of characters, `?` for one character, `\` takes the
/// next character literally. The time is at most proportional to the product of both lengths.
///
/// ```
/// use workload_identity_core::verify::glob;
/// assert!(glob("repo:octo/*:ref:refs/heads/main", "repo:octo/app:ref:refs/heads/main"));
/// assert!(!glob("repo:octo/*", "repo:octopus/app"));
/// assert!(glob(r"100\*", "100*") && !glob(r"100\*", "1000"));
/// ```
#[must_use]
pub fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut wanted, mut at) = (0, 0);
    // Where to continue if the last `*` has to match one byte more. If it then ends inside a character, only `?` can match
    // next, and `?` could have matched the whole character as well.
    let mut retry = None;
    loop {
        let mut next = wanted + 1;
        let fits = match (pattern.get(wanted), text.get(at)) {
            (None, None) => return true,
            (Some(b'*'), _) => {
                wanted = next;
                retry = Some((wanted, at));
                continue;
            }
            (Some(b'?'), Some(_)) => {
                // The rest of the character.
                while text.get(at + 1).is_some_and(|byte| byte & 0xc0 == 0x80) {
                    at += 1;
                }
                true
            }
            (Some(b'\\'), found) => {
                next += 1;
                found.is_some() && pattern.get(wanted + 1) == found
            }
            (one, other) => one == other,
        };
        if fits {
            (wanted, at) = (next, at + 1);
            continue;
        }
        match retry {
            Some((after, start)) if start < text.len() => {
                (wanted, at) = (after, start + 1);
                retry = Some((wanted, at));
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_as_documented() {
        for (pattern, text) in [
            ("", ""),
            ("*", ""),
            ("a*c", "abbc"),
            ("a*c", "acc"),
            ("*a*b", "xaxbab"),
            ("??", "äö"),
            (r"\*\?\\", r"*?\"),
            ("**", "x"),
        ] {
            assert!(glob(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("", "a"),
            ("a", ""),
            ("a", "A"),
            ("?", ""),
            ("a*c", "ab"),
            (r"\*", "a"),
            (r"\", r"\"),
            ("a*", "ba"),
        ] {
            assert!(!glob(pattern, text), "{pattern} {text}");
        }
        // A pattern that sends a backtracking matcher into exponential time.
        assert!(!glob(&"*a".repeat(30), &"b".repeat(5_000)));
    }
}
