//! Dates and instants in cells and mentions: ISO 8601, an offset with a colon, kept to the minute (notion-rest-api §3.3).

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use regex::Regex;
use serde_json::{Value, json};

use super::place::At;
use super::refusal::Refusal;

#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    pub start: String,
    pub end: Option<String>,
    pub time_zone: Option<String>,
}

impl Span {
    pub fn json(&self) -> Value {
        json!({"start": self.start, "end": self.end, "time_zone": self.time_zone})
    }
}

pub fn read(at: &At<'_>) -> Result<Span, Refusal> {
    at.members(&["start", "end", "time_zone"])?;
    let zone = match at.set("time_zone") {
        Some(zone) => Some(zone.words(100)?.to_owned()),
        None => None,
    };
    let start = one(&at.need("start")?, zone.is_some())?;
    let end = match at.set("end") {
        Some(end) => Some(one(&end, zone.is_some())?),
        None => None,
    };
    if let Some(end) = &end
        && (end.contains('T') != start.contains('T') || instant(end) < instant(&start))
    {
        return Err(at.wrong("should have an end of the same kind that is not before its start"));
    }
    Ok(Span { start, end, time_zone: zone })
}

static FORM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$").expect("good")
});

fn one(at: &At<'_>, zoned: bool) -> Result<String, Refusal> {
    let text = at.words(100)?;
    let wrong = || at.wrong("should be a valid ISO 8601 date string");
    let found = FORM.captures(text).ok_or_else(wrong)?;
    found[1].parse::<Date>().map_err(|_| wrong())?;
    let Some(time) = found.get(2) else { return Ok(text.to_owned()) };
    let offset = match found.get(3).map(|it| it.as_str()) {
        Some(_) if zoned => return Err(at.wrong("should have no offset beside a time_zone")),
        None | Some("Z") => "+00:00",
        Some(offset) => offset,
    };
    let whole = format!("{}T{}:00.000{offset}", &found[1], time.as_str());
    whole.parse::<Timestamp>().map_err(|_| wrong())?;
    Ok(whole)
}

/// For comparing: a date is its midnight in UTC.
pub fn instant(text: &str) -> Option<Timestamp> {
    let of_date = |date: Date| DateTime::from(date).to_zoned(jiff::tz::TimeZone::UTC).ok().map(|it| it.timestamp());
    text.parse::<Timestamp>().ok().or_else(|| of_date(text.parse().ok()?))
}

/// Pages, blocks, comments and data sources tell the minute alone (§1).
pub fn to_the_minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:00.000Z").to_string()
}

/// Databases and views tell the millisecond.
pub fn to_the_millisecond(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3f+00:00").to_string()
}
