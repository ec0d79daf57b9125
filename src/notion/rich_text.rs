//! Text as Notion keeps it: a list of runs, each of one style (notion-rest-api §3.3, §4). Pure.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::json;

/// UTF-16 units that the text of one run may have; more is refused, never cut.
pub const UNITS: usize = 2_000;
/// Runs in one list, and items of every other array.
pub const ITEMS: usize = 100;
/// UTF-16 units of any address.
pub const URL_UNITS: usize = 2_000;

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RichText {
    pub content: Content,
    pub marks: Marks,
}

/// What a run shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Content {
    /// Never empty, at most [`UNITS`].
    Text { text: String, link: Option<String> },
    /// A page by its id: for whoever may see it, its title as it is at the time.
    Page(String),
    /// A person by their id.
    User(String),
    /// A day (`2026-11-23`) or an instant, in ISO 8601.
    Date(String),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Marks {
    #[serde(skip_serializing_if = "is_false")]
    pub bold: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub italic: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub strikethrough: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub underline: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub code: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub color: Color,
}

/// The colours of words, blocks and options. Options know none of the backgrounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Color {
    #[default]
    Default,
    Gray,
    Brown,
    Orange,
    Yellow,
    Green,
    Blue,
    Purple,
    Pink,
    Red,
    GrayBackground,
    BrownBackground,
    OrangeBackground,
    YellowBackground,
    GreenBackground,
    BlueBackground,
    PurpleBackground,
    PinkBackground,
    RedBackground,
}

impl RichText {
    /// Words without style. The caller has seen to their length.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { content: Content::Text { text: text.into(), link: None }, marks: Marks::default() }
    }
}

impl Serialize for RichText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match &self.content {
            Content::Text { text, link } => {
                map.serialize_entry("type", "text")?;
                map.serialize_entry(
                    "text",
                    &match link {
                        None => json!({ "content": text }),
                        Some(url) => json!({ "content": text, "link": { "url": url } }),
                    },
                )?;
            }
            mention => {
                map.serialize_entry("type", "mention")?;
                map.serialize_entry(
                    "mention",
                    &match mention {
                        Content::Page(id) => json!({ "type": "page", "page": { "id": id } }),
                        Content::User(id) => json!({ "type": "user", "user": { "id": id } }),
                        Content::Date(start) | Content::Text { text: start, .. } => {
                            json!({ "type": "date", "date": { "start": start } })
                        }
                    },
                )?;
            }
        }
        if self.marks != Marks::default() {
            map.serialize_entry("annotations", &self.marks)?;
        }
        map.end()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(mark: &bool) -> bool {
    !mark
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_default(color: &Color) -> bool {
    *color == Color::Default
}
