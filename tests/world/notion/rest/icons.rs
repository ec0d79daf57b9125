//! Icons and covers of pages and databases.

use serde_json::{Value, json};

use super::limits::{SHORT, TEXT};
use super::place::At;
use super::refusal::Refusal;

const COLOURS: [&str; 10] =
    ["gray", "lightgray", "brown", "yellow", "orange", "green", "blue", "purple", "pink", "red"];

/// An icon, or `None` for null.
pub fn icon(at: &At<'_>) -> Result<Option<Value>, Refusal> {
    if at.value.is_null() {
        return Ok(None);
    }
    let (kind, inner) = at.kind(&["emoji", "external", "icon"], &[])?;
    Ok(Some(match kind {
        "emoji" => json!({"type": "emoji", "emoji": inner.words(SHORT)?}),
        "external" => external(&inner)?,
        _ => {
            inner.members(&["name", "color"])?;
            let color = inner.get("color").map_or(Ok("gray"), |it| it.one_of(&COLOURS))?;
            json!({"type": "icon", "icon": {"name": inner.need("name")?.words(SHORT)?, "color": color}})
        }
    }))
}

/// A cover, or `None` for null.
pub fn cover(at: &At<'_>) -> Result<Option<Value>, Refusal> {
    if at.value.is_null() {
        return Ok(None);
    }
    external(&at.kind(&["external"], &[])?.1).map(Some)
}

fn external(at: &At<'_>) -> Result<Value, Refusal> {
    at.members(&["url"])?;
    Ok(json!({"type": "external", "external": {"url": at.need("url")?.words(TEXT)?}}))
}
