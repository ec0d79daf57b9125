//! What an editor embeds that asks by oEmbed 1.0: a frame of `/preview`, in which each reader sees what they may see.
//! Whoever asks has no identity, so the answer says no more than the link itself (paste-experience §2, routes B and C).

use askama::Template;
use serde::Serialize;

use super::Html;

/// The size of a frame that nobody asked to be smaller, in CSS pixels.
const USUAL: (u32, u32) = (600, 280);

/// One embeddable preview.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embed {
    /// `OPS-7 · Jira (acme)`, from [`words::redacted`](super::words::redacted).
    pub title: String,
    /// Origin of the gateway.
    pub provider_url: String,
    /// The page for the frame; none where nobody may frame it.
    pub src: Option<String>,
    /// What the editor has room for (`maxwidth`, `maxheight`).
    pub most: (Option<u32>, Option<u32>),
}

/// The answer to `GET /oembed`: type `rich` with a frame, else `link`.
pub fn json(embed: &Embed) -> String {
    let size = |usual: u32, most: Option<u32>| most.map_or(usual, |most| usual.min(most));
    let (width, height) = (size(USUAL.0, embed.most.0), size(USUAL.1, embed.most.1));
    let frame = embed.src.as_ref().map(|src| Frame { src, title: &embed.title, width, height }.html());
    let shown = frame.is_some();
    let answer = Answer {
        version: "1.0",
        kind: if shown { "rich" } else { "link" },
        title: &embed.title,
        provider_name: "Jira Notion Gateway",
        provider_url: &embed.provider_url,
        html: frame,
        width: shown.then_some(width),
        height: shown.then_some(height),
    };
    serde_json::to_string(&answer).unwrap_or_default()
}

#[derive(Serialize)]
struct Answer<'a> {
    version: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'a str,
    provider_name: &'static str,
    provider_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<iframe src="{{ src }}" title="{{ title }}" width="{{ width }}" height="{{ height }}" loading="lazy"></iframe>"#
)]
struct Frame<'a> {
    src: &'a str,
    title: &'a str,
    width: u32,
    height: u32,
}
