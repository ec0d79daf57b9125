//! The form that every long text of Jira is brought into: blocks, and spans of words within them.
//!
//! It names what editors of our day have in common, so that a writer for one of them translates block by block and span
//! by span. Nothing in it needs to be trusted by the reader: links are checked, control characters are gone, and size
//! and depth are bounded.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

/// A long text, and what of it could not be kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    pub blocks: Vec<Block>,
    /// How often each kind of loss happened.
    pub losses: BTreeMap<Loss, u32>,
}

/// A piece of a document with a line of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Block {
    pub kind: BlockKind,
    /// A line feed in it is a line break. Empty for dividers and tables.
    pub text: Vec<Span>,
    /// What stands below the block; only list items, quotes, callouts and toggles have any.
    pub children: Vec<Block>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BlockKind {
    Paragraph,
    /// From 1, the largest, to 6.
    Heading {
        level: u8,
    },
    Bulleted,
    Numbered {
        number: u64,
    },
    ToDo {
        done: bool,
    },
    Quote,
    Callout(Tone),
    /// Children that are hidden until a click.
    Toggle,
    /// Its text is one span without marks.
    Code {
        /// As it was written: `java`, `c++`; of whatever the author thought of.
        language: Option<String>,
    },
    Divider,
    Table(Table),
    /// A picture with a public address; its text says what it shows. Attachments of the issue are spans.
    Image {
        url: Arc<str>,
    },
}

/// Rows of equal length; a merged cell leaves empty ones beside and below it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Table {
    pub header_row: bool,
    pub header_column: bool,
    pub rows: Vec<Vec<Vec<Span>>>,
}

/// What a callout wants from its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tone {
    Plain,
    Info,
    Note,
    Tip,
    Success,
    Warning,
    Error,
    Decision,
}

/// Words of one style. `text` is never empty, and stands for the role where a reader does not know it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    pub text: String,
    pub style: Style,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Style {
    pub bold: bool,
    pub italic: bool,
    pub strike: bool,
    pub underline: bool,
    pub code: bool,
    pub colour: Option<Colour>,
    pub background: Option<Colour>,
    /// An absolute `http`, `https` or `mailto` address of at most 2,000 characters.
    pub link: Option<Arc<str>>,
    pub role: Role,
}

/// What a span is, beyond its words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Role {
    #[default]
    Words,
    /// A person: `accountId` on Cloud, the user name elsewhere. The text is `@` and a name.
    Mention { id: Arc<str> },
    /// The text is the day in ISO form.
    Date(Date),
    /// A coloured label.
    Status(Option<Colour>),
    /// A file of the issue; the text is its name.
    Attachment,
    /// A picture within a line; the link is its address.
    Image,
}

/// The colours that editors have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Colour {
    Gray,
    Brown,
    Orange,
    Yellow,
    Green,
    Blue,
    Purple,
    Pink,
    Red,
}

/// What the tree does not express (synced-database §6). What a writer cannot express is for the writer to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Loss {
    /// A node or mark that we have never heard of; its text is kept.
    Unknown,
    /// A macro or an extension: its inner text, or its name in brackets.
    Macro,
    /// Cells that span rows or columns.
    MergedCells,
    /// Blocks in a table's cell: their text.
    BlocksInCell,
    /// The exact colour.
    Colour,
    /// Superscript, subscript, citation, size of letters, border.
    Style,
    /// A link that is relative without a site, too long, or of a scheme that may do harm: its text.
    Link,
    /// A file without a name, or a picture that lies nowhere we can point to.
    Media,
    /// The look of a card, and queries shown as tables.
    Card,
    /// A picture of one site's own: its name.
    Emoji,
    /// A list that does not begin with 1.
    ListStart,
    /// Columns, alignment, indentation, width; the size of pictures.
    Layout,
    /// Blocks nested too deep: they follow the block that should hold them.
    Depth,
    /// What was beyond the bounds on size is missing.
    Cut,
}

impl Style {
    pub(super) fn linked(&self, link: Arc<str>) -> Self {
        Self { link: Some(link), ..self.clone() }
    }

    pub(super) fn with_role(&self, role: Role) -> Self {
        Self { role, ..self.clone() }
    }
}

impl BlockKind {
    pub(super) fn is_item(&self) -> bool {
        matches!(self, Self::Bulleted | Self::Numbered { .. } | Self::ToDo { .. })
    }

    /// What stands for the kind where there is only text.
    pub(super) fn sign(&self) -> String {
        match self {
            Self::Bulleted => "- ".to_owned(),
            Self::Numbered { number } => format!("{number}. "),
            Self::ToDo { done: false } => "[ ] ".to_owned(),
            Self::ToDo { done: true } => "[x] ".to_owned(),
            Self::Callout(Tone::Decision) => "✓ ".to_owned(),
            _ => String::new(),
        }
    }
}

/// The name of a programming language, if it can be one.
pub(super) fn language(name: &str) -> Option<String> {
    let name = name.trim();
    let is_name = |letter: char| letter.is_alphanumeric() || "+#-._ /".contains(letter);
    (!name.is_empty() && name.len() <= 40 && name.chars().all(is_name)).then(|| name.to_lowercase())
}
