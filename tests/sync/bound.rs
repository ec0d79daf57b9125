//! A search or a saved filter that finds issues of one project is kept as that project, narrowed (synced-database §1.1).

use std::collections::BTreeSet;

use jiff::SignedDuration;
use jira_notion_gateway::store::DatabaseId;
use jira_notion_gateway::sync::{CheckResult, CreateError, Found};
use serde_json::json;

use super::World;
use super::pages::Town;
use crate::openapi;
use crate::world::Issue;
use crate::world::jira::{Filter, Share};

/// The path of a search.
fn search(jql: &str) -> String {
    format!("/issues/?{}", url::form_urlencoded::Serializer::new(String::new()).append_pair("jql", jql).finish())
}

impl World {
    /// A Jira with issues of two projects, and one gateway that reads it.
    async fn both_with_issues() -> [Self; 2] {
        let both = Self::both().await;
        for World { jira, .. } in &both {
            jira.add_issue(Issue::new("OPS-1", "One").labels(&["keep"]));
            jira.add_issue(Issue::new("OPS-2", "Two").labels(&["keep", "shared"]));
            jira.add_issue(Issue::new("OPS-3", "Three"));
            jira.add_issue(Issue::new("HR-1", "Four").labels(&["shared"]));
        }
        both
    }

    async fn bound(&self, path: &str, filter: Option<&str>) -> Result<(String, Option<String>), CreateError> {
        let Found { project, asked, .. } = self.look_at(path, filter).await?;
        Ok((project.key, asked.filter.map(String::from)))
    }

    async fn refusal(&self, path: &str, filter: Option<&str>) -> String {
        self.bound(path, filter).await.unwrap_err().to_string()
    }

    async fn synced_from(&self, path: &str) -> DatabaseId {
        let found = self.look_at(path, None).await.unwrap();
        let id = self.gateway.syncs.create(&self.ana, &found).await.unwrap().id;
        self.run().await;
        assert_eq!(self.shown(&id).await.badge.text, "Synced with Jira");
        id
    }

    fn keys(&self) -> BTreeSet<String> {
        self.rows().into_values().map(|row| row.text("Key")).collect()
    }
}

fn keys<const N: usize>(keys: [&str; N]) -> BTreeSet<String> {
    keys.map(str::to_owned).into()
}

#[tokio::test]
async fn a_search_in_one_project_is_kept_as_that_project() {
    for world in World::both_with_issues().await {
        world.jira.forget_calls();
        world.look_at_project(None).await.unwrap();
        let of_project = world.jira.calls().total;
        for (path, filter) in [
            (search("labels = keep ORDER BY created DESC"), "labels = keep"),
            (format!("/projects/OPS{}", search("labels = keep")), "labels = keep"),
            (
                "/secure/IssueNavigator.jspa?reset=true&jqlQuery=labels+%3D+keep+order+by+key".to_owned(),
                "labels = keep",
            ),
        ] {
            world.jira.forget_calls();
            let found = world.bound(&path, None).await.unwrap();
            assert_eq!(found, ("OPS".to_owned(), Some(filter.to_owned())), "{path}");
            assert_eq!(world.jira.calls().total, of_project + 2, "{:?}", world.jira.calls());
        }
        let id = world.synced_from(&search("labels = keep order by key")).await;
        assert_eq!(world.keys(), keys(["OPS-1", "OPS-2"]));
        // What it comes to find elsewhere is never copied.
        world.jira.add_issue(Issue::new("HR-2", "Five").labels(&["keep"]).updated(world.jira.now()));
        world.jira.add_issue(Issue::new("OPS-4", "Six").labels(&["keep"]).updated(world.jira.now()));
        world.look(&id).await;
        assert_eq!(world.keys(), keys(["OPS-1", "OPS-2", "OPS-4"]));
    }
}

#[tokio::test]
async fn a_search_that_is_about_no_single_project_says_what_to_do() {
    for world in World::both_with_issues().await {
        let several = world.refusal(&search("labels = shared"), None).await;
        assert!(several.starts_with("This search finds issues of several projects, "), "{several}");
        assert!(several.contains("OPS") && several.contains("HR") && several.contains("narrow it"), "{several}");
        let nothing = world.refusal(&search("labels = nowhere"), None).await;
        assert!(nothing.starts_with("This search finds no issue now"), "{nothing}");
        let refused = world.refusal(&search("project = NOPE AND labels = keep"), None).await;
        assert!(refused.starts_with("Jira refuses this search. Open its link in Jira"), "{refused}");
        let calls = world.jira.calls().total;
        let all = world.refusal(&search("ORDER BY created DESC"), None).await;
        assert!(all.starts_with("This search has no condition"), "{all}");
        for hostile in ["project = A) OR (project = B", "labels = keep) OR (project = HR) ORDER BY key", "a = \"b"] {
            let refused = world.refusal(&search(hostile), None).await;
            assert!(refused.starts_with("The search of this link cannot be used: "), "{hostile}: {refused}");
        }
        assert_eq!(world.jira.calls().total, calls, "Jira is not asked for what cannot be asked");
        assert_eq!(world.notion.writes(), 0);
    }
}

