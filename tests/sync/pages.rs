//! A person keeps a project as a database, on pages alone; and the same by the API.

use jiff::Timestamp;
use jira_notion_gateway::clock::Clock;
use serde_json::{Value, json};

use crate::openapi;
use crate::pages::visitor::{Page, Visitor};
use crate::world::gateway::{Api, Gateway};
use crate::world::jira::MORNING;
use crate::world::notion::{UserId, WorkspaceId};
use crate::world::{FakeJira, FakeNotion, Issue, Personality, two_people};

/// Ana with a Jira, a Notion, and a gateway that is served.
pub(super) struct Town {
    pub jira: FakeJira,
    pub notion: FakeNotion,
    pub acme: WorkspaceId,
    pub nora: UserId,
    pub page: String,
    pub gateway: Gateway,
    pub ana: Visitor,
    pub api: Api,
}

impl Town {
    pub async fn new() -> Self {
        let jira = two_people(Personality::cloud()).await;
        jira.add_many("OPS", 8);
        let clock = Clock::manual(MORNING.parse::<Timestamp>().unwrap());
        let notion = FakeNotion::start(clock.clone()).await;
        let acme = notion.add_workspace("Acme");
        let nora = notion.add_user(acme, "Nora Lind", "nora@acme.example");
        let page = notion.page_id(notion.add_page(acme, "Plan")).to_string();
        let url = format!("--notion-api-url={}", notion.url());
        let gateway = Gateway::with(&["--private-sites=127.0.0.0/8", &url], clock).await;
        let api = gateway.api("ana").await;
        let token = notion.make_token(nora);
        let added = api.post("/api/v1/notion-connections", &json!({ "token": token })).await;
        assert_eq!(added.status, 201, "{}", added.text);
        let ana = Visitor::signed_in(&gateway, "ana").await;
        Self { jira, notion, acme, nora, page, gateway, ana, api }
    }

    pub fn project(&self) -> String {
        self.jira.at("/browse/OPS")
    }

    /// The form with the project in it, as a paste leads there.
    pub async fn form(&mut self) -> Page {
        let project = self.project();
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("project_url", &project).finish();
        self.ana.get(&format!("/databases/new?{query}")).await
    }

    pub async fn planned(&mut self) -> Page {
        let form = self.form().await;
        let page = self.page.clone();
        self.ana.submit(&form, "/databases/new", &[("parent_page", &page)]).await
    }

    /// Nobody works on anything any more, and nothing is due.
    pub async fn settled(&self, path: &str) -> Value {
        let (inner, now) = (&self.gateway.inner, self.gateway.inner.clock.now_ms());
        for _ in 0..4_000 {
            inner.syncs.round().await.unwrap();
            let all = inner.store.all_databases().await.unwrap();
            let row = self.api.get(&format!("/api/v1{path}")).await.json();
            if all.iter().all(|it| it.lease_until <= now && (it.due_at > now || it.paused)) {
                return row;
            }
        }
        panic!("it never ends")
    }

    /// `/databases/db_…`, its rows written.
    pub async fn synced(&mut self) -> String {
        let window = self.project();
        self.ana.connect(&self.jira, "ana", "/databases").await;
        let plan = self.planned().await;
        let created = self.ana.submit(&plan, "/databases", &[]).await;
        assert_eq!(created.status, 303, "{window}: {}", created.text);
        let path = created.location().split('?').next().unwrap().to_owned();
        let row = self.settled(&path).await;
        assert_eq!(row["state"], "synced", "{row}");
        path
    }
}

