//! Issues and fields that real Jiras gave, recorded by others. They lie beside the project; where they are missing, the
//! test says so.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use jira_notion_gateway::jira::model::Field;
use jira_notion_gateway::sync::cells::Issue;
use jira_notion_gateway::sync::columns::{self, Class, Occurring, Taken, Wish};
use serde_json::{Map, Value};

use super::any_json::check;
use super::{Place, field_of};

fn fixtures() -> Option<&'static Path> {
    let folder: &'static Path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/fixtures/jira"));
    if !folder.exists() {
        eprintln!("not found: recorded issues; nothing to compare with");
    }
    folder.exists().then_some(folder)
}

fn fields_of_cloud(folder: &Path) -> Vec<Field> {
    let text = fs::read(folder.join("cloud-v3-bitovi/fields.json")).unwrap();
    serde_json::from_slice::<Vec<Value>>(&text).unwrap().iter().map(field_of).collect()
}

#[test]
fn each_of_191_real_fields_ends_in_exactly_one_class() {
    let Some(folder) = fixtures() else { return };
    let fields = fields_of_cloud(folder);
    let occurring = super::occurring(&fields);
    let planned = columns::plan(&fields, &occurring, &Taken::default(), &Wish::default());
    let ended: BTreeSet<&str> = planned.fates.iter().map(|fate| fate.field.as_str()).collect();
    assert_eq!((ended.len(), planned.fates.len()), (191, 191));
    let left_out: BTreeSet<&str> = planned.not_synced().map(|(fate, _)| fate.name.as_str()).collect();
    let expected = [
        "Design",
        "Development",
        "Epic Color",
        "Goals",
        "Images",
        "Issue color",
        "Last Viewed",
        "Log Work",
        "Restrict to",
        "Security Level",
        "Sentiment",
        "Vulnerability",
        "[CHART] Time in Status",
    ];
    assert_eq!(left_out, expected.into());
    let names: BTreeSet<String> = planned.columns.iter().map(|column| column.name.to_lowercase()).collect();
    assert_eq!(names.len(), planned.columns.len());
    assert!(planned.fates.iter().filter(|fate| fate.class == Class::Synced).count() > 150);
}

/// All objects with fields in any file, as rows of a database whose custom fields are known by the values alone.
#[test]
fn every_recorded_issue_becomes_a_row() {
    let Some(folder) = fixtures() else { return };
    let mut issues = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let Ok(files) = fs::read_dir(entry.unwrap().path()) else { continue };
        for file in files {
            let Ok(text) = fs::read_to_string(file.unwrap().path()) else { continue };
            let values = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
            values.map_while(Result::ok).for_each(|value| collect(&value, &mut issues));
        }
    }
    assert!(issues.len() > 100, "{}", issues.len());
    let fields = fields_of_cloud(folder);
    let mut occurring = Occurring::default();
    issues.iter().for_each(|(id, fields)| occurring.note(&Issue { id, key: id, fields }));
    let planned = columns::plan(&fields, &occurring, &Taken::default(), &Wish::default());
    let place = Place::new();
    for (_, fields) in &issues {
        check(&place.render(&planned, fields)).unwrap();
    }
}

fn collect(value: &Value, issues: &mut Vec<(String, Map<String, Value>)>) {
    match value {
        Value::Array(list) => list.iter().for_each(|value| collect(value, issues)),
        Value::Object(object) => {
            if let (Some(id), Some(Value::Object(fields))) =
                (object.get("id").and_then(Value::as_str), object.get("fields"))
            {
                issues.push((id.to_owned(), fields.clone()));
            }
            object.values().for_each(|value| collect(value, issues));
        }
        _ => {}
    }
}
