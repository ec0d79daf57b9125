//! The fake's objects have no member that recorded ones lack, where recordings lie beside the project.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::super::described::paths;
use super::{dc, town};
use crate::world::Personality;

/// The members of all objects in a recording: one JSON value, or one on each line.
fn recorded(file: &str) -> Option<BTreeSet<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures/jira").join(file);
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: the recorded answers of Jira are not beside the project");
        return None;
    };
    let mut all = BTreeSet::new();
    if file.ends_with(".jsonl") {
        text.lines().for_each(|line| paths(&serde_json::from_str(line).unwrap(), "", &mut all));
    } else {
        paths(&serde_json::from_str::<Value>(&text).unwrap(), "", &mut all);
    }
    Some(all)
}

#[tokio::test]
async fn objects_have_no_member_that_real_ones_lack() {
    let cloud = town(Personality::cloud()).await;
    let plant = town(dc()).await;
    let old = town(dc().version("7.13.0")).await;
    let two = |path: &str| format!("/rest/api/2/{path}");
    let agile = |path: &str| format!("/rest/agile/1.0/{path}");
    let desk = |path: &str| format!("/rest/servicedeskapi/{path}");
    let component = plant.api("ana", "project/APP").await.json()["components"][0]["id"].as_str().unwrap().to_owned();
    for (town, call, file, more) in [
        (&cloud, agile("sprint/36"), "cloud-v2-devlake/sprints.jsonl", &[][..]),
        (&old, agile("board"), "server-gojira/all_boards.json", &[]),
        // That board had no sprints, so that nothing was estimated there.
        (&cloud, agile("board/5/configuration"), "cloud-v2-jirametrics/board_1_configuration.json", &[".estimation"]),
        (&cloud, agile("board/6/configuration"), "cloud-v2-jirametrics/board_1_configuration.json", &[]),
        (&cloud, two("issue/APP-2/worklog/10300"), "cloud-v2-devlake/worklogs.jsonl", &[]),
        // The author's own address is shown to the author.
        (
            &plant,
            two("issue/APP-2/comment/10045"),
            "server8-misc/lesstif-comment.json",
            &[".updateAuthor.emailAddress"],
        ),
        (&plant, two("attachment/10500"), "server-jrjc/attachment-valid.json", USERS_SINCE),
        (&plant, two("filter/10101"), "server-jrjc/filter-valid-with-shares.json", USERS_SINCE),
        // That component had no description.
        (
            &plant,
            two(&format!("component/{component}")),
            "server-gojira/component_get.json",
            &[".lead", ".description"],
        ),
        (&cloud, two("field"), "cloud-v3-bitovi/fields.json", &[]),
        (&plant, two("field"), "dc-misc/devlake-fields.jsonl", &[".schema.items", ".schema.system"]),
        // Told since then: the summary, links for agents and the API.
        (&cloud, desk("request/HELP-1"), "jsm/customer_request_created.json", &[".summary", "._links", ".reporter"]),
        (&cloud, desk("servicedesk"), "jsm/list_service_desks.json", &[]),
        // Documented, but younger than the recording.
        (&cloud, desk("servicedesk/3/requesttype"), "jsm/request_types.json", &[".values.portalId"]),
    ] {
        let Some(real) = recorded(file) else { return };
        let reply = town.get("ana", &call).await;
        assert_eq!(reply.status, 200, "{call}");
        let mut own = BTreeSet::new();
        paths(&reply.json(), "", &mut own);
        assert!(!own.is_empty(), "{call}");
        let invented: Vec<_> =
            own.difference(&real).filter(|it| !more.iter().any(|known| it.starts_with(known))).collect();
        assert!(invented.is_empty(), "{call}: {invented:#?}");
    }
}

/// People in recordings of the old server are shorter; issues show what they look like since.
const USERS_SINCE: &[&str] = &[".author", ".owner", ".lead", ".sharePermissions.id", ".subscriptions"];

#[tokio::test]
async fn texts_of_sprints_have_the_members_of_their_time() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures/jira/dc-misc/sprint-strings.jsonl");
    let Ok(text) = std::fs::read_to_string(file) else {
        eprintln!("skipped: the recorded answers of Jira are not beside the project");
        return;
    };
    let members = |text: &str| -> Vec<String> {
        let (_, inner) = text.split_once('[').unwrap();
        inner.split(',').filter_map(|part| Some(part.split_once('=')?.0.to_owned())).collect()
    };
    for (version, era) in [("7.13.0", "2018, Server 7"), ("8.20.8", "2020, Server 8"), ("10.3.19", "2024-26")] {
        let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let real = lines.find(|it| it["era"].as_str().unwrap().starts_with(era)).unwrap();
        let plant = town(dc().version(version)).await;
        let issue = plant.api("ana", "issue/APP-2?fields=customfield_10104").await.json();
        let own = issue["fields"]["customfield_10104"][0].as_str().unwrap();
        assert!(own.contains("name=Sprint 3,"), "one whose name has no comma: {own}");
        // The goal of the first sprint is empty.
        assert_eq!(members(own), members(real["value"].as_str().unwrap()), "{version}");
    }
}
