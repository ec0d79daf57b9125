//! Which sites one grant of 3LO connects, and what becomes of its rows (jira-auth-and-rest §2.4, contract §4).

use jiff::SignedDuration;
use serde_json::json;

use super::seen::{count, local, parameter, problem, rows, sites, sorted};
use super::town::{Town, jira};
use crate::pages::visitor::{Page, Visitor};
use crate::world::jira::Fault;
use crate::world::{Issue, Personality};

const RESOURCES: &str = "/oauth/token/accessible-resources";

async fn title(visitor: &mut Visitor, link: &str) -> Option<String> {
    let page = visitor.get(&format!("/api/v1/resolve?url={link}")).await;
    page.reply.json()["preview"]["title"].as_str().map(str::to_owned)
}

async fn state(visitor: &mut Visitor, link: &str) -> String {
    let page = visitor.get(&format!("/api/v1/resolve?url={link}")).await;
    page.reply.json()["state"].as_str().unwrap().to_owned()
}

/// Ana asks for one site, and allows these.
async fn allow(town: &Town, ana: &mut Visitor, asked: &str, who: &str, granted: &[&str]) -> Page {
    let away = town.leave(ana, asked, "/connections").await;
    let back = town.atlassian.consent(&away, who, granted);
    ana.open(&back).await
}

#[tokio::test]
async fn a_link_is_read_at_the_site_of_its_host() {
    let town = Town::start().await;
    town.beta.add_issue(Issue::new("OPS-9", "Only at Beta"));
    let mut ana = Visitor::new(&town.gateway);
    town.connect(&mut ana, &town.acme, "/").await;
    assert_eq!(title(&mut ana, &town.beta.at("/browse/OPS-9")).await.as_deref(), Some("Only at Beta"));
    assert_eq!(state(&mut ana, &town.acme.at("/browse/OPS-9")).await, "not_found");
    // The site's own door never sees a token: it would be refused there, and is none of its business.
    for site in [&town.acme, &town.beta] {
        let asked = site.log();
        let at_site = asked.iter().filter(|it| it.asked.door == crate::world::jira::Door::Site);
        assert!(at_site.clone().count() > 0 || site.url() == town.beta.url());
        assert!(at_site.clone().all(|it| it.asked.header("authorization").is_none()));
    }
}

#[tokio::test]
async fn a_grant_of_one_site_opens_no_other() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    allow(&town, &mut ana, &town.acme.url(), "ana@acme.example", &[&town.acme.url()]).await;
    assert_eq!(sites(&rows(&mut ana).await), [town.acme.url()]);
    town.beta.forget_calls();
    assert_eq!(state(&mut ana, &town.beta.at("/browse/OPS-7")).await, "connect");
    assert_eq!(town.beta.calls().with_credential, 0);
}

#[tokio::test]
async fn who_lets_us_in_elsewhere_is_told_which_site_is_missing() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    let link = town.beta.at("/browse/OPS-7");
    let away = town.leave(&mut ana, &town.beta.url(), &format!("/?url={link}")).await;
    let back = town.atlassian.consent(&away, "ana@acme.example", &[&town.acme.url()]);
    let page = ana.get(back.strip_prefix(&town.gateway.url).unwrap()).await;
    let host = town.beta.url().replace("http://", "");
    let away = page.location().to_owned();
    assert_eq!((page.status, away.starts_with("/connections?")), (303, true), "{away}");
    assert_eq!(parameter(&format!("{}{away}", town.gateway.url), "not_granted"), host);
    let page = ana.get(&away).await;
    let said = page.one("[role=alert]");
    assert!(said.contains(&host) && page.one(".row-title").contains("ana@acme.example"), "{said}");
    assert_eq!(sites(&rows(&mut ana).await), [town.acme.url()]);
    assert_eq!(state(&mut ana, &link).await, "connect");
    // What stands in the address is only repeated when it can be a host.
    for text in ["<b>x</b>", "javascript:alert(1)", "evil.example/path", "a b", ""] {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("not_granted", text).finish();
        let page = ana.get(&format!("/connections?{query}")).await;
        assert!(page.texts("[role=alert]").is_empty(), "{text}: {}", page.text);
    }
}

