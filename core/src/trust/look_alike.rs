//! Unicode characters that look like others (Unicode Technical Standard 39, section 4).

use alloc::string::String;

/// Characters that show nothing: they join, direct, or mark what stands around them.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{180b}'..='\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// The skeleton of a text: two texts with the same skeleton look alike.
pub(super) fn skeleton(text: &str) -> String {
    let visible: String = text.chars().filter(|character| !is_invisible(*character)).collect();
    unicode_security::confusable_detection::skeleton(&visible).collect()
}
