//! How a connection fares and how long it lasts, in words (paste-experience §14, "token calendar").
//!
//! A token ends on its day, and its person makes a new one. A grant that nobody uses ends too, but looking at a link keeps
//! it. One that ends by its age is given again by signing in.

use jiff::Timestamp;
use jiff::civil::Date;

use super::ConnectionRow;
use crate::render::icon::Icon;
use crate::render::time;

/// From so many days before the end on it is said loudly, and on every page.
const URGENT_DAYS: i32 = 3;

/// A connection that ends within days, for the head of every page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Soon(String);

impl Soon {
    /// Of all connections the one that ends first, if it is urgent.
    pub fn of(rows: impl IntoIterator<Item = ConnectionRow>, now: Timestamp) -> Option<Self> {
        let urgent = rows.into_iter().filter(|row| row.is_urgent(now));
        let first = urgent.min_by_key(|row| row.expires_at)?;
        let what = if first.is_grant() { "sign-in" } else { "token" };
        let end = first.end(now)?;
        Some(Self(format!("Your {what} for {} ({}) ends {}.", first.site_name, first.label, end.when())))
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

/// A day on which something ends, as seen today.
struct End {
    day: Date,
    today: Date,
}

impl End {
    /// Whole days from today on; less than 0 when the day is past.
    fn days_left(&self) -> i32 {
        (self.day - self.today).get_days()
    }

    fn name(&self) -> String {
        time::day(self.day, self.today)
    }

    /// `today`, `tomorrow`, `in 3 days`, `on 1 Dec`.
    fn when(&self) -> String {
        match self.days_left() {
            0 => "today".to_owned(),
            1 => "tomorrow".to_owned(),
            days @ 2..=URGENT_DAYS => format!("in {days} days"),
            _ => format!("on {}", self.name()),
        }
    }
}

impl ConnectionRow {
    fn end(&self, now: Timestamp) -> Option<End> {
        Some(End { day: time::date(self.expires_at?), today: time::date(now) })
    }

    fn is_past(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }

    /// Whether it works now and ends within days.
    fn is_urgent(&self, now: Timestamp) -> bool {
        let near = self.end(now).is_some_and(|end| end.days_left() <= URGENT_DAYS);
        matches!(self.health.as_str(), "ok" | "expiring") && near && !self.is_past(now)
    }

    pub(super) fn health_name(&self, now: &Timestamp) -> String {
        let word = if self.is_grant() { "Ends" } else { "Expires" };
        match self.health.as_str() {
            "ok" => "Working".to_owned(),
            "reconnect" => "Sign-in has ended".to_owned(),
            "captcha" => "Jira wants a CAPTCHA".to_owned(),
            "unreachable" => "Not reachable".to_owned(),
            "expiring" if self.is_past(*now) => "Its day is past".to_owned(),
            "expiring" => match self.end(*now) {
                Some(end) if self.is_urgent(*now) => format!("{word} {}", end.when()),
                _ if self.unused_since.is_some() => "Not used for long".to_owned(),
                _ => format!("{word} soon"),
            },
            _ => "Unknown".to_owned(),
        }
    }

    pub(super) fn health_class(&self, now: &Timestamp) -> &'static str {
        match self.health.as_str() {
            "ok" => "good",
            "reconnect" => "bad",
            _ if self.is_urgent(*now) => "bad",
            _ => "warn",
        }
    }

    pub(super) fn health_icon(&self) -> Icon {
        match self.health.as_str() {
            "ok" => Icon::Tick,
            "reconnect" => Icon::Key,
            "unreachable" => Icon::CloudOff,
            "expiring" => Icon::Clock,
            _ => Icon::Warning,
        }
    }

    /// When it ends, beside the other facts.
    pub(super) fn expiry(&self, now: &Timestamp) -> Option<String> {
        let day = self.end(*now)?.name();
        match (self.is_past(*now), self.health == "reconnect") {
            // The advice says it, and what to do.
            _ if self.unused_since.is_some() && self.health == "expiring" => None,
            (true, false) if self.is_token() => Some(format!("should have expired on {day}")),
            (true, _) if self.is_token() => Some(format!("expired on {day}")),
            (true, _) => Some(format!("ended on {day}")),
            // It has ended before its day.
            (false, true) => None,
            (false, false) if self.is_token() => Some(format!("expires on {day}")),
            (false, false) if self.unused_since.is_some() => Some(format!("ends on {day} if nobody uses it")),
            (false, false) => Some(format!("ends on {day}")),
        }
    }

    /// What to do about it; nothing when all is well.
    pub(super) fn advice(&self, now: &Timestamp) -> Option<String> {
        let end = || self.end(*now).map(|end| end.name()).unwrap_or_default();
        let text = match self.health.as_str() {
            "reconnect" if self.is_token() && self.is_past(*now) => {
                "Make a new token in Jira and reconnect with it. Previews show the last known values until then."
            }
            "reconnect" => "Previews show the last known values until you reconnect.",
            "captcha" => {
                "We stopped after one try so that your account is not locked. Sign in to Jira in the browser once, then press Try again."
            }
            "unreachable" => "The gateway will try again by itself. You may still be able to open it yourself.",
            "expiring" => match (self.unused_since, self.is_past(*now)) {
                (Some(since), past) => {
                    let since = time::day(time::date(since), time::date(*now));
                    return Some(match past {
                        false => format!(
                            "Unused since {since}; ends on {} unless a link is looked at. Nothing else is to be done.",
                            end()
                        ),
                        true => format!(
                            "Unused since {since}, so it may have ended on {}. Look at a link to find out.",
                            end()
                        ),
                    });
                }
                (None, _) if self.is_grant() => {
                    return Some(format!(
                        "Jira ends it on {} however often it is used. Reconnect before then: you are asked for your consent again.",
                        end()
                    ));
                }
                (None, true) => {
                    "Jira has not refused it, so it may live longer: then correct the day. Or make a new token in Jira and reconnect with it."
                }
                (None, false) => "Make a new token in Jira and reconnect with it before then.",
            },
            _ => return None,
        };
        Some(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jira::limits::Standing;

    fn row(method: &str, health: &str, expires_at: &str, unused_since: Option<&str>) -> ConnectionRow {
        ConnectionRow {
            id: "con_1".to_owned(),
            label: "ana".to_owned(),
            site_name: "acme".to_owned(),
            site_url: "https://acme.atlassian.net".to_owned(),
            deployment: None,
            method: method.to_owned(),
            health: health.to_owned(),
            expires_at: expires_at.parse().ok(),
            unused_since: unused_since.map(|at| at.parse().unwrap()),
            password_can_go: false,
            tells_changes: None,
            limits: Standing::default(),
        }
    }

    #[test]
    fn each_end_has_its_words() {
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let (token, grant) = ("api_token", "oauth");
        let august = Some("2026-08-27T10:00:00Z");
        // method, health, ends, unused since → health, class, beside the facts, advice begins
        let table = [
            (token, "ok", "", None, "Working", "good", None, None),
            (token, "ok", "2027-03-01T00:00:00Z", None, "Working", "good", Some("expires on 1 Mar 2027"), None),
            (
                token,
                "expiring",
                "2026-12-01T00:00:00Z",
                None,
                "Expires soon",
                "warn",
                Some("expires on 1 Dec"),
                Some("Make a new token"),
            ),
            (
                token,
                "expiring",
                "2026-11-26T00:00:00Z",
                None,
                "Expires soon",
                "warn",
                Some("expires on 26 Nov"),
                Some("Make a new token"),
            ),
            (
                token,
                "expiring",
                "2026-11-25T23:00:00Z",
                None,
                "Expires in 3 days",
                "bad",
                Some("expires on 25 Nov"),
                Some("Make a new token"),
            ),
            (
                token,
                "expiring",
                "2026-11-23T00:00:00Z",
                None,
                "Expires tomorrow",
                "bad",
                Some("expires on 23 Nov"),
                Some("Make a new token"),
            ),
            (
                token,
                "expiring",
                "2026-11-22T23:00:00Z",
                None,
                "Expires today",
                "bad",
                Some("expires on 22 Nov"),
                Some("Make a new token"),
            ),
            (
                token,
                "expiring",
                "2026-11-22T00:00:00Z",
                None,
                "Its day is past",
                "warn",
                Some("should have expired on 22 Nov"),
                Some("Jira has not refused it"),
            ),
            (
                token,
                "reconnect",
                "2026-11-22T00:00:00Z",
                None,
                "Sign-in has ended",
                "bad",
                Some("expired on 22 Nov"),
                Some("Make a new token"),
            ),
            (token, "reconnect", "2027-11-22T00:00:00Z", None, "Sign-in has ended", "bad", None, Some("Previews show")),
            (
                grant,
                "ok",
                "2027-02-20T10:00:00Z",
                Some("2026-11-22T10:00:00Z"),
                "Working",
                "good",
                Some("ends on 20 Feb 2027 if nobody uses it"),
                None,
            ),
            (
                grant,
                "expiring",
                "2026-11-30T10:00:00Z",
                august,
                "Not used for long",
                "warn",
                None,
                Some("Unused since 27 Aug; ends on 30 Nov unless"),
            ),
            (
                grant,
                "expiring",
                "2026-11-24T10:00:00Z",
                august,
                "Ends in 2 days",
                "bad",
                None,
                Some("Unused since 27 Aug; ends on 24 Nov unless"),
            ),
            (
                grant,
                "expiring",
                "2026-11-20T10:00:00Z",
                august,
                "Its day is past",
                "warn",
                None,
                Some("Unused since 27 Aug, so it may"),
            ),
            (
                grant,
                "expiring",
                "2026-11-30T10:00:00Z",
                None,
                "Ends soon",
                "warn",
                Some("ends on 30 Nov"),
                Some("Jira ends it on 30 Nov"),
            ),
            (
                grant,
                "expiring",
                "2026-11-23T10:00:00Z",
                None,
                "Ends tomorrow",
                "bad",
                Some("ends on 23 Nov"),
                Some("Jira ends it on 23 Nov"),
            ),
            (
                grant,
                "reconnect",
                "2026-11-20T10:00:00Z",
                august,
                "Sign-in has ended",
                "bad",
                Some("ended on 20 Nov"),
                Some("Previews show"),
            ),
            ("password", "ok", "", None, "Working", "good", None, None),
        ];
        for (method, health, ends, unused, name, class, expiry, advice) in table {
            let row = row(method, health, ends, unused);
            let said = (row.health_name(&now), row.health_class(&now), row.expiry(&now));
            assert_eq!(said, (name.to_owned(), class, expiry.map(str::to_owned)), "{method} {health} {ends}");
            let given = row.advice(&now);
            assert_eq!(given.is_some(), advice.is_some(), "{method} {health} {ends}: {given:?}");
            assert!(given.unwrap_or_default().starts_with(advice.unwrap_or_default()), "{method} {health} {ends}");
            assert!(!(row.is_grant() && row.advice(&now).is_some_and(|it| it.contains("token"))), "{ends}");
        }
    }

    #[test]
    fn the_first_that_ends_within_days_is_on_every_page() {
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let soon = |rows: &[ConnectionRow]| Soon::of(rows.to_vec(), now).map(|it| it.0);
        let later = row("api_token", "expiring", "2026-11-26T00:00:00Z", None);
        let past = row("api_token", "expiring", "2026-11-21T00:00:00Z", None);
        let ended = row("api_token", "reconnect", "2026-11-23T00:00:00Z", None);
        assert_eq!(soon(&[]), None);
        assert_eq!(soon(&[later.clone(), past, ended]), None);
        let grant = row("oauth", "expiring", "2026-11-23T10:00:00Z", None);
        let token = row("api_token", "expiring", "2026-11-25T10:00:00Z", None);
        let words = "Your sign-in for acme (ana) ends tomorrow.";
        assert_eq!(soon(&[later, token.clone(), grant]).as_deref(), Some(words));
        assert_eq!(soon(&[token]).as_deref(), Some("Your token for acme (ana) ends in 3 days."));
    }
}
