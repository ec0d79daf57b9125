//! Every kind of object through the running gateway, at both deployments: what is shown, to whom, and what is said
//! instead.

use std::fmt::Write;

use jira_notion_gateway::clock::Clock;
use jira_notion_gateway::store::FieldIds;
use serde_json::Value;

use crate::demo;
use crate::jira::objects::{self, Town};
use crate::openapi;
use crate::world::Issue;
use crate::world::demo::Demo;
use crate::world::gateway::{Api, Gateway};

use crate::world::jira::{ServiceDesk, fields as f};

/// Ana and Hana see everything of the demo's sites; Ben and Jonas do not.
async fn readers() -> (Demo, Gateway, Api, Api) {
    let (demo, gateway) = demo::start().await;
    let high = demo::account(&demo, &gateway, ["ana", "hana"]).await;
    let low = demo::account(&demo, &gateway, ["ben", "jonas"]).await;
    (demo, gateway, high, low)
}

/// Title, identifier, status and facts, a line each.
fn drawn(preview: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let mut out = format!("{} | {}", text(&preview["title"]), text(&preview["identifier"]));
    if preview["status"].is_object() {
        write!(out, " | {} ({})", text(&preview["status"]["name"]), text(&preview["status"]["category"])).unwrap();
    }
    for fact in preview["facts"].as_array().unwrap() {
        write!(out, "\n  {} \"{}\": {}", text(&fact["id"]), text(&fact["name"]), text(&fact["value"])).unwrap();
    }
    out
}

#[tokio::test]
async fn every_kind_is_shown_with_its_facts_to_those_who_may_see_it() {
    let (demo, _gateway, high, low) = readers().await;
    let objects = demo.objects();
    let urls: Vec<&str> = objects.iter().map(|object| object.link.url.as_str()).collect();
    let (seen, seen_by_others) = (high.resolve(&urls).await, low.resolve(&urls).await);
    let mut all = String::new();
    for ((object, answer), others) in objects.iter().zip(&seen).zip(&seen_by_others) {
        let told = format!("{object:?}: {answer}");
        assert_eq!((&answer["kind"], &answer["state"]), (&object.kind.into(), &"ready".into()), "{told}");
        openapi::validate("resolveOne", 200, answer);
        let expected = if object.link.note.starts_with("only ") { "not_found" } else { "ready" };
        assert_eq!(others["state"], expected, "{object:?}: {others}");
        assert_eq!(answer["reason"], Value::Null, "{told}");
        let path = answer["canonical_url"].as_str().unwrap().strip_prefix(answer["site"]["url"].as_str().unwrap());
        writeln!(all, "{} {}\n{}", object.kind, path.unwrap(), drawn(&answer["preview"])).unwrap();
        writeln!(all, "  mention: {}\n", answer["mention"]["text"].as_str().unwrap()).unwrap();
    }
    insta::assert_snapshot!(all);
}

/// A person of the town with an account of the gateway.
async fn in_town(gateway: &Gateway, town: &Town, who: &str) -> Api {
    let api = gateway.api(who).await;
    let site = town.0.url();
    match town.0.personality().is_cloud() {
        true => api.connect(&site, "api_token", &format!("{who}@acme.example"), &format!("{who}-token")).await,
        false => api.connect(&site, "password", who, &format!("{who}'s password")).await,
    };
    api
}