#[tokio::test]
async fn a_grant_without_a_site_connects_nothing() {
    let town = Town::start().await;
    town.atlassian.fault_at(RESOURCES, Fault::edit(|value| *value = json!([])));
    let mut ana = Visitor::new(&town.gateway);
    let page = allow(&town, &mut ana, &town.acme.url(), "ana@acme.example", &[]).await;
    assert_eq!(problem(&page), (422, "No Jira site was chosen".to_owned()));
    assert_eq!((page.value("site"), page.value("return_to")), (town.acme.url(), "/connections".to_owned()));
    assert_eq!((rows(&mut ana).await.len(), count(&town.gateway, "credentials").await), (0, 0));
}

#[tokio::test]
async fn connecting_again_renews_the_rows_and_makes_no_others() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    town.connect(&mut ana, &town.acme, "/").await;
    let account = local(&town.gateway).await;
    let before = town.gateway.inner.store.connections(&account).await.unwrap();
    let page = ana.get("/connections").await;
    let action = page.attributes("form[action$='/reconnect']", "action").remove(0);
    let window = ana.submit_and_follow(&page, &action, &[]).await;
    assert_eq!(window.attributes("input[name=method][checked]", "value"), ["oauth"]);
    let away = ana.submit(&window, "/connect", &[]).await;
    let back = town.atlassian.consent(away.location(), "ana@acme.example", &[]);
    assert_eq!(ana.open(&back).await.status, 200);
    let after = town.gateway.inner.store.connections(&account).await.unwrap();
    assert_eq!((before.len(), after.len(), count(&town.gateway, "credentials").await), (2, 2, 1));
    for (old, new) in before.iter().zip(&after) {
        assert_eq!((&new.id, new.generation, &new.site), (&old.id, old.generation + 1, &old.site));
        assert!(new.grant_id != old.grant_id && new.credential_id != old.credential_id);
    }
    // A grant of one site alone takes only that row over; the other goes on with what it had.
    allow(&town, &mut ana, &town.acme.url(), "ana@acme.example", &[&town.acme.url()]).await;
    let last = town.gateway.inner.store.connections(&account).await.unwrap();
    for (before, after) in after.iter().zip(&last) {
        let taken_over = i64::from(after.site.to_string() == town.acme.url());
        assert_eq!(after.generation, before.generation + taken_over);
    }
    for site in [&town.acme, &town.beta] {
        assert_eq!(title(&mut ana, &site.at("/browse/HR-1")).await.as_deref(), Some("Salaries 2027"));
    }
}

#[tokio::test]
async fn another_person_at_the_same_site_is_another_connection() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    let acme = town.acme.url();
    allow(&town, &mut ana, &acme, "ana@acme.example", &[&acme]).await;
    town.advance(SignedDuration::from_secs(1));
    allow(&town, &mut ana, &acme, "ben@acme.example", &[&acme]).await;
    let rows = rows(&mut ana).await;
    let labels: Vec<_> = rows.iter().map(|row| row["label"].as_str().unwrap()).collect();
    assert_eq!((labels, sites(&rows)), (vec!["ana@acme.example", "ben@acme.example"], vec![acme.clone(), acme]));
    assert_ne!(rows[0]["grant"], rows[1]["grant"]);
    let link = town.acme.at("/browse/HR-1");
    for (row, expected) in rows.iter().zip([Some("Salaries 2027"), None]) {
        let page = ana.get(&format!("/api/v1/resolve?url={link}&connection={}", row["id"].as_str().unwrap())).await;
        assert_eq!(page.reply.json()["preview"]["title"].as_str(), expected, "{}", page.text);
    }
}

