//! What stands in a line: words and their marks, people, days, cards, files.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::super::address;
use super::super::tree::{Colour, Loss, Role, Style};
use super::{Node, Walk};

/// Ids of people are 128 letters at most.
const LONGEST_ID: usize = 200;

impl Walk<'_> {
    pub(super) fn inline(&mut self, node: Node, style: &Style) {
        match node.kind() {
            "mention" => {
                let name = node.text("text").unwrap_or("@someone").trim_start_matches('@');
                let id = node.text("id").filter(|id| id.len() <= LONGEST_ID);
                let style = id.map_or_else(|| style.clone(), |id| style.with_role(Role::Mention { id: id.into() }));
                self.builder.atom(&format!("@{name}"), &style);
            }
            "emoji" => {
                let name = node.text("shortName");
                if node.text("text").is_none_or(|text| Some(text) == name) {
                    self.builder.lose(Loss::Emoji);
                }
                self.builder.text(node.text("text").or(name).unwrap_or_default(), style);
            }
            "date" => {
                if let Some(day) = node.attribute("timestamp").and_then(day) {
                    self.builder.atom(&day.to_string(), &style.with_role(Role::Date(day)));
                }
            }
            "status" => {
                let colour = node.text("color").and_then(Colour::nearest);
                self.builder.atom(node.text("text").unwrap_or_default(), &style.with_role(Role::Status(colour)));
            }
            "inlineCard" => self.card(node, style),
            _ => self.media(node, style),
        }
    }

    pub(super) fn card(&mut self, node: Node, style: &Style) {
        let data = |name: &str| node.attribute("data").and_then(|data| data.get(name)).and_then(Value::as_str);
        if node.attribute("datasource").is_some() && node.kind() == "inlineCard" {
            self.builder.lose(Loss::Card);
        }
        let address = node.text("url").or_else(|| data("url"));
        let Some(words) = data("name").or(address) else { return };
        let style = address.and_then(|address| self.link(address)).map(|link| style.linked(link));
        self.builder.atom(words, &style.unwrap_or_default());
    }

    /// The ids are of the media service; what people know of a file is its name.
    fn media(&mut self, node: Node, style: &Style) {
        if node.text("type") != Some("external") {
            match node.text("alt") {
                Some(name) => self.builder.atom(name, &style.with_role(Role::Attachment)),
                None => {
                    self.builder.lose(Loss::Media);
                    self.builder.atom("[attachment]", style);
                }
            }
            return;
        }
        let address = node.text("url").unwrap_or_default();
        let name = node.text("alt").map_or_else(|| address::file_name(address), Into::into);
        let name = if name.is_empty() { "[image]" } else { &name };
        match address::safe(address, self.site) {
            Some(link) => self.builder.atom(name, &Style::default().linked(link).with_role(Role::Image)),
            None => {
                self.builder.lose(Loss::Media);
                self.builder.atom(name, style);
            }
        }
    }

    pub(super) fn words(&mut self, text: &str, style: &Style) {
        self.builder.text(text, style);
    }

    fn link(&mut self, address: &str) -> Option<Arc<str>> {
        let link = address::safe(address, self.site);
        if link.is_none() {
            self.builder.lose(Loss::Link);
        }
        link
    }

    pub(super) fn colour(&mut self, text: &str) -> Option<Colour> {
        self.builder.lose(Loss::Colour);
        Colour::nearest(text)
    }

    /// The style around a node with that of its own marks.
    pub(super) fn style(&mut self, node: Node, around: &Style) -> Style {
        let mut style = around.clone();
        for mark in node.marks().iter().map(Node) {
            match mark.kind() {
                "strong" => style.bold = true,
                "em" => style.italic = true,
                "strike" => style.strike = true,
                "underline" => style.underline = true,
                "code" => style.code = true,
                "link" => style.link = self.link(mark.text("href").unwrap_or_default()),
                "textColor" => style.colour = self.colour(mark.text("color").unwrap_or_default()),
                "backgroundColor" => style.background = self.colour(mark.text("color").unwrap_or_default()),
                "subsup" | "border" | "fontSize" => self.builder.lose(Loss::Style),
                "alignment" | "indentation" | "breakout" => self.builder.lose(Loss::Layout),
                // They name places in a text; nobody sees them.
                "annotation" | "fragment" | "dataConsumer" => {}
                _ => self.builder.lose(Loss::Unknown),
            }
        }
        style
    }
}

/// The day of a `date` node: milliseconds since 1970 as a text, midnight UTC.
fn day(timestamp: &Value) -> Option<Date> {
    let millis = timestamp.as_i64().or_else(|| timestamp.as_str()?.parse().ok())?;
    let moment = Timestamp::from_millisecond(millis).ok()?;
    Some(moment.to_zoned(TimeZone::UTC).date())
}
