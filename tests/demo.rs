//! The demo of `examples/demo.rs`: every printed log-in connects, every printed link shows what its note says.

use jira_notion_gateway::clock::Clock;
use jira_notion_gateway::{http, link};
use serde_json::Value;

use crate::pages::visitor::{Page, Visitor};
use crate::world::demo::{Demo, LogIn, Ports};
use crate::world::gateway::{Api, Gateway};
use crate::world::jira::MORNING;
use crate::world::notion::{As, PageId, UserId};

pub async fn start() -> (Demo, Gateway) {
    start_with(Ports::default(), &[]).await
}

/// The same at these ports and with more flags for the gateway.
pub async fn start_with(ports: Ports, flags: &[&str]) -> (Demo, Gateway) {
    let clock = Clock::manual(MORNING.parse().unwrap());
    let demo = Demo::at_ports(&clock, ports).await;
    let listener = http::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let gateway = demo.gateway_with(flags, listener, tempfile::tempdir().unwrap(), clock).await;
    (demo, gateway)
}

async fn connect(api: &Api, log_in: &LogIn) -> Value {
    api.connect(&log_in.site, log_in.method, &log_in.username, &log_in.secret).await
}

/// An account of the gateway that has used the first log-in of each of these people.
pub async fn account(demo: &Demo, gateway: &Gateway, people: [&str; 2]) -> Api {
    let api = gateway.api(people[0]).await;
    for person in people {
        let is_typed = |log_in: &LogIn| log_in.method != "oauth" && log_in.username.starts_with(person);
        let log_in = demo.log_ins().into_iter().find(is_typed).unwrap();
        connect(&api, &log_in).await;
    }
    api
}

#[tokio::test]
async fn every_printed_secret_connects() {
    let (demo, gateway) = start().await;
    for (at, log_in) in demo.log_ins().iter().filter(|log_in| log_in.method != "oauth").enumerate() {
        // Accounts of their own: one may try five times in ten minutes.
        let api = gateway.api(&format!("person-{at}")).await;
        let row = connect(&api, log_in).await;
        assert_eq!((&row["health"], &row["method"]), (&"ok".into(), &log_in.method.into()), "{log_in:?}");
        assert_eq!(row["site"]["deployment"], log_in.version, "{log_in:?}");
        let key = if log_in.version == "cloud" { "OPS-7" } else { "PLAT-3" };
        let issue = api.one(&format!("{}/browse/{key}", log_in.site)).await;
        assert_eq!(issue["state"], "ready", "{log_in:?}");
    }
}

/// Goes through the log-in and the consent of the provider at `address`, as a person does who types this; answers with the
/// address to which the browser goes back.
async fn consent(address: &str, log_in: &LogIn) -> String {
    let url = url::Url::parse(address).unwrap();
    let mut provider = Visitor::of(&url.origin().ascii_serialization());
    let path = |page: &Page| page.location().strip_prefix(&url.origin().ascii_serialization()).map(str::to_owned);
    let mut page = provider.get(&address[url.origin().ascii_serialization().len()..]).await;
    let mut here = url.path().to_owned();
    for _ in 0..6 {
        if page.status == 302 || page.status == 303 {
            let Some(next) = path(&page) else { return page.location().to_owned() };
            here.clone_from(&next);
            page = provider.get(&next).await;
            continue;
        }
        assert_eq!((page.status, page.texts("[role=alert]").len()), (200, 0), "{}", page.text);
        let action = page.attributes("form", "action").first().cloned();
        let fields: &[_] = match &log_in.version {
            _ if !page.texts("button[name=decision]").is_empty() => {
                &[("decision", if log_in.version == "cloud" { "accept" } else { "allow" })]
            }
            &"cloud" => &[("email", log_in.username.as_str()), ("password", &log_in.secret)],
            _ => &[("os_username", log_in.username.as_str()), ("os_password", &log_in.secret)],
        };
        page = match action {
            Some(action) => provider.submit(&page, &action, fields).await,
            None => provider.post(&here, fields).await,
        };
    }
    panic!("{} does not come to an end", page.text)
}

#[tokio::test]
async fn every_printed_consent_connects() {
    let (demo, gateway) = start().await;
    for (at, log_in) in demo.log_ins().iter().filter(|log_in| log_in.method == "oauth").enumerate() {
        let mut visitor = Visitor::signed_in(&gateway, &format!("person-{at}")).await;
        let key = if log_in.version == "cloud" { "OPS-7" } else { "PLAT-3" };
        let back = format!("/?url={}/browse/{key}", log_in.site);
        // What a click on Connect opens needs no more than one on Authenticate.
        let query = [("site", log_in.site.as_str()), ("return_to", &back)];
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let window = visitor.get(&format!("/connect?{query}")).await;
        assert_eq!(window.attributes("input[name=version][checked]", "value"), [log_in.version]);
        let page = visitor.submit(&window, "/connect", &[]).await;
        let page = visitor.open(&consent(page.location(), log_in).await).await;
        assert_eq!(page.texts("article .card-key").first().map(String::as_str), Some(key), "{}", page.text);
        let name = &log_in.username;
        assert!(page.one("[role=status].banner").contains(&format!("Connected as {name}.")), "{}", page.text);
    }
}

