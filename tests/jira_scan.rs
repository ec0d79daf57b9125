//! A whole Jira project, its changes and its losses, as the sync reads them: one test for each S-number of
//! synced-database §4.1 and §4.3, on Cloud and on Data Center, with the requests counted (§7).

mod cost;
mod faults;
mod loss;
mod paging;
mod time;
mod what;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use jira_notion_gateway::jira::auth::{Credential, Method};
use jira_notion_gateway::jira::classify::Plane;
use jira_notion_gateway::jira::client::Client;
use jira_notion_gateway::jira::key::SiteUrl;
use jira_notion_gateway::jira::scan::{CensusPosition, Page, Position, Record, ScanError, Scope, TimeForm};
use secrecy::SecretString;

use crate::jira::script::http;
use crate::world::{FakeJira, Issue, Person, Personality, Project};

/// Whoever asks, of one Jira.
struct Site {
    jira: FakeJira,
    client: Client,
}

/// All pages of one walk.
#[derive(Default)]
struct Walk {
    records: Vec<Record>,
    /// How many issues were on each page.
    pages: Vec<usize>,
    watermark: Option<Timestamp>,
    /// How many requests it took.
    requests: usize,
}

impl Walk {
    fn ids(&self) -> BTreeSet<String> {
        self.records.iter().map(|record| record.id.clone()).collect()
    }

    fn keys(&self) -> BTreeSet<&str> {
        self.records.iter().map(|record| record.key.as_str()).collect()
    }
}

const OVERLAP: SignedDuration = SignedDuration::from_mins(3);
const NOTHING: &[&str] = &[];

impl Site {
    async fn start(personality: Personality) -> Self {
        let cloud = personality.is_cloud();
        let jira = FakeJira::start(personality).await;
        let ana = Person::new("ana", "Ana Costa").api_token("ana-token").access_token("ana-pat");
        jira.add_person(ana.groups(&["people-team"]));
        jira.add_person(Person::new("ben", "Ben Okafor").api_token("ben-token").access_token("ben-pat"));
        // Ids of projects are 10000 and 10001.
        jira.add_project(Project::new("OPS", "Operations"));
        jira.add_project(Project::new("HR", "People"));
        let client = client(&jira, cloud, "ana");
        Self { jira, client }
    }

    /// A Cloud and a Data Center, each with the same issues: `OPS-1` to `OPS-n`, a minute apart, the last one of 10:00.
    async fn both(count: usize) -> [Self; 2] {
        let sites = [Self::start(Personality::cloud()).await, Self::start(Personality::data_center()).await];
        for site in &sites {
            site.fill(count);
        }
        sites
    }

    fn fill(&self, count: usize) {
        let now = self.jira.now();
        let issue = |at: usize| {
            let then = now - SignedDuration::from_mins((count - at) as i64);
            Issue::new(&format!("OPS-{at}"), &format!("Issue {at}")).created(then).updated(then)
        };
        self.jira.add_issues((1..=count).map(issue));
    }

    fn is_cloud(&self) -> bool {
        self.jira.personality().is_cloud()
    }

    fn requests(&self) -> usize {
        self.jira.calls().total
    }

    async fn page(&self, position: &Position) -> Result<Page, ScanError> {
        self.client.scan_page(&ops(), &["summary"], position).await
    }

    /// Goes to the end; each page may be followed by something that happens.
    async fn walk_while(&self, start: Position, mut happens: impl FnMut(usize)) -> Result<Walk, ScanError> {
        let (mut walk, before) = (Walk::default(), self.requests());
        let mut next = Some(start);
        while let Some(position) = next {
            // What is kept between two pages can be written down.
            let kept = serde_json::to_string(&position).unwrap();
            let page = self.page(&serde_json::from_str(&kept).unwrap()).await?;
            assert!(kept.len() < 8_000, "{} bytes", kept.len());
            walk.pages.push(page.records.len());
            walk.records.extend(page.records);
            walk.watermark = page.watermark;
            next = page.next;
            happens(walk.pages.len());
            assert!(walk.pages.len() < 2_000, "it does not end");
        }
        walk.requests = self.requests() - before;
        Ok(walk)
    }

    async fn walk(&self, start: Position) -> Result<Walk, ScanError> {
        self.walk_while(start, |_| {}).await
    }

    async fn full(&self) -> Walk {
        self.walk(Position::full()).await.unwrap()
    }

    fn delta_from(&self, watermark: Timestamp) -> Position {
        Position::delta(watermark, OVERLAP, TimeForm::Relative, self.jira.now())
    }

    async fn delta(&self, watermark: Timestamp) -> Walk {
        self.walk(self.delta_from(watermark)).await.unwrap()
    }

    async fn census(&self) -> BTreeSet<String> {
        let (mut ids, mut next) = (BTreeSet::new(), Some(CensusPosition::default()));
        while let Some(position) = next {
            let page = self.client.census_page(&ops(), &position).await.unwrap();
            ids.extend(page.ids);
            next = page.next;
        }
        ids
    }

    /// The ids of the issues of the project, as Jira keeps them.
    fn ids(&self) -> BTreeSet<String> {
        let of_project = |issue: &Issue| issue.key.starts_with("OPS-");
        self.jira.issues().into_iter().filter(of_project).map(|issue| issue.id).collect()
    }

    fn id(&self, key: &str) -> String {
        self.jira.issues().into_iter().find(|issue| issue.key == key).unwrap().id
    }
}

fn client(jira: &FakeJira, cloud: bool, name: &str) -> Client {
    let (plane, method, user, secret) = match cloud {
        true => (Plane::CloudSite, Method::ApiToken, format!("{name}@acme.example"), format!("{name}-token")),
        false => (Plane::SelfManaged, Method::PersonalAccessToken, name.to_owned(), format!("{name}-pat")),
    };
    let auth = Credential::typed(method, &user, &SecretString::from(secret)).unwrap().auth().unwrap();
    Client::new(http(), SiteUrl::parse(&jira.url()).unwrap(), plane, auth)
}

fn ops() -> Scope {
    Scope::new(10_000, None)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}