#[tokio::test]
async fn the_tokens_go_with_the_last_row_of_the_grant() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    town.connect(&mut ana, &town.acme, "/").await;
    let remove = async |ana: &mut Visitor, site: &str| {
        let rows = rows(ana).await;
        let row = rows.iter().find(|row| row["site"]["url"] == site).unwrap();
        let page = ana.get("/connections").await;
        ana.submit_and_follow(&page, &format!("/connections/{}/remove", row["id"].as_str().unwrap()), &[]).await
    };
    remove(&mut ana, &town.acme.url()).await;
    assert_eq!(sites(&rows(&mut ana).await), [town.beta.url()]);
    assert_eq!(count(&town.gateway, "credentials").await, 1);
    town.advance(SignedDuration::from_mins(61));
    assert_eq!(title(&mut ana, &town.beta.at("/browse/OPS-7")).await.as_deref(), Some("Login fails on Safari"));
    assert_eq!(state(&mut ana, &town.acme.at("/browse/OPS-7")).await, "connect");
    remove(&mut ana, &town.beta.url()).await;
    assert_eq!((rows(&mut ana).await.len(), count(&town.gateway, "credentials").await), (0, 0));
    let asked = town.atlassian.seen().len();
    assert_eq!(state(&mut ana, &town.beta.at("/browse/OPS-7")).await, "connect");
    assert_eq!(town.atlassian.seen().len(), asked);
}

#[tokio::test]
async fn of_a_grant_only_listed_sites_are_kept() {
    let town = Town::with(&["--sites", "listed"]).await;
    let mut ana = Visitor::new(&town.gateway);
    town.connect(&mut ana, &town.acme, "/").await;
    assert_eq!(sites(&rows(&mut ana).await), [town.acme.url()]);
    let page = town.ask(&mut ana, &town.beta.url(), "/").await;
    assert_eq!(problem(&page), (422, "This Jira is not on the list".to_owned()));
    // Without a site in mind, and with nothing listed among what was chosen.
    let page = allow(&town, &mut ana, "", "ana@acme.example", &[&town.beta.url()]).await;
    assert_eq!(problem(&page), (422, "This Jira is not on the list".to_owned()));
    assert_eq!(sites(&rows(&mut ana).await), [town.acme.url()]);
}

/// A Cloud site that its company calls by a name of its own.
#[tokio::test]
async fn a_name_of_its_own_is_kept_only_for_the_same_site() {
    let town = Town::with(&["--private-sites", "127.0.0.0/8, localhost"]).await;
    let mut ana = Visitor::new(&town.gateway);
    let own_name = town.acme.url().replace("127.0.0.1", "localhost");
    let page = allow(&town, &mut ana, &format!("{own_name}/jira/your-work"), "ana@acme.example", &[]).await;
    assert!(page.texts("[role=alert]").is_empty(), "{}", page.text);
    let found = sites(&rows(&mut ana).await);
    assert_eq!(found, sorted(vec![own_name.clone(), town.acme.url(), town.beta.url()]));
    for base in [&own_name, &town.acme.url(), &town.beta.url()] {
        let link = format!("{base}/browse/OPS-7");
        assert_eq!(title(&mut ana, &link).await.as_deref(), Some("Login fails on Safari"), "{base}");
    }
    // Another Jira Cloud, which is not of this grant.
    let other = jira(Personality::cloud().cloud_id("11111111-0000-4000-8000-1234567890ab")).await;
    let page = allow(&town, &mut ana, &other.url(), "ana@acme.example", &[]).await;
    assert!(page.one("[role=alert]").contains(&other.url().replace("http://", "")));
    assert_eq!(rows(&mut ana).await.len(), 3);
    assert_eq!(other.calls().with_credential, 0);
}

/// A path behind the host is that of a page, not of another Jira.
#[tokio::test]
async fn a_site_that_was_asked_for_by_a_page_of_it_is_not_missing() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    for path in ["/", "/jira/your-work", "/wiki"] {
        let page = allow(&town, &mut ana, &town.acme.at(path), "ana@acme.example", &[]).await;
        assert!(page.texts("[role=alert]").is_empty(), "{path}: {}", page.text);
        let rows = town.gateway.inner.store.connections(&local(&town.gateway).await).await.unwrap();
        assert_eq!((rows.len(), rows[0].generation, rows[1].generation), (2, rows[1].generation, rows[0].generation));
    }
}
