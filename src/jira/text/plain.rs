//! A tree as one line of words, and a line that is cut where it hurts least.

use unicode_segmentation::UnicodeSegmentation;

use super::line::is_harmful;
use super::tree::{Block, BlockKind, Role, Span};

/// A line that grows until it is full. Runs of white space become one space; nothing begins or ends with one.
pub(super) struct Plain {
    line: String,
    chars: usize,
    max_chars: usize,
    space_pending: bool,
}

impl Plain {
    pub(super) fn new(max_chars: usize) -> Self {
        Self { line: String::new(), chars: 0, max_chars, space_pending: false }
    }

    /// Whether more text would change nothing.
    fn is_full(&self) -> bool {
        self.chars > self.max_chars
    }

    pub(super) fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            if self.is_full() {
                return;
            }
            self.space();
            self.push(&block.kind.sign());
            self.spans(&block.text);
            if let BlockKind::Table(table) = &block.kind {
                table.rows.iter().for_each(|row| self.row(row));
            }
            self.space();
            self.blocks(&block.children);
        }
    }

    /// Empty cells at the end of a row only make it as long as the others.
    fn row(&mut self, cells: &[Vec<Span>]) {
        self.space();
        let shown = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
        for (column, cell) in cells.iter().take(shown).enumerate() {
            if column > 0 {
                self.push(" | ");
            }
            self.spans(cell);
        }
        self.space();
    }

    fn spans(&mut self, spans: &[Span]) {
        for Span { text, style } in spans {
            let is_label = matches!(style.role, Role::Status(_));
            self.push(if is_label { "[" } else { "" });
            self.push(text);
            self.push(if is_label { "]" } else { "" });
        }
    }

    /// A break between words, wherever the line is not empty.
    fn space(&mut self) {
        self.space_pending = !self.line.is_empty();
    }

    pub(super) fn push(&mut self, text: &str) {
        for letter in text.chars() {
            if self.is_full() {
                return;
            }
            if letter.is_whitespace() {
                self.space();
            } else if !is_harmful(letter) {
                if std::mem::take(&mut self.space_pending) {
                    self.line.push(' ');
                    self.chars += 1;
                }
                self.line.push(letter);
                self.chars += 1;
            }
        }
    }

    pub(super) fn finish(self) -> String {
        if self.chars <= self.max_chars {
            return self.line;
        }
        let Some(room) = self.max_chars.checked_sub(1) else { return String::new() };
        let (mut end, mut chars) = (0, 0);
        for grapheme in self.line.graphemes(true) {
            chars += grapheme.chars().count();
            if chars > room {
                break;
            }
            end += grapheme.len();
        }
        let (kept, rest) = self.line.split_at(end);
        let kept = match kept.rfind(' ') {
            // A word longer than half of the line is cut through: better than losing the half.
            Some(word) if !rest.starts_with(' ') && word * 2 >= kept.len() => &kept[..word],
            _ => kept,
        };
        format!("{}…", kept.trim_end())
    }
}

/// A text in pieces of at most `units` UTF-16 units, which is how editors count. A letter that people see as one stays
/// whole, unless it alone is longer than a piece may be.
pub fn pieces(text: &str, units: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    // Three bytes are one unit, and four are two: beyond this many begins nothing that the piece could hold. So a letter
    // with a hundred thousand accents is not read to its end again and again.
    let reach = units.saturating_mul(3).saturating_add(8);
    std::iter::from_fn(move || {
        let (mut end, mut used) = (0, 0);
        for grapheme in rest[..rest.floor_char_boundary(reach)].graphemes(true) {
            used += grapheme.encode_utf16().count();
            if used > units {
                break;
            }
            end += grapheme.len();
        }
        if end == 0 {
            // Two units hold any character.
            let mut used = 0;
            let too_much = rest.char_indices().find(|(_, letter)| {
                used += letter.len_utf16();
                used > units.max(2)
            });
            end = too_much.map_or(rest.len(), |(at, _)| at);
        }
        let (piece, after) = rest.split_at(end);
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_count_utf_16_and_split_no_letter() {
        let family = "👩\u{200d}👩\u{200d}👧";
        let table = [
            ("abcdef".to_owned(), 4, vec!["abcd", "ef"]),
            ("abc😀".to_owned(), 4, vec!["abc", "😀"]),
            ("e\u{301}e\u{301}".to_owned(), 3, vec!["e\u{301}", "e\u{301}"]),
            (format!("a{family}b"), 9, vec!["a👩\u{200d}👩\u{200d}👧", "b"]),
            (family.to_owned(), 3, vec!["👩\u{200d}", "👩\u{200d}", "👧"]),
            ("😀".to_owned(), 1, vec!["😀"]),
            (String::new(), 5, vec![]),
        ];
        for (text, units, expected) in table {
            assert_eq!(pieces(&text, units).collect::<Vec<_>>(), expected, "{text} {units}");
        }
        let accents = format!("x{}", "\u{301}".repeat(400_000));
        assert!(pieces(&accents, 2_000).all(|piece| piece.encode_utf16().count() <= 2_000));
        assert_eq!(pieces(&accents, 2_000).collect::<String>(), accents);
        let long = format!("{}😀x", "a".repeat(1_999));
        assert_eq!(pieces(&long, 2_000).map(str::len).collect::<Vec<_>>(), [1_999, 5]);
    }
}
