//! How previews and mentions look on a page (notion-link-preview §6).

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use super::super::oauth::html::escape;
use super::rendered::{Rendered, inner, value};
use super::state::As;

/// A card, or a mention in a line of text, with the way to take it away.
pub fn block(shown: &Rendered, page: usize) -> String {
    let remove = format!(
        "<form method=\"post\" action=\"/previews/{}/remove\"><button class=\"quiet\">Remove</button></form>",
        shown.id.0
    );
    match shown.kind {
        As::Preview => format!("<div class=\"block\">{}{remove}</div>\n", card(shown, page)),
        As::Mention => {
            let (mention, ways) = (mention(shown), ways(shown, page));
            format!("<div class=\"block\"><div class=\"text\">{mention}{ways}</div>{remove}</div>\n")
        }
    }
}

fn card(shown: &Rendered, page: usize) -> String {
    let in_section = |name: &str| shown.in_section(name).filter_map(part).collect::<String>();
    let ground = shown.in_section("background").find_map(|it| rgb(&it["inline"]["color"]["value"]));
    let ground = ground.map_or_else(String::new, |it| format!(" style=\"border-left:6px solid {it}\""));
    let state = if shown.is_placeholder { " waiting" } else { "" };
    let body: String = shown
        .in_section("body")
        .filter_map(value)
        .map(|text| format!("<p class=\"body\">{}</p>", escape(text)))
        .collect();
    let line: String = ["entity", "identifier", "primary", "secondary", "avatar"].map(in_section).concat();
    let line = if line.is_empty() { line } else { format!("<div class=\"line\">{line}</div>") };
    let title = match shown.title() {
        "" => shown.uri.as_str(),
        title => title,
    };
    format!(
        "<article class=\"card{state}\"{ground}>{}<h2><a href=\"{}\">{}</a></h2>{body}{line}{}</article>",
        in_section("embed"),
        escape(&shown.uri),
        escape(title),
        ways(shown, page),
    )
}

fn mention(shown: &Rendered) -> String {
    let entity: String = shown.in_section("entity").filter_map(part).collect();
    let id = shown.identifier().map(|it| format!("<span class=\"id\">{}</span> ", escape(it))).unwrap_or_default();
    let title = if shown.title().is_empty() { &shown.uri } else { shown.title() };
    format!("<a class=\"mention\" href=\"{}\">{entity}{id}{}</a>", escape(&shown.uri), escape(title))
}

/// What a reader can do: connect, or another account after an error.
fn ways(shown: &Rendered, page: usize) -> String {
    if let Some(words) = &shown.connect {
        return format!("<p><a class=\"button main\" href=\"/connect?page={page}\">{}</a></p>", escape(words));
    }
    let Some(message) = shown.message() else { return String::new() };
    let said = shown.error.as_ref().map(|it| it.message.as_str()).filter(|it| !it.is_empty() && *it != message);
    let said = said.map(|it| format!(" <small>{}</small>", escape(it))).unwrap_or_default();
    format!(
        "<p><span class=\"error\">{message}</span>{said} <a href=\"/connect?page={page}\">Connect another account</a></p>"
    )
}

/// One attribute.
fn part(attribute: &Value) -> Option<String> {
    let name = escape(attribute["name"].as_str().unwrap_or_default());
    let Some((kind, inner)) = inner(attribute) else { return embed(attribute) };
    let text = inner["value"].as_str().map(escape);
    match kind {
        "enum" => {
            let tint = rgb(&inner["color"]).map(|it| (" tinted", format!(" style=\"--tint:{it}\"")));
            let (class, style) = tint.unwrap_or_default();
            Some(format!("<span class=\"pill{class}\"{style} title=\"{name}\">{}</span>", text?))
        }
        "color" => Some(format!(
            "<span class=\"entity\" style=\"background:{}\" title=\"{name}\"></span>",
            rgb(&inner["value"])?
        )),
        "date" | "datetime" => Some(format!("<span title=\"{name}\">{}</span>", when(&text?))),
        _ => Some(format!("<span title=\"{name}\">{}</span>", text?)),
    }
}

fn embed(attribute: &Value) -> Option<String> {
    let embed = attribute["embed"].as_object()?;
    let url = escape(embed.get("src_url")?.as_str()?);
    let (kind, inner) = embed.iter().find(|(name, _)| *name != "src_url")?;
    let class = if inner["section"] == "embed" { "large" } else { "entity" };
    Some(match kind.as_str() {
        "image" => format!("<img class=\"{class}\" src=\"{url}\" alt=\"\">"),
        "video" | "audio" => format!("<{kind} src=\"{url}\" controls></{kind}>"),
        _ => format!("<iframe src=\"{url}\" title=\"{}\" sandbox></iframe>", escape(attribute["name"].as_str()?)),
    })
}

fn rgb(colour: &Value) -> Option<String> {
    let part = |name: &str| colour[name].as_u64();
    Some(format!("rgb({} {} {})", part("r")?, part("g")?, part("b")?))
}

/// As a reader in London in summer would not: always UTC, so that a page looks the same everywhere.
fn when(text: &str) -> String {
    let at = text.parse::<Timestamp>().map(|it| it.strftime("%-d %b %Y, %H:%M UTC").to_string());
    at.or_else(|_| text.parse::<Date>().map(|it| it.strftime("%-d %b %Y").to_string()))
        .unwrap_or_else(|_| text.to_owned())
}