#[tokio::test]
async fn a_filter_of_the_person_narrows_the_search_further() {
    for world in World::both_with_issues().await {
        let path = search("labels = shared OR labels = keep");
        let both = world.bound(&path, Some("project = OPS AND summary ~ Two")).await.unwrap();
        let filter = "(labels = shared OR labels = keep) AND (project = OPS AND summary ~ Two)";
        assert_eq!(both, ("OPS".to_owned(), Some(filter.to_owned())));
        let refused = world.refusal(&path, Some("project = NOPE")).await;
        assert!(refused.starts_with("Jira refuses this search, or the filter"), "{refused}");
        let refused = world.refusal(&path, Some("labels = x) OR (labels = keep")).await;
        assert_eq!(refused, "The filter cannot be used: the brackets in the filter do not match.");
    }
}

#[tokio::test]
async fn a_saved_filter_is_followed_and_never_taken_for_a_deletion() {
    for world in World::both_with_issues().await {
        world.jira.add_filter(Filter::new(10_001, "ana", "Mine", "labels = keep ORDER BY created DESC"));
        world.jira.add_filter(Filter::new(10_002, "ben", "His", "labels = keep"));
        world.jira.add_filter(Filter::new(10_003, "ben", "Ours", "labels = keep").shared(Share::LoggedIn));
        for id in [10_001, 10_003] {
            let path = format!("/issues/?filter={id}");
            let found = world.bound(&path, None).await.unwrap();
            assert_eq!(found, ("OPS".to_owned(), Some(format!("filter = {id}"))));
        }
        for id in [10_002, 10_009, -99] {
            let refused = world.refusal(&format!("/issues/?filter={id}"), None).await;
            assert!(refused.starts_with("Jira does not show this saved filter to you"), "{id}: {refused}");
        }
        // Those that every Jira has are what they say they are.
        let refused = world.refusal("/issues/?filter=-4", None).await;
        assert!(refused.starts_with("This search finds issues of several projects"), "{refused}");
        let (key, filter) = world.bound("/issues/?filter=-4", Some("project = HR")).await.unwrap();
        assert_eq!((key.as_str(), filter.as_deref()), ("HR", Some("(created is not EMPTY) AND (project = HR)")));

        let id = world.synced_from("/projects/OPS/issues/?filter=10001").await;
        assert_eq!(world.keys(), keys(["OPS-1", "OPS-2"]));
        // Its owner makes something else of it.
        world.jira.change_filter(10_001, |filter| filter.jql = "labels is EMPTY OR labels = shared".to_owned());
        world.look(&id).await;
        let rows = world.rows();
        let out = rows.values().find(|row| row.text("Key") == "OPS-1").expect("a row that has left stays and says so");
        assert_eq!(world.keys(), keys(["OPS-1", "OPS-2", "OPS-3"]));
        world.look(&id).await;
        assert!(world.row("OPS-1").text("Jira notice").contains("out of the filter"), "{out:?}");
        // It is deleted.
        world.jira.remove_filter(10_001);
        let before = world.rows().len();
        for _ in 0..4 {
            world.pass(SignedDuration::from_mins(31));
            world.gateway.syncs.sync_now(&world.ana, &id, true).await.unwrap();
            world.run().await;
        }
        let shown = world.shown(&id).await;
        let reason = shown.reason.unwrap();
        assert_eq!((shown.badge.text.as_str(), reason.code.as_str()), ("Sync failed", "configuration"));
        assert!(reason.message.contains("nothing was removed in Notion"), "{reason:?}");
        assert_eq!((world.rows().len(), shown.counts.trashed), (before, 0));
    }
}

#[tokio::test]
async fn pages_that_cloud_sends_without_an_issue_are_not_the_end() {
    let [world, _] = World::both_with_issues().await;
    world.jira.set_page_sizes(&[0, 1, 0, 0, 1]);
    let several = world.refusal(&search("labels = shared"), None).await;
    assert!(several.starts_with("This search finds issues of several projects"), "{several}");
}

#[tokio::test]
async fn the_operator_may_forbid_the_project_of_a_search() {
    let [cloud, _] = World::both_with_issues().await;
    let rule = format!("[[site]]\nurl = '{}'\nblock_projects = ['OPS']\n", cloud.jira.url());
    let gateway = super::gateway_with(cloud.folder.path(), cloud.notion.url(), &cloud.clock, &rule).await;
    let world = World { gateway, ..cloud };
    assert!(matches!(world.bound(&search("labels = keep"), None).await, Err(CreateError::Policy)));
    assert!(world.bound(&search("key = HR-1"), None).await.is_ok());
}

