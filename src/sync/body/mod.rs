//! Long texts of Jira as the body of a row's page (synced-database §6, S35 to S38). Pure: equal input gives equal output.
//!
//! ```text
//! parts     description, ends of other texts, attachments and comments as the one block that is ours
//! render    blocks of a text as blocks of Notion
//! table     tables, cut where Notion's are full
//! look      signs and colours
//! language  names of programming languages
//! runs      words, people, days and links, in pieces that Notion takes
//! inline    a text as the value of a column
//! calls     the calls that write a body
//! weigh     how much of a body one call can carry
//! ```

mod calls;
mod inline;
mod language;
mod look;
mod parts;
mod render;
mod runs;
mod table;
mod weigh;

pub use calls::{Append, Place, Room, calls};
pub use inline::{Inline, inline};
pub use parts::{Comment, Continued, File, Parts, SIGN, TITLE, whole};
pub use render::blocks;

use std::collections::BTreeMap;
use std::fmt;

use crate::jira::text;
use crate::notion::block::Block;
use crate::secret::Digest;

/// Blocks, and what of the text they do not show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    pub blocks: Vec<Block>,
    pub losses: Losses,
}

/// How often each kind of loss happened: lines of the loss report (synced-database §8).
pub type Losses = BTreeMap<Loss, u32>;

/// What Notion cannot show, or does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Loss {
    /// What was lost before, when the text was read.
    Text(text::Loss),
    /// A heading below the third level: a bold paragraph.
    HeadingLevel,
    /// A programming language that Notion does not colour.
    Language,
    /// A person who is no member of the workspace: their name.
    Person,
    /// A file that the issue does not have, or no longer: its name.
    Attachment,
    /// A picture among words: a link to it.
    Picture,
    /// Lists, tables, headings and the like, where there is only room for lines.
    Flattened,
}

impl Loss {
    /// For the report.
    pub fn words(self) -> &'static str {
        match self {
            Self::Text(loss) => text_words(loss),
            Self::HeadingLevel => "headings below the third level",
            Self::Language => "programming languages that Notion does not know",
            Self::Person => "mentions of people who are not in Notion",
            Self::Attachment => "files that the issue does not have",
            Self::Picture => "pictures within a line",
            Self::Flattened => "blocks shown as lines",
        }
    }
}

/// What was lost when a text was read, for the report.
pub fn text_words(loss: text::Loss) -> &'static str {
    match loss {
        text::Loss::Unknown => "unknown elements, shown as text",
        text::Loss::Macro => "macros",
        text::Loss::MergedCells => "merged cells",
        text::Loss::BlocksInCell => "blocks in cells",
        text::Loss::Colour => "exact colours",
        text::Loss::Style => "styles of letters",
        text::Loss::Link => "links that cannot be followed",
        text::Loss::Media => "files and pictures that cannot be pointed to",
        text::Loss::Card => "looks of cards",
        text::Loss::Emoji => "pictures of the site's own",
        text::Loss::ListStart => "lists that do not begin with 1",
        text::Loss::Layout => "columns and alignments",
        text::Loss::Depth => "blocks nested too deep",
        text::Loss::Cut => "ends of long texts",
    }
}

/// What a text names, looked up elsewhere. The same questions must have the same answers while a body is written.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Notion's id of a person: by `accountId` on Cloud, by user name elsewhere.
    pub person: &'a dyn Fn(&str) -> Option<String>,
    /// The address of an attachment of the issue, by its file name.
    pub attachment: &'a dyn Fn(&str) -> Option<String>,
    /// The page of the issue that this address leads to, if it has a row.
    pub row: &'a dyn Fn(&str) -> Option<String>,
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Context(…)")
    }
}

/// What tells whether a body has changed (S37, S43): equal for equal blocks, from one start of the process to the next.
pub fn hash(blocks: &[Block]) -> Digest {
    let mut parts = Vec::new();
    describe(blocks, &mut parts);
    Digest::of(&parts.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Each block by its own, so that the work does not grow with the depth.
fn describe(blocks: &[Block], parts: &mut Vec<String>) {
    for block in blocks {
        parts.push(block.kind.name().to_owned());
        parts.push(block.kind.data().to_string());
        parts.push(block.children.len().to_string());
        describe(&block.children, parts);
    }
}
