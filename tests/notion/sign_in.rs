//! Sign in with Notion: who comes back is who they are in one workspace, and nobody else (contract §5, §6).

use jiff::SignedDuration;

use super::town::Town;
use super::{NOTION_CLIENT, parameter};
use crate::oauth::seen::count;
use crate::pages::visitor::{Page, Visitor};
use crate::world::gateway::Gateway;
use crate::world::jira::Fault;
use crate::world::notion::{Owner, UserId};

async fn town() -> Town {
    Town::with(|_, _| "sign_in = 'notion'\n".to_owned()).await
}

/// Where Notion asks: the browser has left for it.
async fn leave(browser: &mut Visitor, return_to: &str) -> String {
    let page = browser.get(&format!("/notion/connect?return_to={return_to}")).await;
    assert_eq!(page.status, 303, "{}", page.text);
    page.location().to_owned()
}

/// Somebody signs in, or connects, coming from nowhere.
async fn come_as(town: &Town, browser: &mut Visitor, who: UserId) -> Page {
    let away = leave(browser, "/account").await;
    browser.open(&town.notion.allow(&away, who)).await
}

async fn signed_in(town: &Town, who: UserId) -> Visitor {
    let mut browser = Visitor::new(&town.gateway);
    let page = come_as(town, &mut browser, who).await;
    assert_eq!((page.status, page.one(".who")), (200, town.notion.user(who).name));
    browser
}

/// The Notion accounts of whoever is signed in: id and workspace.
async fn accounts(browser: &mut Visitor) -> Vec<(String, String)> {
    let page = browser.get("/api/v1/notion-connections").await;
    assert_eq!(page.status, 200, "{}", page.text);
    let rows = page.reply.json()["notion_connections"].as_array().unwrap().clone();
    let text = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap().to_owned();
    rows.iter().map(|row| (text(row, "id"), text(row, "workspace"))).collect()
}

/// Status and title of the page that says why nothing was connected.
fn problem(page: &Page) -> (u16, String) {
    (page.status, page.one("h1"))
}

fn is_nobody(page: &Page) -> bool {
    page.status == 303 && page.location().starts_with("/sign-in")
}

#[tokio::test]
async fn a_page_leads_to_notion_and_the_person_back_to_it() {
    let town = town().await;
    let mut nora = Visitor::new(&town.gateway);
    let page = nora.open("/why?url=x").await;
    let tile = page.link("Continue with Notion");
    assert_eq!(tile, "/notion/connect?return_to=%2Fwhy%3Furl%3Dx");
    let away = nora.get(&tile).await;
    assert_eq!(away.status, 303);
    let asked = away.location();
    assert_eq!(parameter(asked, "redirect_uri"), town.at("/notion/callback"));
    assert_eq!((parameter(asked, "client_id"), parameter(asked, "owner")), (NOTION_CLIENT.0.into(), "user".into()));
    assert!(parameter(asked, "state").len() > 40);
    let home = nora.get(town.notion.allow(asked, town.nora).strip_prefix(&town.gateway.url).unwrap()).await;
    assert_eq!((home.status, home.location()), (303, "/why?url=x"));
    let page = nora.get("/connections").await;
    assert_eq!((page.status, page.one(".who")), (200, "Nora Lind".to_owned()));
    assert_eq!(page.one("section[aria-labelledby=notion-accounts] .row-title"), "Acme Connected");
    town.nothing_was_refused();
}

