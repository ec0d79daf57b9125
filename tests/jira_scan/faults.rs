//! Answers that are not to be believed (S13 to S15, S27).

use std::time::Duration;

use jira_notion_gateway::jira::Error;
use jira_notion_gateway::jira::scan::{CensusPosition, Filter, Position, ProjectStanding, ScanError, Scope, Standing};

use super::{NOTHING, Site, at, ops};
use crate::world::Fault;

/// Every way to read.
async fn all_ways(site: &Site, scope: &Scope) -> Vec<Result<usize, ScanError>> {
    let full = site.client.scan_page(scope, NOTHING, &Position::full()).await;
    let delta = site.client.scan_page(scope, NOTHING, &site.delta_from(at("2026-11-22T08:00:00Z"))).await;
    let census = site.client.census_page(scope, &CensusPosition::default()).await;
    vec![full.map(|page| page.records.len()), delta.map(|page| page.records.len()), census.map(|page| page.ids.len())]
}

#[tokio::test]
async fn s13_a_project_that_cannot_be_searched_is_never_an_empty_one() {
    for site in Site::both(3).await {
        let wrong_id = Scope::new(99_999, None);
        let refused = Err(ScanError::Configuration(Error::BadQuery));
        assert_eq!(all_ways(&site, &wrong_id).await, vec![refused.clone(); 3]);
        assert_eq!(site.client.project_standing(99_999).await, Ok(ProjectStanding::Hidden));
        let bad_field = Scope::new(10_000, Some(Filter::parse("nonsense = 1").unwrap()));
        assert_eq!(all_ways(&site, &bad_field).await, vec![refused.clone(); 3]);

        site.jira.archive_project("OPS");
        assert_eq!(all_ways(&site, &ops()).await, vec![refused.clone(); 3]);
        let ProjectStanding::Visible(state) = site.client.project_standing(10_000).await.unwrap() else {
            panic!("seen")
        };
        assert!(state.archived && !state.deleted);
        site.jira.restore_project("OPS");
        assert_eq!(all_ways(&site, &ops()).await, vec![Ok(3); 3]);

        site.jira.trash_project("OPS");
        assert_eq!(all_ways(&site, &ops()).await, vec![refused.clone(); 3]);
        let ProjectStanding::Visible(state) = site.client.project_standing(10_000).await.unwrap() else {
            panic!("seen")
        };
        assert!(state.deleted && !state.archived && !state.team_managed);
    }
}

#[tokio::test]
async fn s14_an_answer_that_says_that_it_is_cut_ends_the_run() {
    for site in Site::both(3).await {
        site.jira.fault(Fault::edit(|page| {
            page["warnings"] = serde_json::json!([{"type": "CLAUSE_RESULT_TRUNCATED", "message": "cut"}]);
        }));
        assert!(all_ways(&site, &ops()).await.iter().all(|it| matches!(it, Err(ScanError::Cut(_)))));
        site.jira.heal();
        site.jira.fault(Fault::edit(|page| {
            page["warningMessages"] = serde_json::json!(["The result has been truncated."]);
        }));
        assert!(all_ways(&site, &ops()).await.iter().all(|it| matches!(it, Err(ScanError::Cut(_)))));
        site.jira.heal();
        site.jira.fault(Fault::edit(|page| {
            page["warningMessages"] = serde_json::json!(["The field 'Team' is deprecated."]);
        }));
        assert_eq!(all_ways(&site, &ops()).await, vec![Ok(3); 3], "other warnings are no harm");
    }
}

#[tokio::test]
async fn s15_a_sign_in_page_is_never_an_empty_project() {
    for site in Site::both(3).await {
        for fault in [Fault::SignInPage, Fault::Redirect("https://sso.example/login".into())] {
            site.jira.heal();
            site.jira.fault(fault);
            let refused = ScanError::SignIn(Error::SignInPage);
            assert_eq!(all_ways(&site, &ops()).await, vec![Err(refused.clone()); 3]);
            assert_eq!(site.client.standing(&["10001"], NOTHING).await, Err(refused.clone()));
            assert_eq!(site.client.project_standing(10_000).await, Err(refused));
        }
    }
}

