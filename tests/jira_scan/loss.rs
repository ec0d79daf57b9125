//! Issues that are no longer where they were: the decision table of synced-database §5, as far as Jira decides it.

use jira_notion_gateway::jira::scan::{ProjectStanding, Standing};

use super::{NOTHING, Site, client};
use crate::world::Issue;

async fn standing(site: &Site, ids: &[&str]) -> Vec<String> {
    let told = site.client.standing(ids, NOTHING).await.unwrap();
    assert_eq!(told.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ids, "in the order of the question");
    let word = |standing: Standing| match standing {
        Standing::Found(record) => format!("{} of {}", record.key, record.project_id),
        Standing::Unknown => "unknown".to_owned(),
        Standing::Missing => "missing".to_owned(),
    };
    told.into_iter().map(|(_, standing)| word(standing)).collect()
}

#[tokio::test]
async fn s59_absence_from_a_search_is_not_deletion() {
    for site in Site::both(6).await {
        let ids: Vec<String> = (1..=6).map(|number| site.id(&format!("OPS-{number}"))).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        site.jira.move_issue("OPS-2", "HR-1");
        site.jira.change_issue("OPS-3", |issue| issue.archived = true);
        site.jira.remove_issue("OPS-4");
        site.jira.change_issue("OPS-5", |issue| issue.security = Some(("Board".into(), Vec::new())));
        assert_eq!(site.census().await.len(), 2, "four are missing in the search");
        let expected = ["OPS-1 of 10000", "HR-1 of 10001", "OPS-3 of 10000", "missing", "missing", "OPS-6 of 10000"];
        let before = site.requests();
        assert_eq!(standing(&site, &ids).await, expected);
        // The search of Data Center finds three; the others are asked for alone, and then who we are.
        assert_eq!(site.requests() - before, if site.is_cloud() { 1 } else { 5 });
    }
}

#[tokio::test]
async fn s59_what_the_bulk_call_cannot_say_is_unknown() {
    let [site, _] = Site::both(150).await;
    for number in 1..=5 {
        site.jira.set_bulk_error(&format!("OPS-{number}"), "try again");
    }
    let ids: Vec<String> = site.ids().into_iter().collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).chain(["424242"]).collect();
    let before = site.requests();
    let told = standing(&site, &ids).await;
    assert_eq!(site.requests() - before, 2);
    let count = |word: &str| told.iter().filter(|it| *it == word).count();
    assert_eq!((count("unknown"), count("missing")), (5, 1));
}

/// The search does not know of a new issue yet: it is there all the same.
#[tokio::test]
async fn s60_a_gap_of_the_index_is_no_loss() {
    for site in Site::both(3).await {
        site.jira.set_index_lag(90);
        site.jira.add_issue(Issue::new("OPS-4", "New"));
        let id = site.id("OPS-4");
        assert!(!site.census().await.contains(&id));
        assert_eq!(standing(&site, &[id.as_str()]).await, ["OPS-4 of 10000"]);
        site.jira.advance(super::seconds(91));
        assert!(site.census().await.contains(&id));
    }
}

#[tokio::test]
async fn s61_a_permission_that_is_gone_is_told_from_a_deletion() {
    for site in Site::both(3).await {
        let ids: Vec<String> = site.ids().into_iter().collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        site.jira.change_project("OPS", |project| {
            project.browse = crate::world::jira::Browse::Groups(vec!["board".into()]);
        });
        assert_eq!(standing(&site, &ids).await, ["missing"; 3]);
        assert_eq!(
            site.client.project_standing(10_000).await,
            Ok(ProjectStanding::Hidden),
            "this makes the difference"
        );
        site.client.myself().await.unwrap();
    }
}

#[tokio::test]
async fn a_project_says_what_it_is() {
    for site in Site::both(1).await {
        site.jira.change_project("OPS", |project| project.team_managed = true);
        let ProjectStanding::Visible(state) = site.client.project_standing(10_000).await.unwrap() else {
            panic!("seen")
        };
        assert_eq!((state.key.as_str(), state.team_managed), ("OPS", site.is_cloud()), "Cloud has such projects");
    }
}

#[tokio::test]
async fn s63_what_comes_back_has_its_old_id() {
    for site in Site::both(3).await {
        let before = site.census().await;
        site.jira.archive_project("OPS");
        let id = site.id("OPS-1");
        assert_eq!(standing(&site, &[id.as_str()]).await, ["OPS-1 of 10000"], "an archived issue is still there");
        site.jira.trash_project("OPS");
        assert_eq!(standing(&site, &[id.as_str()]).await, ["missing"], "one in the trash is not");
        site.jira.restore_project("OPS");
        assert_eq!(site.census().await, before);
    }
}

/// Whatever an event says, the id is asked for.
#[tokio::test]
async fn s64_an_event_is_only_a_hint() {
    for site in Site::both(2).await {
        let (here, gone) = (site.id("OPS-1"), site.id("OPS-2"));
        site.jira.remove_issue("OPS-2");
        for _ in 0..2 {
            assert_eq!(
                standing(&site, &[here.as_str(), gone.as_str(), "1"]).await,
                ["OPS-1 of 10000", "missing", "missing"]
            );
        }
        assert!(site.client.standing(&[], NOTHING).await.unwrap().is_empty());
    }
}

/// Another owner sees other issues (S21): what each may see is asked with their own token.
#[tokio::test]
async fn s21_each_viewer_has_a_census_of_their_own() {
    for site in Site::both(3).await {
        site.jira.change_issue("OPS-2", |issue| issue.security = Some(("Board".into(), vec!["ana".into()])));
        let ben = client(&site.jira, site.is_cloud(), "ben");
        let of_ben = ben.census_page(&super::ops(), &Default::default()).await.unwrap().ids;
        assert_eq!((site.census().await.len(), of_ben.len()), (3, 2));
    }
}
