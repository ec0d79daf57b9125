//! Instants and days as people and programs read them. The zone is UTC: a server does not know the reader's.

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec"];

/// RFC 3339 in UTC with whole seconds: `2026-11-22T10:00:00Z`.
pub fn rfc3339(at: Timestamp) -> String {
    format!("{at:.0}")
}

/// The day of an instant.
pub fn date(at: Timestamp) -> Date {
    Offset::UTC.to_datetime(at).date()
}

/// `3 May`; with the year when it is not this year.
pub fn day(date: Date, today: Date) -> String {
    let month = usize::try_from(date.month() - 1).ok().and_then(|index| MONTHS.get(index)).copied().unwrap_or("");
    if date.year() == today.year() {
        format!("{} {month}", date.day())
    } else {
        format!("{} {month} {}", date.day(), date.year())
    }
}

/// `09:14 UTC`; with the day when it is not today.
pub fn clock(at: Timestamp, now: Timestamp) -> String {
    let there = Offset::UTC.to_datetime(at);
    let time = format!("{:02}:{:02} UTC", there.hour(), there.minute());
    if there.date() == date(now) { time } else { format!("{}, {time}", day(there.date(), date(now))) }
}

/// `in 5 min`, `in 2 h`, `in 3 days`, `on 3 May`; what is past as [`ago`] has it.
pub fn until(at: Timestamp, now: Timestamp) -> String {
    let minutes = at.duration_since(now).as_mins();
    match minutes {
        _ if at <= now => ago(at, now),
        0 => "in a minute".to_owned(),
        1..60 => format!("in {minutes} min"),
        60..1440 => format!("in {} h", minutes / 60),
        1440..2880 => "in 1 day".to_owned(),
        2880..10080 => format!("in {} days", minutes / 1440),
        _ => format!("on {}", day(date(at), date(now))),
    }
}

/// `3 days left`, `ends today`, `2 days over`.
pub fn left(end: Date, today: Date) -> String {
    match today.until(end).map_or(0, |span| span.get_days()) {
        0 => "ends today".to_owned(),
        1 => "1 day left".to_owned(),
        -1 => "1 day over".to_owned(),
        days @ 2.. => format!("{days} days left"),
        days => format!("{} days over", days.unsigned_abs()),
    }
}

/// `just now`, `5 min ago`, `2 h ago`, `3 days ago`, `on 3 May`.
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    let minutes = now.duration_since(at).max(SignedDuration::ZERO).as_mins();
    match minutes {
        0 => "just now".to_owned(),
        1..60 => format!("{minutes} min ago"),
        60..1440 => format!("{} h ago", minutes / 60),
        1440..2880 => "1 day ago".to_owned(),
        2880..10080 => format!("{} days ago", minutes / 1440),
        _ => format!("on {}", day(date(at), date(now))),
    }
}
