//! What becomes of a line's spans, and of letters that do harm.

use super::tree::{Block, BlockKind, Role, Span, Style};

/// Control characters, the marks that embed, override or isolate a direction (the "trojan source" marks), and letters
/// that nobody sees: fillers, with which a name could be empty to the eye, and tags, in which a text could hide orders
/// for a machine that reads it. Single left-to-right and right-to-left marks stay, and so do joiners and variation
/// selectors: they change nothing beyond their own place, and languages and emoji need them.
pub(super) fn is_harmful(letter: char) -> bool {
    (letter.is_control() && !letter.is_whitespace())
        || matches!(letter, '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{200b}'
            | '\u{2060}'..='\u{2064}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Without white space at its ends, and without spans that then hold nothing.
pub(super) fn trimmed(mut line: Vec<Span>) -> Vec<Span> {
    line.retain(|span| !span.text.is_empty());
    let first = line.iter().position(|span| !span.text.trim_start().is_empty()).unwrap_or(line.len());
    line.drain(..first);
    if let Some(first) = line.first_mut() {
        first.text = first.text.trim_start().to_owned();
    }
    while line.pop_if(|span| span.text.trim_end().is_empty()).is_some() {}
    if let Some(last) = line.last_mut() {
        last.text.truncate(last.text.trim_end().len());
    }
    line
}

/// Code keeps the indentation of its first line; empty lines around it go.
pub(super) fn trimmed_code(line: Vec<Span>) -> Vec<Span> {
    let text: String = line.into_iter().map(|span| span.text).collect();
    let text = text.trim_end();
    let start = text.find(|letter: char| !letter.is_whitespace()).unwrap_or(text.len());
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let text = text[line_start..].to_owned();
    if text.is_empty() { Vec::new() } else { vec![Span { text, style: Style::default() }] }
}

/// Blocks as the lines of one cell.
pub(super) fn of_blocks(blocks: Vec<Block>) -> Vec<Span> {
    let mut lines = Vec::new();
    for block in blocks {
        add_block(block, &mut lines);
    }
    lines
}

fn add_block(block: Block, lines: &mut Vec<Span>) {
    let Block { kind, text, children } = block;
    let before = if lines.is_empty() { "" } else { "\n" };
    add(Span { text: format!("{before}{}", kind.sign()), style: Style::default() }, lines);
    let link = if let BlockKind::Image { url } = &kind { Some(url.clone()) } else { None };
    for mut span in text {
        if let Some(url) = link.clone() {
            span.style = Style::default().linked(url).with_role(Role::Image);
        }
        add(span, lines);
    }
    if let BlockKind::Table(table) = kind {
        for (row, cells) in table.rows.into_iter().enumerate() {
            let shown = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
            for (column, cell) in cells.into_iter().take(shown.max(1)).enumerate() {
                let between = match (row, column) {
                    (0, 0) => "",
                    (_, 0) => "\n",
                    _ => " | ",
                };
                add(Span { text: between.to_owned(), style: Style::default() }, lines);
                cell.into_iter().for_each(|span| add(span, lines));
            }
        }
    }
    children.into_iter().for_each(|child| add_block(child, lines));
}

/// Words of one style are one span.
fn add(span: Span, lines: &mut Vec<Span>) {
    match lines.last_mut() {
        Some(last) if last.style == span.style && span.style.role == Role::Words => last.text.push_str(&span.text),
        _ if !span.text.is_empty() => lines.push(span),
        _ => {}
    }
}
