//! A paste with many links → the links in it, in their order. The paste box may do this; one text is otherwise one link.

use super::text;

/// How many links of one paste are read.
pub const MOST_LINKS: usize = 100;

/// What a paste holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinksIn<'t> {
    /// Pieces for [`super::parse`]: they look like addresses or keys, no more is known.
    pub links: Vec<&'t str>,
    /// Whether there were more than [`MOST_LINKS`].
    pub more: bool,
}

/// Splits a paste at blanks, line ends and commas into pieces that look like addresses or issue keys. A paste that is a
/// single piece is kept whatever it looks like, so that it can be answered.
pub fn links_in(paste: &str) -> LinksIn<'_> {
    let mut found = LinksIn::default();
    let paste = paste.trim();
    if !paste.is_empty() && !paste.contains(char::is_whitespace) && scheme_at(paste).is_none() && !paste.contains(',') {
        found.links.push(paste);
        return found;
    }
    for word in paste.split_whitespace() {
        let mut rest = word;
        match scheme_at(rest) {
            None => rest.split([',', ';']).filter(|piece| looks_like_key(piece)).for_each(|piece| found.push(piece)),
            Some(first) => {
                rest = &rest[first..];
                while !rest.is_empty() {
                    let end = end_of_address(rest);
                    found.push(&rest[..end]);
                    rest = &rest[end..];
                    rest = scheme_at(rest).map_or("", |next| &rest[next..]);
                }
            }
        }
        if found.more {
            break;
        }
    }
    found
}

impl<'t> LinksIn<'t> {
    fn push(&mut self, piece: &'t str) {
        if self.links.len() < MOST_LINKS {
            self.links.push(piece);
        } else {
            self.more = true;
        }
    }
}

/// Where the first `http://` or `https://` begins.
fn scheme_at(text: &str) -> Option<usize> {
    text.match_indices("://").find_map(|(at, _)| {
        let before = &text.as_bytes()[..at];
        ["https", "http"].iter().find_map(|scheme| {
            let start = at.checked_sub(scheme.len())?;
            before[start..].eq_ignore_ascii_case(scheme.as_bytes()).then_some(start)
        })
    })
}

/// An address ends before a bar, a quote or an angle bracket (none of them may stand in one), and before a comma or
/// semicolon that another address follows.
fn end_of_address(text: &str) -> usize {
    let is_next = |at: usize| text.get(at + 1..at + 5).is_some_and(|start| start.eq_ignore_ascii_case("http"));
    text.char_indices()
        .find(|&(at, c)| matches!(c, '|' | '<' | '>' | '"') || (matches!(c, ',' | ';') && is_next(at)))
        .map_or(text.len(), |(at, _)| at)
}

fn looks_like_key(piece: &str) -> bool {
    piece.len() <= 255 && piece.contains('-') && matches!(text::read(piece), Some(text::Pasted::Key(_)))
}
