//! Days, instants and spans (S51): a day is never moved through a time zone, an instant keeps the offset that Jira wrote. Pure.

use jiff::civil;
use jiff::{Timestamp, fmt::strtime};
use serde_json::Value;

use super::Losses;
use super::value::{is_empty, members};
use crate::notion::property::Date;

/// A day.
pub(super) fn day(value: &Value, losses: &mut Losses) -> Option<Date> {
    // What has a time behind the day is no day; but its day is what was written, not what another zone makes of it.
    let day = value.as_str().and_then(|text| plain_day(text).or_else(|| plain_day(text.split_once('T')?.0)));
    told(day, value, losses)
}

/// An instant with its offset.
pub(super) fn instant(value: &Value, losses: &mut Losses) -> Option<Date> {
    let instant = match value {
        Value::String(text) => with_offset(text.trim()).or_else(|| plain_day(text)),
        // Some apps count milliseconds.
        Value::Number(number) => number
            .as_i64()
            .and_then(|millis| Timestamp::from_millisecond(millis).ok())
            .and_then(|at| with_offset(&at.to_string())),
        _ => None,
    };
    told(instant, value, losses)
}

/// Two days, as an object or as its text (Product Discovery).
pub(super) fn interval(value: &Value, losses: &mut Losses) -> Option<Date> {
    let parsed: Option<Value> = value.as_str().and_then(|json| serde_json::from_str(json).ok());
    let object = parsed.as_ref().unwrap_or(value);
    let end_of = |name: &str| object.get(name).and_then(Value::as_str).and_then(plain_day);
    let date = match (end_of("start"), end_of("end")) {
        (Some(start), Some(end)) if start != end => {
            let (start, end) = if start < end { (start, end) } else { (end, start) };
            Some(Date { start, end: Some(end) })
        }
        (Some(day), _) | (None, Some(day)) => Some(Date { start: day, end: None }),
        (None, None) => None,
    };
    let says_nothing = object.get("start").or(object.get("end")).is_some_and(Value::is_null);
    if date.is_none() && !is_empty(value) && !says_nothing {
        losses.shape(value);
    }
    date
}

/// What a service desk has promised: `breached`, `due 3 May 10:00`, `met`, `paused`.
pub(super) fn promise(value: &Value, losses: &mut Losses) -> String {
    let flag = |cycle: &Value, name: &str| cycle.get(name).and_then(Value::as_bool) == Some(true);
    if let Some(cycle) = value.get("ongoingCycle").filter(|cycle| cycle.is_object()) {
        let due = cycle.get("breachTime").and_then(|at| at.get("iso8601")).and_then(Value::as_str).and_then(in_words);
        return match due {
            _ if flag(cycle, "breached") => "breached".to_owned(),
            _ if flag(cycle, "paused") => "paused".to_owned(),
            Some(due) => format!("due {due}"),
            None => String::new(),
        };
    }
    let completed = value.get("completedCycles").and_then(Value::as_array);
    match completed.and_then(|cycles| cycles.last()) {
        Some(cycle) if flag(cycle, "breached") => "breached".to_owned(),
        Some(_) => "met".to_owned(),
        None => {
            // A promise that does not apply has no cycles.
            if completed.is_none() && !members(value).is_empty() {
                losses.shape(value);
            }
            String::new()
        }
    }
}

fn told(date: Option<String>, value: &Value, losses: &mut Losses) -> Option<Date> {
    if date.is_none() && !is_empty(value) {
        losses.shape(value);
    }
    date.map(|start| Date { start, end: None })
}

/// `2026-11-23` and nothing else.
fn plain_day(text: &str) -> Option<String> {
    let text = text.trim();
    let is_day = text.len() == 10 && text.starts_with(|letter: char| letter.is_ascii_digit());
    let day: civil::Date = is_day.then(|| text.parse().ok()).flatten()?;
    (day.year() >= 1).then(|| text.to_owned())
}

/// `2026-09-01T09:12:44.513+0200` as Notion reads it: `+02:00`.
fn with_offset(text: &str) -> Option<String> {
    text.parse::<Timestamp>().ok()?;
    let (day, time) = text.split_once('T')?;
    plain_day(day)?;
    let (clock, offset) = match time.find(['+', '-', 'Z', 'z']) {
        Some(at) => time.split_at(at),
        None => return None,
    };
    let is_clock = clock.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.'));
    let digits: String = offset.chars().filter(char::is_ascii_digit).collect();
    let offset = match (offset.chars().next()?, digits.get(..2), digits.get(2..4)) {
        ('Z' | 'z', None, None) => "+00:00".to_owned(),
        (sign @ ('+' | '-'), Some(hours), minutes) if digits.len() <= 4 => {
            format!("{sign}{hours}:{}", minutes.unwrap_or("00"))
        }
        _ => return None,
    };
    is_clock.then(|| format!("{day}T{clock}{offset}"))
}

/// `3 May 10:00`, by the clock of whoever wrote the instant.
fn in_words(text: &str) -> Option<String> {
    let (local, _) = text.split_at_checked(16)?;
    let local: civil::DateTime = local.parse().ok()?;
    strtime::format("%-d %b %H:%M", local).ok()
}
