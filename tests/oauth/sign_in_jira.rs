//! `GATEWAY_SIGN_IN=jira`: whoever connects a listed Jira is signed in as who that Jira says they are (contract §2, §5).

use super::seen::{count, problem, rows, sites};
use super::town::Town;
use crate::pages::visitor::{Page, Visitor};

const FLAGS: [&str; 4] = ["--sites", "listed", "--sign-in", "jira"];

/// Somebody signs in by consent, coming from nowhere.
async fn sign_in(town: &Town, browser: &mut Visitor, who: &str) -> Page {
    let away = town.leave(browser, &town.acme.url(), "/connections").await;
    let back = town.atlassian.consent(&away, &format!("{who}@acme.example"), &[]);
    browser.open(&back).await
}

async fn signed_in(town: &Town, who: &str) -> Visitor {
    let mut browser = Visitor::new(&town.gateway);
    let page = sign_in(town, &mut browser, who).await;
    assert_eq!((page.status, page.one(".who")), (200, format!("{who}@acme.example")));
    browser
}

fn is_nobody(page: &Page) -> bool {
    page.status == 303 && page.location().starts_with("/sign-in")
}

#[tokio::test]
async fn the_same_person_is_the_same_account_and_another_is_another() {
    let town = Town::with(&FLAGS).await;
    let mut nobody = Visitor::new(&town.gateway);
    let page = nobody.open("/why?url=x").await;
    assert!(page.text.contains("With your Jira"), "{}", page.text);
    let mut ana = signed_in(&town, "ana").await;
    let hers = rows(&mut ana).await;
    assert_eq!(sites(&hers), [town.acme.url()], "of the grant, what is listed");
    let mut at_home = signed_in(&town, "ana").await;
    assert_eq!(rows(&mut at_home).await[0]["id"], hers[0]["id"]);
    let mut ben = signed_in(&town, "ben").await;
    let his = rows(&mut ben).await;
    assert_eq!((his.len(), count(&town.gateway, "accounts").await), (1, 2));
    // Nothing of the one is the other's, by whatever name it is called.
    let (link, id) = (town.acme.at("/browse/HR-1"), hers[0]["id"].as_str().unwrap());
    assert_eq!(ana.get(&format!("/api/v1/resolve?url={link}")).await.reply.json()["state"], "ready");
    let seen = ben.get(&format!("/api/v1/resolve?url={link}&connection={id}")).await;
    assert!(!seen.text.contains("Salaries"), "{}", seen.text);
    let csrf = ben.csrf().await;
    for way in ["remove", "reconnect"] {
        assert_eq!(ben.post(&format!("/connections/{id}/{way}"), &[("csrf", &csrf)]).await.status, 404, "{way}");
    }
    assert_eq!(rows(&mut ana).await.len(), 1);
    // Out, and in again.
    let page = ana.get("/account").await;
    ana.submit(&page, "/sign-out", &[]).await;
    assert!(is_nobody(&ana.get("/account").await));
    assert_eq!(sign_in(&town, &mut ana, "ana").await.status, 200);
    assert_eq!(rows(&mut ana).await[0]["id"], hers[0]["id"]);
}

#[tokio::test]
async fn a_person_of_another_account_is_refused_and_nothing_changes() {
    let town = Town::with(&FLAGS).await;
    let (mut ana, mut ben) = (signed_in(&town, "ana").await, signed_in(&town, "ben").await);
    let (hers, his) = (rows(&mut ana).await, rows(&mut ben).await);
    let cookies = ana.cookies.clone();
    let page = sign_in(&town, &mut ana, "ben").await;
    assert_eq!(problem(&page), (409, "This Jira user belongs to another account here".to_owned()));
    assert_eq!((rows(&mut ana).await, rows(&mut ben).await, &ana.cookies), (hers, his, &cookies));
    assert_eq!((count(&town.gateway, "accounts").await, count(&town.gateway, "credentials").await), (2, 2));
    // What Ben removes is still his: a connection can be made again, a person does not change hands.
    let page = ben.get("/connections").await;
    let remove = page.attributes("form[action$='/remove']", "action").remove(0);
    ben.submit(&page, &remove, &[]).await;
    assert_eq!(problem(&sign_in(&town, &mut ana, "ben").await).0, 409);
}

