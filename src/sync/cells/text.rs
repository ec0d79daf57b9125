//! Text as Notion takes it (S35): runs of at most 2,000 UTF-16 units, at most a hundred, no letter cut in two. Pure.

use std::io::{self, Write};

use serde_json::Value;
use url::Url;

use super::value::{is_empty, text};
use super::{Losses, People, What};
use crate::jira::key::SiteUrl;
use crate::jira::model::RichText as LongText;
use crate::jira::text::{self, Loss};
use crate::jira::value;
use crate::notion::rich_text::{ITEMS, RichText, UNITS, URL_UNITS};
use crate::sync::body;
use crate::sync::fit::{LINE_UNITS, line};

/// One short line without marks.
pub(super) fn plain(text: &str) -> Vec<RichText> {
    let (line, _) = line(text, UNITS);
    if line.is_empty() { Vec::new() } else { vec![RichText::plain(line)] }
}

/// A line of any length as runs, and those beyond what a cell takes.
pub(super) fn runs(text: &str) -> (Vec<RichText>, Vec<RichText>) {
    let line = text::clean_line(text, usize::MAX);
    let mut runs: Vec<RichText> = text::pieces(&line, UNITS).map(RichText::plain).collect();
    let rest = runs.split_off(runs.len().min(ITEMS));
    (runs, rest)
}

/// The one line of a title.
pub(super) fn one_line(value: &Value, losses: &mut Losses) -> String {
    let (line, cut) = line(&said(value, losses), LINE_UNITS);
    losses.add(What::End, usize::from(cut), &line);
    line
}

/// The one line of a text field, as far as there is room for it.
pub(super) fn line_of(value: &Value, losses: &mut Losses) -> Vec<RichText> {
    let (runs, rest) = runs(&said(value, losses));
    losses.continued(rest);
    runs
}

/// A text, or whatever is in its place.
fn said(value: &Value, losses: &mut Losses) -> String {
    match text(value) {
        Some(text) => text,
        None if is_empty(value) => String::new(),
        None => {
            losses.shape(value);
            words(value)
        }
    }
}

/// Whatever a value is, as text.
pub(super) fn of_anything(value: &Value) -> Vec<RichText> {
    plain(&words(value))
}

/// What a value says; else its JSON, as far as a line goes.
pub(super) fn words(value: &Value) -> String {
    let said = value::words(value).or_else(|| {
        let keys: Vec<String> = value.as_array()?.iter().take(ITEMS).filter_map(asset).collect();
        (!keys.is_empty()).then(|| keys.join(", "))
    });
    match said.or_else(|| asset(value)) {
        Some(said) => said,
        None if is_empty(value) => String::new(),
        None => {
            let mut json = Beginning(Vec::new());
            // Stops where the line is full.
            let _ = serde_json::to_writer(&mut json, value);
            String::from_utf8_lossy(&json.0).into_owned()
        }
    }
}

/// The key of an object of Assets.
fn asset(value: &Value) -> Option<String> {
    super::value::member(value.as_object()?, &["objectKey", "label", "objectId"])
}

struct Beginning(Vec<u8>);

impl Write for Beginning {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() >= LINE_UNITS {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An address as Notion takes it: of a scheme that does no harm, and not too long.
pub fn is_address(text: &str) -> bool {
    let text = text.trim();
    let is_short = text.encode_utf16().take(URL_UNITS + 1).count() <= URL_UNITS;
    let is_safe = |url: Url| match url.scheme() {
        "http" | "https" | "ftp" => url.has_host(),
        "mailto" => true,
        _ => false,
    };
    is_short
        && !text.contains(|letter: char| letter.is_whitespace() || letter.is_control())
        && Url::parse(text).is_ok_and(is_safe)
}

pub(super) fn address(value: &Value, losses: &mut Losses) -> Option<String> {
    let address = value.as_str().filter(|text| is_address(text)).map(|text| text.trim().to_owned());
    if address.is_none() && !is_empty(value) {
        losses.shape(value);
    }
    address
}

/// A long text, as far as there is room for it: its marks stay, its blocks become lines.
pub(super) fn long(value: &Value, site: &SiteUrl, people: &People, losses: &mut Losses) -> Vec<RichText> {
    let long = match value {
        Value::String(wiki) => LongText::Wiki(wiki.clone()),
        Value::Object(object) if object.contains_key("content") || object.get("type").is_some_and(|it| it == "doc") => {
            LongText::Adf(value.clone())
        }
        value => return line_of(value, losses),
    };
    let context =
        body::Context { person: &|id| people.of_table(id).map(str::to_owned), attachment: &|_| None, row: &|_| None };
    let body::Inline { runs, rest, losses: lost } =
        body::inline(&text::document(&long, Some(site)), &context, ITEMS * UNITS);
    for (loss, count) in lost {
        let what = match loss {
            body::Loss::Text(Loss::Cut) => What::End,
            body::Loss::Text(loss) => What::Text(loss),
            body::Loss::Person => What::Person,
            body::Loss::Attachment | body::Loss::Picture => What::Text(Loss::Media),
            body::Loss::Flattened | body::Loss::HeadingLevel | body::Loss::Language => What::Blocks,
        };
        losses.add(what, usize::try_from(count).unwrap_or(usize::MAX), "");
    }
    losses.continued(rest);
    runs
}