/// A token that was revoked sees what a stranger sees.
#[tokio::test]
async fn s15_a_stranger_who_sees_nothing_is_not_believed() {
    for degraded in [false, true] {
        for site in Site::both(3).await {
            site.jira.set_anonymous_degradation(degraded);
            site.jira.change_person("ana", |ana| {
                ana.api_tokens.clear();
                ana.access_tokens.clear();
            });
            for answer in all_ways(&site, &ops()).await {
                assert_eq!(answer, Err(ScanError::SignIn(Error::BadCredentials)), "{degraded}");
            }
            let signed_out = ScanError::SignIn(Error::BadCredentials);
            assert_eq!(site.client.standing(&["10001"], NOTHING).await, Err(signed_out.clone()));
            assert_eq!(site.client.project_standing(10_000).await, Err(signed_out));
        }
    }
}

#[tokio::test]
async fn s27_a_cut_answer_is_asked_again_for_half_as_many() {
    for site in Site::both(150).await {
        for fault in [Fault::Truncated, Fault::MalformedJson, Fault::Huge(9_000_000)] {
            let before = site.requests();
            site.jira.heal();
            site.jira.fault_times(1, "search", fault);
            let walk = site.full().await;
            assert_eq!(walk.ids(), site.ids());
            assert_eq!(walk.pages, [50, 100], "half as many once, and soon as many again");
            assert_eq!(site.requests() - before, 3);
        }
        // As small as it takes: four times too large.
        site.jira.heal();
        site.jira.fault_times(4, "search", Fault::Huge(9_000_000));
        let walk = site.full().await;
        assert_eq!((walk.ids(), walk.pages.first()), (site.ids(), Some(&6)));
        // Census and single issues, too.
        site.jira.heal();
        site.jira.fault_times(2, "search", Fault::MalformedJson);
        assert_eq!(site.census().await, site.ids());
        let ids: Vec<String> = site.ids().into_iter().collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        site.jira.fault_times(1, if site.is_cloud() { "bulkfetch" } else { "search" }, Fault::MalformedJson);
        let standing = site.client.standing(&ids, NOTHING).await.unwrap();
        assert!(standing.iter().all(|(_, standing)| matches!(standing, Standing::Found(_))));
    }
}

/// One issue that no answer can hold must not stop all others.
#[tokio::test]
async fn s27_an_issue_that_is_too_large_comes_without_its_fields() {
    let [_, site] = Site::both(3).await;
    site.jira.change_issue("OPS-2", |issue| issue.summary = "x".repeat(8_500_000));
    let walk = site.full().await;
    let told: Vec<(&str, bool)> = walk.records.iter().map(|it| (it.key.as_str(), it.oversized)).collect();
    assert_eq!(told, [("OPS-1", false), ("OPS-2", true), ("OPS-3", false)]);
    assert!(walk.records[1].fields.is_empty());
}

#[tokio::test]
async fn what_passes_is_to_be_asked_for_later() {
    for site in Site::both(3).await {
        site.jira.fault(Fault::too_many("7"));
        let page = site.page(&Position::full()).await;
        assert!(matches!(page, Err(ScanError::Later { wait: Some(wait), .. }) if wait == Duration::from_secs(7)));
        site.jira.heal();
        site.jira.fault(Fault::status(500));
        let page = site.page(&Position::full()).await;
        assert_eq!(page.unwrap_err(), ScanError::Later { wait: None, why: Error::Upstream(500) });
        site.jira.heal();
        let before = site.requests();
        site.jira.fault_times(1, "search", Fault::Close);
        assert_eq!(site.full().await.ids(), site.ids(), "a line that was cut is tried once more");
        assert_eq!(site.requests() - before, 2);
    }
}