#[tokio::test]
async fn a_jira_that_anybody_could_answer_for_signs_nobody_in() {
    let town = Town::with(&FLAGS).await;
    town.plant.change_person("ana", |ana| ana.password = "ana's password".to_owned());
    let mut nobody = Visitor::new(&town.gateway);
    let refused = (422, "This Jira cannot sign you in".to_owned());
    for jira in [&town.plant, &town.old] {
        assert_eq!(problem(&town.connect(&mut nobody, jira, "/").await), refused);
        let window = nobody.get("/connect").await;
        let site = jira.url();
        let typed = [("version", "server"), ("method", "password"), ("username", "ana"), ("secret", "ana's password")];
        let fields = [&typed[..], &[("site", site.as_str())]].concat();
        assert_eq!(problem(&nobody.submit(&window, "/connect", &fields).await), refused);
    }
    assert!(is_nobody(&nobody.get("/account").await) && !nobody.cookies.contains_key("session"));
    assert_eq!((count(&town.gateway, "accounts").await, count(&town.gateway, "credentials").await), (0, 0));
    // Whoever is signed in already may connect it.
    let mut ana = signed_in(&town, "ana").await;
    assert_eq!(town.connect(&mut ana, &town.plant, "/connections").await.status, 200);
    assert_eq!((rows(&mut ana).await.len(), count(&town.gateway, "accounts").await), (2, 1));
}

/// Login CSRF: the address with which Mallory would come back, opened by somebody else.
#[tokio::test]
async fn a_strangers_return_signs_nobody_in() {
    let town = Town::with(&FLAGS).await;
    let mut ana = signed_in(&town, "ana").await;
    let before = rows(&mut ana).await;
    for victim in [&mut Visitor::new(&town.gateway), &mut ana] {
        let mut mallory = Visitor::new(&town.gateway);
        let away = town.leave(&mut mallory, &town.acme.url(), "/").await;
        let back = town.atlassian.consent(&away, "ben@acme.example", &[]);
        let session = victim.cookies.get("session").cloned();
        let page = victim.open(&back).await;
        assert_eq!(problem(&page), (403, "This sign-in began somewhere else".to_owned()));
        assert_eq!(victim.cookies.get("session").cloned(), session);
        assert_eq!(mallory.open(&back).await.status, 422, "used up");
        assert!(is_nobody(&mallory.get("/account").await));
    }
    assert_eq!((rows(&mut ana).await, count(&town.gateway, "accounts").await), (before, 1));
}

#[tokio::test]
async fn a_cookie_that_was_there_before_is_not_the_session_after() {
    let town = Town::with(&FLAGS).await;
    let mut ana = Visitor::new(&town.gateway);
    let planted = format!("jns_{}", "A".repeat(43));
    ana.cookies.insert("session".to_owned(), planted.clone());
    ana.cookies.insert("visitor".to_owned(), format!("jnv_{}", "B".repeat(43)));
    let before = ana.cookies.clone();
    assert_eq!(sign_in(&town, &mut ana, "ana").await.status, 200);
    assert_ne!(ana.cookies["session"], planted);
    let mut mallory = Visitor::new(&town.gateway);
    for name in ["session", "__Host-session"] {
        for value in before.values().chain([&ana.cookies["visitor"]]) {
            mallory.cookies = [(name.to_owned(), value.clone())].into();
            assert!(is_nobody(&mallory.get("/account").await), "{name} {value}");
        }
    }
    // Again, with a session that is good: it ends, and another begins.
    let first = ana.cookies["session"].clone();
    let page = ana.get("/account").await;
    ana.submit(&page, "/sign-out", &[]).await;
    ana.cookies.insert("session".to_owned(), first.clone());
    assert_eq!(sign_in(&town, &mut ana, "ana").await.status, 200);
    assert_ne!(ana.cookies["session"], first);
}

