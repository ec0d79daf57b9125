//! The order in which a request names properties, which a JSON value does not keep.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

/// What of a request names properties: of a new database or of one that is there.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Sent {
    properties: Names,
    initial_data_source: Initial,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Initial {
    properties: Names,
}

#[derive(Default)]
struct Names(Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OfMap)
    }
}

struct OfMap;

impl<'de> Visitor<'de> for OfMap {
    type Value = Names;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
        let mut names = Vec::new();
        while let Some((name, IgnoredAny)) = map.next_entry()? {
            names.push(name);
        }
        Ok(Names(names))
    }
}

/// Their names; none of a request that is not as it should be.
pub fn of_properties(body: &[u8]) -> Vec<String> {
    let sent: Sent = serde_json::from_slice(body).unwrap_or_default();
    [sent.initial_data_source.properties.0, sent.properties.0].concat()
}
