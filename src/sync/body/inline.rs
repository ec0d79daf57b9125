//! A long text as the value of a column: lines instead of blocks (synced-database §3.2, `textarea`).

use crate::jira::text::{Block, BlockKind, Document, Loss as TextLoss, Span, Style, pieces};
use crate::notion::rich_text::{ITEMS, RichText, UNITS};

use super::runs::{FULL, Writer};
use super::{Context, Loss, Losses};

/// The text with its marks in at most [`ITEMS`] runs of together at most so many UTF-16 units; a column takes 200,000.
///
/// Where there is more, as many words as can be are kept: the later ones without their marks and links. An ellipsis
/// stands for what is then still missing.
pub fn inline(document: &Document, context: &Context<'_>, most_units: usize) -> (Vec<RichText>, Losses) {
    let mut writer = Writer::new(context);
    writer.lose_with(document);
    for _ in 0..flattened(&document.blocks) {
        writer.lose(Loss::Flattened);
    }
    let spans = document.lines();
    let units: usize = spans.iter().map(units_of).sum();
    let runs: Vec<_> = spans.iter().map(|span| writer.runs(std::slice::from_ref(span), FULL)).collect();
    if units <= most_units && runs.iter().map(Vec::len).sum::<usize>() <= ITEMS {
        return (runs.into_iter().flatten().collect(), writer.losses);
    }
    let whole = whole_spans(&spans, &runs, units, most_units);
    let tail = &spans[whole..];
    if tail.iter().any(|span| span.style != Style::default()) {
        writer.lose(Loss::Text(TextLoss::Style));
    }
    let mut kept: Vec<_> = runs.into_iter().take(whole).flatten().collect();
    let units_left = most_units - spans[..whole].iter().map(units_of).sum::<usize>();
    let words: String = tail.iter().map(|span| span.text.as_str()).collect();
    let room = ITEMS - kept.len();
    let fits = |words: &str| words.encode_utf16().count() <= units_left && pieces(words, UNITS).count() <= room;
    if fits(&words) {
        kept.extend(pieces(&words, UNITS).map(RichText::plain));
    } else {
        writer.lose(Loss::Text(TextLoss::Cut));
        kept.extend(cut(&words, units_left, room));
    }
    (kept, writer.losses)
}

/// How many spans keep their marks. Words come first; but where some are missing anyway, marks may cost a tenth of them.
/// One run at least is left for the others.
fn whole_spans(spans: &[Span], runs: &[Vec<RichText>], units: usize, most_units: usize) -> usize {
    let (mut used_units, mut used_runs) = (0, 0);
    let mut kept = Vec::new();
    for (span, more) in spans.iter().zip(runs) {
        let room = (ITEMS - used_runs).saturating_mul(UNITS).min(most_units - used_units);
        kept.push(used_units + room.min(units - used_units));
        used_units += units_of(span);
        used_runs += more.len();
        if used_runs >= ITEMS || used_units > most_units {
            break;
        }
    }
    let most = kept.iter().copied().max().unwrap_or_default();
    let enough = if most < units { most - most / 10 } else { most };
    kept.iter().rposition(|words| *words >= enough).unwrap_or_default()
}

/// The beginning of words in so many runs and units, with an ellipsis.
fn cut(words: &str, units: usize, runs: usize) -> Vec<RichText> {
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
    kept.into_iter().map(RichText::plain).collect()
}

fn units_of(span: &Span) -> usize {
    span.text.encode_utf16().count()
}

/// Blocks that are more than lines.
fn flattened(blocks: &[Block]) -> usize {
    let is_line = |block: &Block| block.kind == BlockKind::Paragraph;
    blocks.iter().map(|block| usize::from(!is_line(block)) + flattened(&block.children)).sum()
}