#[tokio::test]
async fn a_pasted_project_becomes_a_database_after_its_plan() {
    let mut town = Town::new().await;
    // Nothing is there, and the page says how it begins.
    let empty = town.ana.get("/databases").await;
    assert_eq!(empty.texts(".start li").len(), 3, "{}", empty.text);
    let first = town.form().await;
    assert_eq!(first.texts(".row-title"), ["Connect your Jira"], "one step before the first one");
    assert!(first.link("Connect Jira").contains("return_to="), "{}", first.text);
    let url = town.project();
    let begun =
        town.ana.get(&format!("/databases/new?project_url={url}&parent_page={}&jql=labels%20%3D%20a", town.page)).await;
    let back = begun.link("Connect Jira");
    assert!(back.contains(&town.page[..8]) && back.contains("jql"), "what was filled in is not lost: {back}");
    town.ana.connect(&town.jira, "ana", "/").await;
    let pasted = town.ana.get(&format!("/?url={}", town.project())).await;
    let form = pasted.link("Synced database");
    let form = town.ana.get(&form).await;
    assert_eq!(form.value("project_url"), town.project());

    let plan = town.planned().await;
    assert_eq!(plan.status, 200, "{}", plan.text);
    let warning = "Everyone who can open this page will see these issues, also people who cannot see them in Jira.";
    assert_eq!(plan.one(".notice-warning"), warning);
    assert!(plan.one(".plan .figures").contains("8 created"), "{}", plan.text);
    assert!(plan.texts(".column-list li").contains(&"Summary Title".to_owned()), "{:?}", plan.texts(".column-list li"));
    assert_eq!(town.notion.writes(), 0, "a plan writes nothing");

    let created = town.ana.submit(&plan, "/databases", &[]).await;
    let page = town.ana.get(created.location()).await;
    assert!(page.one("[role=status].banner").starts_with("The database is being made."), "{}", page.text);
    let path = created.location().split('?').next().unwrap().to_owned();
    town.settled(&path).await;
    let page = town.ana.get(&path).await;
    assert_eq!(page.texts(".badge"), ["Synced with Jira"]);
    assert!(!page.text.contains("http-equiv=\"refresh\""), "nothing goes on any more");
    assert!(page.text.contains("<dt>created</dt><dd>8</dd>"), "{}", page.text);
    assert!(page.link("Open in Notion").starts_with("http"), "{}", page.text);
    assert_eq!(town.notion.databases(town.acme).len(), 1);
    let list = town.ana.get("/databases").await;
    assert_eq!(list.texts(".badge"), ["Synced with Jira"]);
}

#[tokio::test]
async fn what_cannot_be_is_said_on_the_form_and_keeps_what_was_typed() {
    let mut town = Town::new().await;
    town.ana.connect(&town.jira, "ana", "/").await;
    let form = town.form().await;
    let page = town.page.clone();
    let hidden = town.jira.at("/browse/NOPE");
    for (fields, words) in [
        ([("parent_page", "no page")], "The parent page is no page of Notion."),
        ([("project_url", "a word")], "This is no link to a Jira project."),
        ([("project_url", hidden.as_str())], "Jira does not show this project to you"),
    ] {
        let fields: Vec<_> = [("parent_page", page.as_str())].into_iter().chain(fields).collect();
        for action in ["/databases/new", "/databases"] {
            let mut all = form.form("/databases/new");
            for (name, value) in &fields {
                all.retain(|(other, _)| other != name);
                all.push(((*name).to_owned(), (*value).to_owned()));
            }
            let request = town.ana.request(reqwest::Method::POST, action).form(&all);
            let refused = town.ana.send(request).await;
            assert_eq!(refused.status, 422, "{}", refused.text);
            assert!(refused.one("[role=alert]").contains(words), "{words}: {}", refused.text);
            assert_eq!(
                refused.value("parent_page"),
                fields.last().filter(|it| it.0 == "parent_page").map_or(&*page, |it| it.1)
            );
        }
    }
    assert_eq!(town.notion.writes(), 0);
}

