//! How a walk goes on from page to page, and how it ends (S6 to S9, S27).

use jira_notion_gateway::jira::scan::{Position, ScanError, TimeForm};

use super::{OVERLAP, Site, minutes, seconds};
use crate::world::jira::Tokens;
use crate::world::{Fault, Issue, Personality};

/// 25,000 issues, fifty to a page, of which some are deleted meanwhile, among them those that the walk stands on.
#[tokio::test]
async fn s7_a_walk_by_keys_survives_deletions() {
    let site = Site::start(Personality::data_center()).await;
    site.fill(25_000);
    site.jira.set_page_rows(50);
    let mut gone = Vec::new();
    let walk = site
        .walk_while(Position::full(), |page| {
            if page % 60 == 0 {
                // The last one of the page, the one before, and two that are still to come.
                for number in [page * 50, page * 50 - 1, page * 50 + 1, page * 50 + 700] {
                    let key = format!("OPS-{number}");
                    site.jira.remove_issue(&key);
                    gone.push(key);
                }
            }
        })
        .await
        .unwrap();
    assert_eq!(gone.len(), 32);
    let left = site.ids();
    assert_eq!(left.len(), 25_000 - gone.len());
    assert!(left.is_subset(&walk.ids()), "no issue is lost");
    assert!(walk.requests <= 520, "{} requests", walk.requests);
    assert_eq!(walk.pages.iter().max(), Some(&50));
    let offsets = site.jira.log().iter().filter(|it| it.asked.contains("startAt")).count();
    assert_eq!(offsets, 0, "no row is counted from the beginning");
}

/// More issues in one minute than a search ever shows (10,000 rows), among others.
#[tokio::test]
async fn s7_a_crowded_minute_is_read_by_keys() {
    let [relative, zone] = [TimeForm::Relative, TimeForm::zone("Australia/Sydney").unwrap()];
    for (personality, count, forms) in [
        (Personality::data_center(), 10_500, vec![relative.clone()]),
        (Personality::data_center(), 1_050, vec![zone.clone(), TimeForm::Millis]),
        (Personality::cloud(), 1_050, vec![relative, zone, TimeForm::Millis]),
    ] {
        let site = Site::start(personality).await;
        let now = site.jira.now();
        let issue = |at: i64| {
            // Half a minute apart, but for the crowd.
            let then = match at {
                1..=150 => now - minutes(300) + seconds(at * 30),
                151.. if at < count - 50 => now - minutes(200) + SignedMillis::of(at),
                _ => now - minutes(100) + seconds(at - count),
            };
            Issue::new(&format!("OPS-{at}"), "x").created(then).updated(then)
        };
        site.jira.add_issues((1..=count).map(issue));
        for form in forms {
            let walk = site.walk(Position::delta(now - minutes(400), OVERLAP, form.clone(), now)).await.unwrap();
            assert_eq!(walk.ids(), site.ids(), "{form:?}");
            let most = walk.ids().len().div_ceil(100) + 10;
            assert!(walk.requests <= most, "{form:?}: {} requests", walk.requests);
        }
    }
}

/// Milliseconds that stay within one minute.
struct SignedMillis;

impl SignedMillis {
    fn of(number: i64) -> jiff::SignedDuration {
        jiff::SignedDuration::from_millis(number % 50_000)
    }
}

#[tokio::test]
async fn s8_a_short_page_is_not_the_end() {
    for tokens in [Tokens::Place, Tokens::List] {
        let site = Site::start(Personality::cloud()).await;
        site.fill(237);
        site.jira.set_page_tokens(tokens);
        site.jira.set_page_sizes(&[100, 37, 0, 100]);
        let walk = site.full().await;
        assert_eq!((walk.pages.as_slice(), walk.ids()), ([100, 37, 0, 100].as_slice(), site.ids()));
    }
    let center = Site::start(Personality::data_center()).await;
    center.fill(237);
    center.jira.set_page_rows(70);
    let walk = center.full().await;
    assert_eq!((walk.pages.as_slice(), walk.ids()), ([70, 70, 70, 27].as_slice(), center.ids()));
}

