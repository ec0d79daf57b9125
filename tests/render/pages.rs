//! Every page: what a browser's policy, a keyboard and a screen reader need of it.

use std::collections::BTreeSet;

use jira_notion_gateway::jira::key::Deployment;
use jira_notion_gateway::render::assets;
use jira_notion_gateway::render::page::{ConnectForm, Method, Theme};
use scraper::{ElementRef, Html, Selector};

use super::gallery;

fn all(page: &Html, selector: &str) -> Vec<String> {
    select(page, selector).into_iter().map(|element| element.html()).collect()
}

fn select<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

fn page(name: &str) -> Html {
    let (_, html) = gallery::pages().into_iter().find(|(other, _)| other == name).unwrap();
    Html::parse_document(&html)
}

#[test]
fn pages_obey_the_policy_and_keep_the_rules_of_access() {
    for (name, html) in gallery::pages() {
        let page = Html::parse_document(&html);
        assert!(page.errors.is_empty(), "{name}: {:?}", page.errors);
        assert!(
            all(&page, "[style], style, script:not([src]), [onclick], [onsubmit], iframe, img[src*='//']").is_empty(),
            "{name}"
        );
        for picture in select(&page, "img") {
            let told = ["alt", "loading", "referrerpolicy"].map(|name| picture.attr(name));
            assert_eq!(told, [Some(""), Some("lazy"), Some("no-referrer")], "{name}");
            assert!(picture.attr("width").is_some() && picture.attr("height").is_some(), "{name}");
        }
        for element in select(&page, "link[href]:not([rel=alternate]), script[src]") {
            let path = element.attr("href").or(element.attr("src")).unwrap();
            assert!(assets::find(path).is_some(), "{name}: {path}");
        }
        assert_eq!(all(&page, "title").len(), 1, "{name}");
        if !name.starts_with("preview") {
            assert_eq!(all(&page, "h1").len(), 1, "{name}");
            assert_eq!(all(&page, "a.skip[href='#main']").len(), 1, "{name}");
        }
        let ids: Vec<_> = select(&page, "[id]").iter().map(|element| element.attr("id").unwrap().to_owned()).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{name}: an id stands twice");
        for element in select(&page, "[aria-describedby], [aria-labelledby], label[for]") {
            let attributes = ["aria-describedby", "aria-labelledby", "for"];
            for id in attributes.iter().filter_map(|attribute| element.attr(attribute)).flat_map(str::split_whitespace)
            {
                assert!(ids.iter().any(|known| known == id), "{name}: #{id} is not there");
            }
        }
        for input in select(&page, "input:not([type=hidden]):not([type=radio]), textarea") {
            let id = input.attr("id").unwrap();
            assert_eq!(all(&page, &format!("label[for='{id}']")).len(), 1, "{name}: {id} has no label");
        }
        for form in select(&page, "form[method=post]") {
            let csrf: Vec<_> = form.select(&Selector::parse("input[name=csrf]").unwrap()).collect();
            assert_eq!(csrf.len(), 1, "{name}");
            assert_eq!(csrf[0].attr("value"), Some("csrf-value"), "{name}");
        }
        for link in select(&page, "a[target=_blank]") {
            assert!(link.attr("rel").is_some_and(|rel| rel == "noopener noreferrer" || rel == "opener"), "{name}");
        }
        assert!(!html.contains("{{") && !html.contains("{%"), "{name}");
    }
}

#[test]
fn the_connect_window_has_the_fields_of_the_contract() {
    for name in ["connect-cloud", "connect-cloud-oauth", "connect-own", "connect-wrong"] {
        let page = page(name);
        assert_eq!(all(&page, "form[method=post][action='/connect']").len(), 1);
        let names: BTreeSet<_> = select(&page, "form.connect [name]")
            .iter()
            .map(|element| element.attr("name").unwrap().to_owned())
            .collect();
        let expected = ["csrf", "expires_at", "method", "return_to", "secret", "site", "username", "version"];
        assert_eq!(names.iter().map(String::as_str).collect::<Vec<_>>(), expected, "{name}");
        let button = select(&page, "form.connect button");
        assert_eq!(button.len(), 1);
        assert_eq!(button[0].text().collect::<String>(), "Authenticate");
        let values = |field: &str| -> Vec<String> {
            select(&page, &format!("input[name={field}]"))
                .iter()
                .map(|element| element.attr("value").unwrap().to_owned())
                .collect()
        };
        assert_eq!(values("version"), ["cloud", "data_center", "server"]);
        let methods = values("method");
        assert_eq!(methods.contains(&"oauth".to_owned()), name == "connect-cloud-oauth");
        let token = methods.iter().position(|method| method == "personal_access_token").unwrap();
        let password = methods.iter().position(|method| method == "password").unwrap();
        assert!(token < password, "the token comes first, the password is visible beside it");
        for field in ["version", "method"] {
            assert_eq!(all(&page, &format!("input[name={field}][checked]")).len(), 1, "{name}: {field}");
        }
    }
}

