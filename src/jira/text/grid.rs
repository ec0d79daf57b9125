//! Rows of cells, some of them merged, as a table with rows of equal length.

use super::tree::{Span, Table};

/// Columns of a table, with those that merged cells cover.
const MOST_COLUMNS: usize = 100;

#[derive(Debug, Default)]
pub(super) struct Cell {
    pub(super) text: Vec<Span>,
    pub(super) is_header: bool,
    /// How many more columns and rows it covers.
    pub(super) more_columns: u64,
    pub(super) more_rows: u64,
}

impl Cell {
    pub(super) fn is_merged(&self) -> bool {
        self.more_columns > 0 || self.more_rows > 0
    }
}

#[derive(Debug, Default)]
pub(super) struct Grid {
    rows: Vec<Vec<Slot>>,
    /// For each column, how many rows the cell above still covers.
    covered: Vec<u64>,
    /// Whether something of it is missing, or stands in the last column instead of one beyond it.
    is_cut: bool,
}

#[derive(Debug, Default)]
struct Slot {
    text: Vec<Span>,
    is_header: bool,
}

impl Grid {
    /// Adds a row. A slot without a cell of its own, beside or below a merged one, takes a node too: one short tag can
    /// cover thousands of them.
    pub(super) fn add(&mut self, cells: Vec<Cell>, nodes_left: &mut usize) {
        let mut row = Vec::with_capacity(cells.len());
        for cell in cells {
            self.skip_covered(&mut row, nodes_left);
            if let Some(last) = row.get_mut(MOST_COLUMNS - 1) {
                self.is_cut = true;
                last.text.extend(cell.text);
                continue;
            }
            let is_header = cell.is_header;
            let more = usize::try_from(cell.more_columns).unwrap_or(MOST_COLUMNS).min(MOST_COLUMNS - 1 - row.len());
            self.cover(row.len(), cell.more_rows);
            row.push(Slot { text: cell.text, is_header });
            for _ in 0..more {
                if !self.take(nodes_left) {
                    break;
                }
                self.cover(row.len(), cell.more_rows);
                row.push(Slot { text: Vec::new(), is_header });
            }
        }
        self.skip_covered(&mut row, nodes_left);
        if !row.is_empty() {
            self.rows.push(row);
        }
    }

    fn skip_covered(&mut self, row: &mut Vec<Slot>, nodes_left: &mut usize) {
        while self.covered.get(row.len()).is_some_and(|rows| *rows > 0) && self.take(nodes_left) {
            self.covered[row.len()] -= 1;
            row.push(Slot::default());
        }
    }

    /// Whether there is room for one more slot.
    fn take(&mut self, nodes_left: &mut usize) -> bool {
        self.is_cut |= *nodes_left == 0;
        nodes_left.checked_sub(1).map(|left| *nodes_left = left).is_some()
    }

    fn cover(&mut self, column: usize, rows: u64) {
        if rows > 0 {
            if self.covered.len() <= column {
                self.covered.resize(column + 1, 0);
            }
            self.covered[column] = rows;
        }
    }

    /// The table, and whether nothing of it is missing. Cells that only fill a row up take nodes as well.
    pub(super) fn into_table(self, nodes_left: &mut usize) -> (Table, bool) {
        let width = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let header_row = self.rows.first().is_some_and(|row| row.iter().all(|slot| slot.is_header));
        let header_column = self.rows.len() > usize::from(header_row)
            && self.rows.iter().all(|row| row.first().is_some_and(|slot| slot.is_header));
        let mut is_whole = !self.is_cut;
        let mut rows = Vec::with_capacity(self.rows.len());
        for row in self.rows {
            let fill = width.saturating_sub(row.len());
            let Some(left) = nodes_left.checked_sub(fill) else {
                is_whole = false;
                break;
            };
            *nodes_left = left;
            let mut row: Vec<_> = row.into_iter().map(|slot| slot.text).collect();
            row.resize_with(width, Vec::new);
            rows.push(row);
        }
        if rows.iter().flatten().all(Vec::is_empty) {
            rows.clear();
        }
        (Table { header_row, header_column, rows }, is_whole)
    }
}
