//! Tables: Notion takes a table with its rows in one piece, so that what is too long becomes several tables.

use crate::jira::text::{Loss as TextLoss, Span, Table};
use crate::notion::block::{Block, CHILDREN, Kind};
use crate::notion::rich_text::{ITEMS, RichText};

use super::Loss;
use super::runs::{FULL, LIST_BYTES, Writer, json_bytes, lists};

/// Bytes of one table: it fits into any call.
const TABLE_BYTES: usize = 450_000;

/// Bytes of a header that is repeated: there is room for any row below it.
const HEADER_BYTES: usize = 40_000;

/// Units of all the runs of a row, if each of its cells has one.
const ROW_UNITS: usize = 60_000;

type Row = Vec<Vec<RichText>>;

impl Writer<'_> {
    pub(super) fn table(&mut self, table: &Table, blocks: &mut Vec<Block>) {
        let longest = table.rows.iter().map(Vec::len).max().unwrap_or_default();
        let width = longest.min(ITEMS);
        if width == 0 {
            return;
        }
        if longest > width {
            self.lose(Loss::Text(TextLoss::Cut));
        }
        let rows: Vec<Row> = table.rows.iter().flat_map(|row| self.row(row, width)).collect();
        let header = rows.first().filter(|_| table.header_row).cloned();
        let header = header.map(|row| (json_bytes(&row), row)).filter(|(bytes, _)| *bytes <= HEADER_BYTES);
        let kind = |has_column_header| Kind::Table { width, has_column_header, has_row_header: table.header_column };
        let mut now = Block { kind: kind(table.header_row), children: Vec::new() };
        let mut used = 0;
        for row in rows {
            let bytes = json_bytes(&row) + json_bytes(&Block::from(Kind::TableRow(Vec::new())));
            if now.children.len() == CHILDREN || (!now.children.is_empty() && used + bytes > TABLE_BYTES) {
                let next = Block { kind: kind(header.is_some()), children: Vec::new() };
                blocks.push(std::mem::replace(&mut now, next));
                now.children.extend(header.iter().map(|(_, row)| Kind::TableRow(row.clone()).into()));
                used = header.as_ref().map_or(0, |(bytes, _)| *bytes);
            }
            used += bytes;
            now.children.push(Kind::TableRow(row).into());
        }
        blocks.push(now);
    }

    /// A row; where a cell has more than Notion takes, the row goes on in the next.
    fn row(&mut self, cells: &[Vec<Span>], width: usize) -> Vec<Row> {
        let units = FULL.min(ROW_UNITS / width);
        let mut columns: Vec<_> = cells
            .iter()
            .take(width)
            .map(|cell| lists(self.runs(cell, units), LIST_BYTES / width).into_iter())
            .collect();
        columns.resize_with(width, || Vec::new().into_iter());
        let height = columns.iter().map(ExactSizeIterator::len).max().unwrap_or_default();
        (0..height).map(|_| columns.iter_mut().map(|lists| lists.next().unwrap_or_default()).collect()).collect()
    }
}