#[tokio::test]
async fn the_same_person_is_the_same_account_and_another_is_another() {
    let town = town().await;
    let before = count(&town.gateway, "accounts").await;
    let mut nora = signed_in(&town, town.nora).await;
    let hers = accounts(&mut nora).await;
    assert_eq!((hers.len(), hers[0].1.as_str()), (1, "Acme"));
    let mut at_home = signed_in(&town, town.nora).await;
    assert_eq!(accounts(&mut at_home).await, hers, "the same account, and the same row of it");
    assert_eq!(count(&town.gateway, "accounts").await, before + 1);
    let mut omar = signed_in(&town, town.omar).await;
    assert_ne!(accounts(&mut omar).await, hers);
    // A person is known in one workspace; who they are in another, nobody vouches for.
    let elsewhere = town.notion.join(town.nora, town.notion.add_workspace("Elsewhere"));
    let mut stranger = signed_in(&town, elsewhere).await;
    assert_eq!(accounts(&mut stranger).await.len(), 1);
    assert_eq!(count(&town.gateway, "accounts").await, before + 3);
    // Nothing of the one is the other's.
    let csrf = omar.csrf().await;
    let way = format!("/notion/connections/{}/remove", hers[0].0);
    assert_eq!(omar.post(&way, &[("csrf", &csrf)]).await.status, 404);
    assert_eq!(accounts(&mut nora).await, hers);
    // Out, and in again.
    let page = nora.get("/account").await;
    nora.submit(&page, "/sign-out", &[]).await;
    assert!(is_nobody(&nora.get("/account").await));
    assert_eq!(come_as(&town, &mut nora, town.nora).await.status, 200);
    assert_eq!(accounts(&mut nora).await, hers);
}

#[tokio::test]
async fn who_is_signed_in_adds_a_notion_but_never_takes_anothers() {
    let town = town().await;
    let mut nora = signed_in(&town, town.nora).await;
    town.later(SignedDuration::from_secs(1));
    let elsewhere = town.notion.join(town.nora, town.notion.add_workspace("Elsewhere"));
    assert_eq!(come_as(&town, &mut nora, elsewhere).await.status, 200);
    let hers = accounts(&mut nora).await;
    assert_eq!(hers.iter().map(|it| it.1.as_str()).collect::<Vec<_>>(), ["Acme", "Elsewhere"]);
    // From now on that one signs in to the same account.
    assert_eq!(accounts(&mut signed_in(&town, elsewhere).await).await, hers);

    let mut omar = signed_in(&town, town.omar).await;
    let (his, cookies) = (accounts(&mut omar).await, omar.cookies.clone());
    let page = come_as(&town, &mut omar, town.nora).await;
    assert_eq!(problem(&page), (409, "This Notion user belongs to another account here".to_owned()));
    assert_eq!((accounts(&mut omar).await, accounts(&mut nora).await, &omar.cookies), (his, hers, &cookies));
    assert_eq!(count(&town.gateway, "notion_connections").await, 3);
}

#[tokio::test]
async fn a_return_is_good_once_for_ten_minutes_and_in_its_own_browser() {
    let town = town().await;
    let mut nora = signed_in(&town, town.nora).await;
    let before = (accounts(&mut nora).await, count(&town.gateway, "accounts").await);
    let old = (422, "This sign-in is not good any more".to_owned());
    // Login CSRF: the address with which Mallory would come back, opened by somebody else.
    for victim in [&mut Visitor::new(&town.gateway), &mut nora] {
        let mut mallory = Visitor::new(&town.gateway);
        let back = town.notion.allow(&leave(&mut mallory, "/").await, town.omar);
        let session = victim.cookies.get("session").cloned();
        let page = victim.open(&back).await;
        assert_eq!(problem(&page), (403, "This sign-in began somewhere else".to_owned()));
        assert_eq!(victim.cookies.get("session").cloned(), session);
        assert_eq!(problem(&mallory.open(&back).await), old, "used up");
        assert!(is_nobody(&mallory.get("/account").await));
    }
    // Whoever has signed in meanwhile begins again as who they are.
    let mut browser = Visitor::new(&town.gateway);
    let back = town.notion.allow(&leave(&mut browser, "/").await, town.omar);
    assert_eq!(come_as(&town, &mut browser, town.nora).await.status, 200);
    assert_eq!(browser.open(&back).await.status, 403);

    let mut late = Visitor::new(&town.gateway);
    let back = town.notion.allow(&leave(&mut late, "/").await, town.omar);
    town.later(SignedDuration::from_secs(601));
    assert_eq!(problem(&late.open(&back).await), old);
    for forged in ["/notion/callback", "/notion/callback?code=x", "/notion/callback?code=x&state=jno_x"] {
        assert_eq!(problem(&late.open(forged).await), old, "{forged}");
    }
    assert_eq!((accounts(&mut nora).await, count(&town.gateway, "accounts").await), before);
    assert_eq!(count(&town.gateway, "oauth_attempts").await, 0);
    assert_eq!(town.notion.received("POST", "/v1/oauth/token").len(), 2, "no code of these was exchanged");
}