#[test]
fn a_failed_try_keeps_everything_but_the_secret() {
    let mut told = BTreeSet::new();
    for (name, _) in gallery::problems() {
        let page = page(&format!("connect-{name}"));
        let value = |field: &str| {
            let input = select(&page, &format!("input[name={field}]"))[0];
            input.attr("value").map(str::to_owned)
        };
        assert_eq!(value("site").as_deref(), Some("https://jira.example.org:8443/jira"), "{name}");
        assert_eq!(value("username").as_deref(), Some("ana"));
        assert_eq!(value("return_to").as_deref(), Some("/"));
        assert_eq!(value("secret"), None, "the secret never comes back");
        assert_eq!(all(&page, "input[value=server][checked], input[value=password][checked]").len(), 2);
        let banner: String = select(&page, "[role=alert]")[0].text().collect();
        assert!(told.insert(banner), "{name}: every failure has words of its own");
    }
}

#[test]
fn the_method_is_always_one_that_the_version_has() {
    let table = [
        ("https://acme.atlassian.net", None, None, Deployment::Cloud, Method::ApiToken),
        ("", None, None, Deployment::Cloud, Method::ApiToken),
        ("https://jira.example.org", None, None, Deployment::DataCenter, Method::PersonalAccessToken),
        (
            "https://jira.example.org",
            Some(Deployment::Server),
            Some(Method::Password),
            Deployment::Server,
            Method::Password,
        ),
        (
            "https://jira.example.org",
            Some(Deployment::Cloud),
            Some(Method::Password),
            Deployment::Cloud,
            Method::ApiToken,
        ),
        (
            "https://jira.example.org",
            Some(Deployment::DataCenter),
            Some(Method::ApiToken),
            Deployment::DataCenter,
            Method::PersonalAccessToken,
        ),
        ("https://acme.atlassian.net", None, Some(Method::Oauth), Deployment::Cloud, Method::Oauth),
    ];
    for (site, version, method, expected_version, expected_method) in table {
        let form = ConnectForm { site: site.to_owned(), version, method, ..ConnectForm::default() };
        assert_eq!((form.chosen_version(), form.chosen_method()), (expected_version, expected_method), "{site}");
    }
    for method in ["api_token", "password", "personal_access_token", "oauth"] {
        assert_eq!(Method::parse(method).unwrap().as_str(), method);
    }
}

#[test]
fn the_tiles_have_the_names_of_notions_help() {
    let page = page("connections");
    let tiles: Vec<String> = select(&page, ".tile-card h3").iter().map(|tile| tile.text().collect()).collect();
    assert_eq!(tiles, ["Jira", "Jira preview (Data center)"]);
    let buttons: Vec<String> = select(&page, ".tile-card a.button").iter().map(|link| link.text().collect()).collect();
    assert_eq!(buttons, ["Connect", "Connect"]);
    assert_eq!(
        all(
            &page,
            "form[action='/connections/con_3/remove'] button, form[action='/connections/con_3/reconnect'] button"
        )
        .len(),
        2
    );
}

#[test]
fn a_theme_that_is_asked_for_wins() {
    assert_eq!(all(&page("preview-card-dark"), "html[data-theme=dark]").len(), 1);
    assert_eq!(all(&page("preview-card-light"), "html[data-theme=light]").len(), 1);
    assert!(all(&page("preview-mention"), "html[data-theme]").is_empty());
    assert_eq!(Theme::parse("dark"), Theme::Dark);
    assert_eq!(Theme::parse("\"><script>"), Theme::System);
}

#[test]
fn a_token_is_shown_once_and_only_there() {
    let shown = page("account");
    let codes: Vec<String> = select(&shown, ".token code").iter().map(|code| code.text().collect()).collect();
    assert_eq!(codes, ["jng_5Fq2vS8nB1xW7kT0yR4uC6eH9aL3pD"]);
    assert!(all(&page("account-empty"), ".token").is_empty());
}

#[test]
fn every_error_page_leads_on() {
    for name in ["problem-401", "problem-404", "problem-421", "problem-429", "problem-500"] {
        let page = page(name);
        assert!(!all(&page, ".ways a[href]").is_empty(), "{name}");
        assert!(!all(&page, "h1").is_empty(), "{name}");
    }
}

#[test]
fn the_fields_on_cards_are_one_form_without_script() {
    for name in ["fields", "fields-empty", "fields-too-many", "fields-untold"] {
        let (_, html) = gallery::pages().into_iter().find(|(other, _)| other == name).unwrap();
        let main = html.split_once("<main").unwrap().1.split_once("</main>").unwrap().0;
        insta::assert_snapshot!(name, main);
        let page = Html::parse_document(&html);
        assert_eq!(all(&page, "main form[method=post]").len(), 1);
        // Enter in the search looks for fields: a browser takes the first button of the form.
        let first = select(&page, "main form button")[0].value().attr("value");
        assert_eq!(first, Some("find"), "{name}");
    }
}
