//! From "Connect to Jira" through the gateway's consent and back: the scenarios of notion-link-preview §9 about it.

use jiff::SignedDuration;

use super::parameter;
use super::town::{Town, decided};
use crate::world::jira::Fault;
use crate::world::notion::{OAuthErrors, Owner, RedirectUri};

const EXCHANGE: (&str, &str) = ("POST", "/v1/oauth/token");

#[tokio::test]
async fn the_first_paste_connects_and_becomes_a_preview() {
    let town = Town::start().await;
    let waiting = town.paste(town.nora, "OPS-7").await;
    assert_eq!((waiting.title(), waiting.connect.as_deref()), ("OPS-7", Some("Connect to Jira")));
    town.connect(town.nora, "ana").await;
    let shown = town.shown();
    assert_eq!(
        (shown.title(), shown.identifier(), shown.status()),
        ("Login fails on Safari", Some("OPS-7"), Some("In Progress"))
    );
    assert!(!shown.is_placeholder && shown.error.is_none() && shown.connect.is_none());
    assert_eq!(town.notion.received(EXCHANGE.0, EXCHANGE.1).len(), 1);
    town.nothing_was_refused();
}

#[tokio::test]
async fn the_second_paste_asks_nobody_to_connect() {
    let town = Town::start().await;
    town.connect(town.nora, "ana").await;
    town.notion.clear_log();
    assert_eq!(town.paste(town.nora, "OPS-7").await.title(), "Login fails on Safari");
    assert_eq!(town.paste(town.nora, "OPS-8").await.title(), "Write the test");
    assert_eq!(town.notion.log().len(), 2, "two links, two questions");
    // Everybody who can open the page sees it; nobody is asked for those who have not connected.
    assert_eq!(town.notion.visit(town.omar, town.page).await[0].title(), "Login fails on Safari");
    assert_eq!(town.notion.log().len(), 2);
    town.nothing_was_refused();
}

#[tokio::test]
async fn who_does_not_allow_it_reads_so_and_nothing_is_connected() {
    let town = Town::start().await;
    let mut ana = town.browser("ana").await;
    let back = town.decide(&mut ana, &town.notion.begin_connect(town.nora), "deny").await;
    assert_eq!(parameter(&back, "error"), "access_denied");
    assert_eq!(town.notion.land(town.nora, &back).await, Err("Access was denied.".into()));
    assert!(town.notion.connections(town.nora).is_empty());
    assert!(town.notion.log().is_empty(), "Notion's code is not touched");
}

#[tokio::test]
async fn when_notion_is_away_the_person_reads_why() {
    let town = Town::start().await;
    let mut ana = town.browser("ana").await;
    town.notion.fault(None, EXCHANGE.1, Fault::status(503));
    let back = town.decide(&mut ana, &town.notion.begin_connect(town.nora), "allow").await;
    let words = town.notion.land(town.nora, &back).await.unwrap_err();
    assert_eq!(words, parameter(&back, "error_description"), "its own words, not those of a standard dialogue");
    assert!(words.contains("Connect once more"), "{words}");
    town.notion.heal();
    town.connect(town.nora, "ana").await;
}

#[tokio::test]
async fn a_code_of_notion_that_is_too_old_begins_anew() {
    for shape in [OAuthErrors::Rfc, OAuthErrors::Envelope] {
        let town = Town::start().await;
        town.notion.switch(|switches| switches.oauth_errors = shape);
        let mut ana = town.browser("ana").await;
        let url = town.notion.begin_connect(town.nora);
        town.later(SignedDuration::from_secs(601));
        let back = town.decide(&mut ana, &url, "allow").await;
        assert!(town.notion.land(town.nora, &back).await.unwrap_err().contains("Connect once more"), "{back}");
        assert!(town.notion.connections(town.nora).is_empty());
        town.connect(town.nora, "ana").await;
    }
}

#[tokio::test]
async fn a_consent_page_that_is_too_old_leads_nowhere() {
    let town = Town::start().await;
    let mut ana = town.browser("ana").await;
    let page = ana.open(&town.notion.begin_connect(town.nora)).await;
    town.later(SignedDuration::from_secs(601));
    let late = ana.submit(&page, "/notion/authorize", &[("decision", "allow")]).await;
    assert_eq!((late.status, late.location()), (400, ""), "{}", late.text);
    assert!(town.notion.log().is_empty());
}

