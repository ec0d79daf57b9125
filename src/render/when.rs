//! Days, instants and ranges as facts hold them (ISO 8601), for people and for programs.

use askama::Template;
use askama::filters::HtmlSafe;
use jiff::Timestamp;
use jiff::civil::Date;

use super::time;

/// `2026-11-14`, an instant, `2026-11-01 to 2026-11-14`, `from …`, `until …`.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<span class="when">{{ before }}<time datetime="{{ first.iso }}">{{ first.text }}</time>{% if let Some(last) = last %} – <time datetime="{{ last.iso }}">{{ last.text }}</time>{% endif %}</span>"#
)]
pub(super) struct When {
    before: &'static str,
    first: Moment,
    last: Option<Moment>,
}

impl HtmlSafe for When {}

/// One point in time, written twice.
pub(super) struct Moment {
    pub(super) iso: String,
    pub(super) text: String,
    day: Date,
}

impl Moment {
    /// An instant as its distance from now.
    pub(super) fn past(at: Timestamp, now: Timestamp) -> Self {
        Self { iso: time::rfc3339(at), text: time::ago(at, now), day: time::date(at) }
    }

    fn read(text: &str, now: Timestamp) -> Option<Self> {
        // A number of eight digits is no date.
        if text.as_bytes().get(4) != Some(&b'-') {
            return None;
        }
        if let Ok(at) = text.parse::<Timestamp>() {
            return Some(Self { iso: time::rfc3339(at), text: time::until(at, now), day: time::date(at) });
        }
        let day = text.parse::<Date>().ok()?;
        Some(Self { iso: day.to_string(), text: time::day(day, time::date(now)), day })
    }
}

impl When {
    /// None when the text is something else.
    pub(super) fn read(text: &str, now: Timestamp) -> Option<Self> {
        let (before, rest) = match (text.strip_prefix("from "), text.strip_prefix("until ")) {
            (Some(rest), _) => ("from ", rest),
            (_, Some(rest)) => ("until ", rest),
            _ => ("", text),
        };
        let (first, last) = match rest.split_once(" to ") {
            Some((first, last)) => (first, Some(Moment::read(last, now)?)),
            None => (rest, None),
        };
        Some(Self { before, first: Moment::read(first, now)?, last })
    }

    /// The day on which it ends; none where that is open.
    pub(super) fn end(&self) -> Option<Date> {
        match (&self.last, self.before) {
            (Some(last), _) => Some(last.day),
            (None, "from ") => None,
            (None, _) => Some(self.first.day),
        }
    }
}