#[tokio::test]
async fn what_notion_refuses_is_said_with_the_way_on() {
    let town = town().await;
    let mut nora = Visitor::new(&town.gateway);
    let away = leave(&mut nora, "%2Fwhy%3Furl%3Dx").await;
    let page = nora.open(&town.notion.refuse_access(&away)).await;
    assert_eq!(problem(&page), (422, "You did not let the gateway in".to_owned()));
    assert_eq!(page.link("Connect Notion again"), "/notion/connect?return_to=%2Fwhy%3Furl%3Dx");
    assert_eq!(page.link("Other ways to sign in"), "/sign-in?return_to=%2Fwhy%3Furl%3Dx");

    let state = async |nora: &mut Visitor| parameter(&leave(nora, "/").await, "state");
    for (error, title) in [
        ("server_error", "Notion did not answer"),
        ("unauthorized_client", "Notion does not accept this gateway"),
        ("%3Cscript%3E", "Notion does not accept this gateway"),
    ] {
        let back = format!("/notion/callback?error={error}&state={}", state(&mut nora).await);
        let page = nora.open(&back).await;
        assert_eq!(problem(&page), (422, title.to_owned()));
        assert!(!page.text.contains("<script>"), "{}", page.text);
    }
    let table =
        [(Fault::status(503), "Notion did not answer"), (Fault::status(401), "Notion does not accept this gateway")];
    for (fault, title) in table {
        town.notion.fault(Some(1), "/v1/oauth/token", fault);
        assert_eq!(problem(&come_as(&town, &mut nora, town.nora).await), (422, title.to_owned()));
    }
    let back = format!("/notion/callback?code=invented&state={}", state(&mut nora).await);
    assert_eq!(problem(&nora.open(&back).await).1, "This sign-in is not good any more");
    assert!(is_nobody(&nora.get("/account").await));
    assert_eq!(count(&town.gateway, "notion_connections").await, 0);
}

#[tokio::test]
async fn a_token_of_a_workspace_signs_nobody_in() {
    let town = town().await;
    town.notion.switch(|switches| switches.public_owner = Owner::Workspace);
    let before = count(&town.gateway, "accounts").await;
    let mut nora = Visitor::new(&town.gateway);
    let page = come_as(&town, &mut nora, town.nora).await;
    assert_eq!(problem(&page), (422, "Notion did not say who you are".to_owned()));
    assert!(is_nobody(&nora.get("/account").await) && !nora.cookies.contains_key("session"));
    assert_eq!(count(&town.gateway, "accounts").await, before);
    assert_eq!(count(&town.gateway, "notion_connections").await, 0);
}

