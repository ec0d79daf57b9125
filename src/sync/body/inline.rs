//! A long text as the value of a column: lines instead of blocks, and what is too long for it as text of the page
//! (synced-database §3.2, `textarea`).

use crate::jira::text::{Block, BlockKind, Document, Loss as TextLoss, Role, Span, Style, pieces};
use crate::notion::rich_text::{ITEMS, RichText, UNITS};

use super::runs::{FULL, Writer};
use super::{Context, Loss, Losses};

/// A text in two parts, of which only the first has its place in the column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inline {
    /// At most [`ITEMS`]. An ellipsis at the end stands for the rest, if there is one.
    pub runs: Vec<RichText>,
    /// All that follows behind the ellipsis, from the next letter on, in as many runs as it takes.
    pub rest: Vec<RichText>,
    pub losses: Losses,
}

/// The text with its marks, of which a column has room for so many UTF-16 units; Notion's have it for 200,000.
///
/// Where there are too many marks for it, as many words as can be are kept, the later ones without their marks and
/// links. Nothing is missing: what the column has no room for is the rest, which has its marks.
pub fn inline(document: &Document, context: &Context<'_>, most_units: usize) -> Inline {
    let mut writer = Writer::new(context);
    writer.lose_with(document);
    for _ in 0..flattened(&document.blocks) {
        writer.lose(Loss::Flattened);
    }
    let spans = document.lines();
    let units: usize = spans.iter().map(units_of).sum();
    let runs: Vec<_> = spans.iter().map(|span| writer.runs(std::slice::from_ref(span), FULL)).collect();
    if units <= most_units && runs.iter().map(Vec::len).sum::<usize>() <= ITEMS {
        return Inline { runs: runs.into_iter().flatten().collect(), rest: Vec::new(), losses: writer.losses };
    }
    let whole = whole_spans(&spans, &runs, units, most_units);
    let tail = &spans[whole..];
    let mut kept: Vec<_> = runs.into_iter().take(whole).flatten().collect();
    let units_left = most_units - spans[..whole].iter().map(units_of).sum::<usize>();
    let words: String = tail.iter().map(|span| span.text.as_str()).collect();
    let room = ITEMS - kept.len();
    let fits = |words: &str| words.encode_utf16().count() <= units_left && pieces(words, UNITS).count() <= room;
    let shown = if fits(&words) {
        kept.extend(pieces(&words, UNITS).map(RichText::plain));
        words.len()
    } else {
        let (runs, shown) = cut(&words, units_left, room);
        kept.extend(runs);
        shown
    };
    let (plain, rest) = part(tail, shown);
    if plain.iter().any(|span| span.style != Style::default()) {
        writer.lose(Loss::Text(TextLoss::Style));
    }
    // Whatever these words lose was counted above, with all others.
    let rest = Writer::new(context).runs(&rest, FULL);
    Inline { runs: kept, rest, losses: writer.losses }
}

/// Spans up to so many bytes, and those behind. A name or a day that is cut through is words from there on.
fn part(spans: &[Span], bytes: usize) -> (&[Span], Vec<Span>) {
    let mut end = 0;
    for (index, span) in spans.iter().enumerate() {
        let from = bytes - end;
        end += span.text.len();
        if end <= bytes {
            continue;
        }
        let mut rest = spans[index..].to_vec();
        if let Some(first) = rest.first_mut().filter(|_| from > 0) {
            first.text.drain(..from);
            first.style.role = Role::Words;
        }
        return (&spans[..index + usize::from(from > 0)], rest);
    }
    (spans, Vec::new())
}

/// How many spans keep their marks. Words come first; but where some are missing anyway, marks may cost a tenth of them.
/// One run at least, and a unit for the ellipsis, are left for the others.
fn whole_spans(spans: &[Span], runs: &[Vec<RichText>], units: usize, most_units: usize) -> usize {
    let (mut used_units, mut used_runs) = (0, 0);
    let mut kept = Vec::new();
    for (span, more) in spans.iter().zip(runs) {
        let room = (ITEMS - used_runs).saturating_mul(UNITS).min(most_units - used_units);
        kept.push(used_units + room.min(units - used_units));
        used_units += units_of(span);
        used_runs += more.len();
        if used_runs >= ITEMS || used_units >= most_units {
            break;
        }
    }
    let most = kept.iter().copied().max().unwrap_or_default();
    let enough = if most < units { most - most / 10 } else { most };
    kept.iter().rposition(|words| *words >= enough).unwrap_or_default()
}

/// The beginning of words in so many runs and units, with an ellipsis; and its bytes, without.
fn cut(words: &str, units: usize, runs: usize) -> (Vec<RichText>, usize) {
    let mut kept = Vec::new();
    let mut left = units.saturating_sub(1);
    let mut rest = words;
    for index in 0..runs {
        // One unit of the last run is the ellipsis.
        let room = left.min(if index + 1 == runs { UNITS - 1 } else { UNITS });
        let Some(piece) = pieces(rest, room).next().filter(|piece| piece.encode_utf16().count() <= room) else { break };
        left -= piece.encode_utf16().count();
        rest = &rest[piece.len()..];
        kept.push(piece.to_owned());
    }
    let is_full = |last: &String| last.encode_utf16().count() == UNITS;
    if kept.last().is_none_or(is_full) && kept.len() < runs && units > 0 {
        kept.push(String::new());
    }
    if let Some(last) = kept.last_mut() {
        last.push('…');
    }
    (kept.into_iter().map(RichText::plain).collect(), words.len() - rest.len())
}

fn units_of(span: &Span) -> usize {
    span.text.encode_utf16().count()
}

/// Blocks that are more than lines.
fn flattened(blocks: &[Block]) -> usize {
    let is_line = |block: &Block| block.kind == BlockKind::Paragraph;
    blocks.iter().map(|block| usize::from(!is_line(block)) + flattened(&block.children)).sum()
}
