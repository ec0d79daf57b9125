//! A project's worth of issues at once: of all types, with parents on two levels, links, remarks, and values in every
//! field that there is. The same again for the same project, so that a failure can be looked at.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::content::{BUG, Component, EPIC, FixVersion, Priority, STORY, SUB_TASK, Status, TASK};
use super::custom::Custom;
use super::data::Data;
use super::fields;
use super::issue::{BLOCKS, Issue, RELATES};
use super::remarks::{Attachment, Comment, Worklog};
use super::text::Text;

/// Issues of one epic, with the epic.
const FAMILY: usize = 20;

const WORDS: [&str; 16] = [
    "login",
    "checkout",
    "Safari",
    "search",
    "invoice",
    "retry",
    "cache",
    "upload",
    "Größe",
    "tokens",
    "日本語",
    "queue",
    "mobile",
    "reports",
    "import",
    "🚀 launch",
];
const LABELS: [&str; 9] = ["backend", "frontend", "urgent", "q3", "q4", "customer", "tech-debt", "Ops", "ops-eu"];
const SEVERITIES: [&str; 4] = ["Minor", "Major", "Critical", "a, b; c"];
const PLATFORMS: [&[&str]; 3] = [&["iOS"], &["Android", "Web"], &["Web"]];
const REGIONS: [(&str, &str); 3] = [("Europe", "Lisbon"), ("Europe", "Oslo"), ("Asia", "Osaka")];
const VERSIONS: [&str; 3] = ["1.0", "1.1", "2.0"];
const COMPONENTS: [&str; 2] = ["API", "Web shop"];

pub fn add(data: &mut Data, project: &str, count: usize, now: Timestamp) {
    let people: Vec<&'static str> = data.people().iter().map(|person| &*person.name.clone().leak()).collect();
    let sprints: Vec<u64> = data.boards.iter().flat_map(|board| &board.sprints).map(|sprint| sprint.id).collect();
    let issues = data.issues().iter().filter(|issue| issue.project_key() == project);
    let last = issues.filter_map(|issue| issue.key.rsplit_once('-')?.1.parse::<usize>().ok()).max().unwrap_or(0);
    prepare(data, project);
    let key = |at: usize| format!("{project}-{}", last + 1 + at);
    let mut made: Vec<Issue> = Vec::with_capacity(count);
    for at in 0..count {
        let place = at % FAMILY;
        let (kind, parent) = match place {
            0 => (EPIC, None),
            _ if place % 5 == 4 => (SUB_TASK, Some(at - 1)),
            _ if place % 5 == 3 => (BUG, Some(at - place)),
            _ if place % 2 == 1 => (STORY, Some(at - place)),
            _ => (TASK, (!place.is_multiple_of(10)).then_some(at - place)),
        };
        let seed = Seed(last + at);
        let age = SignedDuration::from_mins((count - at) as i64 * (420 * 24 * 60) / count as i64);
        let mut issue = seed.issue(&key(at), now, age).issue_type(kind);
        issue.parent = parent.map(key);
        let person = |offset| (!people.is_empty()).then(|| people[seed.pick(offset, people.len())]);
        issue.assignee = person(1).filter(|_| !at.is_multiple_of(4)).map(str::to_owned);
        issue.reporter = person(2).map(str::to_owned);
        issue = seed.fill(issue, person(3));
        if !sprints.is_empty() && place != 0 {
            issue.sprints = vec![sprints[seed.pick(4, sprints.len())]];
        }
        if at >= 7 && at.is_multiple_of(7) {
            let (other, kind) = (at - 5, if at.is_multiple_of(2) { BLOCKS } else { RELATES });
            made[other] = made[other].clone().link(kind, false, &issue.key);
            issue = issue.link(kind, true, &key(other));
        }
        made.push(issue);
    }
    for issue in made {
        data.add_issue(issue);
    }
}

/// The versions and components that the issues name.
fn prepare(data: &mut Data, project: &str) {
    let project = data.project_mut(project);
    for (at, name) in VERSIONS.into_iter().enumerate() {
        if project.versions.iter().all(|version| version.name != name) {
            let id = format!("{}9{at}", project.id);
            project.versions.push(FixVersion { id, released: at == 0, ..FixVersion::new(name) });
        }
    }
    for (at, name) in COMPONENTS.into_iter().enumerate() {
        if project.components.iter().all(|component| component.name != name) {
            let id = format!("2{}9{at}", project.id);
            project.components.push(Component { id, ..Component::new(name) });
        }
    }
}

/// The number of an issue, from which all its values follow.
#[derive(Clone, Copy)]
struct Seed(usize);

impl Seed {
    fn pick(self, offset: usize, of: usize) -> usize {
        (self.0.wrapping_mul(2_654_435_761).wrapping_add(offset * 40_503) >> 4) % of
    }

