//! The objects besides issues: who is shown them, how each deployment refuses the rest, and what they look like.

mod agile;
mod fields;
mod queries;
mod recorded;
mod releases;
mod remarks;
mod saved;
mod service_desk;

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use super::As::{Basic, Bearer};
use super::{Reply, get};
use crate::world::jira::content::{EPIC, IDEA, IN_PROGRESS, SERVICE_REQUEST, STORY, SUB_TASK};
use crate::world::jira::{
    Attachment, Board, Comment, Component, Custom, Dashboard, Filter, FixVersion, ServiceDesk, Share, Sprint, Worklog,
    fields as f,
};
use crate::world::{FakeJira, Issue, Person, Personality, Project, Status};

/// A Jira with one object of every kind, and people of different rights.
pub struct Town(pub FakeJira);

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A name that whoever splits a sprint's text at commas stumbles over.
const NASTY: &str = "Sprint 4, goal=none] [id=9";

pub async fn town(personality: Personality) -> Town {
    let jira = FakeJira::start(personality).await;
    for person in [
        Person::new("ana", "Ana Costa").groups(&["staff", "leads"]).visited(&["APP-2", "TOP-1"]),
        Person::new("ben", "Ben Okafor").groups(&["staff"]).locale("de_DE").visited(&["TOP-1"]),
        Person::new("cleo", "Cleo Dubois").without_software().without_browsing_users(),
        Person::new("dana", "Dana Vogel").customer(),
        Person::new("eli", "Eli Roth").customer(),
        Person::new("finn", "Finn Berg").inactive(),
    ] {
        let token = format!("{}-token", person.name);
        jira.add_person(person.api_token(&token));
    }
    jira.add_project(
        Project::new("APP", "Application")
            .role("Developers", &["ana"])
            .version(FixVersion::new("1.0!").days(day("2026-08-01"), day("2026-10-01")))
            .version(FixVersion::new("2.0").description("The big one").days(day("2026-10-02"), day("2026-11-20")))
            .component(Component::new("Checkout").description("Basket to payment").lead("ben")),
    );
    jira.add_project(Project::new("TOP", "Top secret").only(&["leads"]).versions(&["9.9"]));
    jira.add_project(Project::new("HELP", "Help desk").type_key("service_desk").only(&["staff"]));
    if jira.personality().is_cloud() {
        jira.add_project(Project::new("TEAM", "Team's own").team_managed());
        jira.add_project(Project::new("IDEA", "Ideas").type_key("product_discovery"));
        jira.add_issue(
            Issue::new("IDEA-1", "Pay by fingerprint")
                .issue_type(IDEA)
                .custom(f::IMPACT, Custom::Number(4.0))
                .custom(f::TIMELINE, Custom::Interval(day("2027-01-01"), day("2027-03-31")))
                .custom(f::DELIVERY_PROGRESS, Custom::Number(0.5)),
        );
    }
    jira.add_issues(issues());
    let (start, end) = (at("2026-11-16T08:00:00Z"), at("2026-11-30T16:00:00Z"));
    jira.add_board(
        Board::scrum(5, "APP board")
            .in_project("APP")
            .sprint(Sprint::active(37, NASTY, start, end).goal("Pay, and be happy"))
            .sprint(Sprint::closed(36, "Sprint 3", at("2026-11-02T08:00:00Z"), at("2026-11-13T16:00:00Z")))
            .sprint(Sprint::future(38, "Sprint 5")),
    );
    jira.add_board(Board::kanban(6, "Support").in_project("APP"));
    jira.add_board(Board::scrum(7, "Hidden").in_project("TOP").sprint(Sprint::active(50, "Secret", start, end)));
    let open = "project = APP AND resolution = Unresolved ORDER BY updated DESC";
    jira.add_filter(Filter::new(10_100, "ana", "Mine", open));
    jira.add_filter(Filter::new(10_101, "ana", "Open work", open).description("All").shared(Share::LoggedIn));
    jira.add_filter(Filter::new(10_102, "ana", "Of leads", open).shared(Share::Group("leads".into())));
    jira.add_filter(Filter::new(10_103, "ben", "Of TOP", open).shared(Share::Project("TOP".into())));
    jira.add_filter(Filter::new(10_104, "ben", "For all", open).shared(Share::Everybody));
    jira.add_dashboard(Dashboard::new(10_200, "ana", "Mine"));
    jira.add_dashboard(Dashboard::new(10_201, "ana", "The shop").description("Wall").shared(Share::LoggedIn));
    jira.add_service_desk(
        ServiceDesk::new(3, "HELP")
            .portal(4)
            .agents(&["ana"])
            .customers(&["dana", "eli"])
            .request_type(11, "Get IT help")
            .queue(21, "All open", "project = HELP AND resolution = Unresolved"),
    );
    Town(jira)
}

