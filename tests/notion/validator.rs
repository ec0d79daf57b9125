//! What Notion's attributes may be: each rule with something that keeps it and something that breaks it
//! (notion-link-preview §5, §9).

use serde_json::{Value, json};

use crate::world::notion::Strictness::{self, Lenient, Strict};
use crate::world::notion::validator::{MATRIX, Problem, Speech, Update, read};

fn attribute(id: &str, kind: &str, value: &Value, section: &str) -> Value {
    json!({"id": id, "name": id, "type": "inline", "inline": {kind: {"value": value, "section": section}}})
}

fn title() -> Value {
    attribute("title", "title", &json!("The Link Preview's Title"), "title")
}

fn dev() -> Value {
    let mut dev = attribute("dev", "plain_text", &json!("Acme Inc"), "secondary");
    dev["name"] = json!("Developer Name");
    dev
}

fn body(attributes: &[Value]) -> Value {
    json!({"uri": "http://example.com/file/123", "operations": [{"path": ["attributes"], "set": attributes}]})
}

/// With one more attribute.
fn with(attribute: Value) -> Value {
    body(&[title(), dev(), attribute])
}

fn faults(body: &Value, speech: Speech, strictness: Strictness) -> Vec<String> {
    read(body, speech, strictness).err().unwrap_or_default()
}

#[track_caller]
fn good(body: &Value) -> Update {
    read(body, Speech::Unfurl, Strict).unwrap_or_else(|faults| panic!("{body}: {faults:?}")).1
}

#[track_caller]
fn bad(body: &Value, words: &str) {
    let faults = faults(body, Speech::Unfurl, Strict);
    assert!(faults.first().is_some_and(|it| it.contains(words)), "{body}: {faults:?}");
}

#[test]
fn the_samples_of_the_documents_are_good() {
    let colour = json!({"r": 235, "g": 64, "b": 52});
    let sample = with(attribute("color", "color", &colour, "background"));
    assert_eq!(good(&sample).attributes.unwrap().len(), 3);
    let error = json!({"path": ["error"], "set": {"status": 404, "message": "Content not found"}});
    let alone = json!({"uri": "http://example.com/file/123", "operations": [error]});
    let update = Update { attributes: None, error: Some(Problem::new(404, "Content not found")) };
    assert_eq!(good(&alone), update);
    let mut both = sample;
    both["operations"].as_array_mut().unwrap().push(error);
    let update = good(&both);
    assert!(update.attributes.is_some() && update.error.is_some());
    // A push without the developer is in the documents as well.
    assert!(faults(&body(&[title()]), Speech::Push, Strict).is_empty());
}

#[test]
fn every_pair_of_section_and_sub_type() {
    let colour = json!({"r": 1, "g": 2, "b": 3});
    let values = [
        ("plain_text", json!("text")),
        ("color", colour),
        ("date", json!("2026-11-14")),
        ("datetime", json!("2022-01-11T19:53:18.829Z")),
        ("enum", json!("Done")),
    ];
    let mut kept = 0;
    for (section, kinds) in MATRIX {
        for (kind, value) in &values {
            let body = with(attribute("x", kind, value, section));
            match kinds.contains(kind) {
                true => kept += usize::from(good(&body).attributes.is_some()),
                false => bad(&body, "does not take this sub-type"),
            }
        }
        for kind in ["image", "html", "audio", "video", "pdf"] {
            let embed = json!({"src_url": "https://acme.example/x.png", kind: {"section": section}});
            let body = with(json!({"id": "x", "name": "X", "type": "embed", "embed": embed}));
            match kinds.contains(&kind) {
                true => kept += usize::from(good(&body).attributes.is_some()),
                false => bad(&body, "does not take this sub-type"),
            }
        }
    }
    // All pairs of the table but the title's own.
    assert_eq!(kept, MATRIX.iter().map(|(_, kinds)| kinds.len()).sum::<usize>() - 1);
    bad(&with(attribute("x", "plain_text", &json!("text"), "subtitle")), "section");
    bad(&with(attribute("x", "link", &json!("text"), "primary")), "link");
}

#[test]
fn values_must_be_what_they_say() {
    for (kind, section, value) in [
        ("color", "background", json!({"r": 256, "g": 0, "b": 0})),
        ("color", "background", json!({"r": 1.5, "g": 0, "b": 0})),
        ("color", "background", json!({"r": 1, "g": 0})),
        ("color", "background", json!({"r": 1, "g": 0, "b": 0, "a": 1})),
        ("color", "entity", json!("#ff0000")),
        ("date", "primary", json!("14.11.2026")),
        ("date", "primary", json!("2026-02-30")),
        ("date", "primary", json!("2026-11-14T00:00:00Z")),
        ("datetime", "secondary", json!("2026-11-14")),
        ("datetime", "secondary", json!("2026-11-14T10:00:00")),
        ("plain_text", "body", json!(7)),
        ("enum", "primary", json!(null)),
    ] {
        bad(&with(attribute("x", kind, &value, section)), &format!("value is no {kind}"));
    }
    let mut pill = attribute("status", "enum", &json!("Done"), "primary");
    pill["inline"]["enum"]["color"] = json!({"r": 20, "g": 97, "b": 47});
    good(&with(pill.clone()));
    pill["inline"]["enum"]["color"] = json!("green");
    bad(&with(pill), "color is no color");
    for url in ["http://acme.example/x.png", "/x.png", "x"] {
        let embed = json!({"src_url": url, "image": {"section": "entity"}});
        bad(&with(json!({"id": "x", "name": "X", "embed": embed})), "src_url should be an absolute https URL");
    }
}