#[tokio::test]
async fn s8_a_page_token_that_comes_twice_is_an_error() {
    let site = Site::start(Personality::cloud()).await;
    site.fill(350);
    site.jira.fault(Fault::edit(|page| page["nextPageToken"] = "again".into()));
    let first = site.page(&Position::full()).await.unwrap();
    site.jira.heal();
    site.jira
        .fault(Fault::Body("application/json", br#"{"issues":[],"isLast":false,"nextPageToken":"again"}"#.to_vec()));
    let next = first.next.unwrap();
    assert!(matches!(site.page(&next).await, Err(ScanError::Cut(_))));
}

#[tokio::test]
async fn s9_a_page_token_that_ends_costs_a_repeat_and_no_issue() {
    for tokens in [Tokens::Place, Tokens::List] {
        let site = Site::start(Personality::cloud()).await;
        site.fill(450);
        site.jira.set_page_tokens(tokens);
        let everything = site.ids();
        let mut expire = true;
        let ends = |page: usize| {
            if page == 2 && std::mem::take(&mut expire) {
                site.jira.expire_page_tokens();
            }
        };
        let full = site.walk_while(Position::full(), ends).await.unwrap();
        assert_eq!((full.ids(), full.requests), (everything.clone(), 8), "two pages, a refusal, five pages");

        // A delta goes on from what it had reached.
        let start = site.delta_from(site.jira.now() - minutes(600));
        let mut waited = false;
        let week = |page: usize| {
            if page == 2 && !std::mem::replace(&mut waited, true) {
                site.jira.expire_page_tokens();
            }
        };
        let delta = site.walk_while(start, week).await.unwrap();
        assert_eq!(delta.ids(), everything);
        assert_eq!(delta.requests, 2 + 1 + 3, "two pages, a refusal, and the rest");
    }
}

#[tokio::test]
async fn s9_page_tokens_that_never_live_are_given_up() {
    let site = Site::start(Personality::cloud()).await;
    site.fill(450);
    let walk = site.walk_while(Position::full(), |_| site.jira.expire_page_tokens()).await;
    assert!(matches!(walk, Err(ScanError::Cut(_))));
    assert!(site.requests() < 20);
}

/// An issue that the walk stands on may be moved or hidden as well as deleted.
#[tokio::test]
async fn s7_what_a_walk_stands_on_may_go_in_any_way() {
    for how in ["deleted", "moved", "hidden", "all of the page"] {
        let site = Site::start(Personality::data_center()).await;
        site.fill(350);
        let first = site.page(&Position::full()).await.unwrap();
        match how {
            "deleted" => site.jira.remove_issue("OPS-100"),
            "moved" => site.jira.move_issue("OPS-100", "HR-1"),
            "hidden" => site.jira.change_issue("OPS-100", |issue| issue.security = Some(("x".into(), Vec::new()))),
            _ => (1..=100).for_each(|number| site.jira.remove_issue(&format!("OPS-{number}"))),
        }
        let rest = site.walk(first.next.unwrap()).await.unwrap();
        for number in 101..=350 {
            assert!(rest.keys().contains(format!("OPS-{number}").as_str()), "{how}: {number}");
        }
        assert!(rest.requests <= 12, "{how}: {}", rest.requests);
    }
}

/// When all that was left has gone, the walk ends, and does not believe it without a second look.
#[tokio::test]
async fn s7_the_rest_may_be_gone() {
    let site = Site::start(Personality::data_center()).await;
    site.fill(250);
    let first = site.page(&Position::full()).await.unwrap();
    (101..=250).for_each(|number| site.jira.remove_issue(&format!("OPS-{number}")));
    let rest = site.walk(first.next.unwrap()).await.unwrap();
    assert_eq!(rest.keys().into_iter().collect::<Vec<_>>(), ["OPS-100"]);
    assert_eq!(rest.requests, 2);
}

#[tokio::test]
async fn s7_ten_thousand_rows_are_as_far_as_an_offset_goes() {
    let site = Site::start(Personality::data_center()).await;
    site.fill(10_200);
    let census = site.census().await;
    assert_eq!(census, site.ids());
}
