//! Every outward appearance of an [`Answer`](crate::preview::Answer), and every page. Pure: the time comes in.
//!
//! JSON, card, mention, Notion attributes, Markdown, plain text and table are made from the same value, so that what one of them may not show none
//! of them can (paste-experience §11).

pub mod aloud;
pub mod assets;
pub mod attributes;
pub mod card;
pub mod icon;
pub mod json;
pub mod markdown;
pub mod mention;
pub mod notice;
pub mod number;
pub mod oembed;
pub mod operations;
pub mod page;
mod picture;
pub mod pile;
pub mod plain;
pub mod step;
pub mod table;
pub mod tag;
pub mod time;
mod value;
mod when;
pub mod words;

/// Anything that draws itself as HTML: a page, a card, a mention.
pub trait Html {
    /// The whole text.
    fn html(&self) -> String;
}

impl<T: askama::Template> Html for T {
    fn html(&self) -> String {
        // Writing to a String cannot fail, and no template of ours returns an error of its own.
        self.render().unwrap_or_default()
    }
}
