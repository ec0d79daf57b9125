//! What a record is: the fields that were named, whole lists, in any language, of this project only (S1, S11, S12, S16,
//! S18, S20).

use std::collections::BTreeSet;

use jira_notion_gateway::jira::scan::{Filter, Position, ProjectStanding, Scope, Standing};
use serde_json::{Value, json};

use super::{NOTHING, Site, minutes, ops};
use crate::world::jira::{BLOCKS, Comment, Worklog};
use crate::world::{Issue, Personality, Project};

#[tokio::test]
async fn s1_an_issue_is_its_id_wherever_it_goes() {
    for site in Site::both(5).await {
        let before = site.full().await;
        site.jira.move_issue("OPS-3", "HR-1");
        assert_eq!(site.full().await.ids().len(), 4);
        site.jira.move_issue("HR-1", "OPS-6");
        let after = site.full().await;
        assert_eq!(after.ids(), before.ids());
        assert!(after.keys().contains("OPS-6"));
    }
}

#[tokio::test]
async fn s11_only_named_fields_come() {
    for site in Site::both(1).await {
        site.jira.change_issue("OPS-1", |issue| issue.labels = vec!["a".into()]);
        for (fields, expected) in [
            (NOTHING, json!({})),
            (&["labels", "no_such_field"], json!({"labels": ["a"]})),
            (&["summary", "duedate"], json!({"summary": "Issue 1", "duedate": null})),
        ] {
            let page = site.client.scan_page(&ops(), fields, &Position::full()).await.unwrap();
            assert_eq!(Value::Object(page.records[0].fields.clone()), expected);
            assert_eq!(page.records[0].project_id, "10000");
        }
        let page = site.client.scan_page(&ops(), &["updated", "project"], &Position::full()).await.unwrap();
        assert_eq!(page.records[0].fields["project"]["key"], "OPS", "what was named is kept");
        let asked: Vec<Value> =
            site.jira.log().iter().filter_map(|it| serde_json::from_slice(&it.asked.body).ok()).collect();
        assert!(asked.iter().all(|body: &Value| body["fields"].as_array().is_some_and(|fields| !fields.is_empty())));
    }
}

