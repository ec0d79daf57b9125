//! A person chooses which custom fields the cards of one Jira show.

use jira_notion_gateway::clock::Clock;
use reqwest::Method;
use serde_json::{Value, json};

use super::visitor::{Page, Visitor};
use super::{cloud, data_center};
use crate::openapi;
use crate::world::gateway::{Api, Gateway};
use crate::world::jira::{Board, Custom, fields as f};
use crate::world::{FakeJira, Fault, Issue, Project};

/// Ana at a Jira whose issue OPS-9 has a value in many fields.
struct Scene {
    jira: FakeJira,
    gateway: Gateway,
    ana: Visitor,
    api: Api,
    /// `/connections/con_…/fields`
    path: String,
}

impl Scene {
    async fn new(jira: FakeJira) -> Self {
        jira.add_issue(
            Issue::new("OPS-9", "Pay by card")
                .story_points(5.0)
                .custom(f::SEVERITY, Custom::Choice("High"))
                .custom(f::COST, Custom::Number(12.5))
                .custom(f::PLATFORMS, Custom::Choices(&["iOS", "Web"]))
                .custom(f::CUSTOMER, Custom::Line("Teapot Ltd")),
        );
        jira.add_board(Board::kanban(6, "Support").in_project("OPS"));
        jira.add_board(Board::scrum(5, "OPS <board>").in_project("OPS"));
        let clock = Clock::manual(jira.now());
        let gateway = Gateway::with(&["--private-sites", "127.0.0.0/8"], clock).await;
        let mut ana = Visitor::signed_in(&gateway, "ana").await;
        let page = ana.connect(&jira, "ana", "/connections").await;
        let path = page.link("Fields on cards");
        let api = gateway.api("ana").await;
        Self { jira, gateway, ana, api, path }
    }

    fn api_path(&self) -> String {
        format!("/api/v1{}", self.path)
    }

    async fn page(&mut self) -> Page {
        let path = self.path.clone();
        self.ana.get(&path).await
    }

    /// Sends the form with these ticks.
    async fn send(&mut self, ticks: &[&str], more: &[(&str, &str)]) -> Page {
        let csrf = self.ana.csrf().await;
        let mut fields = vec![("csrf", csrf.as_str())];
        fields.extend(ticks.iter().map(|id| ("chosen", *id)));
        fields.extend(more);
        let path = self.path.clone();
        self.ana.post(&path, &fields).await
    }

    /// Saves these and goes on to the page.
    async fn save(&mut self, ticks: &[&str]) -> Page {
        let page = self.send(ticks, &[("do", "save")]).await;
        assert_eq!(page.status, 303, "{}", page.text);
        let to = page.location().to_owned();
        self.ana.get(&to).await
    }

    /// What is chosen, as the API tells it.
    async fn saved(&self) -> Vec<String> {
        let fields = self.api.get(&self.api_path()).await.json()["fields"].clone();
        let chosen = fields.as_array().unwrap().iter().filter(|field| field["chosen"] == true);
        chosen.map(|field| field["id"].as_str().unwrap().to_owned()).collect()
    }

    /// The custom fields on the card of OPS-9, asked for alone or with another.
    async fn on_card(&self, alone: bool) -> Vec<(String, String)> {
        let (nine, seven) = (self.jira.at("/browse/OPS-9"), self.jira.at("/browse/OPS-7"));
        let answer = match alone {
            true => self.api.one(&nine).await,
            false => self.api.resolve(&[&nine, &seven]).await.remove(0),
        };
        assert_eq!(answer["state"], "ready", "{answer}");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let facts = answer["preview"]["facts"].as_array().unwrap();
        let custom = facts.iter().filter(|fact| text(&fact["id"]).starts_with("customfield_"));
        custom.map(|fact| (text(&fact["id"]), text(&fact["value"]))).collect()
    }
}

fn ticked(page: &Page) -> Vec<String> {
    page.attributes("input[name=chosen][checked]", "value")
}

