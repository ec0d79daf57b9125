//! Puts a tree together from what a reader meets on its way: words, ends of lines, and frames that open and close.
//!
//! All bounds live here, so that no reader can forget them; a reader only asks whether to go on.

mod table;

use std::mem;

use super::grid::{Cell, Grid};
use super::line;
use super::tree::{Block, BlockKind, Document, Loss, Role, Span, Style};

/// How many frames may stand within each other; a table takes three.
const DEEPEST: usize = 64;

/// Blocks, spans and cells of one document.
pub(super) const MOST_NODES: usize = 20_000;

/// Visible letters of one document: Jira keeps 32,767 unless an administrator allows more.
pub(super) const MOST_LETTERS: usize = 400_000;

#[derive(Debug)]
pub(super) struct Builder {
    /// The first one is the document.
    open: Vec<Frame>,
    /// The line that is being written.
    line: Vec<Span>,
    document: Document,
    nodes_left: usize,
    letters_left: usize,
    /// Spaces that are kept as they were written; they show nothing, and must not fill the memory.
    spaces_left: usize,
}

#[derive(Debug)]
struct Frame {
    what: What,
    /// A block's own line: the first paragraph in it.
    text: Vec<Span>,
    blocks: Vec<Block>,
}

impl Frame {
    fn new(what: What) -> Self {
        Self { what, text: Vec::new(), blocks: Vec::new() }
    }
}

#[derive(Debug)]
enum What {
    Document,
    Block(BlockKind),
    Table(Grid),
    Row(Vec<Cell>),
    Cell(Cell),
}

/// How many frames stood open before one was opened: what closes it, with all that is still open within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Level(usize);

impl Builder {
    /// A builder that has enough after so many visible letters.
    pub(super) fn new(letters: usize) -> Self {
        Self {
            open: vec![Frame::new(What::Document)],
            line: Vec::new(),
            document: Document::default(),
            nodes_left: MOST_NODES,
            letters_left: letters,
            spaces_left: MOST_LETTERS,
        }
    }

    pub(super) fn finish(mut self) -> Document {
        self.close(Level(1));
        if let Some(document) = self.open.pop() {
            self.document.blocks = document.blocks;
        }
        self.document
    }

    /// Whether nothing more is taken.
    pub(super) fn is_full(&self) -> bool {
        self.nodes_left == 0 || self.letters_left == 0
    }

    pub(super) fn lose(&mut self, loss: Loss) {
        let count = self.document.losses.entry(loss).or_default();
        *count = count.saturating_add(1);
    }

    /// Words as they stand, without line ends; white space counts as written.
    pub(super) fn text(&mut self, text: &str, style: &Style) {
        self.write(text, style, false);
    }

    /// Words in which any white space is one space, as in HTML.
    pub(super) fn flowing(&mut self, text: &str, style: &Style) {
        self.write(text, style, true);
    }

    /// Words that make a span of their own.
    pub(super) fn atom(&mut self, text: &str, style: &Style) {
        if !text.trim().is_empty() && self.start_span(style) {
            self.write(text, style, false);
        }
    }

    fn write(&mut self, text: &str, style: &Style, flows: bool) {
        let is_code = self.in_code();
        let plain = Style::default();
        let style = if is_code { &plain } else { style };
        let mut written = String::new();
        let mut after_space = self.at_space();
        for letter in text.chars().filter(|letter| !(line::is_harmful(*letter) || (is_code && *letter == '\r'))) {
            if self.is_full() {
                self.lose(Loss::Cut);
                break;
            }
            let is_space = letter.is_whitespace();
            if !is_space {
                written.push(letter);
                self.letters_left -= 1;
            } else if self.spaces_left > 0 && !(flows && after_space) {
                let is_kept = is_code && matches!(letter, '\n' | '\t');
                written.push(if is_kept { letter } else { ' ' });
                self.spaces_left -= 1;
            }
            after_space = is_space;
        }
        if written.is_empty() {
            return;
        }
        let joins = |span: &&mut Span| span.style == *style;
        if (self.line.last_mut().filter(joins).is_some() || self.start_span(style))
            && let Some(last) = self.line.last_mut()
        {
            last.text.push_str(&written);
        }
    }

    /// Makes room for a new span; `false` if there is none.
    fn start_span(&mut self, style: &Style) -> bool {
        self.make_cell();
        let has_room = self.take_node();
        if has_room {
            self.line.push(Span { text: String::new(), style: style.clone() });
        }
        has_room
    }

    /// The end of a line within a paragraph.
    pub(super) fn line_break(&mut self) {
        let is_code = self.in_code();
        let Some(last) = self.line.last_mut() else { return };
        if !is_code {
            let length = last.text.trim_end_matches(' ').len();
            last.text.truncate(length);
        }
        last.text.push('\n');
    }

    /// Whether the line is empty or its end needs no space.
    fn at_space(&self) -> bool {
        self.line.last().is_none_or(|span| span.text.ends_with([' ', '\n']))
    }

    pub(super) fn in_code(&self) -> bool {
        matches!(self.open.last(), Some(Frame { what: What::Block(BlockKind::Code { .. }), .. }))
    }

