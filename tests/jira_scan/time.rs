//! Instants, watermarks and what happens between two cycles (S2 to S6, S26).

use jiff::tz::{Disambiguation, TimeZone};
use jiff::{SignedDuration, Timestamp};
use jira_notion_gateway::jira::scan::{Position, TimeForm};

use super::{OVERLAP, Site, at, minutes, seconds};
use crate::world::jira::Tokens;
use crate::world::{Issue, Personality};

/// A literal in the wrong zone would bring too much or too little.
#[tokio::test]
async fn s2_every_form_in_every_zone_finds_the_same_changes() {
    let moments = [
        "2026-11-22T10:00:00Z",
        // The clocks of Berlin are set back at 01:00 UTC: 02:30 comes twice.
        "2026-10-25T00:31:00Z",
        "2026-10-25T01:31:00Z",
        // And forward: 02:30 never comes.
        "2026-03-29T01:10:00Z",
    ];
    let zones =
        ["Pacific/Pago_Pago", "Asia/Kathmandu", "Pacific/Kiritimati", "Europe/Berlin", "Australia/Lord_Howe", "UTC"];
    for personality in [Personality::cloud(), Personality::data_center()] {
        let site = Site::start(personality.now(at("2026-03-28T00:00:00Z"))).await;
        site.fill(5);
        for moment in moments.map(at) {
            site.jira.set_time(moment + minutes(60));
            for number in 1..=5 {
                let updated = moment + minutes(i64::from(number) - 3);
                site.jira.change_issue(&format!("OPS-{number}"), |issue| issue.updated = updated);
            }
            for zone in zones {
                site.jira.change_person("ana", |ana| ana.time_zone = zone.into());
                let told = site.client.myself().await.unwrap().time_zone.unwrap();
                assert_eq!(told, zone);
                for doubt in [Disambiguation::Earlier, Disambiguation::Later] {
                    site.jira.set_dates(doubt, true);
                    for form in [TimeForm::Relative, TimeForm::zone(&told).unwrap(), TimeForm::Millis] {
                        let start = Position::delta(moment + minutes(2), minutes(2), form.clone(), site.jira.now());
                        let walk = site.walk(start).await.unwrap();
                        let all = ["OPS-3", "OPS-4", "OPS-5"];
                        assert!(all.iter().all(|key| walk.keys().contains(key)), "{moment} {form:?} {:?}", walk.keys());
                        assert_eq!(walk.requests, 1);
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn s2_milliseconds_are_used_where_they_are_proved() {
    for site in Site::both(3).await {
        assert!(site.client.takes_millis(&super::ops()).await.unwrap());
        site.jira.set_dates(Disambiguation::Compatible, false);
        assert!(!site.client.takes_millis(&super::ops()).await.unwrap());
        let refused = site.walk(Position::delta(site.jira.now(), OVERLAP, TimeForm::Millis, site.jira.now())).await;
        assert!(refused.is_err());
    }
    for site in Site::both(0).await {
        assert!(!site.client.takes_millis(&super::ops()).await.unwrap(), "an empty project proves nothing");
    }
}

#[tokio::test]
async fn s3_an_issue_that_is_always_changing_is_in_every_cycle() {
    for site in Site::both(5).await {
        let mut watermark = site.full().await.watermark.unwrap();
        for cycle in 0..6 {
            for _ in 0..20 {
                site.jira.advance(seconds(16));
                site.jira.edit_issue("OPS-1", |issue| issue.summary.push('.'));
            }
            let delta = site.delta(watermark).await;
            let newest = delta.records.iter().find(|record| record.key == "OPS-1").expect("it changed");
            assert_eq!(newest.updated, site.jira.now(), "{cycle}");
            watermark = delta.watermark.unwrap();
            assert_eq!(watermark, newest.updated);
        }
    }
}

/// What the gateway thinks the time is at Jira only costs a request when it is wrong.
#[tokio::test]
async fn s4_a_wrong_clock_here_loses_nothing() {
    for site in Site::both(300).await {
        let full = site.full().await;
        site.jira.advance(minutes(30));
        site.jira.edit_issue("OPS-7", |issue| issue.summary = "Changed".into());
        site.jira.advance(minutes(20));
        for (wrong, requests) in [(0, 1), (3 * 60, 1), (-3 * 60, 2)] {
            let now = site.jira.now() + minutes(wrong);
            let start = Position::delta(full.watermark.unwrap(), OVERLAP, TimeForm::Relative, now);
            let delta = site.walk(start).await.unwrap();
            assert!(delta.keys().contains("OPS-7"), "{wrong}");
            // A clock that is ahead brings more than was needed.
            let pages = delta.records.len().div_ceil(100).max(1);
            assert!(delta.requests <= requests + pages + 1, "{wrong}: {}", delta.requests);
            assert_eq!(delta.watermark.unwrap(), site.jira.now() - minutes(20));
        }
    }
}

#[tokio::test]
async fn s4_what_changes_during_a_walk_is_the_next_ones() {
    for site in Site::both(250).await {
        let start = site.jira.now();
        let mut page = 0;
        let full = site
            .walk_while(Position::full(), |_| {
                page += 1;
                site.jira.advance(minutes(10));
                site.jira.edit_issue(&format!("OPS-{page}"), |issue| issue.summary = "Changed meanwhile".into());
            })
            .await
            .unwrap();
        assert_eq!(full.ids(), site.ids());
        assert_eq!(full.watermark, Some(start), "a full walk vouches for no change after its beginning");
        let delta = site.delta(full.watermark.unwrap()).await;
        let changed: Vec<String> = (1..=page).map(|number| format!("OPS-{number}")).collect();
        assert!(changed.iter().all(|key| delta.keys().contains(key.as_str())), "{:?}", delta.keys());
    }
}

/// The search is a minute and a half behind; the overlap is three minutes.
#[tokio::test]
async fn s5_an_index_that_lags_loses_no_change() {
    for site in Site::both(40).await {
        let mut watermark = site.full().await.watermark.unwrap();
        site.jira.set_index_lag(90);
        let mut seen = std::collections::BTreeMap::new();
        for cycle in 0..8 {
            for step in 1..=5 {
                site.jira.advance(seconds(37));
                site.jira.edit_issue(&format!("OPS-{}", cycle * 5 + step), |issue| issue.summary = "Changed".into());
            }
            let delta = site.delta(watermark).await;
            watermark = delta.watermark.unwrap();
            seen.extend(delta.records.into_iter().map(|record| (record.id, record.updated)));
        }
        site.jira.advance(minutes(5));
        let last = site.delta(watermark).await;
        seen.extend(last.records.into_iter().map(|record| (record.id, record.updated)));
        for issue in site.jira.issues() {
            assert_eq!(seen.get(&issue.id), Some(&issue.updated), "{}", issue.key);
        }
    }
}

/// Pages of an index that lags show issues at places that are not theirs any more: by what such an issue says of itself,
/// a walk would jump over all that stands between.
#[tokio::test]
async fn s5_a_page_vouches_only_for_what_is_at_rest() {
    for site in Site::both(0).await {
        let now = site.jira.now();
        let issue = |at: i64| {
            let then = now - minutes(400 - at);
            Issue::new(&format!("OPS-{at}"), "x").created(then).updated(then)
        };
        site.jira.add_issues((1..=350).map(issue));
        site.jira.set_index_lag(90);
        // The last ones of the first page have just been changed, and the search does not know.
        for number in 91..=100 {
            site.jira.edit_issue(&format!("OPS-{number}"), |issue| issue.summary = "Just now".into());
        }
        let first = site.page(&site.delta_from(now - minutes(500))).await.unwrap();
        assert_eq!(first.records.len(), 100);
        assert_eq!(first.watermark, Some(now - minutes(400 - 90)));
        let rest = site.walk(first.next.unwrap()).await.unwrap();
        let mut all = rest.ids();
        all.extend(first.records.into_iter().map(|record| record.id));
        assert_eq!(all, site.ids(), "nothing is jumped over");
    }
}

#[tokio::test]
async fn s6_changes_during_a_walk_hide_no_issue_whatever_page_tokens_are() {
    for tokens in [Tokens::Place, Tokens::List] {
        for site in Site::both(450).await {
            site.jira.set_page_tokens(tokens);
            let everything = site.ids();
            let touch = |page: usize| {
                site.jira.advance(seconds(2));
                for number in
                    [page, page * 100, page * 100 + 1, 450 - page].into_iter().filter(|it| (1..=450).contains(it))
                {
                    site.jira.edit_issue(&format!("OPS-{number}"), |issue| issue.summary.push('!'));
                }
            };
            let full = site.walk_while(Position::full(), touch).await.unwrap();
            assert_eq!(full.ids(), everything, "{tokens:?}");
            let start = site.delta_from(site.jira.now() - minutes(600));
            let delta = site.walk_while(start, touch).await.unwrap();
            assert_eq!(delta.ids(), everything, "{tokens:?}");
        }
    }
}

#[tokio::test]
async fn s26_an_issue_that_becomes_visible_is_found_by_the_census_alone() {
    for site in Site::both(3).await {
        let full = site.full().await;
        site.jira.change_issue("OPS-2", |issue| issue.security = Some(("Board".into(), vec!["ben".into()])));
        assert_eq!(site.census().await.len(), 2);
        site.jira.advance(minutes(60));
        site.jira.change_issue("OPS-2", |issue| issue.security = None);
        let delta = site.delta(full.watermark.unwrap() + minutes(30)).await;
        assert!(!delta.keys().contains("OPS-2"), "`updated` has not moved");
        assert!(site.census().await.contains(&site.id("OPS-2")));
    }
}

/// A relative bound moves while pages follow each other: a slow Jira costs repeats, and no change.
#[tokio::test]
async fn s2_a_bound_that_moves_is_watched() {
    for site in Site::both(450).await {
        let full = site.full().await;
        site.jira.advance(minutes(60));
        (1..=450).for_each(|number| site.jira.edit_issue(&format!("OPS-{number}"), |issue| issue.summary.push('!')));
        let everything = site.ids();
        let start =
            Position::delta(full.watermark.unwrap() + minutes(59), OVERLAP, TimeForm::Relative, site.jira.now());
        // All have just changed, and a page takes a minute and a half.
        let walk = site.walk_while(start, |_| site.jira.advance(seconds(90))).await.unwrap();
        assert_eq!(walk.ids(), everything);
        assert!(walk.requests <= 15, "{} requests", walk.requests);
        let next = site.delta(walk.watermark.unwrap()).await;
        // A crowd on Data Center: a page that leads nowhere, the zone, five pages by keys, and what is behind them.
        assert!(next.requests <= if site.is_cloud() { 5 } else { 10 }, "{}", next.requests);
    }
}

/// An entry that comes late into the index stands behind a page that has been read: the next walk begins before it.
#[tokio::test]
async fn s5_a_walk_that_takes_long_does_not_outrun_the_index() {
    for site in Site::both(400).await {
        let full = site.full().await;
        site.jira.advance(minutes(20));
        (1..=350).for_each(|number| site.jira.edit_issue(&format!("OPS-{number}"), |issue| issue.summary.push('!')));
        site.jira.advance(seconds(30));
        site.jira.set_index_lag(90);
        // Changed before the walk begins, and not in the index until after its first page.
        site.jira.edit_issue("OPS-400", |issue| issue.summary = "Late".into());
        let late = site.jira.now();
        site.jira.advance(seconds(10));
        site.jira.set_index_lag(0);
        let walk = site
            .walk_while(site.delta_from(full.watermark.unwrap() + minutes(10)), |page| {
                site.jira.advance(minutes(4));
                site.jira.edit_issue(&format!("OPS-{page}"), |issue| issue.summary.push('?'));
            })
            .await
            .unwrap();
        let next = site.delta(walk.watermark.unwrap()).await;
        let told = walk.records.iter().chain(&next.records).any(|it| it.key == "OPS-400" && it.updated == late);
        assert!(told, "{}", site.is_cloud());
    }
}

/// The zone of the profile is known by name, and one that is not is said to be so.
#[test]
fn a_zone_is_one_that_the_gateway_knows() {
    let instant: Timestamp = at("2026-11-22T10:00:00Z");
    assert_eq!(TimeZone::get("Asia/Kathmandu").unwrap().to_offset(instant).seconds(), 20_700);
    assert!(TimeForm::zone("Nowhere/Land").is_none());
    assert!(OVERLAP >= SignedDuration::from_mins(2));
}