fn offered(page: &Page) -> Vec<String> {
    page.attributes("input[name=chosen]:not([checked])", "value")
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(id, value)| ((*id).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn cards_show_what_was_chosen_in_the_order_chosen() {
    for jira in [cloud().await, data_center().await] {
        // Cloud's own estimate is shown unasked, and before the others.
        let usual = if jira.personality().is_cloud() { vec![(f::STORY_POINTS_ON_CLOUD, "5")] } else { Vec::new() };
        let points = if jira.personality().is_cloud() { f::STORY_POINTS_ON_CLOUD } else { f::STORY_POINTS };
        let mut scene = Scene::new(jira).await;
        let page = scene.page().await;
        assert_eq!((page.status, page.one("h1").as_str()), (200, "Fields on cards"), "{}", page.text);
        assert!(ticked(&page).is_empty() && offered(&page).contains(&f::COST.to_owned()));
        assert_eq!(scene.on_card(true).await, pairs(&usual));

        let page = scene.save(&[f::COST, f::SEVERITY]).await;
        assert_eq!(page.one(".banner"), "Saved. Cards show these fields from now on.");
        assert_eq!(ticked(&page), [f::COST, f::SEVERITY]);
        let chosen = pairs(&[(f::COST, "12.5"), (f::SEVERITY, "High")]);
        let expected = [pairs(&usual), chosen].concat();
        assert_eq!(scene.on_card(true).await, expected, "at once, although the card was seen before");

        // Moved up, and not kept before it is saved.
        let up = scene.send(&[f::COST, f::SEVERITY], &[("up", f::SEVERITY), ("q", "cost")]).await;
        assert_eq!(up.status, 303);
        let to = up.location().to_owned();
        let page = scene.ana.get(&to).await;
        assert_eq!((ticked(&page), page.value("q")), (vec![f::SEVERITY.to_owned(), f::COST.to_owned()], "cost".into()));
        assert_eq!(page.one(".field-problem"), "Not saved yet.");
        assert_eq!(scene.on_card(true).await, expected);
        let (csrf, path) = (scene.ana.csrf().await, scene.path.clone());
        let form = [page.form(&path), vec![("do".to_owned(), "save".to_owned())]].concat();
        assert!(form.contains(&("csrf".to_owned(), csrf)));
        let request = scene.ana.request(Method::POST, &path).form(&form);
        assert_eq!(scene.ana.send(request).await.status, 303, "a browser sends the form as it stands");
        let chosen = pairs(&[(f::SEVERITY, "High"), (f::COST, "12.5")]);
        assert_eq!(scene.on_card(false).await, [pairs(&usual), chosen].concat(), "fetched together with another");

        // Who chooses the estimate chooses its place. What the issue lacks is simply not there.
        scene.save(&[f::CUSTOMER, points, f::LAUNCH]).await;
        let chosen = pairs(&[(f::CUSTOMER, "Teapot Ltd"), (points, "5")]);
        assert_eq!(scene.on_card(false).await, chosen);
        let page = scene.save(&[]).await;
        assert!(ticked(&page).is_empty());
        assert_eq!(scene.on_card(true).await, pairs(&usual));
    }
}

#[tokio::test]
async fn what_is_too_much_or_unknown_is_not_saved() {
    let mut scene = Scene::new(cloud().await).await;
    scene.save(&[f::COST]).await;
    let six = [f::COST, f::SEVERITY, f::PLATFORMS, f::CUSTOMER, f::LAUNCH, f::REVIEWER];
    let page = scene.send(&six, &[("do", "save"), ("q", "customer")]).await;
    assert_eq!(page.status, 422);
    let told = "You ticked 6 fields, but a card has room for 4. Untick 2, then save. Nothing was changed.";
    assert_eq!(page.one("[role=alert]"), told);
    assert_eq!((ticked(&page), page.value("q")), (six.map(str::to_owned).to_vec(), "customer".to_owned()));
    assert_eq!(scene.saved().await, [f::COST]);
    // What nobody could have ticked, and the same twice.
    let odd = ["summary", "customfield_99999", f::SEVERITY, f::SEVERITY, "customfield_1,customfield_2", "<b>", ""];
    let page = scene.save(&odd).await;
    assert_eq!(ticked(&page), [f::SEVERITY]);
}

#[tokio::test]
async fn a_field_is_found_by_name_type_and_id_and_ticks_stay_while_looking() {
    let mut scene = Scene::new(data_center().await).await;
    for (query, expected) in [
        ("cost", vec![f::COST]),
        ("  COST ", vec![f::COST]),
        ("10204", vec![f::COST]),
        ("date time", vec![f::FREEZE]),
        ("severity", vec![f::SEVERITY, f::SEVERITY_OF_TEAM]),
        ("<script>", vec![]),
    ] {
        let query_string = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", query).finish();
        let path = format!("{}?{query_string}", scene.path);
        let page = scene.ana.get(&path).await;
        assert_eq!(offered(&page), expected, "{query}");
        assert_eq!(page.value("q"), query.trim());
        assert!(!page.text.contains("<script>"));
    }
    let found = scene.send(&[f::COST], &[("do", "find"), ("q", "severity")]).await;
    assert_eq!(found.status, 303);
    let to = found.location().to_owned();
    let page = scene.ana.get(&to).await;
    assert_eq!((ticked(&page), offered(&page).len()), (vec![f::COST.to_owned()], 2));
    assert_eq!(page.one(".field-problem"), "Not saved yet.");
    assert!(scene.saved().await.is_empty());
    // All unticked is a choice, too.
    scene.save(&[f::COST]).await;
    let found = scene.send(&[], &[("do", "find"), ("q", "cost")]).await;
    let to = found.location().to_owned();
    let page = scene.ana.get(&to).await;
    assert_eq!((ticked(&page), offered(&page)), (vec![], vec![f::COST.to_owned()]));
}

#[tokio::test]
async fn fields_of_one_name_are_told_apart() {
    let jira = cloud().await;
    let team = jira.add_project(Project::new("TEAM", "Team's own").team_managed());
    let mut scene = Scene::new(jira).await;
    let path = format!("{}?q=severity", scene.path);
    let page = scene.ana.get(&path).await;
    let rows = page.texts("label.option");
    assert_eq!(
        rows,
        [
            format!("Severity choice · {}", f::SEVERITY),
            format!("Severity choice · {} · only in the project with the id {}", f::SEVERITY_OF_TEAM, team.id),
        ]
    );
}

#[tokio::test]
async fn two_thousand_fields_stay_usable() {
    let jira = cloud().await;
    jira.fault_at(
        "/rest/api/3/field",
        Fault::edit(|value| {
            let schema =
                json!({"type": "string", "custom": "com.atlassian.jira.plugin.system.customfieldtypes:textfield"});
            let row = |number: u32| {
                let (id, name) = (format!("customfield_{number}"), format!("Field {number}"));
                json!({"id": id, "name": name, "custom": true, "schema": schema.clone()})
            };
            if let Value::Array(rows) = value {
                rows.extend((20_000..22_000).map(row));
            }
        }),
    );
    let mut scene = Scene::new(jira).await;
    let page = scene.save(&["customfield_21999", f::COST]).await;
    assert_eq!(ticked(&page), ["customfield_21999", f::COST]);
    assert_eq!(offered(&page).len(), 50);
    assert!(page.text.contains("more: look for a part of the name."), "{}", page.text);
    assert!(page.text.len() < 60_000, "{} bytes", page.text.len());
    let path = format!("{}?q=2199", scene.path);
    let page = scene.ana.get(&path).await;
    assert_eq!(offered(&page), (21_990..21_999).map(|it| format!("customfield_{it}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_estimate_of_a_board_comes_first_and_costs_two_calls() {
    let agile = |jira: &FakeJira| {
        let calls = jira.calls();
        calls.by_call.iter().filter(|(call, _)| call.contains("/rest/agile/")).map(|(_, count)| *count).sum::<usize>()
    };
    // In the words of whoever asks, but found in spite of them.
    for locale in ["en_US", "de_DE"] {
        let jira = data_center().await;
        jira.change_person("ana", |ana| ana.locale = locale.to_owned());
        jira.fault_at(
            "/rest/api/2/field",
            Fault::edit(|value| {
                for row in value.as_array_mut().unwrap() {
                    row["name"] = format!("Feld {}", row["id"].as_str().unwrap()).into();
                }
            }),
        );
        let mut scene = Scene::new(jira).await;
        let page = scene.page().await;
        assert_eq!(offered(&page).first().map(String::as_str), Some(f::STORY_POINTS));
        assert_eq!(page.one(".field-note"), "estimate of board OPS <board>");
        assert_eq!(agile(&scene.jira), 2);
        scene.save(&[f::COST]).await;
        assert_eq!(agile(&scene.jira), 2, "once is enough");
    }
    // Cloud's own is known by its schema; the board says so, too.
    let mut scene = Scene::new(cloud().await).await;
    let page = scene.page().await;
    let notes = ["estimate of board OPS <board>", "on cards anyway; tick it to choose its place"];
    assert_eq!(
        (offered(&page).remove(0).as_str(), page.texts(".field-note")),
        (f::STORY_POINTS_ON_CLOUD, notes.map(str::to_owned).to_vec())
    );

    for fault in
        [Some(Fault::status(404)), Some(Fault::status(500)), Some(Fault::MalformedJson), Some(Fault::SignInPage), None]
    {
        let jira = data_center().await;
        match fault {
            Some(fault) => jira.fault_at("/rest/agile/", fault),
            None => jira.change_person("ana", |ana| *ana = ana.clone().without_software()),
        }
        let mut scene = Scene::new(jira).await;
        let page = scene.page().await;
        assert_eq!((page.status, page.texts(".field-note").len()), (200, 0), "{}", page.text);
        assert!(offered(&page).contains(&f::STORY_POINTS.to_owned()));
    }
}

#[tokio::test]
async fn what_jira_does_not_tell_loses_nothing() {
    let away = "Jira could not answer.";
    for (fault, told, code, status) in [
        (Fault::status(500), away, "unreachable", 422),
        (Fault::too_many("1800"), "Jira asked us to wait. Next try at ", "too_many_requests", 429),
        (Fault::MalformedJson, away, "unreachable", 422),
        (Fault::SignInPage, "Jira sent a sign-in page.", "unreachable", 422),
    ] {
        let jira = data_center().await;
        jira.fault_at("/rest/api/2/field", fault);
        let mut scene = Scene::new(jira).await;
        let page = scene.save(&[f::COST, f::SEVERITY]).await;
        assert_eq!(page.status, 200);
        let banner = page.one("[role=alert]");
        assert!(banner.contains(told) && banner.contains("What you have chosen stays."), "{banner}");
        assert_eq!((ticked(&page), offered(&page).len()), (vec![f::COST.to_owned(), f::SEVERITY.to_owned()], 0));
        assert_eq!(page.link("Try again"), scene.path);
        let reply = scene.api.get(&scene.api_path()).await;
        assert_eq!((reply.status.as_u16(), reply.json()["code"].as_str()), (status, Some(code)), "{}", reply.text);
        openapi::validate("listCardFields", status, &reply.json());
        // The form still works: taken away, and ticked before Jira went away.
        let page = scene.save(&[f::SEVERITY, f::CUSTOMER]).await;
        assert_eq!(ticked(&page), [f::SEVERITY, f::CUSTOMER]);
        scene.jira.heal();
        scene.gateway.inner.clock.advance(jiff::SignedDuration::from_hours(1));
        let page = scene.page().await;
        assert!(page.texts("[role=alert]").is_empty(), "Jira is asked again: {}", page.text);
        assert_eq!(scene.saved().await, [f::SEVERITY, f::CUSTOMER]);
    }
}

#[tokio::test]
async fn whose_sign_in_has_ended_is_led_to_it() {
    let mut scene = Scene::new(data_center().await).await;
    scene.jira.fault_at("/rest/agile/", Fault::SignInPage);
    scene.save(&[f::COST]).await;
    scene.jira.change_person("ana", |ana| ana.access_tokens.clear());
    let path = format!("{}?anew=1", scene.path);
    let mut calls = Vec::new();
    for _ in 0..2 {
        let page = scene.ana.get(&path).await;
        assert!(page.one("[role=alert]").contains("Your Jira sign-in has ended. Reconnect to see its fields."));
        let way = page.link("Go to your connections");
        assert_eq!((way.as_str(), ticked(&page)), ("/connections", vec![f::COST.to_owned()]));
        calls.push(scene.jira.calls().total);
    }
    let page = scene.page().await;
    assert!(page.texts("[role=alert]").is_empty(), "what is remembered can still be chosen from");
    assert_eq!(scene.save(&[f::SEVERITY]).await.texts("input[name=chosen][checked] ~ span strong"), ["Severity"]);
    calls.push(scene.jira.calls().total);
    assert!(calls.iter().all(|total| *total == calls[0]), "a refused token is not sent again: {calls:?}");
}

#[tokio::test]
async fn a_field_that_is_gone_is_marked_and_on_no_card() {
    let mut scene = Scene::new(cloud().await).await;
    scene.save(&[f::COST, f::SEVERITY]).await;
    scene.jira.fault_at(
        "/rest/api/3/field",
        Fault::edit(|value| {
            value.as_array_mut().unwrap().retain(|row| row["id"] != f::COST);
        }),
    );
    let path = format!("{}?anew=1", scene.path);
    let page = scene.ana.get(&path).await;
    assert_eq!(ticked(&page), [f::COST, f::SEVERITY]);
    assert!(page.one(".field-gone").contains("This Jira does not have it any more"), "{}", page.text);
    let reply = scene.api.get(&scene.api_path()).await.json();
    openapi::validate("listCardFields", 200, &reply);
    assert_eq!(reply["fields"][0], json!({"id": f::COST, "name": null, "type": null, "chosen": true}));
    scene.save(&[f::COST, f::SEVERITY, f::CUSTOMER]).await;
    let ids: Vec<_> = scene.on_card(true).await.into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, [f::STORY_POINTS_ON_CLOUD, f::SEVERITY, f::CUSTOMER]);
}

#[tokio::test]
async fn nobody_sees_or_changes_what_another_chose() {
    let mut scene = Scene::new(cloud().await).await;
    scene.save(&[f::COST]).await;
    let (mut ben, ben_api) = (Visitor::signed_in(&scene.gateway, "ben").await, scene.gateway.api("ben").await);
    let calls = scene.jira.calls().total;
    let csrf = ben.csrf().await;
    let choice = json!({"chosen": [f::SEVERITY]});
    for path in
        [scene.path.clone(), "/connections/con_00000000000000000000/fields".into(), "/connections/x/fields".into()]
    {
        assert_eq!(ben.get(&path).await.status, 404, "{path}");
        let sent = ben.post(&path, &[("csrf", csrf.as_str()), ("chosen", f::SEVERITY), ("do", "save")]).await;
        assert_eq!(sent.status, 404, "{path}");
        let path = format!("/api/v1{path}");
        let (listed, set) = (ben_api.get(&path).await, ben_api.send(Method::PUT, &path, Some(&choice)).await);
        for (operation, reply) in [("listCardFields", listed), ("chooseCardFields", set)] {
            assert_eq!((reply.status.as_u16(), reply.json()["code"].as_str()), (404, Some("not_found")));
            openapi::validate(operation, 404, &reply.json());
        }
    }
    assert_eq!((scene.jira.calls().total, scene.saved().await), (calls, vec![f::COST.to_owned()]));
    // Without the form's own value nothing is saved either.
    let path = scene.path.clone();
    assert_eq!(scene.ana.post(&path, &[("chosen", f::SEVERITY), ("do", "save")]).await.status, 403);
    assert_eq!(scene.saved().await, [f::COST]);
    // Ben's own choice at the same Jira is his own.
    let page = ben.connect(&scene.jira, "ben", "/connections").await;
    let page = ben.get(&page.link("Fields on cards")).await;
    assert!(ticked(&page).is_empty());
}

#[tokio::test]
async fn the_api_does_the_same() {
    let scene = Scene::new(data_center().await).await;
    let path = scene.api_path();
    let put = async |body: &Value| scene.api.send(Method::PUT, &path, Some(body)).await;
    let listed = scene.api.get(&path).await.json();
    openapi::validate("listCardFields", 200, &listed);
    let rows = listed["fields"].as_array().unwrap();
    assert!(rows.contains(&json!({"id": f::COST, "name": "Cost", "type": "number", "chosen": false})), "{listed}");
    assert!(rows.iter().all(|row| row["id"] != f::SPRINT && row["id"] != "summary"));

    let set = put(&json!({"chosen": [f::SEVERITY, f::COST]})).await;
    assert_eq!(set.status, 200, "{}", set.text);
    openapi::validate("chooseCardFields", 200, &set.json());
    assert_eq!(set.json(), scene.api.get(&path).await.json());
    assert_eq!(scene.saved().await, [f::SEVERITY, f::COST]);
    assert_eq!(scene.on_card(true).await, pairs(&[(f::SEVERITY, "High"), (f::COST, "12.5")]));

    let five = [f::SEVERITY, f::COST, f::LAUNCH, f::CUSTOMER, f::TAGS];
    for (body, status, code) in [
        (json!({"chosen": five}), 422, "invalid_request"),
        (json!({"chosen": [f::COST, f::COST]}), 422, "invalid_request"),
        (json!({"chosen": ["customfield_99999"]}), 422, "invalid_request"),
        (json!({"chosen": ["summary"]}), 422, "invalid_request"),
        (json!({"chosen": f::COST}), 422, "invalid_request"),
        (json!({"chosen": [], "order": 1}), 422, "invalid_request"),
        (json!({}), 422, "invalid_request"),
    ] {
        let reply = put(&body).await;
        assert_eq!((reply.status.as_u16(), reply.json()["code"].as_str()), (status, Some(code)), "{body}");
        openapi::validate("chooseCardFields", status, &reply.json());
    }
    assert_eq!(scene.saved().await, [f::SEVERITY, f::COST]);
    assert_eq!(put(&json!({"chosen": []})).await.status, 200);
    assert!(scene.saved().await.is_empty());
}
