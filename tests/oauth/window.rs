//! The window and the list of connections where people can be asked for consent: what is offered, what is said.

use jira_notion_gateway::clock::Clock;

use super::town::Town;
use crate::pages::visitor::{Page, Visitor};
use crate::world::gateway::Gateway;

/// What may follow a form, by the one policy of the page.
fn form_action(page: &Page) -> String {
    let policies: Vec<_> = page.reply.headers.get_all("content-security-policy").iter().collect();
    assert_eq!(policies.len(), 1, "browsers obey all of them");
    let policy = policies[0].to_str().unwrap();
    policy.split("; ").find_map(|rule| rule.strip_prefix("form-action ")).unwrap().to_owned()
}

fn method(page: &Page) -> Vec<String> {
    page.attributes("input[name=method][checked]", "value")
}

#[tokio::test]
async fn a_form_leads_away_only_where_a_provider_is_and_to_plain_http_only_where_that_has_no_https() {
    let app = ["--jira-client-id", "us", "--jira-client-secret", "ours"];
    let at = async |flags: &[&str]| {
        let gateway = Gateway::with(flags, Clock::system()).await;
        form_action(&Visitor::new(&gateway).get("/connect").await)
    };
    assert_eq!(at(&[]).await, "'self'");
    assert_eq!(at(&app).await, "'self' https:");
    assert_eq!(at(&[&app[..], &["--atlassian-auth-url", "http://127.0.0.1:1"]].concat()).await, "'self' https: http:");
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    assert_eq!(form_action(&ana.get("/connect").await), "'self' https: http:");
    assert_eq!(form_action(&ana.get("/connections").await), "'self'");
}

#[tokio::test]
async fn consent_is_offered_and_chosen_where_the_gateway_is_registered() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    let plant = town.plant.url();
    let no_context = plant.trim_end_matches("/jira");
    for (query, offered, chosen) in [
        ("".to_owned(), true, "oauth"),
        ("?version=data_center".to_owned(), true, "oauth"),
        (format!("?site={plant}"), true, "oauth"),
        // Its context path is found when it is asked.
        (format!("?site={no_context}"), true, "oauth"),
        (format!("?site={}", town.old.url()), true, "oauth"),
        (format!("?site={plant}&method=password"), true, "password"),
        // A row of the list, to be connected again.
        (format!("?site={plant}&version=data_center&method=oauth2"), true, "oauth"),
        ("?site=https%3A%2F%2Facme.atlassian.net".to_owned(), true, "oauth"),
        ("?site=https%3A%2F%2Facme.atlassian.net&method=api_token".to_owned(), true, "api_token"),
        ("?site=https%3A%2F%2Fother.example".to_owned(), false, "personal_access_token"),
        ("?site=https%3A%2F%2Fother.example&method=oauth".to_owned(), false, "personal_access_token"),
    ] {
        let page = ana.get(&format!("/connect{query}")).await;
        let options = page.texts("label:has(#method-oauth) strong");
        // For Cloud it always stands there, hidden until that is chosen.
        assert_eq!(
            options.iter().any(|it| it == "Sign in at Jira"),
            offered && !query.contains("atlassian.net"),
            "{query}"
        );
        assert!(options.iter().any(|it| it == "Sign in with Atlassian"), "{query}");
        assert_eq!(method(&page), [chosen], "{query}");
    }
    let page = ana.get("/connections").await;
    let tiles = page.texts(".tile-card p");
    assert!(tiles[0].contains("With one click"), "{tiles:?}");
    assert!(tiles[1].starts_with("Jira Data Center or Server") && tiles[1].contains("plant and old with one click"));
}

#[tokio::test]
async fn a_secret_is_used_where_the_choice_of_consent_was_hidden() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    // `beta` is not listed: for all that the window knows it is a Data Center without OAuth. Without script the choice of the
    // empty window is still there when the person has typed a secret.
    let window = ana.get("/connect").await;
    let (site, calls) = (town.beta.url(), town.beta.calls().with_credential);
    let fields = [("version", "data_center"), ("site", &site), ("method", "oauth"), ("secret", "a-token")];
    let page = ana.submit(&window, "/connect", &fields).await;
    // What it is, is found out before anything is sent.
    assert_eq!(
        (page.status, page.one("#problem strong").as_str()),
        (422, "This Jira does not know this way to sign in")
    );
    assert_eq!((method(&page), town.beta.calls().with_credential), (vec!["personal_access_token".to_owned()], calls));
    // Where consent is to be had, it is what was chosen, whatever stands in a field that nobody sees.
    let site = town.plant.url();
    let fields = [("version", "data_center"), ("site", &site), ("method", "oauth"), ("secret", "left over")];
    let page = ana.submit(&window, "/connect", &fields).await;
    assert!(page.status == 303 && page.location().starts_with(&town.plant.at("/rest/oauth2/")), "{}", page.text);
}

