//! Blocks of a text as blocks of Notion: the table of synced-database §6.

use crate::jira::text::{Block as Source, BlockKind, Document, Loss as TextLoss, Span, Style};
use crate::notion::block::{Block, Kind};
use crate::notion::rich_text::RichText;

use super::runs::{FULL, Writer, full_lists};
use super::{Body, Context, Loss, language, look};

/// A text as blocks, whatever their number and depth, each within the limits of a block.
pub fn blocks(document: &Document, context: &Context<'_>) -> Body {
    let mut writer = Writer::new(context);
    let blocks = writer.document(document);
    Body { blocks, losses: writer.losses }
}

impl Writer<'_> {
    pub(super) fn document(&mut self, document: &Document) -> Vec<Block> {
        self.lose_with(document);
        self.blocks(&document.blocks)
    }

    fn blocks(&mut self, sources: &[Source]) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut after_number = false;
        for source in sources {
            let number = if let BlockKind::Numbered { number } = source.kind { Some(number) } else { None };
            if after_number && number == Some(1) {
                // Notion counts on where one list follows another.
                self.lose(Loss::Text(TextLoss::ListStart));
            }
            after_number = number.is_some();
            self.block(source, &mut blocks);
        }
        blocks
    }

    fn block(&mut self, source: &Source, blocks: &mut Vec<Block>) {
        match &source.kind {
            BlockKind::Paragraph => self.lines(&source.text, false, Kind::Paragraph, blocks),
            BlockKind::Heading { level: level @ 1..=3 } => {
                self.lines(&source.text, false, |text| Kind::Heading(*level, text), blocks);
            }
            BlockKind::Heading { .. } => {
                self.lose(Loss::HeadingLevel);
                self.lines(&source.text, true, Kind::Paragraph, blocks);
            }
            BlockKind::Bulleted => return self.holder(source, Kind::BulletedListItem, blocks),
            BlockKind::Numbered { .. } => return self.holder(source, Kind::NumberedListItem, blocks),
            BlockKind::ToDo { done } => return self.holder(source, |text| Kind::ToDo(text, *done), blocks),
            BlockKind::Quote => return self.holder(source, Kind::Quote, blocks),
            BlockKind::Toggle => return self.holder(source, Kind::Toggle, blocks),
            BlockKind::Callout(tone) => {
                let (emoji, color) = look::callout(*tone);
                return self.holder(source, |text| Kind::Callout { text, emoji, color }, blocks);
            }
            BlockKind::Code { language } => {
                let known = language.as_deref().map(language::known);
                if known == Some(None) {
                    self.lose(Loss::Language);
                }
                let name = known.flatten().unwrap_or(language::PLAIN);
                self.lines(&source.text, false, |text| Kind::Code { text, language: name }, blocks);
            }
            BlockKind::Divider => blocks.push(Kind::Divider.into()),
            BlockKind::Table(table) => self.table(table, blocks),
            BlockKind::Image { url } if url.starts_with("http") => {
                let mut captions = full_lists(self.runs(&source.text, FULL)).into_iter();
                let caption = captions.next().unwrap_or_default();
                blocks.push(Kind::Image { url: url.to_string(), caption }.into());
                blocks.extend(captions.map(|text| Kind::Paragraph(text).into()));
            }
            BlockKind::Image { url } => {
                let linked = |span: &Span| {
                    let style = Style { link: Some(url.clone()), ..span.style.clone() };
                    Span { text: span.text.clone(), style }
                };
                let spans: Vec<_> = source.text.iter().map(linked).collect();
                self.lines(&spans, false, Kind::Paragraph, blocks);
            }
        }
        // Notion lets none of these hold others; nor does Jira.
        blocks.extend(self.blocks(&source.children));
    }

    /// A block that holds no others: as many of its kind as its words need.
    fn lines(&mut self, spans: &[Span], is_bold: bool, kind: impl Fn(Vec<RichText>) -> Kind, blocks: &mut Vec<Block>) {
        let mut runs = self.runs(spans, FULL);
        runs.iter_mut().for_each(|run| run.marks.bold |= is_bold);
        blocks.extend(full_lists(runs).into_iter().map(|text| kind(text).into()));
    }

    /// A block that holds others: words beyond its own line come first among them.
    fn holder(&mut self, source: &Source, kind: impl Fn(Vec<RichText>) -> Kind, blocks: &mut Vec<Block>) {
        let mut lists = full_lists(self.runs(&source.text, FULL)).into_iter();
        let kind = kind(lists.next().unwrap_or_default());
        let mut children: Vec<_> = lists.map(|text| Kind::Paragraph(text).into()).collect();
        children.extend(self.blocks(&source.children));
        blocks.push(Block { kind, children });
    }
}