#[tokio::test]
async fn nobody_is_led_anywhere_but_back_to_us() {
    let town = town().await;
    for payload in ["https://evil.example/", "//evil.example", "/\\evil.example", "%2F%2Fevil.example", "javascript:x"]
    {
        let mut nora = Visitor::new(&town.gateway);
        let back = town.notion.allow(&leave(&mut nora, payload).await, town.nora);
        let page = nora.get(back.strip_prefix(&town.gateway.url).unwrap()).await;
        assert_eq!((page.status, page.location()), (303, "/"), "{payload}");
    }
    // A redirect URI or a state of somebody else's changes nothing: what is ours is sent.
    let mut nora = Visitor::new(&town.gateway);
    let page = nora.get("/notion/connect?redirect_uri=https%3A%2F%2Fevil.example&state=x").await;
    assert_eq!(parameter(page.location(), "redirect_uri"), town.at("/notion/callback"));
    assert_ne!(parameter(page.location(), "state"), "x");
    // A picture or a frame of another site begins nothing.
    let begun = count(&town.gateway, "oauth_attempts").await;
    for part in ["image", "iframe"] {
        let mut nora = Visitor::new(&town.gateway);
        let request = nora.request(reqwest::Method::GET, "/notion/connect").header("sec-fetch-site", "cross-site");
        assert_eq!(nora.send(request.header("sec-fetch-dest", part)).await.status, 401, "{part}");
    }
    assert_eq!(count(&town.gateway, "oauth_attempts").await, begun);
}

#[tokio::test]
async fn a_cookie_that_was_there_before_is_not_the_session_after() {
    let town = town().await;
    let mut nora = Visitor::new(&town.gateway);
    let planted = format!("jns_{}", "A".repeat(43));
    nora.cookies.insert("session".to_owned(), planted.clone());
    nora.cookies.insert("visitor".to_owned(), format!("jnv_{}", "B".repeat(43)));
    assert_eq!(come_as(&town, &mut nora, town.nora).await.status, 200);
    assert_ne!(nora.cookies["session"], planted);
    let mut mallory = Visitor::new(&town.gateway);
    mallory.cookies.insert("session".to_owned(), planted);
    assert!(is_nobody(&mallory.get("/account").await));
}

#[tokio::test]
async fn nobody_may_begin_as_often_as_they_like() {
    let town = town().await;
    for _ in 0..30 {
        leave(&mut Visitor::new(&town.gateway), "/").await;
    }
    let page = Visitor::new(&town.gateway).get("/notion/connect").await;
    assert_eq!(problem(&page), (429, "Too many attempts".to_owned()));
    town.later(SignedDuration::from_mins(10));
    leave(&mut Visitor::new(&town.gateway), "/").await;
}

#[tokio::test]
async fn without_a_client_at_notion_there_are_no_such_pages() {
    let gateway = Gateway::start().await;
    let mut local = Visitor::new(&gateway);
    for path in ["/notion/connect", "/notion/callback?code=x&state=y"] {
        assert_eq!(local.get(path).await.status, 404, "{path}");
    }
    assert!(!local.get("/connections").await.text.contains("/notion/connect?"));
}

/// Where Notion is no way to sign in, whoever is signed in may connect it all the same.
#[tokio::test]
async fn the_person_at_this_machine_connects_and_disconnects_notion() {
    let town = Town::start().await;
    let mut local = Visitor::new(&town.gateway);
    let page = local.get("/connections").await;
    let away = local.get(&page.link("Connect Notion")).await;
    let page = local.open(&town.notion.allow(away.location(), town.nora)).await;
    assert_eq!(page.one(".banner-good p"), "Connected to Acme in Notion.");
    let section = "section[aria-labelledby=notion-accounts]";
    assert_eq!(page.one(&format!("{section} .row-title")), "Acme Connected");
    assert!(page.one(&format!("{section} .row-detail")).starts_with("Nora Lind"), "{}", page.text);
    assert_eq!(town.notion.good_tokens(town.nora), 2);
    let way = page.attributes("form[action^='/notion/connections/']", "action").remove(0);
    let page = local.submit_and_follow(&page, &way, &[]).await;
    assert_eq!(page.texts(&format!("{section} .row")), [""; 0]);
    assert!(page.one(".banner-good p").starts_with("The Notion account is disconnected."));
    assert_eq!((town.notion.good_tokens(town.nora), count(&town.gateway, "notion_connections").await), (0, 0));
}
