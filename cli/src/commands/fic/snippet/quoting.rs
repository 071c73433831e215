//! A text as a literal of a language, whatever the text is. Each literal is ASCII on one line.

use std::fmt::Write;

/// A double-quoted scalar of YAML (YAML 1.2.2, section 7.3.1).
pub(super) fn yaml(text: &str) -> String {
    double_quoted(text)
}

/// A text in double quotes, with `\\` before quotes and backslashes, and other characters by their numbers.
fn double_quoted(text: &str) -> String {
    let mut literal = String::from("\"");
    for character in text.chars() {
        // Writing to a String cannot fail.
        let _ = match (character, u32::from(character)) {
            ('"' | '\\', _) => write!(literal, "\\{character}"),
            (' '..='~', _) => write!(literal, "{character}"),
            (_, number @ 0..=0xffff) => write!(literal, "\\u{number:04x}"),
            (_, number) => write!(literal, "\\U{number:08x}"),
        };
    }
    literal.push('"');
    literal
}

/// A scalar of a GitHub workflow, in which `${{` would begin an expression.
pub(super) fn workflow(text: &str) -> String {
    yaml(&text.replace("${{", "${{ '${{' }}"))
}

/// A pattern of a branch or tag filter that matches one name (GitHub documentation, "Filter pattern cheat sheet").
pub(super) fn ref_filter(name: &str) -> String {
    let mut pattern = String::new();
    for character in name.chars() {
        if "*?+[!\\".contains(character) {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    yaml(&pattern)
}

/// A quoted template of HCL without interpolation ("Strings and Templates", Terraform documentation).
pub(super) fn hcl(text: &str) -> String {
    double_quoted(&text.replace("${", "$${").replace("%{", "%%{"))
}

/// A string of Bicep without interpolation ("Data types in Bicep", Azure documentation).
pub(super) fn bicep(text: &str) -> String {
    let mut literal = String::from("'");
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\'' | '\\' => literal.extend(['\\', character]),
            '$' if characters.peek() == Some(&'{') => literal.push_str("\\$"),
            ' '..='~' => literal.push(character),
            other => {
                let _ = write!(literal, "\\u{{{:x}}}", u32::from(other));
            }
        }
    }
    literal.push('\'');
    literal
}

/// A name of Terraform and Bicep: letters, digits and underscores, of which the first is a letter.
pub(super) fn identifier(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    let name: String = name.chars().map(plain).collect();
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) { name } else { format!("c_{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_end_where_they_should() {
        let hostile = "a\"b'c\\${d}%{e}\n\u{1b}ä😀${{ f }}";
        assert_eq!(yaml(hostile), r#""a\"b'c\\${d}%{e}\u000a\u001b\u00e4\U0001f600${{ f }}""#);
        assert_eq!(workflow("${{ f }}"), r#""${{ '${{' }} f }}""#);
        assert_eq!(ref_filter("a+b!c"), r#""a\\+b\\!c""#);
        assert_eq!(hcl(hostile), r#""a\"b'c\\$${d}%%{e}\u000a\u001b\u00e4\U0001f600$${{ f }}""#);
        assert_eq!(bicep(hostile), r#"'a"b\'c\\\${d}%{e}\u{a}\u{1b}\u{e4}\u{1f600}\${{ f }}'"#);
    }

    #[test]
    fn names_are_identifiers() {
        for (name, expected) in
            [("prod", "prod"), ("1-A", "c_1_a"), ("_x", "c__x"), ("a.b-C", "a_b_c")]
        {
            assert_eq!(identifier(name), expected);
        }
    }
}