#[tokio::test]
async fn an_abandoned_consent_tells_notion_nothing() {
    let town = Town::start().await;
    let mut ana = town.browser("ana").await;
    let page = ana.open(&town.notion.begin_connect(town.nora)).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(town.notion.log().is_empty(), "to look is not to allow");
}

#[tokio::test]
async fn our_code_is_good_once_and_shown_again_ends_its_tokens() {
    let town = Town::start().await;
    let mut ana = town.browser("ana").await;
    let back = town.decide(&mut ana, &town.notion.begin_connect(town.nora), "allow").await;
    town.notion.land(town.nora, &back).await.unwrap();
    assert!(town.paste(town.nora, "OPS-7").await.error.is_none());
    let code = parameter(&back, "code");
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", "https://www.notion.so/externalintegrationauthcallback"),
    ];
    let again = town.token(&fields).await;
    assert_eq!((again.status.as_u16(), again.json()["error"].as_str()), (400, Some("invalid_grant")));
    assert_eq!(town.paste(town.nora, "OPS-8").await.message(), Some("Access denied"));
}

#[tokio::test]
async fn our_code_lives_five_minutes_and_only_for_its_redirect_uri() {
    let town = Town::start().await;
    let mut ana = town.browser("ana").await;
    let redirect = "https://www.notion.so/externalintegrationauthcallback";
    for (wait, redirect_uri) in [(301, redirect), (0, "https://notion.com/externalintegrationauthcallback")] {
        let back = town.decide(&mut ana, &town.notion.begin_connect(town.nora), "allow").await;
        let code = parameter(&back, "code");
        town.later(SignedDuration::from_secs(wait));
        let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", redirect_uri)];
        let answer = town.token(&fields).await;
        assert_eq!((answer.status.as_u16(), answer.json()["error"].as_str()), (400, Some("invalid_grant")));
    }
}

#[tokio::test]
async fn the_same_account_again_is_one_connection() {
    let town = Town::start().await;
    let first = town.connect(town.nora, "ana").await;
    let old = town.notion.connections(town.nora).remove(0).access_token;
    assert_eq!(town.connect(town.nora, "ana").await, first);
    let rows = town.notion.connections(town.nora);
    assert_eq!(rows.len(), 1);
    assert_ne!(rows[0].access_token, old);
    assert_eq!(crate::oauth::seen::count(&town.gateway, "grants").await, 1);
    assert_eq!(town.paste(town.nora, "OPS-7").await.title(), "Login fails on Safari");
    town.nothing_was_refused();
}

#[tokio::test]
async fn every_spelling_of_the_redirect_uri_is_accepted() {
    let town = Town::start().await;
    for spelling in [
        RedirectUri::Www,
        RedirectUri::Documented,
        RedirectUri::SchemelessAtToken,
        RedirectUri::NotionCom,
        RedirectUri::Exactly("https://notion.com/externalintegrationauthcallback".into()),
        RedirectUri::Exactly("https://app.notion.com/externalIntegrationAuthCallback".into()),
    ] {
        town.notion.switch(|switches| switches.redirect_uri = spelling.clone());
        let mut ana = town.browser("ana").await;
        let url = town.notion.begin_connect(town.nora);
        let back = town.decide(&mut ana, &url, "allow").await;
        assert!(back.starts_with(&format!("{}?", parameter(&url, "redirect_uri"))), "to the value received: {back}");
        town.notion.land(town.nora, &back).await.unwrap_or_else(|words| panic!("{spelling:?}: {words}"));
    }
    town.nothing_was_refused();
}

#[tokio::test]
async fn nobody_is_sent_to_what_only_looks_like_notion() {
    let town = Town::start().await;
    let mut ana = town.browser("ana").await;
    let path = "externalintegrationauthcallback";
    for uri in [
        format!("https://evilnotion.so/{path}"),
        format!("https://notion.so.evil.com/{path}"),
        format!("https://www.notion.so@evil.com/{path}"),
        format!("https://evil.com/https://www.notion.so/{path}"),
        format!("https://www.notion.so:8443/{path}"),
        format!("https://www.notion.so./{path}"),
        format!("http://www.notion.so/{path}"),
        format!("https://www.notion.so/{path}/"),
        format!("https://www.notion.so/{path}?next=https://evil.com"),
        format!("https://www.notion.so/{path}#x"),
        format!("https://www.notion.so/a/../{path}"),
        format!("https://www.notion.so\\@evil.com/{path}"),
        format!("//www.notion.so/{path}"),
        format!("www.notion.so/{path}"),
        format!("javascript://www.notion.so/{path}"),
        format!("{}/{path}", town.notion.url()),
        String::new(),
    ] {
        let url = crate::oauth::seen::with(&town.notion.begin_connect(town.nora), "redirect_uri", &uri);
        let page = ana.open(&url).await;
        assert_eq!((page.status, page.location()), (400, ""), "{uri}: {}", page.text);
        assert!(page.attributes("form[action='/notion/authorize']", "action").is_empty(), "{uri}");
        assert!(page.attributes("a", "href").iter().all(|it| it.starts_with(['/', '#'])), "{uri}: {}", page.text);
    }
}

