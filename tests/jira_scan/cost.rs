//! What a walk costs (synced-database §7): the floor, and nothing above it.

use super::{Site, at, minutes, seconds};
use crate::world::{FakeJira, Personality};

const SEARCHES: [&str; 2] = ["POST /rest/api/3/search/jql", "POST /rest/api/2/search"];

fn searches(jira: &FakeJira) -> usize {
    SEARCHES.iter().map(|call| jira.calls().of(call)).sum()
}

#[tokio::test]
async fn a_full_walk_asks_once_for_a_hundred_issues_and_never_for_an_empty_page() {
    for (count, requests) in [(0, 1), (1, 1), (99, 1), (100, 1), (101, 2), (250, 3), (300, 3)] {
        for site in Site::both(count).await {
            let walk = site.full().await;
            assert_eq!((walk.records.len(), walk.requests), (count, requests), "{count} {}", site.is_cloud());
            assert_eq!(walk.ids(), site.ids());
            assert_eq!(searches(&site.jira), requests, "nothing else was asked");
        }
    }
}

#[tokio::test]
async fn an_idle_cycle_is_one_request() {
    for site in Site::both(250).await {
        let full = site.full().await;
        site.jira.advance(minutes(5));
        let first = site.delta(full.watermark.unwrap()).await;
        assert_eq!(first.requests, 1);
        for _ in 0..3 {
            site.jira.advance(minutes(5));
            let idle = site.delta(first.watermark.unwrap()).await;
            assert_eq!((idle.requests, idle.watermark), (1, first.watermark));
            assert!(idle.records.len() <= 10, "no more than the overlap: {}", idle.records.len());
        }
    }
}

/// Changes a second apart, so that a minute holds sixty of them.
#[tokio::test]
async fn changes_cost_a_request_for_a_hundred_of_them() {
    for site in Site::both(450).await {
        let full = site.full().await;
        for number in 1..=400 {
            site.jira.advance(seconds(1));
            site.jira.edit_issue(&format!("OPS-{number}"), |issue| issue.summary.push('!'));
        }
        site.jira.advance(minutes(15));
        let delta = site.delta(full.watermark.unwrap()).await;
        assert!(delta.ids().len() >= 400);
        let repeats = delta.records.len() - delta.ids().len();
        assert!(repeats == 0 || !site.is_cloud());
        // Data Center begins each page again at a whole minute, and may ask once for the zone.
        let floor = delta.ids().len().div_ceil(100);
        let most = if site.is_cloud() { floor } else { 2 * floor + 3 };
        assert!(delta.requests <= most, "{} requests for {} rows", delta.requests, delta.records.len());
    }
}

#[tokio::test]
async fn s58_a_census_is_one_request_for_five_thousand_ids_or_a_thousand() {
    for (count, cloud, center) in [(0, 1, 1), (1_000, 1, 1), (5_000, 1, 5), (5_001, 2, 6)] {
        for site in Site::both(count).await {
            let before = site.requests();
            assert_eq!(site.census().await, site.ids(), "{count}");
            let requests = if site.is_cloud() { cloud } else { center };
            assert_eq!(site.requests() - before, requests, "{count} {}", site.is_cloud());
        }
    }
}

#[tokio::test]
async fn all_fields_and_the_project_cost_a_request_each() {
    for site in Site::both(1).await {
        let fields = site.client.field_list().await.unwrap();
        let labels = fields.iter().find(|field| field.id == "labels").unwrap();
        assert_eq!(
            (labels.system.as_deref(), labels.items.as_deref(), labels.custom),
            (Some("labels"), Some("string"), false)
        );
        let platforms = fields.iter().find(|field| field.name == "Platforms").unwrap();
        assert_eq!(
            (platforms.system.as_deref(), platforms.items.as_deref(), platforms.custom),
            (None, Some("option"), true)
        );
        site.client.project_standing(10_000).await.unwrap();
        assert_eq!(site.requests(), 2);
    }
}

/// Tens of thousands of issues with all their fields are a matter of seconds for the simulated Jira, too.
#[tokio::test]
async fn a_large_project_is_read_to_its_end() {
    for personality in [Personality::cloud(), Personality::data_center()] {
        let site = Site::start(personality).await;
        site.jira.add_many("OPS", 20_000);
        assert_eq!(site.census().await.len(), 20_000);
        let changed = site.delta(at("2026-11-22T00:00:00Z")).await;
        let expected = site.jira.issues().iter().filter(|it| it.updated >= at("2026-11-22T00:00:00Z")).count();
        assert!(changed.ids().len() >= expected && expected > 500, "{} of {expected}", changed.ids().len());
    }
}
