//! The way back from a provider: what it may bring, once, in time, at the right door (RFC 6749 §4.1.2, §10.12).

use jiff::SignedDuration;

use super::seen::{count, parameter, problem, rows, with};
use super::town::Town;
use crate::pages::visitor::Visitor;

const EXPIRED: &str = "This sign-in is not good any more";
const ELSEWHERE: &str = "This sign-in began somewhere else";

fn said(status: u16, title: &str) -> (u16, String) {
    (status, title.to_owned())
}

#[tokio::test]
async fn a_refusal_of_the_person_is_no_failure() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    let away = town.leave(&mut ana, &town.acme.url(), "/why?url=x").await;
    let back = town.atlassian.deny(&away);
    let page = ana.open(&back).await;
    assert_eq!(problem(&page), said(422, "You did not let the gateway in"));
    assert_eq!((page.value("site"), page.value("return_to")), (town.acme.url(), "/why?url=x".to_owned()));
    // The window is ready for the next try, and this return is used up.
    let away = ana.submit(&page, "/connect", &[]).await;
    assert_eq!(away.status, 303);
    assert_eq!(problem(&ana.open(&back).await), said(422, EXPIRED));
    assert_eq!(town.atlassian.counts().token, Default::default());
    let page = ana.open(&town.atlassian.consent(away.location(), "ana@acme.example", &[])).await;
    assert!(page.status == 200 && rows(&mut ana).await.len() == 2);
}

#[tokio::test]
async fn an_error_of_the_provider_is_told_by_who_can_mend_it() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    let operator = said(422, "Jira does not accept this gateway");
    let later = said(422, "The gateway cannot reach this Jira");
    for (error, expected) in [
        ("invalid_scope", &operator),
        ("unauthorized_client", &operator),
        ("<script>", &operator),
        ("server_error", &later),
        ("temporarily_unavailable", &later),
    ] {
        town.clock.advance(SignedDuration::from_mins(11));
        let away = town.leave(&mut ana, &town.acme.url(), "/").await;
        let back = with(&town.atlassian.deny(&away), "error", error);
        let page = ana.open(&with(&back, "error_description", "<b>words</b>")).await;
        assert_eq!(problem(&page), *expected, "{error}");
        assert!(!page.text.contains("<script>") && !page.text.contains("words"), "{}", page.text);
    }
    assert_eq!(town.atlassian.counts().token.exchanges, 0);
}

#[tokio::test]
async fn a_state_is_good_once_and_for_ten_minutes() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    let away = town.leave(&mut ana, &town.acme.url(), "/").await;
    let back = town.consent(&town.acme, &away);
    let state = parameter(&back, "state");
    let mut invented = vec![String::new(), "x".to_owned(), state[1..].to_owned(), format!("{state}x")];
    invented.extend([state.to_uppercase(), "x".repeat(100_000), "\u{0}".to_owned(), "' OR 1=1".to_owned()]);
    for invented in invented.iter().filter(|it| it.len() < 9_000) {
        assert_eq!(problem(&ana.open(&with(&back, "state", invented)).await), said(422, EXPIRED), "{invented:?}");
    }
    assert_eq!(ana.open(&back).await.status, 200, "none of these used it up");
    assert_eq!(problem(&ana.open(&back).await), said(422, EXPIRED), "used");
    assert_eq!(town.atlassian.counts().token.exchanges, 1, "the code is not shown again, which would end the grant");

    for (seconds, good) in [(599, true), (601, false)] {
        let away = town.leave(&mut ana, &town.acme.url(), "/").await;
        town.clock.advance(SignedDuration::from_secs(seconds));
        let page = ana.open(&town.consent(&town.acme, &away)).await;
        assert_eq!(page.status == 200, good, "{seconds}: {}", page.text);
    }
}

#[tokio::test]
async fn what_nobody_comes_back_for_is_forgotten() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    for _ in 0..3 {
        town.leave(&mut ana, &town.acme.url(), "/").await;
    }
    assert_eq!(count(&town.gateway, "oauth_attempts").await, 3);
    town.clock.advance(SignedDuration::from_mins(11));
    town.gateway.inner.connect.forget_consents().await.unwrap();
    assert_eq!(count(&town.gateway, "oauth_attempts").await, 0);
}

#[tokio::test]
async fn a_return_at_the_door_of_another_provider_is_refused() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    let doors = ["cloud", "data-center", "server"];
    for (own, jira) in doors.iter().zip([&town.acme, &town.plant, &town.old]) {
        for other in doors.iter().filter(|door| *door != own) {
            town.clock.advance(SignedDuration::from_mins(11));
            for jira in [&town.acme, &town.plant, &town.old] {
                jira.set_time(town.clock.now());
            }
            let away = town.leave(&mut ana, &jira.url(), "/").await;
            let back = town.consent(jira, &away);
            let wrong = back.replace(&format!("/callback/{own}?"), &format!("/callback/{other}?"));
            assert_ne!(wrong, back);
            assert_eq!(problem(&ana.open(&wrong).await), said(403, ELSEWHERE), "{own} at {other}");
            assert_eq!(problem(&ana.open(&back).await), said(422, EXPIRED), "and is used up");
        }
    }
    assert_eq!(town.atlassian.counts().token, Default::default());
    assert_eq!((town.plant.oauth2_counts(), rows(&mut ana).await.len()), (Default::default(), 0));
    for door in ["/connect/callback/", "/connect/callback/Cloud", "/connect/callback/github"] {
        assert_eq!(ana.get(door).await.status, 404, "{door}");
    }
}

#[tokio::test]
async fn a_code_that_the_provider_does_not_take_connects_nothing() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    for code in ["", "x", &"x".repeat(8_000)] {
        town.clock.advance(SignedDuration::from_mins(11));
        let away = town.leave(&mut ana, &town.acme.url(), "/").await;
        let back = with(&town.consent(&town.acme, &away), "code", code);
        assert_eq!(problem(&ana.open(&back).await), said(422, EXPIRED), "{}", code.len());
    }
    let counts = town.atlassian.counts();
    assert_eq!((counts.token.exchanges, counts.token.refused_exchanges, counts.resources), (0, 2, 0));
}

/// Two returns of one browser with their codes swapped: each code is bound to its own verifier (RFC 7636).
#[tokio::test]
async fn a_code_of_another_flow_is_refused_by_its_verifier() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    for jira in [&town.acme, &town.plant] {
        let mut backs = Vec::new();
        for _ in 0..2 {
            let away = town.leave(&mut ana, &jira.url(), "/").await;
            assert_eq!(parameter(&away, "code_challenge_method"), "S256");
            backs.push(town.consent(jira, &away));
        }
        for (back, other) in [(&backs[0], &backs[1]), (&backs[1], &backs[0])] {
            let page = ana.open(&with(back, "code", &parameter(other, "code"))).await;
            assert_eq!(problem(&page), said(422, EXPIRED));
        }
    }
    let (cloud, own) = (town.atlassian.counts().token, town.plant.oauth2_counts());
    assert_eq!((cloud.exchanges, cloud.refused_exchanges, own.exchanges, own.refused_exchanges), (0, 2, 0, 2));
}
