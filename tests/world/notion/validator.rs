//! Whether operations are such as Notion documents (notion-link-preview §5, §9), and what they come to.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value};
use url::Url;

use super::switches::Strictness;

/// What operations say about one link.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Update {
    /// Each id once.
    pub attributes: Option<Vec<Value>>,
    pub error: Option<Problem>,
}

/// An error operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub status: u16,
    pub message: String,
}

impl Problem {
    pub fn new(status: u16, message: &str) -> Self {
        Self { status, message: message.to_owned() }
    }
}

/// Who speaks: only an answer to an unfurl must name the developer (§4H).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speech {
    Unfurl,
    Push,
}

/// The operations of a body, or everything that is wrong with it.
pub fn read(body: &Value, speech: Speech, strictness: Strictness) -> Result<(String, Update), Vec<String>> {
    let mut faults = Faults(Vec::new());
    let update = match strictness {
        Strictness::Strict => strict(body, speech, &mut faults),
        Strictness::Lenient => lenient(body, &mut faults),
    };
    match faults.0.is_empty() {
        true => Ok((body["uri"].as_str().unwrap_or_default().to_owned(), update)),
        false => Err(faults.0),
    }
}

struct Faults(Vec<String>);

impl Faults {
    fn add(&mut self, words: impl Into<String>) {
        self.0.push(words.into());
    }

    fn unless(&mut self, good: bool, words: impl Into<String>) {
        if !good {
            self.add(words);
        }
    }

    /// An object with these members alone.
    fn object<'a>(&mut self, value: &'a Value, place: &str, known: &[&str]) -> Option<&'a Map<String, Value>> {
        let Some(members) = value.as_object() else {
            self.add(format!("{place} should be an object"));
            return None;
        };
        for name in members.keys().filter(|name| !known.contains(&name.as_str())) {
            self.add(format!("{place}.{name} is unknown"));
        }
        Some(members)
    }

    fn text<'a>(&mut self, value: &'a Value, place: &str) -> &'a str {
        self.unless(value.as_str().is_some_and(|it| !it.is_empty()), format!("{place} should be a text"));
        value.as_str().unwrap_or_default()
    }
}

fn strict(body: &Value, speech: Speech, faults: &mut Faults) -> Update {
    let mut update = Update::default();
    if faults.object(body, "body", &["uri", "operations"]).is_none() {
        return update;
    }
    faults.text(&body["uri"], "body.uri");
    let operations = body["operations"].as_array().map_or(&[][..], Vec::as_slice);
    faults.unless(!operations.is_empty(), "body.operations should be a list that is not empty");
    for (at, operation) in operations.iter().enumerate() {
        let place = format!("operations[{at}]");
        faults.object(operation, &place, &["path", "set"]);
        match path(operation) {
            Some("attributes") => {
                faults.unless(update.attributes.is_none(), format!("{place} has the path of another"));
                update.attributes = Some(attributes(&operation["set"], &place, speech, faults));
            }
            Some("error") => {
                faults.unless(update.error.is_none(), format!("{place} has the path of another"));
                update.error = Some(problem(&operation["set"], &place, faults));
            }
            _ => faults.add(format!("{place}.path should be [\"attributes\"] or [\"error\"]")),
        }
    }
    update
}

/// Parses what an integration in production sends: no `dev`, no `type`, members that nobody knows.
fn lenient(body: &Value, faults: &mut Faults) -> Update {
    let mut update = Update::default();
    let operations = body["operations"].as_array().map_or(&[][..], Vec::as_slice);
    faults.unless(!operations.is_empty(), "body.operations should be a list that is not empty");
    for operation in operations {
        match path(operation) {
            Some("attributes") => {
                let set = operation["set"].as_array().cloned();
                faults.unless(set.is_some(), "operations: set should be a list");
                update.attributes = Some(last_of_each_id(set.unwrap_or_default()));
            }
            Some("error") => {
                let status = operation["set"]["status"].as_u64().and_then(|it| u16::try_from(it).ok());
                let message = operation["set"]["message"].as_str().unwrap_or_default();
                update.error = Some(Problem::new(status.unwrap_or(500), message));
            }
            _ => faults.add("operations: path should be [\"attributes\"] or [\"error\"]"),
        }
    }
    update
}

fn path(operation: &Value) -> Option<&str> {
    match operation["path"].as_array()?.as_slice() {
        [Value::String(name)] => Some(name),
        _ => None,
    }
}

fn problem(set: &Value, place: &str, faults: &mut Faults) -> Problem {
    faults.object(set, place, &["status", "message"]);
    let status = set["status"].as_u64().filter(|it| (400..600).contains(it)).and_then(|it| u16::try_from(it).ok());
    faults.unless(status.is_some(), format!("{place}.status should be a number from 400 to 599"));
    Problem::new(status.unwrap_or(500), faults.text(&set["message"], &format!("{place}.message")))
}

/// A later attribute overrides an earlier one of the same id.
fn last_of_each_id(all: Vec<Value>) -> Vec<Value> {
    let overridden = |at: usize| all[at + 1..].iter().any(|later| later["id"] == all[at]["id"]);
    (0..all.len()).filter(|at| !overridden(*at)).map(|at| all[at].clone()).collect()
}