#[tokio::test]
async fn a_cloud_site_under_a_name_of_its_own_is_known_once_the_operator_has_named_it() {
    let jira = crate::world::FakeJira::start(crate::world::Personality::cloud()).await;
    let folder = std::sync::Arc::new(tempfile::tempdir().unwrap());
    let config = folder.path().join("gateway.toml");
    let file = format!("private_sites = '127.0.0.0/8'\n[[site]]\nurl = '{}'\nname = 'own'\n", jira.url());
    std::fs::write(&config, file).unwrap();
    let gateway = Gateway::at(folder.clone(), &["--config", config.to_str().unwrap()], Clock::system()).await;
    let mut ana = Visitor::new(&gateway);
    let versions = async |ana: &mut Visitor, site: &str| {
        let page = ana.get(&format!("/connect?site={site}")).await;
        page.attributes("input[name=version][checked]", "value")
    };
    for _ in 0..3 {
        assert_eq!(versions(&mut ana, &jira.url()).await, ["cloud"]);
    }
    let asked = jira.calls().total;
    assert!((1..=2).contains(&asked), "once for all windows: {asked}");
    assert!(jira.log().iter().all(|request| request.asked.header("authorization").is_none()), "anonymous");
    // Nobody else is looked at before somebody presses the button.
    let other = crate::world::FakeJira::start(crate::world::Personality::cloud()).await;
    assert_eq!(versions(&mut ana, &other.url()).await, ["data_center"]);
    assert_eq!(other.calls().total, 0);
}

#[tokio::test]
async fn a_host_that_was_not_granted_is_repeated_only_if_it_is_one_and_something_was_granted() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    let alerts = async |ana: &mut Visitor, host: &str| {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("not_granted", host).finish();
        ana.get(&format!("/connections?{query}")).await.texts("[role=alert]")
    };
    assert!(alerts(&mut ana, "gamma.atlassian.net").await.is_empty(), "nobody was let in to anything");
    town.connect(&mut ana, &town.acme, "/").await;
    for host in ["gamma.atlassian.net", "127.0.0.1:8080", "jira.example"] {
        let said = alerts(&mut ana, host).await.concat();
        assert!(said.contains("You let us in to 127.0.0.1:"), "{said}");
        assert!(said.contains(&format!("but your link lies at {host}. Connect again and choose it.")), "{said}");
    }
    let long = format!("{}.example", "a".repeat(300));
    for text in [
        "",
        " ",
        "<script>",
        "call 555 now",
        "evil.example/path",
        "//evil.example",
        "ana@evil.example",
        &long,
        "EVIL.example",
    ] {
        assert!(alerts(&mut ana, text).await.is_empty(), "{text}");
    }
}

#[tokio::test]
async fn removing_says_what_the_provider_goes_on_listing() {
    let town = Town::start().await;
    let mut ana = Visitor::new(&town.gateway);
    let remove = async |ana: &mut Visitor| {
        let page = ana.get("/connections").await;
        let remove = |action: &String| action.ends_with("/remove");
        let action = page.attributes("form[action]", "action").into_iter().find(remove).unwrap();
        ana.submit_and_follow(&page, &action, &[]).await.one("[role=status]")
    };
    town.connect(&mut ana, &town.acme, "/").await;
    // Two sites of one grant.
    assert!(remove(&mut ana).await.contains("its tokens stay until the last of them is removed"));
    assert!(remove(&mut ana).await.contains("id.atlassian.com → Connected apps"));
    for jira in [&town.plant, &town.old] {
        town.connect(&mut ana, jira, "/").await;
        assert!(remove(&mut ana).await.contains("Profile, Authorized applications"));
    }
    let page = ana.get("/connections?removed=%3Cscript%3E").await;
    assert!(page.texts("[role=status]").is_empty());
}
