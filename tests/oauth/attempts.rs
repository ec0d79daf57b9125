//! Attacks on a consent under way: other browsers, other accounts, other tabs, too many tries (RFC 9700 §4.4, §4.7).

use std::collections::HashSet;

use jiff::SignedDuration;

use super::seen::{count, parameter, problem, rows};
use super::town::Town;
use crate::pages::redirects::{payloads, stays};
use crate::pages::visitor::Visitor;
use crate::world::FakeJira;

/// Longer than any limit remembers, everywhere.
const AFTER_THE_LIMITS: SignedDuration = SignedDuration::from_mins(11);
const ELSEWHERE: &str = "This sign-in began somewhere else";

#[tokio::test]
async fn no_two_flows_are_alike() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    let (mut states, mut challenges, mut flows) = (HashSet::new(), HashSet::new(), 0);
    while flows < 200 {
        for jira in [&town.acme, &town.plant, &town.acme, &town.plant, &town.acme] {
            let away = town.leave(&mut ana, &jira.url(), "/").await;
            assert_eq!(parameter(&away, "code_challenge_method"), "S256");
            let (state, challenge) = (parameter(&away, "state"), parameter(&away, "code_challenge"));
            assert!(state.len() >= 43 && challenge.len() == 43, "256 bits: {state} {challenge}");
            states.insert(state);
            challenges.insert(challenge);
            flows += 1;
        }
        town.advance(AFTER_THE_LIMITS);
    }
    assert_eq!((states.len(), challenges.len()), (flows, flows));
}

#[tokio::test]
async fn a_return_in_another_browser_is_refused_whoever_is_signed_in_there() {
    let town = Town::start().await;
    let mut refused = 0;
    for jira in [&town.acme, &town.plant, &town.old] {
        for from in 0..3 {
            for to in (0..3).filter(|to| *to != from) {
                town.advance(AFTER_THE_LIMITS);
                let mut browsers = [
                    Visitor::signed_in(&town.gateway, "ana").await,
                    Visitor::signed_in(&town.gateway, "ana").await,
                    Visitor::signed_in(&town.gateway, "ben").await,
                ];
                let away = town.leave(&mut browsers[from], &jira.url(), "/").await;
                let back = town.consent(jira, &away);
                assert_eq!(problem(&browsers[to].open(&back).await), (403, ELSEWHERE.to_owned()), "{from} in {to}");
                refused += 1;
                assert_eq!(browsers[from].open(&back).await.status, 422, "used up: nobody tries browsers");
                for browser in &mut browsers {
                    assert!(rows(browser).await.is_empty());
                }
            }
        }
    }
    assert_eq!(refused, 18);
    assert_eq!(town.atlassian.counts().token, Default::default());
    assert_eq!(town.plant.oauth2_counts(), Default::default());
    assert_eq!(town.old.calls().of("POST /plugins/servlet/oauth/access-token"), 0);
}

/// Ana begins; Ben signs in at the same browser; the return must not bring Ana's Jira into Ben's account.
#[tokio::test]
async fn who_began_is_who_must_come_back() {
    let town = Town::start().await;
    let mut browser = Visitor::signed_in(&town.gateway, "ana").await;
    let backs = [&town.acme, &town.plant, &town.old].map(|jira: &FakeJira| jira.url());
    let mut returns = Vec::new();
    for (site, jira) in backs.iter().zip([&town.acme, &town.plant, &town.old]) {
        let away = town.leave(&mut browser, site, "/").await;
        returns.push(town.consent(jira, &away));
    }
    let anas = browser.cookies.clone();
    browser.cookies = Visitor::signed_in(&town.gateway, "ben").await.cookies;
    for back in &returns {
        assert_eq!(problem(&browser.open(back).await), (403, ELSEWHERE.to_owned()));
    }
    assert!(rows(&mut browser).await.is_empty());
    browser.cookies = anas;
    assert!(rows(&mut browser).await.is_empty());
    assert_eq!(count(&town.gateway, "credentials").await, 0);
}

#[tokio::test]
async fn several_tabs_each_come_to_their_end() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    let mut returns = Vec::new();
    for (n, jira) in [&town.acme, &town.plant, &town.old, &town.acme].into_iter().enumerate() {
        let away = town.leave(&mut ana, &jira.url(), &format!("/why?url={n}")).await;
        returns.push((n, town.consent(jira, &away)));
    }
    // The last that was opened is the first that comes back.
    for (n, back) in returns.iter().rev() {
        let page = ana.get(back.strip_prefix(&town.gateway.url).unwrap()).await;
        assert_eq!(page.status, 303, "{n}: {}", page.text);
        assert!(page.location().starts_with(&format!("/why?url={n}&connected=con_")), "{}", page.location());
    }
    assert_eq!(rows(&mut ana).await.len(), 4, "two sites of one grant, and two of their own");
}

