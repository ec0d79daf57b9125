//! Comments and work logs, versions and components, dashboards, people, attachments.

use jiff::civil::Date;

use crate::jira::comment::{Remark, Worklog};
use crate::jira::model::{Issue, Person, Project, StatusCategory};
use crate::jira::release::{Component, Version};
use crate::jira::things::{AccountType, Attachment, Dashboard};
use crate::jira::{text, value};
use crate::preview::{FactId, Preview, Progress, Status, size_str};

use super::{EXCERPT_MAX, Facts, days, description, description_of, line, picture, status, title};

/// The issue in whose margin something was written.
fn on_issue(issue: &Issue) -> (Preview, Facts) {
    let mut facts = Facts::default();
    facts.add(FactId::Type, issue.issue_type.as_ref().map(|it| it.name.as_str()));
    let preview = Preview {
        title: title(&issue.summary),
        identifier: line(&issue.key),
        icon_url: issue.issue_type.as_ref().and_then(|it| picture(it.icon_url.as_ref())),
        status: issue.status.as_ref().map(status),
        restricted: issue.secured,
        ..Preview::default()
    };
    (preview, facts)
}

/// A comment on an issue.
pub fn remark(issue: &Issue, remark: &Remark, with_description: bool) -> Preview {
    let (preview, mut facts) = on_issue(issue);
    facts.person_named("Comment by", FactId::Owner, remark.author.as_ref());
    facts.named(FactId::Dates, "Written", remark.created.map(|at| at.to_string()).as_deref());
    finish(preview, facts, remark, with_description)
}

/// Work logged on an issue.
pub fn worklog(issue: &Issue, worklog: &Worklog, with_description: bool) -> Preview {
    let (preview, mut facts) = on_issue(issue);
    facts.person_named("Logged by", FactId::Owner, worklog.remark.author.as_ref());
    facts.named(FactId::Field("timespent".into()), "Time spent", worklog.spent.map(hours).as_deref());
    facts.named(FactId::Dates, "Started", worklog.started.map(|at| at.to_string()).as_deref());
    finish(preview, facts, &worklog.remark, with_description)
}

fn finish(preview: Preview, mut facts: Facts, remark: &Remark, with_description: bool) -> Preview {
    let visible_to = remark.visible_to.as_deref().or(remark.internal.then_some("Internal note"));
    facts.named(FactId::Category, "Visible to", visible_to);
    let excerpt = remark.text.as_ref().map(|it| text::plain_text(it, EXCERPT_MAX)).filter(|it| !it.is_empty());
    Preview {
        facts: facts.0,
        excerpt,
        description: remark.text.as_ref().filter(|_| with_description).and_then(description),
        updated_at: remark.updated.or(remark.created),
        ..preview
    }
}

/// `2h 30m`, as Jira writes it; a day of work has no fixed number of hours, so there are none.
fn hours(seconds: u64) -> String {
    match (seconds / 3_600, seconds / 60 % 60) {
        (0, minutes) => format!("{minutes}m"),
        (hours, 0) => format!("{hours}h"),
        (hours, minutes) => format!("{hours}h {minutes}m"),
    }
}

/// A version, and how far it has come.
pub fn version(
    version: &Version,
    project: Option<&Project>,
    progress: Option<Progress>,
    with_description: bool,
) -> Preview {
    let (name, category) = match version {
        Version { archived: true, .. } => ("Archived", StatusCategory::Unknown),
        Version { released: true, .. } => ("Released", StatusCategory::Done),
        Version { overdue: true, .. } => ("Overdue", StatusCategory::ToDo),
        _ => ("Unreleased", StatusCategory::ToDo),
    };
    let mut facts = Facts::default();
    facts.add(FactId::Project, project.map(|it| format!("{} ({})", it.name, it.key)).as_deref());
    facts.add(FactId::Dates, value::span::<Date>(version.start, version.release).as_deref());
    facts.add(FactId::Progress, progress.map(|it| it.to_string()).as_deref());
    Preview {
        title: title(&version.name),
        status: Some(Status { name: name.to_owned(), category }),
        facts: facts.0,
        progress,
        description: description_of(version.description.as_ref(), with_description),
        ..Preview::default()
    }
}

/// A component.
pub fn component(component: &Component, count: Option<u64>, with_description: bool) -> Preview {
    let mut facts = Facts::default();
    facts.add(FactId::Project, component.project_key.as_deref());
    facts.person(FactId::Lead, component.lead.as_ref());
    facts.add(FactId::Count, count.map(|count| count.to_string()).as_deref());
    Preview {
        title: title(&component.name),
        facts: facts.0,
        description: description_of(component.description.as_ref(), with_description),
        ..Preview::default()
    }
}

/// A dashboard. Its gadgets are nothing that an API tells.
pub fn dashboard(dashboard: &Dashboard, with_description: bool) -> Preview {
    let mut facts = Facts::default();
    facts.person(FactId::Owner, dashboard.owner.as_ref());
    Preview {
        title: title(&dashboard.name),
        facts: facts.0,
        description: description_of(dashboard.description.as_ref(), with_description),
        ..Preview::default()
    }
}

/// A person; the address stays out.
pub fn user(person: &Person, kind: Option<AccountType>) -> Preview {
    let mut facts = Facts::default();
    facts.add(
        FactId::Type,
        kind.map(|kind| match kind {
            AccountType::Person => "person",
            AccountType::App => "app",
            AccountType::Customer => "customer",
        }),
    );
    facts.named(FactId::Category, "Time zone", person.time_zone.as_deref());
    let deactivated = Status { name: "Deactivated".to_owned(), category: StatusCategory::Unknown };
    Preview {
        title: title(&person.display_name),
        icon_url: picture(person.avatar_url.as_ref()),
        status: (!person.active).then_some(deactivated),
        facts: facts.0,
        ..Preview::default()
    }
}

/// An attached file, by what is told about it.
pub fn attachment(attachment: &Attachment) -> Preview {
    let mut facts = Facts::default();
    facts.add(FactId::Type, attachment.media_type.as_deref());
    facts.named(FactId::Count, "Size", attachment.size.map(size_str).as_deref());
    facts.person_named("Added by", FactId::Owner, attachment.author.as_ref());
    facts.named(FactId::Dates, "Added", days(attachment.created, attachment.created).as_deref());
    // Jira does not tell the issue of an attachment, so nobody knows who else may see it.
    Preview { title: title(&attachment.file_name), facts: facts.0, restricted: true, ..Preview::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_well() {
        for (seconds, text) in [(0, "0m"), (300, "5m"), (3_600, "1h"), (9_000, "2h 30m"), (129_600, "36h")] {
            assert_eq!(hours(seconds), text);
        }
    }
}
