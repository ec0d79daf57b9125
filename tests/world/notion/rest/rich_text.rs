//! Rich text: items of text, mentions and equations, as they come and as they go (notion-rest-api §3.3, §4).

use serde_json::{Value, json};

use super::super::state::State;
use super::dates;
use super::desk::Desk;
use super::id::Id;
use super::limits::{EQUATION, ITEMS, TEXT};
use super::place::At;
use super::refusal::Refusal;
use super::store::Is;

#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub what: What,
    /// Those that were sent.
    pub annotations: Option<Value>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum What {
    Text {
        content: String,
        link: Option<String>,
    },
    User(Id),
    Page(Id),
    Database(Id),
    Date(Value),
    /// Of a kind that nobody can make through the API, but that people's pages hold: `link_preview`, `link_mention`.
    Link {
        kind: &'static str,
        value: Value,
        url: String,
    },
    Equation(String),
}

/// A text without marks.
pub fn plain_items(text: &str) -> Vec<Item> {
    match text {
        "" => Vec::new(),
        text => vec![Item { what: What::Text { content: text.to_owned(), link: None }, annotations: None }],
    }
}

const COLOURS: [&str; 20] = [
    "default",
    "gray",
    "brown",
    "orange",
    "yellow",
    "green",
    "blue",
    "purple",
    "pink",
    "red",
    "default_background",
    "gray_background",
    "brown_background",
    "orange_background",
    "yellow_background",
    "green_background",
    "blue_background",
    "purple_background",
    "pink_background",
    "red_background",
];

/// A colour of text or of a block.
pub fn colour<'a>(at: &At<'a>) -> Result<&'a str, Refusal> {
    at.one_of(&COLOURS)
}

impl Desk<'_> {
    /// A rich text as it came.
    pub fn rich_text(&self, at: &At<'_>) -> Result<Vec<Item>, Refusal> {
        at.items(ITEMS)?.iter().map(|item| self.item(item)).collect()
    }

    fn item(&self, at: &At<'_>) -> Result<Item, Refusal> {
        let (kind, inner) = at.kind(&["text", "mention", "equation"], &["annotations", "plain_text", "href"])?;
        let what = match kind {
            "text" => {
                inner.members(&["content", "link"])?;
                let content = inner.need("content")?.text(TEXT)?.to_owned();
                let link = match inner.set("link") {
                    Some(link) => {
                        link.members(&["url", "type"])?;
                        Some(web_address(&link.need("url")?)?.to_owned())
                    }
                    None => None,
                };
                What::Text { content, link }
            }
            "equation" => {
                inner.members(&["expression"])?;
                What::Equation(inner.need("expression")?.words(EQUATION)?.to_owned())
            }
            _ => self.mention(&inner)?,
        };
        let annotations = match at.get("annotations") {
            Some(it) => Some(annotations(&it)?),
            None => None,
        };
        Ok(Item { what, annotations })
    }

    fn mention(&self, at: &At<'_>) -> Result<What, Refusal> {
        let (kind, inner) = at.kind(&["user", "date", "page", "database"], &[])?;
        if kind == "date" {
            return Ok(What::Date(dates::read(&inner)?.json()));
        }
        inner.members(if kind == "user" { &["id", "object"] } else { &["id"] })?;
        let id = inner.need("id")?.id()?;
        match kind {
            "user" => self.person(id).map(|_| What::User(id)).ok_or_else(|| Refusal::missing("user", id)),
            "page" => self.seen(id, "page").map(|_| What::Page(id)),
            _ => self.seen(id, "database").map(|_| What::Database(id)),
        }
    }
}

/// An address: not empty, not too long.
pub fn web_address<'a>(at: &At<'a>) -> Result<&'a str, Refusal> {
    let text = at.words(TEXT)?;
    let known = ["http://", "https://", "mailto:", "tel:", "/"].iter().any(|scheme| text.starts_with(scheme));
    if known { Ok(text) } else { Err(Refusal::invalid(format!("Invalid URL for link: `{text}`."))) }
}

fn annotations(at: &At<'_>) -> Result<Value, Refusal> {
    let flags = ["bold", "italic", "strikethrough", "underline", "code"];
    at.members(&[&flags[..], &["color"]].concat())?;
    for flag in flags {
        if let Some(it) = at.get(flag) {
            it.flag()?;
        }
    }
    if let Some(it) = at.get("color") {
        colour(&it)?;
    }
    Ok(at.value.clone())
}

/// As the API shows it.
pub fn shown(items: &[Item], state: &State) -> Value {
    items.iter().map(|item| one_shown(item, state)).collect()
}

fn one_shown(item: &Item, state: &State) -> Value {
    let mut marks = json!({
        "bold": false, "italic": false, "strikethrough": false, "underline": false, "code": false, "color": "default",
    });
    if let Some(Value::Object(sent)) = &item.annotations {
        sent.iter().for_each(|(name, value)| marks[name] = value.clone());
    }
    let plain = one_plain(item, state);
    let mention = |kind: &str, value: Value| json!({"type": "mention", "mention": {"type": kind, kind: value}});
    let (mut it, href) = match &item.what {
        What::Text { content, link } => {
            let link_json = link.as_ref().map(|url| json!({"url": url}));
            (json!({"type": "text", "text": {"content": content, "link": link_json}}), link.clone())
        }
        What::User(id) => (mention("user", state.person_json(*id)), None),
        What::Page(id) => (mention("page", json!({"id": id})), Some(format!("https://app.notion.com/p/{}", id.hex()))),
        What::Database(id) => {
            (mention("database", json!({"id": id})), Some(format!("https://app.notion.com/p/{}", id.hex())))
        }
        What::Date(date) => (mention("date", date.clone()), None),
        What::Link { kind, value, url } => (mention(kind, value.clone()), Some(url.clone())),
        What::Equation(expression) => (json!({"type": "equation", "equation": {"expression": expression}}), None),
    };
    (it["annotations"], it["plain_text"], it["href"]) = (marks, json!(plain), json!(href));
    it
}

/// The text alone, with the present titles of mentioned pages.
pub fn plain(items: &[Item], state: &State) -> String {
    items.iter().map(|item| one_plain(item, state)).collect()
}

fn one_plain(item: &Item, state: &State) -> String {
    match &item.what {
        What::Text { content, .. } => content.clone(),
        What::User(id) => format!("@{}", state.person_json(*id)["name"].as_str().unwrap_or("Anonymous")),
        What::Page(id) | What::Database(id) => match state.rest.nodes.get(id).map(|node| &node.is) {
            Some(Is::Database(it)) => plain(&it.title, state),
            Some(_) => state.rest.title(*id),
            None => "Untitled".into(),
        },
        What::Date(date) => {
            let end = date["end"].as_str().map(|end| format!(" → {end}")).unwrap_or_default();
            format!("{}{end}", date["start"].as_str().unwrap_or_default())
        }
        What::Link { url, .. } => url.clone(),
        What::Equation(expression) => expression.clone(),
    }
}
