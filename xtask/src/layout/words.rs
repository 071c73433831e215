//! Words that no code, document or message uses, because the field has a plain one.

/// A word, in all its forms, and what is written instead.
struct Banned {
    forms: &'static [&'static str],
    instead: &'static str,
}

const BANNED: [Banned; 19] = [
    Banned { forms: &["passage", "passages"], instead: "the generated bindings" },
    Banned { forms: &["stranger", "strangers"], instead: "untrusted input, an unknown handle" },
    Banned { forms: &["desk", "desks"], instead: "class, instance" },
    Banned { forms: &["room", "rooms"], instead: "buffer, limit, module" },
    Banned { forms: &["landing", "landings", "landed"], instead: "finish, result" },
    Banned { forms: &["takeoff", "take_off"], instead: "start" },
    Banned {
        forms: &["seal", "seals", "sealed", "sealing", "unsealed"],
        instead: "pending, complete",
    },
    Banned { forms: &["unproven"], instead: "pending, unverified" },
    Banned {
        forms: &[
            "judge",
            "judges",
            "judged",
            "judging",
            "judgement",
            "judgements",
            "judgment",
            "ruling",
        ],
        instead: "check, verify, result",
    },
    Banned { forms: &["witness", "witnesses", "witnessed"], instead: "log, record" },
    Banned { forms: &["crowd", "crowds", "crowded"], instead: "concurrent callers" },
    Banned { forms: &["patience", "patient"], instead: "timeout" },
    Banned { forms: &["whoever", "whomever", "whosoever"], instead: "the caller, the user" },
    Banned { forms: &["papers"], instead: "documentation" },
    Banned { forms: &["dice"], instead: "Rng" },
    Banned { forms: &["struck", "strike", "strikes"], instead: "applied, apply" },
    Banned { forms: &["newcomer", "newcomers"], instead: "new caller" },
    Banned { forms: &["unoffered"], instead: "unsupported" },
    Banned { forms: &["anew"], instead: "again" },
];

/// Files whose words are checked.
const ENDS: [&str; 8] = [".rs", ".ts", ".js", ".mjs", ".py", ".kt", ".swift", ".md"];
/// What was published stays as it was; vectors and generated files come from elsewhere; this file has to name the words.
const EXEMPT: [&str; 4] = [
    "CHANGELOG.md",
    "tests/vectors/",
    "bindings-uniffi/swift/generated/",
    "xtask/src/layout/words.rs",
];
/// Kotlin's keyword for a closed hierarchy.
const KEYWORDS: [&str; 2] = ["sealed class ", "sealed interface "];
/// Returns a complaint for each banned word of a file.
pub(super) fn complaints(path: &str, text: &str) -> Vec<String> {
    let starts = |list: &[&str]| list.iter().any(|start| path.starts_with(start));
    if !ENDS.iter().any(|end| path.ends_with(end)) || starts(&EXEMPT) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let mut line = line.to_owned();
        for keyword in KEYWORDS.iter().filter(|_| path.ends_with(".kt")) {
            line = line.replace(keyword, "");
        }
        for (word, instead) in banned(&line) {
            found.push(format!("{path}:{}: `{word}`; write {instead}", number + 1));
        }
    }
    found
}

fn banned(line: &str) -> Vec<(String, &'static str)> {
    let words: Vec<String> = words(line);
    // Names of two words are looked up as they are written in snake case.
    let pairs = words.windows(2).map(|pair| pair.join("_"));
    pairs
        .chain(words.iter().cloned())
        .filter_map(|word| {
            let entry = BANNED.iter().find(|entry| entry.forms.contains(&word.as_str()))?;
            Some((word, entry.instead))
        })
        .collect()
}

/// Splits at everything that is no letter and at the capitals inside a name, in lower case.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower = false;
    for character in line.chars() {
        if !character.is_alphabetic() || (lower && character.is_uppercase()) {
            words.push(String::new());
        }
        if let Some(last) = words.last_mut() {
            last.extend(character.to_lowercase().filter(|_| character.is_alphabetic()));
        }
        lower = character.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_inside_names() {
        for (line, word) in [
            ("struct SealedResults;", "sealed"),
            ("fn judge_all() {}", "judge"),
            ("const ROOM: u8 = 1;", "room"),
            ("They take off here", "take_off"),
        ] {
            let found: Vec<String> = banned(line).into_iter().map(|(word, _)| word).collect();
            assert_eq!(found, [word], "{line}");
        }
        assert!(banned("headroom and judgeable take the off switch").is_empty());
    }

    #[test]
    fn exempt_files_are_not_checked() {
        assert!(complaints("a/A.kt", "public sealed class A\n").is_empty());
        assert_eq!(complaints("a/A.kt", "// a sealed token\n").len(), 1);
        assert_eq!(complaints("xtask/src/layout/a.rs", "a desk\n").len(), 1);
        for path in ["CHANGELOG.md", "tests/vectors/a.py", "xtask/requirements.txt"] {
            assert!(complaints(path, "a desk\n").is_empty());
        }
    }
}