#[tokio::test]
async fn a_session_that_has_ended_meanwhile_ends_the_flow() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    let away = town.leave(&mut ana, &town.acme.url(), "/").await;
    town.gateway.inner.accounts.end_session(&ana.cookies["session"]).await.unwrap();
    let back = town.consent(&town.acme, &away);
    // On this machine the next visit signs in again: as another session.
    assert_eq!(problem(&ana.open(&back).await), (403, ELSEWHERE.to_owned()));
    assert_eq!((rows(&mut ana).await.len(), town.atlassian.counts().token.exchanges), (0, 0));
}

/// Where somebody else signs people in, a return without a session leads there; the code does not go along.
#[tokio::test]
async fn a_code_does_not_travel_on_to_the_page_for_signing_in() {
    let flags = ["--sign-in", "proxy", "--proxy-user-header", "X-User", "--trusted-proxies", "127.0.0.0/8"];
    let town = Town::with(&flags).await;
    let mut ana = Visitor::new(&town.gateway);
    ana.headers = vec![("x-user", "ana".to_owned())];
    let away = town.leave(&mut ana, &town.acme.url(), "/").await;
    let back = town.consent(&town.acme, &away);
    let (state, code) = (parameter(&back, "state"), parameter(&back, "code"));
    ana.headers.clear();
    ana.cookies.clear();
    let page = ana.get(back.strip_prefix(&town.gateway.url).unwrap()).await;
    assert_eq!((page.status, page.location()), (303, "/sign-in?return_to=%2Fconnect"));
    let page = ana.open(page.location()).await;
    assert!(!page.text.contains(&state) && !page.text.contains(&code), "{}", page.text);
}

#[tokio::test]
async fn no_way_back_leads_to_anybody_else() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    let payloads = payloads();
    for (n, payload) in payloads.iter().enumerate() {
        if n % 4 == 0 {
            town.advance(AFTER_THE_LIMITS);
        }
        // In the form itself, as nobody's page would send it.
        let window = ana.get("/connect").await;
        let site = town.acme.url();
        let fields = [("site", site.as_str()), ("method", "oauth"), ("return_to", payload.as_str())];
        let page = ana.submit(&window, "/connect", &fields).await;
        assert_eq!(page.status, 303, "{payload:?}: {}", page.text);
        assert!(page.location().starts_with(&town.atlassian.auth_url()), "{payload:?} → {}", page.location());
        let back = match n % 2 {
            0 => town.consent(&town.acme, page.location()),
            _ => town.atlassian.deny(page.location()),
        };
        let page = ana.get(back.strip_prefix(&town.gateway.url).unwrap()).await;
        match n % 2 {
            0 => assert!(page.status == 303 && stays(&town.gateway.url, page.location()), "{payload:?}: {page:?}"),
            _ => assert!(stays(&town.gateway.url, &page.value("return_to")), "{payload:?}: {}", page.text),
        }
    }
    assert!(payloads.len() >= 150);
}

#[tokio::test]
async fn whoever_begins_too_often_has_to_wait() {
    let town = Town::start().await;
    let mut browsers = Vec::new();
    for name in ["ana", "ben", "cleo"] {
        browsers.push(Visitor::signed_in(&town.gateway, name).await);
    }
    let too_many = (429, "Too many attempts".to_owned());
    for browser in &mut browsers[..2] {
        for _ in 0..5 {
            assert_eq!(town.ask(browser, &town.acme.url(), "/").await.status, 303);
        }
        assert_eq!(problem(&town.ask(browser, &town.acme.url(), "/").await), too_many, "5 of an account");
    }
    assert_eq!(problem(&town.ask(&mut browsers[2], &town.old.url(), "/").await), too_many, "10 of an address");
    assert_eq!(town.old.calls().total, 0, "nothing is asked of anybody");
    assert_eq!(count(&town.gateway, "oauth_attempts").await, 10);
    // Somebody at another address is not kept out.
    let mut elsewhere = Visitor::at(&town.gateway, [127, 0, 0, 9]);
    elsewhere.cookies = browsers[2].cookies.clone();
    assert_eq!(town.ask(&mut elsewhere, &town.acme.url(), "/").await.status, 303);
    town.advance(AFTER_THE_LIMITS);
    assert_eq!(town.ask(&mut browsers[0], &town.acme.url(), "/").await.status, 303);
}
