//! Rust source reduced to its code: no comments, no contents of literals, no test modules.

/// Returns the code of a source file, with the same line breaks.
pub(crate) fn code(text: &str) -> String {
    without_test_modules(&without_comments_and_literals(text))
}

/// Returns the words of a piece of code: names and keywords.
pub(crate) fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|character: char| !is_word(character)).filter(|word| !word.is_empty())
}

pub(crate) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn without_comments_and_literals(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if next == '"' {
            string(rest)
        } else if let Some(length) = raw_string(rest, &code) {
            length
        } else if next == '\'' {
            character(rest)
        } else {
            code.push(next);
            rest = &rest[next.len_utf8()..];
            continue;
        };
        let (gone, after) = rest.split_at(skipped);
        code.push(' ');
        code.extend(gone.chars().filter(|character| *character == '\n'));
        rest = after;
    }
    code
}

/// The length of a block comment; they nest.
fn block_comment(text: &str) -> usize {
    let mut depth = 0usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// The length of a string literal.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of a raw string literal, if one starts here. `before` is the code read so far.
fn raw_string(text: &str, before: &str) -> Option<usize> {
    if before.ends_with(is_word) {
        return None;
    }
    let marks = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes = marks.len() - marks.trim_start_matches('#').len();
    let body = marks[hashes..].strip_prefix('"')?;
    let start = text.len() - body.len();
    let end = format!("\"{}", "#".repeat(hashes));
    Some(body.find(&end).map_or(text.len(), |at| start + at + end.len()))
}

/// The length of a character literal, or of the mark of a lifetime.
fn character(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    match characters.next() {
        Some((_, '\\')) => {
            // The character after the backslash may itself be a quotation mark.
            characters.next();
            characters.find(|(_, c)| *c == '\'').map_or(text.len(), |(at, _)| at + 1)
        }
        Some(_) => match characters.next() {
            Some((at, '\'')) => at + 1,
            _ => 1,
        },
        None => 1,
    }
}

/// Blanks out items that only tests compile.
fn without_test_modules(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut kept = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = rest.find(MARK) {
        kept.push_str(&rest[..at]);
        let item = &rest[at + MARK.len()..];
        let length = item_length(item);
        kept.extend(item[..length].chars().filter(|character| *character == '\n'));
        rest = &item[length..];
    }
    kept.push_str(rest);
    kept
}

/// The length of an item: up to its semicolon, or the brace that closes it.
fn item_length(code: &str) -> usize {
    let mut depth = 0usize;
    for (at, character) in code.char_indices() {
        match character {
            ';' if depth == 0 => return at + 1,
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_not_code() {
        let text = "a /* b /* c */ d */ e // f\n\"g\\\"h\" i r#\"j\"k\"# 'l' '\\'' <'m> \"\n\" n";
        let code = code(text);
        assert_eq!(words(&code).collect::<Vec<_>>(), ["a", "e", "i", "m", "n"]);
        assert_eq!(code.lines().count(), text.lines().count());
    }

    #[test]
    fn test_modules_are_not_code() {
        let text = "a\n#[cfg(test)]\nmod tests {\n fn b() { c }\n}\n#[cfg(test)]\nmod more;\nd";
        assert_eq!(words(&code(text)).collect::<Vec<_>>(), ["a", "d"]);
    }
}