fn outcome(answer: &Value) -> (&str, &str) {
    (answer["state"].as_str().unwrap(), answer["reason"]["code"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn missing_hidden_unlicensed_and_forbidden_are_told_apart_as_far_as_jira_does() {
    for town in objects::towns().await {
        let gateway = Gateway::start().await;
        let (ana, ben) = (in_town(&gateway, &town, "ana").await, in_town(&gateway, &town, "ben").await);
        let cleo = in_town(&gateway, &town, "cleo").await;
        for (who, path, expected) in [
            (&ana, "/secure/RapidBoard.jspa?rapidView=5", ("ready", "")),
            (&ana, "/secure/RapidBoard.jspa?rapidView=99", ("not_found", "not_found")),
            (&ben, "/secure/RapidBoard.jspa?rapidView=7", ("not_found", "not_found")),
            (&cleo, "/secure/RapidBoard.jspa?rapidView=5", ("unsupported", "license_missing")),
            (&cleo, "/secure/GHGoToBoard.jspa?sprintId=37", ("unsupported", "license_missing")),
            (&ben, "/secure/GHGoToBoard.jspa?sprintId=50", ("not_found", "not_found")),
            (&ana, "/issues/?filter=10100", ("ready", "")),
            (&ben, "/issues/?filter=10100", ("not_found", "not_found")),
            (&ben, "/issues/?filter=99999", ("not_found", "not_found")),
            (&ben, "/issues/?filter=-1", ("ready", "")),
            (&ben, "/issues/?filter=-77", ("not_found", "not_found")),
            (&ben, "/issues/?jql=project%20%3D%20TOP", ("not_found", "not_found")),
            (&ana, "/issues/?jql=project%20%3D%20TOP", ("ready", "")),
            (&ana, "/issues/?jql=%28%28", ("not_found", "not_found")),
            (&ben, "/secure/Dashboard.jspa?selectPageId=10200", ("not_found", "not_found")),
            (&ben, "/secure/Dashboard.jspa?selectPageId=10201", ("ready", "")),
            (&ana, "/browse/APP-2?focusedCommentId=10045", ("ready", "")),
            (&ben, "/browse/APP-2?focusedCommentId=10045", ("not_found", "not_found")),
            (&ana, "/browse/TOP-1?focusedCommentId=10044", ("not_found", "not_found")),
            (&ben, "/browse/TOP-1?focusedCommentId=10047", ("not_found", "not_found")),
            (&ben, "/browse/APP-2?focusedWorklogId=10301", ("not_found", "not_found")),
            (&ben, "/secure/attachment/10500/shot%201.png", ("ready", "")),
            (&ben, "/secure/attachment/10502/offer.pdf", ("not_found", "not_found")),
            (&ana, "/servicedesk/customer/portal/3/HELP-1", ("ready", "")),
            (&ben, "/servicedesk/customer/portal/3/APP-2", ("ready", "")),
            (&cleo, "/servicedesk/customer/portal/3/HELP-1", ("not_found", "not_found")),
            (&ana, "/projects/HELP/queues/custom/21", ("ready", "")),
            (&ben, "/projects/HELP/queues/custom/21", ("not_found", "not_found")),
            (&ana, "/servicedesk/customer/portal/3", ("not_found", "not_found")),
        ] {
            let answer = who.one(&town.0.at(path)).await;
            assert_eq!(outcome(&answer), expected, "{} {path}: {answer}", town.0.url());
        }
    }
}

/// A paste of many links: one call for each kind that Jira tells of together, at each site, and one for each straggler.
#[tokio::test]
async fn many_links_of_many_kinds_cost_few_calls() {
    let towns = objects::towns().await;
    let gateway = Gateway::start().await;
    let mut api = None;
    for town in &towns {
        town.0.add_issues((100..130).map(|n| Issue::new(&format!("APP-{n}"), &format!("Number {n}"))));
        api = Some(in_town(&gateway, town, "ana").await);
        town.0.forget_calls();
    }
    let api = api.unwrap();
    let mut urls = Vec::new();
    for town in &towns {
        urls.extend((100..120).map(|n| town.0.at(&format!("/browse/APP-{n}"))));
        urls.extend((118..120).map(|n| town.0.at(&format!("/browse/APP-{n}?src=confmacro"))));
        let others = [
            "/browse/APP-1",
            "/browse/HELP-1",
            "/browse/APP-2?focusedCommentId=10044",
            "/browse/APP-2?focusedCommentId=10045",
            "/browse/TOP-1?focusedCommentId=10047",
            "/browse/APP-2?focusedWorklogId=10300",
            "/browse/APP-2?focusedWorklogId=10301",
            "/browse/APP",
            "/browse/TOP",
            "/browse/APP-900",
        ];
        urls.extend(others.map(|path| town.0.at(path)));
    }
    urls.truncate(100);
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let answers = api.resolve(&urls).await;
    for (url, answer) in urls.iter().zip(&answers) {
        let expected = if url.ends_with("APP-900") { "not_found" } else { "ready" };
        assert_eq!(answer["state"], expected, "{url}: {answer}");
    }
    for town in &towns {
        let calls = town.0.calls();
        let stragglers = match town.0.personality().is_cloud() {
            // Issues, the work of the one epic, comments, work logs, projects.
            true => 5,
            // Issues (once more without the unknown key), the epic, three comments, work logs, two projects.
            false => 9,
        };
        assert_eq!(calls.total, stragglers, "{:?}", calls.by_call);
    }
}

/// Sprint, epic, points, progress and the fields that a person chose, in both forms, alone and together with others.
#[tokio::test]
async fn an_issue_in_full() {
    for town in objects::towns().await {
        let gateway = Gateway::start().await;
        let api = in_town(&gateway, &town, "ana").await;
        let account = gateway.inner.store.accounts().await.unwrap().remove(0);
        let connection = gateway.inner.store.connections(&account.id).await.unwrap().remove(0);
        let chosen = FieldIds::new([f::SEVERITY, f::REGION, f::FREEZE, f::STAKEHOLDERS]);
        assert!(gateway.inner.store.set_card_fields(&account.id, &connection.id, &chosen).await.unwrap());
        gateway.inner.connect.forget_all();
        let cloud = town.0.personality().is_cloud();
        let card = |answer: &Value| drawn(&answer["preview"]);
        let alone = card(&api.one(&town.0.at("/browse/APP-2")).await);
        gateway.inner.unfurl.forget(&connection.id);
        let together = api.resolve(&[&town.0.at("/browse/APP-2"), &town.0.at("/browse/APP-1")]).await;
        assert_eq!(card(&together[0]), alone);
        gateway.inner.unfurl.forget(&connection.id);
        assert_eq!(card(&api.one(&town.0.at("/browse/APP-1")).await), card(&together[1]));
        let parent = if cloud { "APP-1 Payments" } else { "APP-1" };
        let points = if cloud { "\n  customfield_10016 \"Story point estimate\": 5" } else { "" };
        let expected = format!(
            "Pay by card | APP-2 | In Arbeit (in_progress)\n  type \"Type\": Story\n  assignee \"Assignee\": Ana Costa\n  \
             priority \"Priority\": Medium\n  sprint \"Sprint\": Sprint 4, goal=none] [id=9\n  \
             parent \"Parent\": {parent}\n  fix_version \"Fix version\": 2.0\n  \
             progress \"Progress\": 1 of 1 done\n  reporter \"Reporter\": Ben Okafor{points}\n  \
             {} \"Severity\": High\n  {} \"Region\": Europe → Portugal\n  {} \"Code freeze\": 2026-11-28T17:00:00Z\n  \
             {} \"Stakeholders\": Ana Costa, Finn Berg",
            f::SEVERITY,
            f::REGION,
            f::FREEZE,
            f::STAKEHOLDERS
        );
        assert_eq!(alone, expected);
        assert!(card(&together[1]).contains("progress \"Progress\": 0 of 1 done"), "{}", card(&together[1]));
    }
}

/// A gateway of whose settings one project of the town is off.
async fn without(town: &Town, project: &str) -> Gateway {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gateway.toml");
    let site = format!(
        "private_sites = '127.0.0.0/8'\n[[site]]\nurl = '{}'\nname = 'Town'\nblock_projects = ['{project}']\n",
        town.0.url()
    );
    std::fs::write(&file, site).unwrap();
    Gateway::with(&["--config", file.to_str().unwrap()], Clock::system()).await
}

/// A link may call a project by a key that it had once: what it leads to is blocked all the same.
#[tokio::test]
async fn a_former_key_is_no_way_around_a_block() {
    for town in objects::towns().await {
        town.0.change_project("HELP", |project| project.former_keys.push("DESK".to_owned()));
        let gateway = without(&town, "HELP").await;
        let api = in_town(&gateway, &town, "ana").await;
        for path in ["/projects/HELP/queues/custom/21", "/projects/DESK/queues/custom/21", "/browse/DESK"] {
            let answer = api.one(&town.0.at(path)).await;
            assert_eq!(outcome(&answer), ("blocked", "policy"), "{path}: {answer}");
            assert!(!answer.to_string().contains("All open"), "{answer}");
        }
    }
}

/// Also for what a link names by a number alone, so that only Jira tells the project.
#[tokio::test]
async fn what_is_named_by_a_number_alone_is_blocked_with_its_project() {
    for town in objects::towns().await {
        let (mut version, mut component) = (String::new(), String::new());
        town.0.change_project("APP", |app| {
            version = format!("/rest/api/2/version/{}", app.versions[0].id);
            component = format!("/rest/api/2/component/{}", app.components[0].id);
        });
        let gateways = (without(&town, "TOP").await, without(&town, "APP").await);
        let (open, closed) = (in_town(&gateways.0, &town, "ana").await, in_town(&gateways.1, &town, "ana").await);
        for path in [version, component] {
            assert_eq!(outcome(&open.one(&town.0.at(&path)).await), ("ready", ""), "{path}");
            let answer = closed.one(&town.0.at(&path)).await;
            assert_eq!((outcome(&answer), &answer["preview"]), (("blocked", "policy"), &Value::Null), "{path}");
        }
    }
}

/// A portal is a project's, too: only Jira tells which.
#[tokio::test]
async fn a_portal_is_blocked_with_its_project() {
    for town in objects::towns().await {
        let desk = ServiceDesk::new(9, "APP").portal(9).agents(&["ana"]).request_type(91, "Ask the shop");
        town.0.add_service_desk(desk);
        let gateways = (without(&town, "TOP").await, without(&town, "APP").await);
        let (open, closed) = (in_town(&gateways.0, &town, "ana").await, in_town(&gateways.1, &town, "ana").await);
        let portal = town.0.at("/servicedesk/customer/portal/9");
        assert_eq!(outcome(&open.one(&portal).await), ("ready", ""));
        let answer = closed.one(&portal).await;
        assert_eq!((outcome(&answer), &answer["preview"]), (("blocked", "policy"), &Value::Null));
    }
}

/// Where the link names its project, nothing is asked, and nobody is told to connect for it.
#[tokio::test]
async fn what_is_blocked_by_its_link_is_not_asked_for() {
    for town in objects::towns().await {
        let gateway = without(&town, "TOP").await;
        let (ana, stranger) = (in_town(&gateway, &town, "ana").await, gateway.api("stranger").await);
        town.0.forget_calls();
        for path in ["/browse/TOP-1", "/browse/TOP", "/browse/TOP-1?focusedCommentId=10047"] {
            for who in [&ana, &stranger] {
                assert_eq!(outcome(&who.one(&town.0.at(path)).await), ("blocked", "policy"), "{path}");
            }
        }
        assert_eq!(town.0.calls().total, 0);
    }
}

/// What the operator turned off for a project is off for everything that belongs to it, or may.
#[tokio::test]
async fn a_blocked_project_is_blocked_with_all_that_is_in_it() {
    for town in objects::towns().await {
        let gateway = without(&town, "TOP").await;
        let api = in_town(&gateway, &town, "ana").await;
        for path in [
            "/browse/TOP-1",
            "/browse/TOP",
            "/browse/TOP-1?focusedCommentId=10047",
            "/secure/RapidBoard.jspa?rapidView=7",
            "/secure/GHGoToBoard.jspa?sprintId=50",
            "/secure/attachment/10502/offer.pdf",
            // Nothing says where it belongs.
            "/secure/attachment/10500/shot%201.png",
        ] {
            let answer = api.one(&town.0.at(path)).await;
            assert_eq!(outcome(&answer), ("blocked", "policy"), "{path}: {answer}");
            assert!(answer["preview"].is_null() && !answer.to_string().contains("Secret"), "{answer}");
        }
        for path in ["/browse/APP-2", "/secure/RapidBoard.jspa?rapidView=5", "/secure/GHGoToBoard.jspa?sprintId=37"] {
            assert_eq!(outcome(&api.one(&town.0.at(path)).await), ("ready", ""), "{path}");
        }
        let url = town.0.at("/issues/?jql=project%20in%20%28TOP%2C%20APP%29");
        let all = api.get(&format!("/api/v1/resolve?include=html&url={}", encode(&url))).await;
        assert_eq!(all.json()["state"], "ready");
        assert!(all.text.contains("APP-1") && !all.text.contains("Buy the rival"), "{}", all.text);
    }
}

fn encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