fn attributes(set: &Value, place: &str, speech: Speech, faults: &mut Faults) -> Vec<Value> {
    let Some(all) = set.as_array() else {
        faults.add(format!("{place}.set should be a list"));
        return Vec::new();
    };
    for (at, attribute) in all.iter().enumerate() {
        one_attribute(attribute, &format!("{place}.set[{at}]"), faults);
    }
    let kept = last_of_each_id(all.clone());
    let titles: Vec<_> = kept.iter().filter(|it| !it["inline"]["title"].is_null()).collect();
    faults.unless(matches!(titles[..], [one] if one["id"] == "title"), format!("{place} should have one title"));
    let dev = kept.iter().find(|it| it["id"] == "dev");
    let good = |dev: &Value| dev["inline"]["plain_text"]["section"] == "secondary" && dev["name"] == "Developer Name";
    match dev {
        Some(dev) => faults.unless(good(dev), format!("{place}: dev should be a plain_text in secondary")),
        None => faults.unless(speech == Speech::Push, format!("{place} should have a dev")),
    }
    kept
}

fn one_attribute(attribute: &Value, place: &str, faults: &mut Faults) {
    let known = ["id", "name", "type", "inline", "embed", "relation"];
    let Some(members) = faults.object(attribute, place, &known) else { return };
    faults.text(&attribute["id"], &format!("{place}.id"));
    faults.text(&attribute["name"], &format!("{place}.name"));
    let forms: Vec<&str> = known[3..].iter().copied().filter(|form| members.contains_key(*form)).collect();
    let [form] = forms[..] else { return faults.add(format!("{place} should be one of inline and embed")) };
    // The samples of the documents leave the type of an embed out.
    let untyped = form == "embed" && !members.contains_key("type");
    faults.unless(untyped || attribute["type"] == form, format!("{place}.type should be {form}"));
    match form {
        "inline" => inline(&attribute["inline"], &format!("{place}.inline"), faults),
        "embed" => embed(&attribute["embed"], &format!("{place}.embed"), faults),
        // A leftover of the documents: accepted and ignored (§5.4).
        _ => {}
    }
}

const INLINE: [&str; 6] = ["title", "plain_text", "color", "date", "datetime", "enum"];
const EMBED: [&str; 5] = ["image", "html", "audio", "video", "pdf"];

fn inline(value: &Value, place: &str, faults: &mut Faults) {
    let Some(members) = faults.object(value, place, &INLINE) else { return };
    let [(kind, inner)] = members.iter().collect::<Vec<_>>()[..] else {
        return faults.add(format!("{place} should have one sub-type"));
    };
    let place = format!("{place}.{kind}");
    let known: &[&str] = if kind == "enum" { &["value", "color", "section"] } else { &["value", "section"] };
    if faults.object(inner, &place, known).is_none() {
        return;
    }
    section(kind, &inner["section"], &place, faults);
    let value = &inner["value"];
    let good = match kind.as_str() {
        "color" => is_colour(value),
        "date" => value.as_str().is_some_and(|it| it.len() == 10 && it.parse::<Date>().is_ok()),
        "datetime" => value.as_str().is_some_and(|it| it.parse::<Timestamp>().is_ok()),
        _ => value.is_string(),
    };
    faults.unless(good, format!("{place}.value is no {kind}"));
    faults.unless(inner.get("color").is_none_or(is_colour), format!("{place}.color is no color"));
}

fn embed(value: &Value, place: &str, faults: &mut Faults) {
    let known: Vec<&str> = EMBED.into_iter().chain(["src_url"]).collect();
    let Some(members) = faults.object(value, place, &known) else { return };
    let https = |it: &str| Url::parse(it).is_ok_and(|url| url.scheme() == "https");
    let good = value["src_url"].as_str().is_some_and(https);
    faults.unless(good, format!("{place}.src_url should be an absolute https URL"));
    let kinds: Vec<_> = members.iter().filter(|(name, _)| *name != "src_url").collect();
    let [(kind, inner)] = kinds[..] else { return faults.add(format!("{place} should have one sub-type")) };
    let place = format!("{place}.{kind}");
    faults.object(inner, &place, &["section"]);
    section(kind, &inner["section"], &place, faults);
}

fn is_colour(value: &Value) -> bool {
    let part = |name: &str| value[name].as_u64().is_some_and(|it| it <= 255);
    value.as_object().is_some_and(|it| it.len() == 3) && ["r", "g", "b"].into_iter().all(part)
}

fn section(kind: &str, section: &Value, place: &str, faults: &mut Faults) {
    let kinds = MATRIX.iter().find(|(name, _)| section == name).map_or(&[][..], |(_, kinds)| *kinds);
    faults.unless(kinds.contains(&kind), format!("{place}.section does not take this sub-type"));
}

/// Which sub-types a section takes (§5.2).
pub const MATRIX: [(&str, &[&str]); 9] = [
    ("title", &["title"]),
    ("primary", &["enum", "date", "datetime", "plain_text"]),
    ("secondary", &["date", "datetime", "plain_text"]),
    ("identifier", &["image", "plain_text"]),
    ("entity", &["color", "image"]),
    ("avatar", &["image", "plain_text"]),
    ("body", &["plain_text"]),
    ("embed", &["audio", "html", "image", "pdf", "video"]),
    ("background", &["color"]),
];
