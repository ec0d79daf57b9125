//! Parts of a JSON answer that cannot fail: a value of an unexpected type is a missing fact, never an error.
//!
//! Decoding stays typed and in one pass (no `serde_json::Value` in between): each leaf takes whatever comes, keeps what
//! it understands and skips the rest.

use std::marker::PhantomData;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::value::MapAccessDeserializer;
use serde::de::{
    Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::{Map, Value};

/// What a leaf makes of each JSON type; by default nothing.
pub(super) trait Leaf: Default {
    fn of_text(_: &str) -> Self {
        Self::default()
    }
    fn of_integer(_: i64) -> Self {
        Self::default()
    }
    fn of_bool(_: bool) -> Self {
        Self::default()
    }
    fn of_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
    fn of_object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

/// Reads whatever comes as the leaf `T`; fails only where the text is no JSON.
pub(super) fn read<'de, T: Leaf, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(AnyType(PhantomData))
}

struct AnyType<T>(PhantomData<T>);

impl<'de, T: Leaf> Visitor<'de> for AnyType<T> {
    type Value = T;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        Ok(T::of_text(text))
    }
    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        Ok(T::of_integer(number))
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        Ok(i64::try_from(number).map_or_else(|_| T::default(), T::of_integer))
    }
    fn visit_f64<E: Error>(self, _: f64) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<T, E> {
        Ok(T::of_bool(value))
    }
    fn visit_unit<E: Error>(self) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        T::of_list(list)
    }
    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<T, A::Error> {
        T::of_object(object)
    }
}

/// A text; a whole number counts (`"id": 7` and `"id": "7"` both occur).
#[derive(Default)]
pub(super) struct Text(pub Option<String>);

impl Text {
    /// The text, unless it is missing or empty.
    pub(super) fn filled(self) -> Option<String> {
        self.0.filter(|text| !text.is_empty())
    }

    pub(super) fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }

    /// `2026-09-01T09:12:44.513+0200` (offset without a colon) and RFC 3339.
    pub(super) fn timestamp(&self) -> Option<Timestamp> {
        self.as_str().parse().ok()
    }

    pub(super) fn date(&self) -> Option<Date> {
        let day = self.as_str();
        // A time behind the date would be read in another zone than Jira meant: only a plain date is one.
        (day.len() == 10).then(|| day.parse().ok()).flatten()
    }
}

impl Leaf for Text {
    fn of_text(text: &str) -> Self {
        Self(Some(text.to_owned()))
    }
    fn of_integer(number: i64) -> Self {
        Self(Some(number.to_string()))
    }
}

#[derive(Default)]
pub(super) struct Integer(pub Option<i64>);

impl Integer {
    /// A number, count or size: what is below zero is none.
    pub(super) fn unsigned(&self) -> Option<u64> {
        u64::try_from(self.0?).ok()
    }
}

impl Leaf for Integer {
    fn of_text(text: &str) -> Self {
        Self(text.parse().ok())
    }
    fn of_integer(number: i64) -> Self {
        Self(Some(number))
    }
}

#[derive(Default)]
pub(super) struct Flag(pub Option<bool>);

impl Leaf for Flag {
    fn of_bool(value: bool) -> Self {
        Self(Some(value))
    }
}

/// Whether an object is there at all.
#[derive(Default)]
pub(super) struct Present(pub bool);

impl Leaf for Present {
    fn of_object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self(true))
    }
}

/// An object whose own parts are leaves.
pub(super) struct Object<T>(pub Option<T>);

impl<T> Default for Object<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: DeserializeOwned> Leaf for Object<T> {
    fn of_object<'de, A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(|object| Self(Some(object)))
    }
}

/// A list of leaves; of a very long one the beginning. Two bytes of an answer can become a hundred in memory, and who
/// answers may be anybody.
pub(super) struct List<T>(pub Vec<T>);

/// Far more labels, versions or messages than one thing has.
const LONGEST_LIST: usize = 1_000;

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: DeserializeOwned> Leaf for List<T> {
    fn of_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        beginning(&mut list, LONGEST_LIST).map(|(items, _)| Self(items))
    }
}

/// One page of a list, as most of Jira's APIs wrap it.
#[derive(serde::Deserialize)]
pub(super) struct Page<T> {
    #[serde(default = "List::default", bound = "T: DeserializeOwned")]
    pub(super) values: List<Object<T>>,
}

/// A list that must be one, but not longer than `MOST`.
pub(super) struct Bounded<T, const MOST: usize> {
    pub items: Vec<T>,
    /// Whether there were more.
    pub more: bool,
}

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for Bounded<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(BoundedList(PhantomData))
    }
}

