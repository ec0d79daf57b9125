//! The demo's sites: every log-in works, every link leads somewhere, and the accounts see what is told of them.

use super::As::{Basic, Bearer};
use super::{ANA, api, get};
use crate::world::demo::{Demo, LogIn};
use crate::world::jira::{Deployment, MORNING};
use jira_notion_gateway::clock::Clock;

async fn demo() -> Demo {
    Demo::start(&Clock::manual(MORNING.parse().unwrap())).await
}

fn proof(log_in: &LogIn) -> super::As<'_> {
    match log_in.method {
        "personal_access_token" => Bearer(&log_in.secret),
        _ => Basic(&log_in.username, &log_in.secret),
    }
}

#[tokio::test]
async fn every_log_in_works() {
    let demo = demo().await;
    for log_in in demo.log_ins().into_iter().filter(|log_in| log_in.method != "oauth") {
        let (path, at_api_host) = match log_in.version {
            "cloud" => ("/rest/api/3/myself", log_in.note.contains("API host")),
            _ => ("/rest/api/2/myself", false),
        };
        let url = if at_api_host { api(&demo.acme, path) } else { format!("{}{path}", log_in.site) };
        assert_eq!(get(&url, proof(&log_in)).await.status, 200, "{log_in:?}");
    }
    let Deployment::Cloud { cloud_id } = &demo.acme.personality().deployment else { panic!("acme is in the cloud") };
    assert!(api(&demo.acme, "").ends_with(cloud_id));
}

#[tokio::test]
async fn accounts_see_what_is_told_of_them() {
    let demo = demo().await;
    let ben = Basic("ben@acme.example", "acme-token-of-ben");
    let ana = Basic("ana@acme.example", "acme-token-of-ana");
    for (key, for_ana, for_ben) in
        [("OPS-7", 200, 200), ("OPS-11", 200, 404), ("LEGAL-2", 200, 404), ("OLD-17", 200, 200)]
    {
        let url = demo.acme.at(&format!("/rest/api/3/issue/{key}"));
        assert_eq!((get(&url, ana).await.status, get(&url, ben).await.status), (for_ana, for_ben), "{key}");
    }
    assert_eq!(get(&demo.acme.at("/rest/api/3/issue/OPS-7"), ANA).await.status, 401, "tokens of other sites are none");
    let (hana, jonas) = (Basic("hana", "hana's password"), Basic("jonas", "jonas's password"));
    let url = demo.plant.at("/rest/api/2/issue/HR-1");
    assert_eq!((get(&url, hana).await.status, get(&url, jonas).await.status), (200, 404));
}

#[tokio::test]
async fn every_link_leads_where_it_says() {
    let demo = demo().await;
    let issue = |url: &str| {
        let place = url.rsplit(['/', '=']).next().unwrap().to_owned();
        place.contains('-').then_some(place)
    };
    for link in demo.links() {
        let (site, path, who) = match link.url.strip_prefix(&demo.acme.url()) {
            Some(_) => (&demo.acme, "/rest/api/3", Basic("ana@acme.example", "acme-token-of-ana")),
            None => (&demo.plant, "/rest/api/2", Bearer("plant-token-of-hana")),
        };
        let url = match (issue(&link.url), link.url.rsplit('/').next().unwrap()) {
            (Some(key), _) => site.at(&format!("{path}/issue/{key}")),
            // Other kinds: below, each by its own call.
            (None, end) if end.contains('?') || !link.url.contains("/browse/") => continue,
            (None, project) => site.at(&format!("{path}/project/{project}")),
        };
        let there = if link.note.starts_with("there is no") { 404 } else { 200 };
        assert_eq!(get(&url, who).await.status, there, "{link:?}");
        assert!(get(&link.url, super::As::Nobody).await.is_html(), "{link:?}: a click shows a page");
    }
}

#[tokio::test]
async fn there_is_enough_to_see_and_it_is_printed() {
    let demo = demo().await;
    // One project is there to be watched while it becomes a database.
    let issues = [demo.acme.issues(), demo.plant.issues()].concat();
    let count = issues.iter().filter(|it| !it.key.starts_with("LAUNCH-")).count();
    assert!((45..=60).contains(&count), "some fifty issues, not {count}");
    let printed = demo.to_string();
    for word in [demo.acme.url(), demo.plant.at("/browse/PLAT-3"), "ana@acme.example".into(), "hana's password".into()]
    {
        assert!(printed.contains(&word), "{word}");
    }
    let again = Demo::start(&Clock::manual(MORNING.parse().unwrap())).await;
    let (a, b) = (demo.acme.issues(), again.acme.issues());
    assert!(a.iter().zip(&b).all(|(a, b)| (&a.id, &a.key, a.updated, a.due) == (&b.id, &b.key, b.updated, b.due)));
}

#[tokio::test]
async fn there_is_an_object_of_every_kind() {
    let demo = demo().await;
    let mut kinds = std::collections::BTreeMap::<&str, usize>::new();
    for object in demo.objects() {
        let (site, [high, low]) = match object.link.url.strip_prefix(&demo.acme.url()) {
            Some(_) => {
                (&demo.acme, [("ana@acme.example", "acme-token-of-ana"), ("ben@acme.example", "acme-token-of-ben")])
            }
            None => (&demo.plant, [("hana", "hana's password"), ("jonas", "jonas's password")]),
        };
        let status = async |(name, secret)| get(&site.at(&object.call), Basic(name, secret)).await.status;
        let only = object.link.note.starts_with("only ");
        assert_eq!((status(high).await, status(low).await == 200), (200, !only), "{object:?}");
        let page = get(&object.link.url, super::As::Nobody).await;
        assert!(page.is_html() || page.status == 302, "{object:?}: a click shows a page or the way to log in");
        *kinds.entry(object.kind).or_default() += 1;
    }
    assert_eq!(kinds.len(), 15, "{kinds:?}");
}
