//! Text that may be long: written out, or as a recipe that every language expands in a few lines.

use serde::{Deserialize, Serialize};

/// Runs shorter than this are written out.
const WORTHWHILE: usize = 256;
/// Longest group that is looked for.
const MAX_GROUP: usize = 20;

/// A text, or pieces of it in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Pieces {
    /// The text itself.
    Text(String),
    /// To be joined.
    List(Vec<Piece>),
}

/// One piece of a text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Piece {
    /// As it stands.
    Text(String),
    /// A text and how often it is repeated.
    Repeat {
        /// The text and the number.
        repeat: (String, usize),
    },
}

impl Pieces {
    /// The whole text.
    #[must_use]
    pub fn expand(&self) -> String {
        match self {
            Pieces::Text(text) => text.clone(),
            Pieces::List(list) => list.iter().map(Piece::expand).collect(),
        }
    }

    /// Finds the long runs of a repeated group of few bytes in an ASCII text.
    pub(super) fn of(text: &str) -> Self {
        if !text.is_ascii() {
            return Pieces::Text(text.to_owned());
        }
        let bytes = text.as_bytes();
        let (mut list, mut plain, mut at) = (Vec::new(), 0, 0);
        while at < bytes.len() {
            let Some((group, times)) = run(&bytes[at..]) else {
                at += 1;
                continue;
            };
            if plain < at {
                list.push(Piece::Text(text[plain..at].to_owned()));
            }
            list.push(Piece::Repeat { repeat: (text[at..at + group].to_owned(), times) });
            at += group * times;
            plain = at;
        }
        if list.is_empty() {
            return Pieces::Text(text.to_owned());
        }
        if plain < bytes.len() {
            list.push(Piece::Text(text[plain..].to_owned()));
        }
        Pieces::List(list)
    }
}

impl Piece {
    fn expand(&self) -> String {
        match self {
            Piece::Text(text) => text.clone(),
            Piece::Repeat { repeat: (text, times) } => text.repeat(*times),
        }
    }
}

/// The group and how often it stands at the beginning, when that is worth a recipe.
fn run(bytes: &[u8]) -> Option<(usize, usize)> {
    (1..=MAX_GROUP).find_map(|group| {
        let same = bytes.iter().skip(group).zip(bytes).take_while(|(later, one)| later == one);
        let times = 1 + same.count() / group;
        (group * times >= WORTHWHILE && times > 1).then_some((group, times))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_expands_to_its_text() {
        let long = format!("a.{}b{}", "eHh4".repeat(500), ".".repeat(1000));
        let pieces = Pieces::of(&long);
        assert_eq!(pieces.expand(), long);
        assert!(serde_json::to_string(&pieces).is_ok_and(|text| text.len() < 100));
        assert_eq!(Pieces::of("a.b.c"), Pieces::Text("a.b.c".to_owned()));
    }
}