#[tokio::test]
async fn s12_lists_that_a_search_cuts_are_completed() {
    for site in Site::both(2).await {
        site.jira.change_issue("OPS-1", |issue| {
            issue.comments = (0..150).map(|id| Comment::new(1_000 + id, "ben", "Yes.")).collect();
            issue.worklogs = (0..25).map(|id| Worklog::new(2_000 + id, "ben", 30)).collect();
        });
        let page = site.client.scan_page(&ops(), &["comment", "worklog"], &Position::full()).await.unwrap();
        let [mut long, mut short] = <[_; 2]>::try_from(page.records).unwrap();
        let count = |value: &Value| value.as_array().unwrap().len();
        assert_eq!(count(&long.fields["comment"]["comments"]), 20);
        let before = site.requests();
        site.client.complete(&mut long).await.unwrap();
        assert_eq!(site.requests() - before, 3, "130 comments, 5 work logs");
        site.client.complete(&mut short).await.unwrap();
        assert_eq!(site.requests() - before, 3, "nothing was missing");
        let ids = |list: &Value| -> BTreeSet<String> {
            list.as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(ids(&long.fields["comment"]["comments"]).len(), 150);
        assert_eq!(ids(&long.fields["worklog"]["worklogs"]).len(), 25);
    }
}

#[tokio::test]
async fn s16_a_renamed_project_is_the_same_project() {
    for site in Site::both(250).await {
        let before = site.full().await;
        let first = site.page(&Position::full()).await.unwrap();
        site.jira.rename_project("OPS", "PLATFORM");
        let ProjectStanding::Visible(state) = site.client.project_standing(10_000).await.unwrap() else {
            panic!("seen")
        };
        assert_eq!((state.key.as_str(), state.name.as_str(), state.id.as_str()), ("PLATFORM", "Operations", "10000"));
        // Also in the middle of a walk.
        let rest = site.walk(first.next.unwrap()).await.unwrap();
        assert!(rest.ids().len() >= 150);
        let all = first.records.into_iter().map(|record| record.id).chain(rest.ids());
        assert_eq!(all.collect::<BTreeSet<_>>(), before.ids());
        let after = site.full().await;
        assert_eq!(after.ids(), before.ids());
        assert!(after.records.iter().all(|record| record.key.starts_with("PLATFORM-")));
        site.jira.advance(minutes(30));
        assert_eq!(
            site.delta(before.watermark.unwrap() + minutes(20)).await.records.len(),
            0,
            "`updated` has not moved"
        );
    }
}

#[tokio::test]
async fn s20_the_language_of_the_profile_changes_nothing() {
    for site in Site::both(2).await {
        let all = ["summary", "status", "issuetype", "priority", "resolution"];
        let read = async || {
            let page = site.client.scan_page(&ops(), &all, &Position::full()).await.unwrap();
            (page.records, site.client.field_list().await.unwrap())
        };
        let english = read().await;
        site.jira.change_person("ana", |ana| ana.locale = "de_DE".into());
        assert_eq!(read().await, english);
        let fields = &english.1;
        assert!(fields.iter().any(|field| field.id == "priority" && field.name == "Priority"));
    }
}

#[tokio::test]
async fn records_of_another_project_never_come_out() {
    for site in Site::both(3).await {
        site.jira.add_issue(Issue::new("HR-1", "Salaries"));
        // Whatever a person writes, it stays within the project.
        for filter in ["project = HR", "project = HR OR summary ~ Salaries", "id in (HR-1, OPS-2)"] {
            let scope = Scope::new(10_000, Some(Filter::parse(filter).unwrap()));
            let page = site.client.scan_page(&scope, NOTHING, &Position::full()).await.unwrap();
            assert!(page.records.iter().all(|record| record.key.starts_with("OPS-")), "{filter}");
        }
        let scope = Scope::new(10_000, Some(Filter::parse("summary ~ \"Issue 2\" OR summary ~ \"Issue 3\"").unwrap()));
        let page = site.client.scan_page(&scope, NOTHING, &Position::full()).await.unwrap();
        assert_eq!(page.records.len(), 2);
        // Nor does Jira's own mistake.
        site.jira
            .fault(crate::world::Fault::edit(|page| page["issues"][0]["fields"]["project"]["id"] = "10001".into()));
        let page = site.client.scan_page(&scope, NOTHING, &Position::full()).await.unwrap();
        assert_eq!(page.records.len(), 1);
    }
}

/// All that the simulated Jira can say of an issue passes unchanged.
#[tokio::test]
async fn every_field_of_a_lifelike_project_comes_through() {
    for personality in [Personality::cloud(), Personality::data_center()] {
        let site = Site::start(personality).await;
        site.jira.add_project(Project::new("LIFE", "Lifelike"));
        site.jira.add_many("LIFE", 200);
        site.jira.link(BLOCKS, "LIFE-1", "LIFE-2");
        let fields = site.client.field_list().await.unwrap();
        let names: Vec<&str> = fields.iter().map(|field| field.id.as_str()).collect();
        let scope = Scope::new(10_002, None);
        let page = site.client.scan_page(&scope, &names, &Position::full()).await.unwrap();
        assert_eq!(page.records.len(), 100);
        let filled =
            |name: &str| page.records.iter().filter(|it| it.fields.get(name).is_some_and(|it| !is_empty(it))).count();
        for name in
            ["description", "labels", "issuelinks", "fixVersions", "components", "subtasks", "duedate", "comment"]
        {
            assert!(filled(name) > 0, "{name}");
        }
        let custom =
            names.iter().filter(|name| name.starts_with("customfield_1020") || name.starts_with("customfield_1021"));
        for name in custom.filter(|name| **name != "customfield_10201") {
            assert!(filled(name) > 0, "{name}");
        }
        let one = &page.records[42];
        let alone = site.client.standing(&[one.id.as_str()], &names).await.unwrap();
        let [(_, Standing::Found(alone))] = alone.as_slice() else { panic!("it is there") };
        assert_eq!(alone, one);
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.get("total").is_some_and(|total| total == 0),
        _ => false,
    }
}