#[tokio::test]
async fn state_comes_back_letter_by_letter() {
    let town = Town::start().await;
    let mut ana = town.browser("ana").await;
    for decision in ["allow", "deny"] {
        let url = town.notion.begin_connect(town.nora);
        let state = parameter(&url, "state");
        assert!(state.contains("@+%= "), "{state}");
        assert_eq!(parameter(&town.decide(&mut ana, &url, decision).await, "state"), state);
    }
}

#[tokio::test]
async fn a_consent_of_another_browser_counts_for_nothing() {
    let town = Town::start().await;
    let mut attacker = town.browser("ben").await;
    let theirs = attacker.open(&town.notion.begin_connect(town.omar)).await;
    // What the attacker's page holds, sent by the victim's browser, with its own proof against forgery and without.
    let mut ana = town.browser("ana").await;
    let csrf = ana.csrf().await;
    for changed in [&[("decision", "allow")][..], &[("decision", "allow"), ("csrf", csrf.as_str())]] {
        let answer = ana.submit(&theirs, "/notion/authorize", changed).await;
        assert!([400, 403].contains(&answer.status), "{} {}", answer.status, answer.text);
        assert_eq!(answer.location(), "");
    }
    // Another session of the same account is another browser as well.
    let own = ana.open(&town.notion.begin_connect(town.nora)).await;
    let mut elsewhere = town.browser("ana").await;
    let csrf = elsewhere.csrf().await;
    let answer = elsewhere.submit(&own, "/notion/authorize", &[("decision", "allow"), ("csrf", &csrf)]).await;
    assert_eq!((answer.status, answer.location()), (400, ""));
    assert!(town.notion.log().is_empty(), "Notion was told nothing");
    let allowed = ana.submit(&own, "/notion/authorize", &[("decision", "allow")]).await;
    assert!(town.notion.land(town.nora, &decided(&allowed)).await.is_ok(), "where it was shown it counts");
}

#[tokio::test]
async fn both_forms_of_the_owner_are_understood() {
    let town = Town::start().await;
    town.notion.switch(|switches| (switches.owner, switches.refresh_tokens) = (Owner::User, false));
    town.connect(town.nora, "ana").await;
    assert_eq!(town.paste(town.nora, "OPS-7").await.title(), "Login fails on Safari");
}

#[tokio::test]
async fn who_has_no_jira_connects_it_first_and_comes_back() {
    let town = Town::start().await;
    let mut cleo = town.browser("cleo").await;
    let page = cleo.open(&town.notion.begin_connect(town.nora)).await;
    assert!(page.attributes("form[action='/notion/authorize']", "action").is_empty(), "{}", page.text);
    let way = page.link("Connect Jira");
    assert!(way.starts_with("/connect") && way.contains("return_to="), "{way}");
    assert!(town.notion.log().is_empty());
}

/// Whoever owns a workspace may call it anything.
#[tokio::test]
async fn the_name_of_a_workspace_is_one_harmless_line() {
    let town = Town::start().await;
    let workspace = town.notion.add_workspace("A\u{202e}c\u{200b}m\ne<b>");
    let nora = town.notion.join(town.nora, workspace);
    town.connect(nora, "ana").await;
    let mut browser = town.browser("ana").await;
    let asked = browser.open(&town.notion.begin_connect(nora)).await;
    for page in [browser.get("/connections").await, asked] {
        assert!(page.text.contains("Acm e&"), "{}", page.text);
        assert!(!page.text.contains(['\u{202e}', '\u{200b}']) && !page.text.contains("<b>"), "{}", page.text);
    }
}