    /// What was written since the last end is a paragraph; within code, the line ends.
    pub(super) fn end_paragraph(&mut self) {
        if self.in_code() {
            if !self.at_space() {
                self.line_break();
            }
            return;
        }
        let line = line::trimmed(mem::take(&mut self.line));
        let shows_words =
            |span: &Span| span.style.role != Role::Image && (span.style.link.is_some() || !span.text.trim().is_empty());
        let in_cell = matches!(self.open.last(), Some(Frame { what: What::Cell(_), .. }));
        if in_cell || line.iter().any(shows_words) {
            self.put(Block { kind: BlockKind::Paragraph, text: line, children: Vec::new() });
            return;
        }
        // Pictures that stand alone are blocks.
        for picture in line {
            if let Some(url) = picture.style.link {
                let text = vec![Span { text: picture.text, style: Style::default() }];
                self.put(Block { kind: BlockKind::Image { url }, text, children: Vec::new() });
            }
        }
    }

    pub(super) fn divider(&mut self) {
        self.end_paragraph();
        if !self.in_code() && self.take_node() {
            self.make_cell();
            self.put(Block { kind: BlockKind::Divider, text: Vec::new(), children: Vec::new() });
        }
    }

    fn put(&mut self, block: Block) {
        if block.kind == BlockKind::Paragraph && block.text.is_empty() {
            return;
        }
        match self.open.last_mut() {
            Some(Frame { what: What::Block(_), text, blocks })
                if block.kind == BlockKind::Paragraph && text.is_empty() && blocks.is_empty() =>
            {
                *text = block.text;
            }
            Some(frame) => frame.blocks.push(block),
            None => {}
        }
    }

    /// A block that holds what comes next. Within code nothing opens: code is only text.
    pub(super) fn open(&mut self, kind: BlockKind) -> Level {
        self.open_frame(What::Block(kind))
    }

    fn open_frame(&mut self, what: What) -> Level {
        self.end_paragraph();
        if !self.in_code() && self.open.len() <= DEEPEST && self.take_node() {
            self.make_cell();
            let level = self.level();
            self.open.push(Frame::new(what));
            return level;
        }
        if self.open.len() > DEEPEST {
            self.lose(Loss::Depth);
        }
        self.level()
    }

    /// Opens the list item once more that ended last here: some lists nest beside their item, not within it.
    pub(super) fn reopen_item(&mut self) -> Level {
        self.end_paragraph();
        let level = self.level();
        let last = self.open.last_mut().and_then(|frame| frame.blocks.pop_if(|block| block.kind.is_item()));
        if let Some(Block { kind, text, children }) = last {
            self.open.push(Frame { what: What::Block(kind), text, blocks: children });
        }
        level
    }

    /// The number of an item that continues the list which ended last here, if any did.
    pub(super) fn next_number(&mut self) -> u64 {
        self.end_paragraph();
        match self.open.last().and_then(|frame| frame.blocks.last()).map(|block| &block.kind) {
            Some(BlockKind::Numbered { number }) => number.saturating_add(1),
            _ => 1,
        }
    }

    /// Gives the list item that stands open here a box to tick.
    pub(super) fn tick_box(&mut self, is_done: bool) {
        if let Some(Frame { what: What::Block(kind), .. }) = self.open.last_mut()
            && kind.is_item()
        {
            *kind = BlockKind::ToDo { done: is_done };
        }
    }

    fn level(&self) -> Level {
        Level(self.open.len())
    }

    fn take_node(&mut self) -> bool {
        let has_room = self.nodes_left > 0;
        self.nodes_left = self.nodes_left.saturating_sub(1);
        if !has_room {
            self.lose(Loss::Cut);
        }
        has_room
    }

    /// Closes the frame that was opened at this level, and what is still open within it.
    pub(super) fn close(&mut self, level: Level) {
        self.end_paragraph();
        while self.open.len() > level.0.max(1)
            && let Some(Frame { what, text, blocks }) = self.open.pop()
        {
            match what {
                What::Block(kind) => self.close_block(kind, text, blocks),
                What::Table(grid) => self.close_table(grid),
                What::Cell(cell) => self.close_cell(cell, blocks),
                What::Row(cells) => {
                    if let Some(Frame { what: What::Table(grid), .. }) = self.open.last_mut() {
                        grid.add(cells, &mut self.nodes_left);
                    }
                }
                What::Document => {}
            }
        }
    }

    fn close_block(&mut self, kind: BlockKind, mut text: Vec<Span>, blocks: Vec<Block>) {
        let (mut children, mut after) = (blocks, Vec::new());
        match kind {
            BlockKind::Code { .. } => text = line::trimmed_code(mem::take(&mut self.line)),
            BlockKind::Heading { .. } => mem::swap(&mut children, &mut after),
            _ => {}
        }
        if kind.is_item() || !text.is_empty() || !children.is_empty() {
            self.put(Block { kind, text, children });
        }
        after.into_iter().for_each(|block| self.put(block));
    }
}