struct BoundedList<T, const MOST: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for BoundedList<T, MOST> {
    type Value = Bounded<T, MOST>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        beginning(&mut list, MOST).map(|(items, more)| Bounded { items, more })
    }
}

/// At most so many elements of a list, and whether there were more; those are skipped.
fn beginning<'de, T, A>(list: &mut A, most: usize) -> Result<(Vec<T>, bool), A::Error>
where
    T: Deserialize<'de>,
    A: SeqAccess<'de>,
{
    let mut items = Vec::new();
    while items.len() < most {
        match list.next_element()? {
            Some(item) => items.push(item),
            None => return Ok((items, false)),
        }
    }
    let mut more = false;
    while list.next_element::<IgnoredAny>()?.is_some() {
        more = true;
    }
    Ok((items, more))
}

/// Any JSON, but of a large one only so many values, and of a deep one only so many levels: the rest of it is skipped. A
/// small object takes eighty times as much memory as its text.
pub(super) struct AnyJson<'b> {
    values_left: &'b mut usize,
    levels_left: usize,
}

/// The parser refuses a whole answer that is nested 128 deep. One author's text must not take all other issues of the
/// answer with it, so this leaves room for the levels around it.
const DEEPEST: usize = 100;

impl<'b> AnyJson<'b> {
    pub(super) fn new(values_left: &'b mut usize) -> Self {
        Self { values_left, levels_left: DEEPEST }
    }

    /// What stands one level deeper; none where nothing more is kept.
    fn next(&mut self) -> Option<AnyJson<'_>> {
        let levels_left = self.levels_left.checked_sub(1)?;
        *self.values_left = self.values_left.checked_sub(1)?;
        Some(AnyJson { values_left: self.values_left, levels_left })
    }
}

impl<'de> DeserializeSeed<'de> for AnyJson<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnyJson<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }
    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }
    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(next) = self.next() {
            match list.next_element_seed(next)? {
                Some(item) => items.push(item),
                None => return Ok(items.into()),
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(items.into())
    }
    fn visit_map<A: MapAccess<'de>>(mut self, mut object: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(next) = self.next() {
            match object.next_key::<String>()? {
                Some(name) => drop(members.insert(name, object.next_value_seed(next)?)),
                None => return Ok(members.into()),
            }
        }
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(members.into())
    }
}

/// `Deserialize` for leaves; a blanket implementation is not allowed for a foreign trait.
macro_rules! deserialize_as_leaf {
    ($($leaf:ty $(where $item:ident)?),* $(,)?) => {$(
        impl<'de, $($item: DeserializeOwned)?> Deserialize<'de> for $leaf {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                read(deserializer)
            }
        }
    )*};
}
deserialize_as_leaf!(Text, Integer, Flag, Present, Object<T> where T, List<T> where T);

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default, serde::Deserialize)]
    #[serde(default)]
    struct Sample {
        text: Text,
        flag: Flag,
        inner: Object<Inner>,
        list: List<Object<Inner>>,
        present: Present,
        after: Integer,
    }

    #[derive(Default, serde::Deserialize)]
    #[serde(default)]
    struct Inner {
        id: Text,
    }

    #[test]
    fn every_leaf_takes_every_type_and_the_rest_is_still_read() {
        let values =
            ["null", "true", "7", "-7", "1.5e300", "18446744073709551615", "\"x\"", "[1,[2]]", "{\"id\":[{}]}"];
        for leaf in ["text", "flag", "inner", "list", "present", "unknown"] {
            for value in values {
                let json = format!("{{\"{leaf}\":{value},\"after\":41}}");
                let sample: Sample = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{json}: {error}"));
                assert_eq!(sample.after.0, Some(41), "{json}");
            }
        }
    }

    #[test]
    fn right_types_are_kept() {
        let json = r#"{"text":7,"flag":true,"inner":{"id":"a"},"list":[{"id":1},null,"x"],"present":{},"after":"41"}"#;
        let sample: Sample = serde_json::from_str(json).unwrap();
        assert_eq!(sample.text.as_str(), "7");
        assert_eq!(sample.flag.0, Some(true));
        assert_eq!(sample.inner.0.unwrap().id.as_str(), "a");
        assert_eq!(sample.list.0.iter().map(|item| item.0.is_some()).collect::<Vec<_>>(), [true, false, false]);
        assert!(sample.present.0);
        assert_eq!(sample.after.0, Some(41));
    }
}