#[tokio::test]
async fn a_form_of_nobody_needs_the_value_of_its_own_browser() {
    let town = Town::with(&FLAGS).await;
    let (mut ana, mut mallory) = (Visitor::new(&town.gateway), Visitor::new(&town.gateway));
    let foreign = mallory.get("/connect").await.value("csrf");
    let (site, cookie) = (town.acme.url(), mallory.cookies["visitor"].clone());
    ana.get("/connect").await;
    for csrf in ["", "x", &foreign, &cookie] {
        let page = ana.post("/connect", &[("csrf", csrf), ("site", &site), ("method", "oauth")]).await;
        assert_eq!(problem(&page), (403, "This form had been open for too long".to_owned()), "{csrf}");
    }
    // Nor does a browser without a cookie have one.
    ana.cookies.clear();
    let page = ana.post("/connect", &[("csrf", &foreign), ("site", &site), ("method", "oauth")]).await;
    assert_eq!((page.status, count(&town.gateway, "oauth_attempts").await), (403, 0));
}

/// Two windows of somebody who is not signed in yet: the first signs in, the second has to begin again as that person.
#[tokio::test]
async fn a_second_window_of_nobody_does_not_come_back_as_somebody() {
    let town = Town::with(&FLAGS).await;
    let mut browser = Visitor::new(&town.gateway);
    let mut backs = Vec::new();
    for who in ["ana@acme.example", "ben@acme.example"] {
        let away = town.leave(&mut browser, &town.acme.url(), "/").await;
        backs.push(town.atlassian.consent(&away, who, &[]));
    }
    assert_eq!(browser.open(&backs[0]).await.status, 200);
    let page = browser.open(&backs[1]).await;
    assert_eq!((page.status, page.one(".who")), (403, "ana@acme.example".to_owned()), "{}", page.text);
    assert_eq!((rows(&mut browser).await.len(), count(&town.gateway, "accounts").await), (1, 1));
}

#[tokio::test]
async fn nobody_may_try_as_often_as_they_like() {
    let town = Town::with(&FLAGS).await;
    for _ in 0..10 {
        let mut nobody = Visitor::new(&town.gateway);
        assert_eq!(town.ask(&mut nobody, &town.acme.url(), "/").await.status, 303);
    }
    let page = town.ask(&mut Visitor::new(&town.gateway), &town.acme.url(), "/").await;
    assert_eq!(problem(&page), (429, "Too many attempts".to_owned()));
}

/// The company's sign-on and Jira, side by side: one person, one account, whichever way they come.
#[tokio::test]
async fn beside_the_companys_sign_on_a_jira_proves_the_same_account() {
    let flags = ["--sites", "listed", "--sign-in", "proxy,jira", "--proxy-user-header", "X-User"];
    let town = Town::with(&[&flags[..], &["--trusted-proxies", "127.0.0.2"]].concat()).await;
    let mut at_work = Visitor::at(&town.gateway, [127, 0, 0, 2]);
    at_work.headers = vec![("x-user", "ana".to_owned())];
    assert_eq!(town.connect(&mut at_work, &town.acme, "/connections").await.status, 200);
    let hers = rows(&mut at_work).await;
    let mut at_home = Visitor::new(&town.gateway);
    let page = sign_in(&town, &mut at_home, "ana").await;
    assert_eq!((page.status, page.one(".who")), (200, "ana".to_owned()));
    assert_eq!(rows(&mut at_home).await[0]["id"], hers[0]["id"]);
    // Another name of the sign-on that brings Ana's Jira is somebody else.
    let mut ben = Visitor::at(&town.gateway, [127, 0, 0, 2]);
    ben.headers = vec![("x-user", "ben".to_owned())];
    assert_eq!(problem(&town.connect(&mut ben, &town.acme, "/").await).0, 409);
    assert!(rows(&mut ben).await.is_empty());
    // A session that Jira opened says nothing against the name that the sign-on gives.
    let mut mixed = Visitor::at(&town.gateway, [127, 0, 0, 2]);
    mixed.cookies = at_home.cookies.clone();
    mixed.headers = vec![("x-user", "ben".to_owned())];
    assert_eq!(mixed.get("/account").await.one(".lead"), "You are signed in as ben.");
}
