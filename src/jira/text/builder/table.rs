//! Tables: rows and cells close each other, and nothing stands between them.

use super::super::grid::{Cell, Grid};
use super::super::line;
use super::super::tree::{Block, BlockKind, Loss};
use super::{Builder, Frame, Level, What};

impl Builder {
    pub(in crate::jira::text) fn open_table(&mut self) -> Level {
        self.open_frame(What::Table(Grid::default()))
    }

    /// A row of the innermost table, if this is directly within one.
    pub(in crate::jira::text) fn open_row(&mut self) -> Level {
        let in_table = self.close_down_to(|what| matches!(what, What::Table(_)));
        let level = self.level();
        if in_table && self.take_node() {
            self.open.push(Frame::new(What::Row(Vec::new())));
        }
        level
    }

    /// A cell of the innermost row; elsewhere its content follows what is there.
    pub(in crate::jira::text) fn open_cell(&mut self, cell: Cell) -> Level {
        if !self.close_down_to(|what| matches!(what, What::Row(_))) {
            self.open_row();
        }
        let level = self.level();
        if matches!(self.open.last(), Some(Frame { what: What::Row(_), .. })) && self.take_node() {
            if cell.is_merged() {
                self.lose(Loss::MergedCells);
            }
            self.open.push(Frame::new(What::Cell(cell)));
        }
        level
    }

    /// Closes what is open within the innermost such frame, without leaving a cell for the table around its table.
    fn close_down_to(&mut self, is_wanted: fn(&What) -> bool) -> bool {
        let table = self.open.iter().rposition(|frame| matches!(frame.what, What::Table(_))).unwrap_or(usize::MAX);
        let found = self.open.iter().rposition(|frame| is_wanted(&frame.what)).filter(|found| *found >= table);
        match found {
            Some(found) => self.close(Level(found + 1)),
            None => self.end_paragraph(),
        }
        found.is_some()
    }

    /// What stands in a table outside of its cells gets a cell.
    pub(super) fn make_cell(&mut self) {
        if let Some(Frame { what: What::Table(_), .. }) = self.open.last() {
            self.open.push(Frame::new(What::Row(Vec::new())));
        }
        if let Some(Frame { what: What::Row(_), .. }) = self.open.last() {
            self.open.push(Frame::new(What::Cell(Cell::default())));
        }
    }

    pub(super) fn close_cell(&mut self, mut cell: Cell, blocks: Vec<Block>) {
        if blocks.iter().any(|block| block.kind != BlockKind::Paragraph) {
            self.lose(Loss::BlocksInCell);
        }
        cell.text = line::of_blocks(blocks);
        if let Some(Frame { what: What::Row(cells), .. }) = self.open.last_mut() {
            cells.push(cell);
        }
    }

    pub(super) fn close_table(&mut self, grid: Grid) {
        let (table, is_whole) = grid.into_table(&mut self.nodes_left);
        if !is_whole {
            self.lose(Loss::Cut);
        }
        if !table.rows.is_empty() {
            self.put(Block { kind: BlockKind::Table(table), text: Vec::new(), children: Vec::new() });
        }
    }
}
