//! The OpenAPI document is true: it holds together, its examples fit its schemas, and other tests check real answers
//! against it with [`validate`].

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::{Value, json};

/// What is served at `/api/v1/openapi.json`.
pub const TEXT: &str = include_str!("../src/http/openapi.json");

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(TEXT).expect("the document is JSON"));

/// Checks the body of a real answer of an operation (`resolveOne`, `addConnection`, …) with this status.
pub fn validate(operation: &str, status: u16, body: &Value) {
    let (path, found) = operations().find(|(_, it)| it["operationId"] == operation).expect("a known operation");
    let response = follow(&found["responses"][status.to_string()]);
    assert!(response.is_object(), "{operation} ({path}) does not describe status {status}: {body}");
    let Some((_, content)) = media(response) else { panic!("{operation} {status} has no body, but there is {body}") };
    let problems = problems(&content["schema"], body);
    assert!(problems.is_empty(), "{operation} {status}: {}\n{body:#}", problems.join("\n"));
}

/// What is wrong with a value by a schema of the document.
fn problems(schema: &Value, value: &Value) -> Vec<String> {
    // References begin at the root of the document, so the components travel with the schema.
    let whole = json!({ "allOf": [schema], "components": DOCUMENT["components"] });
    let validator = jsonschema::options().should_validate_formats(true).build(&whole).expect("a good schema");
    validator.iter_errors(value).map(|error| format!("{} at {}", error, error.instance_path())).collect()
}

/// All operations with their paths.
fn operations() -> impl Iterator<Item = (&'static str, &'static Value)> {
    let paths = DOCUMENT["paths"].as_object().expect("paths").iter();
    paths.flat_map(|(path, item)| item.as_object().expect("a path").values().map(move |it| (path.as_str(), it)))
}

fn media(holder: &Value) -> Option<(&String, &Value)> {
    holder["content"].as_object()?.iter().next()
}

fn follow(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        None => value,
        Some(reference) => DOCUMENT.pointer(reference.trim_start_matches('#')).expect(reference),
    }
}

/// Calls `visit` for every object of the document.
fn each_object(value: &Value, visit: &mut impl FnMut(&serde_json::Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            visit(object);
            object.values().for_each(|value| each_object(value, visit));
        }
        Value::Array(items) => items.iter().for_each(|item| each_object(item, visit)),
        _ => {}
    }
}

#[test]
fn the_document_is_openapi_3_1_of_this_version() {
    assert_eq!(DOCUMENT["openapi"], "3.1.0");
    assert_eq!(DOCUMENT["info"]["version"], env!("CARGO_PKG_VERSION"));
    let mut ids = BTreeSet::new();
    for (path, operation) in operations() {
        let id = operation["operationId"].as_str().expect(path);
        assert!(ids.insert(id), "{id} names two operations");
        assert!(operation["summary"].is_string(), "{id}");
        let in_path = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let parameters: Vec<_> = operation["parameters"].as_array().into_iter().flatten().collect();
        for name in in_path {
            assert!(parameters.iter().any(|it| it["name"] == name && it["in"] == "path"), "{id} lacks {name}");
        }
    }
    assert_eq!(ids.len(), 25, "{ids:?}");
}

#[test]
fn every_reference_leads_somewhere_and_everything_is_used() {
    let mut used = BTreeSet::new();
    each_object(&DOCUMENT, &mut |object| {
        if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
            assert!(DOCUMENT.pointer(reference.trim_start_matches('#')).is_some(), "{reference} leads nowhere");
            used.insert(reference.to_owned());
        }
    });
    for kind in ["schemas", "responses"] {
        for name in DOCUMENT["components"][kind].as_object().unwrap().keys() {
            assert!(used.contains(&format!("#/components/{kind}/{name}")), "nobody uses {name}");
        }
    }
}

#[test]
fn every_example_fits_its_schema() {
    let mut checked = 0;
    for (_, operation) in operations() {
        let answers = operation["responses"].as_object().unwrap().values().map(follow);
        for (_, content) in answers.chain([&operation["requestBody"]]).filter_map(media) {
            for (name, example) in content["examples"].as_object().into_iter().flatten() {
                let problems = problems(&content["schema"], &example["value"]);
                assert!(problems.is_empty(), "{} {name}: {}", operation["operationId"], problems.join("\n"));
                checked += 1;
            }
        }
    }
    assert!(checked > 30, "only {checked} examples");
}

#[test]
fn an_untrue_result_is_refused() {
    let example = |name: &str| {
        let content = media(&DOCUMENT["paths"]["/api/v1/resolve"]["get"]["responses"]["200"]).unwrap().1;
        content["examples"][name]["value"].clone()
    };
    let schema = json!({ "$ref": "#/components/schemas/Result" });
    let changes: &[(&str, &str, Value)] = &[
        ("ready", "/state", json!("fine")),
        ("ready", "/stale", json!(true)),
        ("ready", "/preview", Value::Null),
        ("ready", "/connection", Value::Null),
        ("ready", "/checked_at", json!("yesterday")),
        ("ready", "/preview/status/category", json!("new")),
        ("ready", "/preview/facts/0/value", json!("")),
        ("ready", "/kind", json!("none")),
        ("ready", "/mention", Value::Null),
        ("stale", "/reason", Value::Null),
        ("stale", "/reason/code", json!("broken")),
        ("connect", "/preview", example("ready")["preview"].clone()),
        ("connect", "/checked_at", json!("2026-11-22T10:00:00Z")),
        ("connect", "/reason", Value::Null),
        ("none", "/state", json!("error")),
        ("none", "/site", example("ready")["site"].clone()),
        ("none", "/extra", json!(1)),
    ];
    for (name, pointer, value) in changes {
        let mut result = example(name);
        match result.pointer_mut(pointer) {
            Some(place) => *place = value.clone(),
            None => drop(result.as_object_mut().unwrap().insert(pointer[1..].to_owned(), value.clone())),
        }
        assert!(!problems(&schema, &result).is_empty(), "{name} with {pointer} = {value} passed");
    }
    for key in example("ready").as_object().unwrap().keys() {
        let mut result = example("ready");
        result.as_object_mut().unwrap().remove(key);
        assert!(!problems(&schema, &result).is_empty(), "{key} may be missing");
    }
}

#[test]
fn validate_takes_true_answers() {
    let problem = json!({"type": "about:blank", "title": "a", "status": 404, "detail": "b", "code": "not_found"});
    validate("removeConnection", 404, &problem);
    let refused = std::panic::catch_unwind(|| validate("removeConnection", 409, &problem));
    assert!(refused.is_err(), "a status that is not described");
    let refused = std::panic::catch_unwind(|| validate("listConnections", 401, &problem));
    assert!(refused.is_err(), "a code of another status");
}
