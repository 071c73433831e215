//! The code blocks of a Markdown page.

/// One block.
pub(crate) struct Block {
    /// The page's path without its ending, in one word.
    pub(crate) page: String,
    pub(crate) language: String,
    pub(crate) line: usize,
    pub(crate) text: String,
}

/// Returns the blocks of a page in their order.
pub(crate) fn of(page: &str, text: &str) -> Vec<Block> {
    let stem = page.trim_end_matches(".md").replace('/', "-");
    let mut found: Vec<Block> = Vec::new();
    let mut open = false;
    for (number, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), open) {
            (Some(_), true) => open = false,
            (Some(language), false) => {
                open = true;
                found.push(Block {
                    page: stem.clone(),
                    language: language.to_owned(),
                    line: number + 2,
                    text: String::new(),
                });
            }
            (None, true) => {
                if let Some(block) = found.last_mut() {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
            }
            (None, false) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_keep_their_language_and_line() {
        let found = of("docs/page.md", "a\n```python\nprint(1)\n```\n```text\nx\n```\n");
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].page, "docs-page");
        assert_eq!((found[0].language.as_str(), found[0].line), ("python", 3));
        assert_eq!(found[0].text, "print(1)\n");
    }
}