#[test]
fn nothing_is_missing_and_nothing_is_made_up() {
    bad(&body(&[title()]), "should have a dev");
    bad(&body(&[dev()]), "should have one title");
    bad(&body(&[title(), dev(), attribute("heading", "title", &json!("Again"), "title")]), "should have one title");
    bad(&body(&[attribute("name", "title", &json!("Title"), "title"), dev()]), "should have one title");
    bad(&body(&[title(), attribute("dev", "plain_text", &json!("Acme"), "secondary")]), "dev should be");
    let change = |change: &dyn Fn(&mut Value)| {
        let mut body = with(attribute("x", "plain_text", &json!("text"), "primary"));
        change(&mut body);
        body
    };
    let in_x = |name: &'static str, value: Value| {
        change(&move |body: &mut Value| body["operations"][0]["set"][2][name] = value.clone())
    };
    bad(&in_x("type", json!("embed")), "type should be inline");
    bad(&in_x("type", json!(null)), "type should be inline");
    bad(&in_x("id", json!("")), "id should be a text");
    bad(&in_x("name", json!(null)), "name should be a text");
    bad(&in_x("href", json!("https://acme.example")), "href is unknown");
    bad(&in_x("embed", json!({})), "one of inline and embed");
    bad(&change(&|body| body["operations"][0]["set"][2]["inline"]["date"] = json!({})), "one sub-type");
    bad(&change(&|body| body["user"] = json!("nora")), "body.user is unknown");
    bad(&change(&|body| body["operations"][0]["op"] = json!("set")), "operations[0].op is unknown");
    bad(&change(&|body| body["operations"][0]["path"] = json!("attributes")), "path should be");
    bad(&change(&|body| body["operations"][0]["path"] = json!(["attributes", "title"])), "path should be");
    bad(&change(&|body| body["operations"][0]["set"] = json!({})), "set should be a list");
    bad(&change(&|body| body["operations"] = json!([])), "should be a list that is not empty");
    bad(&change(&|body| body["uri"] = json!(null)), "body.uri should be a text");
    bad(&json!([]), "body should be an object");
    let twice = change(&|body| {
        let operation = body["operations"][0].clone();
        body["operations"].as_array_mut().unwrap().push(operation);
    });
    bad(&twice, "has the path of another");
}

#[test]
fn errors_have_a_status_and_a_message() {
    let error = |set: Value| json!({"uri": "u", "operations": [{"path": ["error"], "set": set}]});
    good(&error(json!({"status": 403, "message": "Access denied"})));
    for status in [json!(200), json!(399), json!(600), json!("404"), json!(404.5), json!(null)] {
        bad(&error(json!({"status": status, "message": "x"})), "status should be a number");
    }
    bad(&error(json!({"status": 404, "message": ""})), "message should be a text");
    bad(&error(json!({"status": 404, "message": "x", "code": "gone"})), "code is unknown");
}

#[test]
fn the_last_attribute_of_an_id_counts() {
    let later = attribute("title", "title", &json!("Later"), "title");
    let kept = good(&body(&[title(), dev(), later.clone()])).attributes.unwrap();
    assert_eq!(kept, [dev(), later]);
}

#[test]
fn a_relation_is_accepted() {
    let relation = json!({"uri": "acme:item_state/open", "mention": {"section": "primary"}});
    good(&with(json!({"id": "state", "name": "State", "type": "relation", "relation": relation})));
}

#[test]
fn lenient_takes_what_an_integration_in_production_sends() {
    let untyped = json!({"id": "title", "name": "Title", "inline": {"title": {"value": "Book", "section": "title"}}});
    let media = json!({"id": "media", "name": "Embed", "embed": {"src_url": "https://a.example/x.png", "image": {"section": "embed"}}});
    let body = body(&[untyped, media]);
    assert!(faults(&body, Speech::Unfurl, Lenient).is_empty());
    assert!(!faults(&body, Speech::Unfurl, Strict).is_empty());
    for broken in
        [json!({}), json!({"uri": "u", "operations": []}), json!({"uri": "u", "operations": [{"path": ["x"]}]})]
    {
        assert!(!faults(&broken, Speech::Unfurl, Lenient).is_empty(), "{broken}");
    }
}