#[tokio::test]
async fn every_printed_link_shows_what_its_note_says() {
    let (demo, gateway) = start().await;
    let high = account(&demo, &gateway, ["ana", "hana"]).await;
    let low = account(&demo, &gateway, ["ben", "jonas"]).await;
    let links = demo.links();
    let urls: Vec<&str> = links.iter().map(|link| link.url.as_str()).collect();
    let answers = high.resolve(&urls).await.into_iter().zip(low.resolve(&urls).await);
    for (link, (seen, seen_by_others)) in links.iter().zip(answers) {
        let (state, others) = match link.note {
            note if note.starts_with("only ") => ("ready", "not_found"),
            note if note.starts_with("moved") => ("moved", "moved"),
            note if note.starts_with("there is no") => ("not_found", "not_found"),
            _ => ("ready", "ready"),
        };
        assert_eq!((&seen["state"], &seen_by_others["state"]), (&state.into(), &others.into()), "{link:?}");
        assert_eq!(seen["kind"] == "project", link.note == "a project", "{link:?}");
        assert!(seen["mention"].is_object(), "{link:?}");
    }
    for (end, id) in [("?selectedIssue=MOB-4", "MOB-4"), ("/browse/OLD-17", "WEB-9"), ("/browse/PLAT-3", "PLAT-3")] {
        let url = urls.iter().find(|url| url.ends_with(end)).unwrap();
        assert_eq!(high.one(url).await["id"], id, "{url}");
    }
}

#[tokio::test]
async fn what_is_printed_fits_a_terminal_and_may_be_pasted() {
    let (demo, _gateway) = start().await;
    let printed = demo.to_string();
    for line in printed.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
    let (_, block) = printed.split_once("Links to paste").unwrap();
    let urls: Vec<String> = demo.links().into_iter().map(|link| link.url).collect();
    assert_eq!(link::links_in(block).links, urls);
}

#[tokio::test]
async fn every_object_is_read_as_its_kind() {
    let (demo, gateway) = start().await;
    let high = account(&demo, &gateway, ["ana", "hana"]).await;
    let objects = demo.objects();
    let urls: Vec<&str> = objects.iter().map(|object| object.link.url.as_str()).collect();
    for (object, answer) in objects.iter().zip(high.resolve(&urls).await) {
        assert_eq!(answer["kind"], object.kind, "{object:?}");
    }
}

#[tokio::test]
async fn a_printed_link_becomes_a_preview_in_the_simulated_notion() {
    let (demo, gateway) = start().await;
    let (ana, page) = (UserId(0), PageId(0));
    let link = demo.acme.at("/browse/OPS-7");
    let shown = demo.notion.paste(ana, page, &link, As::Preview).await.unwrap();
    assert_eq!((shown.connect.as_deref(), shown.title()), (Some("Connect to Jira"), "OPS-7"), "{shown:?}");
    // Nothing is connected here yet: the person does that on the way, and is asked afterwards.
    let mut visitor = Visitor::signed_in(&gateway, "local").await;
    let asked = visitor.open(&demo.notion.begin_connect(ana)).await;
    assert_eq!(asked.one("h1"), "Connect your Jira first");
    let window = visitor.get(&asked.link("Connect Jira")).await;
    let log_in = demo.log_ins().into_iter().find(|it| it.method == "api_token").unwrap();
    let typed = [
        ("version", log_in.version),
        ("site", &log_in.site),
        ("method", log_in.method),
        ("username", &log_in.username),
        ("secret", &log_in.secret),
    ];
    let back = visitor.submit(&window, "/connect", &typed).await;
    let consent = visitor.open(&format!("{}{}", gateway.url, back.location())).await;
    assert_eq!(consent.one("h1"), "Let Notion show your Jira links?", "{}", consent.text);
    let gone = visitor.submit(&consent, "/notion/authorize", &[("decision", "allow")]).await;
    demo.notion.land(ana, gone.location()).await.unwrap();
    let shown = demo.notion.rendered(page).remove(0);
    assert_eq!((shown.identifier(), shown.status()), (Some("OPS-7"), Some("In Progress")), "{shown:?}");
    assert!(demo.notion.refusals().is_empty(), "{:?}", demo.notion.refusals());
}

#[tokio::test]
async fn the_printed_address_of_a_database_fills_it_in_the_simulated_notion() {
    let (demo, gateway) = start().await;
    let form = demo.connect_notion(&gateway).await;
    let mut visitor = Visitor::signed_in(&gateway, "local").await;
    assert_eq!(visitor.open(&form).await.texts(".row-title"), ["Connect your Jira"]);
    let log_in = demo.log_ins().into_iter().find(|it| it.method == "api_token").unwrap();
    let window = visitor.get("/connect").await;
    let typed = [
        ("version", log_in.version),
        ("site", &log_in.site),
        ("method", log_in.method),
        ("username", &log_in.username),
        ("secret", &log_in.secret),
    ];
    visitor.submit_and_follow(&window, "/connect", &typed).await;
    let page = visitor.open(&form).await;
    let plan = visitor.submit(&page, "/databases/new", &[]).await;
    let created = visitor.submit(&plan, "/databases", &[]).await;
    assert_eq!(created.status, 303, "{}", created.text);
    while gateway.inner.syncs.round().await.unwrap() > 0 {}
    let path = created.location().split('?').next().unwrap();
    for _ in 0..1_000 {
        if visitor.get(path).await.texts(".badge") == ["Synced with Jira"] {
            break;
        }
        tokio::task::yield_now().await;
    }
    let database = demo.notion.databases_on(PageId(0))[0];
    assert_eq!(demo.notion.rows(database).len(), 60);
    let mut notion = Visitor::of(demo.notion.url());
    notion.post("/log-in", &[("user", "0")]).await;
    let shown = notion.get("/pages/0").await;
    assert_eq!(shown.texts("tbody tr").len(), 60, "{}", shown.text);
}