#[tokio::test]
async fn each_button_does_what_it_says() {
    let mut town = Town::new().await;
    let path = town.synced().await;
    let page = town.ana.get(&path).await;
    let paused = town.ana.submit_and_follow(&page, &format!("{path}/pause"), &[]).await;
    assert_eq!(
        (paused.texts(".badge"), paused.texts("form button.primary")),
        (vec!["Paused".to_owned()], vec!["Resume".to_owned()])
    );
    let page = town.ana.submit_and_follow(&paused, &format!("{path}/resume"), &[]).await;
    assert_eq!(page.one("[role=status].banner"), "It goes on.");
    town.settled(&path).await;

    town.jira.add_issue(Issue::new("OPS-900", "New since then").updated(town.jira.now()));
    let writes = town.notion.writes();
    let dry = town.ana.get(&format!("{path}/plan")).await;
    assert!(dry.one(".plan .figures").contains("1 created"), "{}", dry.text);
    assert_eq!(town.notion.writes(), writes, "a dry run writes nothing: {:?}", town.notion.calls());
    assert!(dry.texts(".plan-rows summary")[0].starts_with("OPS-900 created"), "{}", dry.text);
    let token = dry.attributes("input[name=plan]", "value").remove(0);
    let sync = format!("{path}/sync");
    let other = town.ana.submit(&dry, &sync, &[("plan", "all-0")]).await;
    assert_eq!((other.status, town.notion.writes()), (409.try_into().unwrap(), writes));
    assert!(other.one(".field-problem").starts_with("The plan is not true any more"), "{}", other.text);
    let asked = town.ana.submit_and_follow(&dry, &sync, &[("plan", &token)]).await;
    assert!(asked.one("[role=status].banner").starts_with("A run was asked for."), "{}", asked.text);
    town.settled(&path).await;
    assert_eq!(town.notion.rows(town.notion.databases(town.acme)[0]).len(), 9);

    let csv = town.ana.get(&format!("{path}/report.csv")).await;
    assert_eq!(csv.reply.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.text.starts_with("issue,kind,place,what,count,since,link\r\n"), "{}", csv.text);

    // The mention of an issue that has a row leads there.
    let issue = town.api.one(&town.jira.at("/browse/OPS-900")).await;
    let row = issue["actions"].as_array().unwrap().iter().find(|it| it["id"] == "row").expect("a row");
    assert!(row["href"].as_str().unwrap().starts_with("https://www.notion.so/"), "{row}");
    let pasted = town.ana.get(&format!("/?url={}", town.jira.at("/browse/OPS-900"))).await;
    assert_eq!(pasted.one(".row-of"), "Mentions the row in OPS issues.");
    let ben = town.gateway.api("ben").await;
    ben.connect(&town.jira.url(), "api_token", "ben@acme.example", "ben-token").await;
    let other = ben.one(&town.jira.at("/browse/OPS-900")).await;
    assert!(other["actions"].as_array().unwrap().iter().all(|it| it["id"] != "row"), "{other}");

    let question = town.ana.get(&format!("{path}/remove")).await;
    let gone = town.ana.submit_and_follow(&question, &format!("{path}/remove"), &[("table", "trash")]).await;
    assert!(gone.one("[role=status].banner").contains("in Notion's trash"), "{}", gone.text);
    assert!(town.notion.database(town.notion.databases(town.acme)[0]).1, "in the trash");
    assert_eq!(town.ana.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_sync_that_stopped_goes_on_with_the_same_rows() {
    let mut town = Town::new().await;
    let path = town.synced().await;
    let rows = town.notion.rows(town.notion.databases(town.acme)[0]);
    // Both ways go: to Jira, and into Notion.
    for (form, again) in
        [("form[action^='/connections/'][action$='/remove']", "Jira"), ("form[action^='/notion/']", "Notion")]
    {
        let connections = town.ana.get("/connections").await;
        let action = connections.attributes(form, "action").remove(0);
        town.ana.submit_and_follow(&connections, &action, &[]).await;
        let stopped = town.ana.get(&path).await;
        assert_eq!(stopped.texts(".badge"), ["Sync stopped"], "{again}");
        assert_eq!(stopped.texts("#state .primary").len(), 1, "one next step: {}", stopped.text);
        match again {
            "Jira" => {
                assert!(stopped.link("Sign in to Jira").starts_with("/connect?site="));
                town.ana.connect(&town.jira, "ana", "/").await;
            }
            _ => {
                let token = town.notion.make_token(town.nora);
                let added = town.api.post("/api/v1/notion-connections", &json!({ "token": token })).await;
                assert_eq!(added.status, 201, "{}", added.text);
            }
        }
        let page = town.ana.get(&path).await;
        let page = town.ana.submit_and_follow(&page, &format!("{path}/reauthenticate"), &[]).await;
        assert!(page.one("[role=status].banner").starts_with("It goes on"), "{}", page.text);
        let row = town.settled(&path).await;
        assert_eq!(row["state"], "synced", "{again}: {row}");
        let after = town.notion.rows(town.notion.databases(town.acme)[0]);
        assert_eq!(after.iter().map(|it| it.id).collect::<Vec<_>>(), rows.iter().map(|it| it.id).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn nobody_sees_or_touches_the_database_of_another_account() {
    let mut town = Town::new().await;
    let path = town.synced().await;
    let mut ben = Visitor::signed_in(&town.gateway, "ben").await;
    let csrf = ben.csrf().await;
    for end in ["", "/plan", "/report.csv", "/remove", "/settings", "/why?of=OPS-3"] {
        assert_eq!(ben.get(&format!("{path}{end}")).await.status, 404, "{end}");
    }
    let runs = ["sync", "restore", "recreate", "pause", "resume", "answer", "reauthenticate"];
    for end in runs.into_iter().chain(["remove-column", "remove", "settings"]) {
        let form = [("csrf", csrf.as_str()), ("about", "no_permission"), ("decision", "trash")];
        let page = ben.post(&format!("{path}/{end}"), &form).await;
        assert_eq!(page.status, 404, "{end}");
    }
    let api = town.gateway.api("ben").await;
    let reply = api.get(&format!("/api/v1{path}")).await;
    openapi::validate("showDatabase", 404, &reply.json());
    openapi::validate("explainDatabase", 404, &api.get(&format!("/api/v1{path}/why?of=OPS-3")).await.json());
    assert_eq!(api.get("/api/v1/databases").await.json(), json!({ "databases": [] }));
    assert_eq!(town.ana.get(&path).await.texts(".badge"), ["Synced with Jira"]);
}

#[tokio::test]
async fn the_api_says_what_its_description_says() {
    let mut town = Town::new().await;
    let path = format!("/api/v1{}", town.synced().await);
    let api = town.api.clone();
    let checked = |operation: &'static str, reply: crate::world::gateway::Reply| {
        openapi::validate(operation, reply.status.as_u16(), &reply.json());
        (reply.status.as_u16(), reply.json())
    };
    assert_eq!(checked("listDatabases", api.get("/api/v1/databases").await).0, 200);
    let (status, row) = checked("showDatabase", api.get(&path).await);
    assert_eq!((status, &row["badge"]["color"], &row["counts"]["created"]), (200, &json!("blue"), &json!(8)));
    let notion = api.get("/api/v1/notion-connections").await.json()["notion_connections"][0]["id"].clone();
    let new = |project: String, dry_run: bool| json!({ "project_url": project, "notion_connection": notion, "parent_page": town.page, "dry_run": dry_run });
    let post = async |path: &str, body: Value| api.post(path, &body).await;
    let (status, plan) = checked("createDatabase", post("/api/v1/databases", new(town.project(), true)).await);
    assert_eq!((status, &plan["plan"]["created"]), (200, &json!(8)));
    assert_eq!(checked("createDatabase", post("/api/v1/databases", new("a word".to_owned(), false)).await).0, 422);
    assert_eq!(checked("createDatabase", post("/api/v1/databases", new(town.project(), false)).await).0, 201);
    let sync = format!("{path}/sync");
    assert_eq!(checked("syncDatabase", post(&sync, json!({ "dry_run": true, "census": true })).await).0, 200);
    let (_, plan) = checked("syncDatabase", post(&sync, json!({ "dry_run": true })).await);
    let (status, moved) = checked("syncDatabase", post(&sync, json!({ "plan": "new-0" })).await);
    assert_eq!((status, &moved["code"]), (409, &json!("conflict")));
    let both = json!({ "plan": plan["plan"]["token"], "dry_run": true });
    assert_eq!(checked("syncDatabase", post(&sync, both).await).0, 422);
    assert_eq!(checked("syncDatabase", post(&sync, json!({ "plan": plan["plan"]["token"] })).await).0, 202);
    assert_eq!(checked("syncDatabase", post(&sync, json!({ "census": true })).await).0, 202);
    assert_eq!(checked("answerDatabase", post(&format!("{path}/answer"), json!({ "decision": "keep" })).await).0, 202);
    assert_eq!(checked("answerDatabase", post(&format!("{path}/answer"), json!({ "decision": "burn" })).await).0, 422);
    for (about, expected) in [("no_permission", 202), ("own_content", 202), ("brake", 422), ("", 422)] {
        let answer = json!({ "decision": "keep", "about": about });
        let (status, told) = checked("answerDatabase", post(&format!("{path}/answer"), answer).await);
        assert_eq!(status, expected, "{about}: {told}");
        let lists_words = told["detail"] == "What is answered is one of no_permission, own_content.";
        assert_eq!(lists_words, expected == 422, "{about}: {told}");
    }
    assert_eq!(checked("reauthenticateDatabase", post(&format!("{path}/reauthenticate"), json!({})).await).0, 202);
    assert_eq!(checked("pauseDatabase", post(&format!("{path}/pause"), json!({})).await).0, 202);
    let (status, row) = checked("resumeDatabase", post(&format!("{path}/resume"), json!({})).await);
    assert_eq!(status, 202, "{row}");
}
