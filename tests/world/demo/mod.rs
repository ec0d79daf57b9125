//! Two lifelike sites for the demo and for screenshots: `acme` in the cloud and a plant's Data Center under `/jira`.
//! Everything is relative to the instant that is passed in, and the same every time.

mod acme;
mod plant;

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::jira::content::{DONE, IN_PROGRESS, TO_DO};
use super::jira::{FakeJira, Issue, Status};

/// Both sites, running.
pub struct Demo {
    pub acme: FakeJira,
    pub plant: FakeJira,
}

/// What to type into the connect window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogIn {
    pub site: String,
    /// `cloud` or `data_center`, as the connect form names them.
    pub version: &'static str,
    /// `api_token`, `password` or `personal_access_token`, as the connect form names them.
    pub method: &'static str,
    pub username: String,
    pub secret: String,
    /// For people: what is special about it.
    pub note: &'static str,
}

/// A link to paste, and what to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub url: String,
    pub note: &'static str,
}

impl Demo {
    pub async fn start(now: Timestamp) -> Self {
        Self { acme: acme::start(now).await, plant: plant::start(now).await }
    }

    /// Two accounts of different rights at each site, and the other kinds of secret.
    pub fn log_ins(&self) -> Vec<LogIn> {
        let cloud = |username: &str, secret: &str, note| LogIn {
            site: self.acme.url(),
            version: "cloud",
            method: "api_token",
            username: username.into(),
            secret: secret.into(),
            note,
        };
        let plant = |method, username: &str, secret: &str, note| LogIn {
            site: self.plant.url(),
            version: "data_center",
            method,
            username: username.into(),
            secret: secret.into(),
            note,
        };
        vec![
            cloud("ana@acme.example", acme::ANA_TOKEN, "sees everything"),
            cloud("ben@acme.example", acme::BEN_TOKEN, "does not see the project LEGAL"),
            cloud("ana@acme.example", acme::ANA_SCOPED, "a scoped token, found to work at Atlassian's API host only"),
            plant("password", "hana", "hana's password", "sees everything"),
            plant("password", "jonas", "jonas's password", "does not see the project HR"),
            plant("personal_access_token", "", plant::HANA_TOKEN, "the same person as hana"),
        ]
    }

    pub fn links(&self) -> Vec<Link> {
        let acme = |path: &str, note| Link { url: self.acme.at(path), note };
        let plant = |path: &str, note| Link { url: self.plant.at(path), note };
        vec![
            acme("/browse/OPS-7", "in progress and overdue"),
            acme("/browse/WEB-12?focusedCommentId=10044", "a comment: kinds other than issues and projects come later"),
            acme("/jira/software/projects/MOB/boards/3?selectedIssue=MOB-4", "an issue picked out on a board"),
            acme("/browse/OPS-2", "an epic"),
            acme("/browse/OLD-17", "moved: it is WEB-9 now"),
            acme("/browse/WEB-4", "a title that tries to be a script"),
            acme("/browse/MOB-6", "a title in Arabic"),
            acme("/browse/WEB-5", "a very long title"),
            acme("/browse/OPS-11", "only Ana sees it: a security level"),
            acme("/browse/LEGAL-2", "only Ana sees it: a project of its own"),
            acme("/browse/OPS-404", "there is no such issue"),
            acme("/browse/OPS", "a project"),
            plant("/browse/PLAT-3", "a German status"),
            plant("/projects/PLAT/issues/PLAT-8", "a sub-task"),
            plant("/browse/HR-1", "only Hana sees it"),
            plant("/browse/PLAT", "a project"),
        ]
    }
}

impl fmt::Display for Demo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Log-ins:")?;
        let mut site = String::new();
        for log_in in self.log_ins() {
            if site != log_in.site {
                writeln!(f, "\n  {}  ({})", log_in.site, log_in.version)?;
                site.clone_from(&log_in.site);
            }
            let name = if log_in.username.is_empty() { "-" } else { &log_in.username };
            writeln!(f, "    {:<22} {:<17} {:<22} {}", log_in.method, name, log_in.secret, log_in.note)?;
        }
        writeln!(f, "\nLinks to paste:\n")?;
        let links = self.links();
        let width = links.iter().map(|link| link.url.len()).max().unwrap_or(0);
        for link in &links {
            writeln!(f, "  {:<width$}  {}", link.url, link.note)?;
        }
        Ok(())
    }
}

/// What is told relative to now.
#[derive(Clone, Copy)]
struct Calendar(Timestamp);

impl Calendar {
    /// So many days from today (before it, when negative).
    fn day(self, days: i64) -> Date {
        (self.0 + SignedDuration::from_hours(days * 24)).to_zoned(TimeZone::UTC).date()
    }

    fn hours_ago(self, hours: i64) -> Timestamp {
        self.0 - SignedDuration::from_hours(hours)
    }

    /// An issue that is so many days old and was changed so many hours ago.
    fn issue(self, key: &str, summary: &str, age_days: i64, changed_hours: i64) -> Issue {
        Issue::new(key, summary).created(self.hours_ago(age_days * 24)).updated(self.hours_ago(changed_hours))
    }
}

fn in_review() -> Status {
    Status::new(10002, "In Review", IN_PROGRESS)
}

fn blocked() -> Status {
    Status::new(10005, "Blocked", TO_DO)
}

fn wont_do() -> Status {
    Status::new(10006, "Closed", DONE)
}