#[tokio::test]
async fn all_that_can_fail_is_looked_at_before_the_first_write() {
    for world in World::both_with_issues().await {
        // Nobody has seen a plan: what Jira refuses is said here, not by the first run.
        let found = world.look_at_project(Some("labels = keep AND project = NOPE")).await.unwrap();
        let refused = world.gateway.syncs.create(&world.ana, &found).await.unwrap_err();
        assert!(matches!(refused, CreateError::BadFilter), "{refused}");
        assert_eq!(world.gateway.syncs.of(&world.ana).await.unwrap().len(), 0);
        let found = world.look_at_project(Some("labels = keep")).await.unwrap();
        world.jira.forget_calls();
        world.gateway.syncs.create(&world.ana, &found).await.unwrap();
        assert_eq!(world.jira.calls().total, 1, "{:?}", world.jira.calls());
        // With a plan it has been asked already.
        world.jira.forget_calls();
        world.gateway.syncs.create(&world.ana, &Found { is_planned: true, ..found }).await.unwrap();
        assert_eq!(world.jira.calls().total, 0, "{:?}", world.jira.calls());
        let found = world.look_at(&search("labels = keep"), None).await.unwrap();
        let checks = world.gateway.syncs.plan_of_new(&found).await.unwrap().checks;
        let filter = checks.iter().find(|it| it.name == "Filter").unwrap();
        assert_eq!(filter.result, CheckResult::Passed);
        assert_eq!(filter.words, "Of OPS only those issues are kept that match: labels = keep");
    }
}

#[tokio::test]
async fn a_pasted_search_becomes_just_the_database_of_its_plan() {
    let mut town = Town::new().await;
    town.jira.add_issue(Issue::new("OPS-100", "One").labels(&["wide"]));
    town.ana.connect(&town.jira, "ana", "/").await;
    let link = town.jira.at(&search("labels = wide ORDER BY created DESC"));
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("url", &link).finish();
    let pasted = town.ana.get(&format!("/?{query}")).await;
    town.jira.forget_calls();
    let form = town.ana.get(&pasted.link("Synced database")).await;
    assert_eq!(town.jira.calls().total, 0, "what it is about is asked with the plan");
    assert_eq!(url::Url::parse(&form.value("project_url")).unwrap().path(), "/issues/");
    let page = town.page.clone();
    let plan = town.ana.submit(&form, "/databases/new", &[("parent_page", &page)]).await;
    assert!(plan.one(".plan").contains("Of OPS only those issues are kept that match: labels = wide"), "{}", plan.text);
    assert!(plan.one(".plan .figures").contains("1 created"), "{}", plan.text);
    // Meanwhile the search finds something elsewhere.
    town.jira.add_issue(Issue::new("HR-100", "Two").labels(&["wide"]));
    town.jira.forget_calls();
    let created = town.ana.submit(&plan, "/databases", &[]).await;
    assert_eq!(created.status, 303, "{}", created.text);
    assert_eq!(town.jira.calls().total, 1, "the project alone: {:?}", town.jira.calls());
    let path = created.location().split('?').next().unwrap().to_owned();
    assert_eq!(town.settled(&path).await["state"], "synced");
    assert_eq!(town.notion.rows(town.notion.databases(town.acme)[0]).len(), 1);
    // The plan of the same link says by now why not.
    let refused = town.ana.submit(&form, "/databases/new", &[("parent_page", &page)]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.one("[role=alert]").contains("several projects"), "{}", refused.text);
    assert_eq!(refused.value("project_url"), form.value("project_url"));
}

#[tokio::test]
async fn the_api_takes_the_link_of_a_search_as_the_page_does() {
    let mut town = Town::new().await;
    town.ana.connect(&town.jira, "ana", "/").await;
    town.jira.add_issue(Issue::new("OPS-100", "One").labels(&["wide"]));
    town.jira.add_issue(Issue::new("HR-100", "Two"));
    town.jira.add_filter(Filter::new(10_001, "ana", "Mine", "labels = wide ORDER BY key"));
    let notion = town.api.get("/api/v1/notion-connections").await.json()["notion_connections"][0]["id"].clone();
    let post = async |path: &str, dry_run: bool| {
        let body = json!({
            "project_url": town.jira.at(path),
            "notion_connection": notion,
            "parent_page": town.page,
            "dry_run": dry_run,
        });
        let reply = town.api.post("/api/v1/databases", &body).await;
        openapi::validate("createDatabase", reply.status.as_u16(), &reply.json());
        (reply.status.as_u16(), reply.json())
    };
    let (status, plan) = post("/issues/?filter=10001", true).await;
    let filter = plan["checks"].as_array().unwrap().iter().find(|it| it["name"] == "Filter").unwrap();
    assert_eq!((status, &plan["plan"]["created"]), (200, &json!(1)));
    assert_eq!(filter["words"], "Of OPS only those issues are kept that match: filter = 10001");
    let (status, row) = post("/issues/?filter=10001", false).await;
    assert_eq!((status, &row["project"]["key"]), (201, &json!("OPS")));
    let (status, refused) = post(&search("labels = wide OR project = HR"), true).await;
    assert_eq!((status, &refused["code"]), (422, &json!("invalid_request")));
}