fn issues() -> Vec<Issue> {
    vec![
        Issue::new("APP-1", "Payments").issue_type(EPIC),
        Issue::new("APP-2", "Pay by card")
            .issue_type(STORY)
            .status(Status::new(3, "In Arbeit", IN_PROGRESS))
            .assignee("ana")
            .reporter("ben")
            .parent("APP-1")
            .sprint(36)
            .sprint(37)
            .story_points(5.0)
            .fix_versions(&["2.0"])
            .components(&["Checkout"])
            .attachment(Attachment::new(10_500, "ben", "shot 1.png", 31_020))
            .attachment(Attachment::new(10_501, "ben", "report.pdf", 99))
            .comment(Comment::new(10_044, "ben", "Looks good.\nShip it."))
            .comment(Comment::new(10_045, "ana", "For developers").for_role("Developers"))
            .comment(Comment::new(10_046, "ana", "For leads").for_group("leads"))
            .worklog(Worklog::new(10_300, "ben", 570).comment("Wrote it"))
            .worklog(Worklog::new(10_301, "ana", 30).for_role("Developers"))
            .custom(f::SEVERITY, Custom::Choice("High"))
            .custom(f::SEVERITY_OF_TEAM, Custom::Choice("Blocker"))
            .custom(f::PLATFORMS, Custom::Choices(&["iOS", "Web"]))
            .custom(f::REGION, Custom::Cascade("Europe", "Portugal"))
            .custom(f::COST, Custom::Number(12.5))
            .custom(f::LAUNCH, Custom::Day(day("2026-12-01")))
            .custom(f::FREEZE, Custom::Instant(at("2026-11-28T17:00:00Z")))
            .custom(f::REVIEWER, Custom::Person("ben"))
            .custom(f::STAKEHOLDERS, Custom::People(&["ana", "finn"]))
            .custom(f::OWNING_GROUP, Custom::Group("leads"))
            .custom(f::RUNBOOK, Custom::Line("https://wiki.example/pay"))
            .custom(f::TAGS, Custom::Labels(&["pci", "card"]))
            .custom(f::FOUND_IN, Custom::Version("1.0"))
            .custom(f::RELEASE_NOTES, Custom::Long("Cards work.".into()))
            .custom(f::CUSTOMER, Custom::Line("Teapot Ltd")),
        Issue::new("APP-3", "Test cards").issue_type(SUB_TASK).parent("APP-2").sprint(37).status(Status::done()),
        Issue::new("APP-4", "Refunds").sprint(37).fix_versions(&["2.0"]).secured("Leads", &["ana"]),
        Issue::new("TOP-1", "Buy the rival")
            .sprint(50)
            .attachment(Attachment::new(10_502, "ana", "offer.pdf", 5))
            .comment(Comment::new(10_047, "ana", "Hush")),
        Issue::new("HELP-1", "Laptop is slow")
            .issue_type(SERVICE_REQUEST)
            .status(Status::new(10_050, "Waiting for support", IN_PROGRESS))
            .reporter("dana")
            .description("Please help.")
            .comment(Comment::new(10_048, "ana", "She always asks").internal())
            .request(11, &["ben"]),
        Issue::new("HELP-2", "No request").issue_type(SERVICE_REQUEST).reporter("dana"),
    ]
}

/// Cloud, a current Data Center and the last Server.
pub async fn towns() -> [Town; 3] {
    [town(Personality::cloud()).await, town(dc()).await, town(Personality::server()).await]
}

pub fn dc() -> Personality {
    Personality::data_center().at("/jira")
}

impl Town {
    fn cloud(&self) -> bool {
        self.0.personality().is_cloud()
    }

    /// A call by a person, with what they would log in with.
    async fn get(&self, who: &str, path: &str) -> Reply {
        let (name, secret) = match self.cloud() {
            true => (format!("{who}@acme.example"), format!("{who}-token")),
            false => (who.to_owned(), format!("{who}'s password")),
        };
        get(&self.0.at(path), Basic(&name, &secret)).await
    }

    /// The same below `/rest/api/3` or `/rest/api/2`.
    pub(super) async fn api(&self, who: &str, path: &str) -> Reply {
        self.get(who, &format!("/rest/api/{}/{path}", if self.cloud() { 3 } else { 2 })).await
    }

    pub(super) async fn agile(&self, who: &str, path: &str) -> Reply {
        self.get(who, &format!("/rest/agile/1.0/{path}")).await
    }

    async fn desk(&self, who: &str, path: &str) -> Reply {
        self.get(who, &format!("/rest/servicedeskapi/{path}")).await
    }

    /// The keys that a query finds for a person.
    async fn found(&self, who: &str, jql: &str) -> Result<Vec<String>, String> {
        let path = if self.cloud() { "search/jql" } else { "search" };
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("jql", jql), ("fields", "summary")])
            .finish();
        let reply = self.api(who, &format!("{path}?{query}")).await;
        match reply.status {
            200 => Ok(texts(&reply.json()["issues"], "key")),
            _ => Err(reply.message()),
        }
    }

    /// At Atlassian's API host, with a scoped token of these scopes.
    async fn scoped(&self, scopes: &[&str], path: &str) -> Reply {
        self.0.change_person("ana", |ana| *ana = ana.clone().scoped_token(&scopes.join(" "), scopes));
        get(&super::api(&self.0, path), Basic("ana@acme.example", &scopes.join(" "))).await
    }
}

fn texts(list: &Value, member: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|it| it[member].as_str().unwrap().to_owned()).collect()
}

fn members(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn only_what_the_version_has_is_there() {
    let old = town(dc().version("7.13.0")).await;
    assert!(old.api("ana", "search/approximate-count").await.is_html());
    let secret = Bearer("whatever");
    let nobody = get(&old.0.at("/rest/agile/1.0/board/5"), secret).await;
    assert_eq!(nobody.status, 401, "no access tokens yet, and boards are for people");
    assert_eq!(old.agile("ana", "board/5/backlog/nothing").await.status, 404);
}