    fn issue(self, key: &str, now: Timestamp, age: SignedDuration) -> Issue {
        let word = |offset| WORDS[self.pick(offset, WORDS.len())];
        let number = self.0 as i64;
        // Over fourteen months; changed between at once and a month later, and never within the last hours.
        let created = now - age;
        let changed = created + SignedDuration::from_millis(self.pick(9, 40_000) as i64 * 61_007);
        let status = [Status::to_do(), Status::in_progress(), Status::done()][self.pick(5, 3)].clone();
        let issue = Issue::new(key, &format!("{} fails with {} ({number})", word(6), word(7)));
        issue
            .status(status)
            .priority(Priority::ALL.get(self.pick(8, 6)).copied())
            .created(created.min(now - SignedDuration::from_hours(6)))
            .updated(changed.min(now - SignedDuration::from_hours(5) - SignedDuration::from_secs(number % 3_600)))
    }

    fn fill(self, mut issue: Issue, person: Option<&'static str>) -> Issue {
        let number = self.0;
        let day = |offset| Date::constant(2026, 1 + self.pick(offset, 12) as i8, 1 + self.pick(offset + 1, 28) as i8);
        let labels: Vec<&str> = (0..self.pick(10, 4)).map(|at| LABELS[(self.pick(11, 9) + at) % 9]).collect();
        issue = issue
            .labels(&labels)
            .fix_versions(&VERSIONS[..self.pick(12, 3)])
            .components(&COMPONENTS[..self.pick(13, 3)]);
        issue.due = number.is_multiple_of(3).then(|| day(14));
        issue.story_points = number.is_multiple_of(2).then(|| [0.5, 1.0, 2.0, 3.0, 5.0, 8.0][self.pick(15, 6)]);
        issue.description = self.description();
        let words = WORDS[self.pick(16, WORDS.len())];
        let mut custom = |every: usize, id: &'static str, value: Custom| {
            if number.is_multiple_of(every) {
                issue.custom.push((id, value));
            }
        };
        let (region, city) = REGIONS[self.pick(17, 3)];
        custom(2, fields::SEVERITY, Custom::Choice(SEVERITIES[self.pick(18, 4)]));
        custom(3, fields::PLATFORMS, Custom::Choices(PLATFORMS[self.pick(19, 3)]));
        custom(5, fields::REGION, Custom::Cascade(region, city));
        custom(4, fields::COST, Custom::Number(self.pick(20, 100_000) as f64 / 8.0));
        custom(6, fields::LAUNCH, Custom::Day(day(21)));
        custom(7, fields::FREEZE, Custom::Instant(issue.created));
        custom(8, fields::OWNING_GROUP, Custom::Group("people-team"));
        custom(9, fields::RUNBOOK, Custom::Line("https://wiki.acme.example/runbook?page=1"));
        custom(3, fields::TAGS, Custom::Labels(&["north", "south"]));
        custom(5, fields::FOUND_IN, Custom::Version(VERSIONS[self.pick(22, 3)]));
        custom(10, fields::RELEASE_NOTES, Custom::Long(Text::from(words)));
        custom(4, fields::CUSTOMER, Custom::Line(words));
        if let Some(person) = person {
            custom(3, fields::REVIEWER, Custom::Person(person));
            custom(11, fields::STAKEHOLDERS, Custom::People(vec![person].leak()));
        }
        let id = u32::try_from(number).unwrap_or(0);
        let author = person.unwrap_or("nobody");
        if number.is_multiple_of(6) {
            issue = issue.comment(Comment::new(500_000 + id, author, words));
        }
        if number.is_multiple_of(13) {
            issue = issue.worklog(Worklog::new(700_000 + id, author, 30 + self.pick(23, 300) as u64));
        }
        if number.is_multiple_of(17) {
            issue = issue.attachment(Attachment::new(900_000 + id, author, "log.txt", 2_048));
        }
        issue
    }

    /// Nothing, some lines, or a text with marks and blocks in both dialects.
    fn description(self) -> Option<Text> {
        let word = WORDS[self.pick(24, WORDS.len())];
        match self.0 % 3 {
            0 => None,
            1 => Some(Text::from(format!("It began with {word}.\n\nThen it went on.").as_str())),
            _ => {
                let text = |text: &str| json!({"type": "text", "text": text});
                let strong = json!({"type": "text", "text": word, "marks": [{"type": "strong"}]});
                let paragraph = |content| json!({"type": "paragraph", "content": content});
                let item = |content| json!({"type": "listItem", "content": [content]});
                let adf = json!({"type": "doc", "version": 1, "content": [
                    {"type": "heading", "attrs": {"level": 2}, "content": [text("What happens")]},
                    paragraph(json!([text("It is about "), strong, text(".")])),
                    {"type": "bulletList", "content": [item(paragraph(json!([text("First")]))), item(paragraph(json!([text("Second")])))]},
                    {"type": "codeBlock", "attrs": {"language": "rust"}, "content": [text("fn main() {}")]},
                ]});
                let wiki = format!(
                    "h2. What happens\r\n\r\nIt is about *{word}*.\r\n\r\n* First\r\n* Second\r\n\r\n{{code:rust}}\r\nfn main() {{}}\r\n{{code}}"
                );
                let html = format!(
                    "<h2>What happens</h2><p>It is about <b>{word}</b>.</p><ul><li>First</li><li>Second</li></ul><pre>fn main() {{}}</pre>"
                );
                Some(Text::Given { adf, wiki, html })
            }
        }
    }
}
