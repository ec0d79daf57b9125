//! A value somewhere in a request, read strictly: what is wrong with it is said with its path, as Notion says it.

use serde_json::{Map, Value};

use super::id::Id;
use super::limits::units;
use super::refusal::Refusal;

#[derive(Clone, Debug)]
pub struct At<'a> {
    pub value: &'a Value,
    /// `body.properties.Name.title[0]`
    pub path: String,
    /// Names of properties, in the order in which they were sent.
    order: &'a [String],
}

impl<'a> At<'a> {
    pub fn body(value: &'a Value) -> Self {
        Self::within(value, "body")
    }

    /// A value as if it stood at this path.
    pub fn within(value: &'a Value, path: &str) -> Self {
        Self { value, path: path.into(), order: &[] }
    }

    pub fn ordered(self, order: &'a [String]) -> Self {
        Self { order, ..self }
    }

    /// The names of the members, in the order in which they were sent as far as it is known.
    pub fn names(&self) -> Result<Vec<&'a String>, Refusal> {
        let mut names: Vec<&String> = self.object()?.keys().collect();
        names.sort_by_key(|name| self.order.iter().position(|it| it == *name).unwrap_or(usize::MAX));
        Ok(names)
    }

    /// `should be …`
    pub fn wrong(&self, should: &str) -> Refusal {
        let told: String = self.value.to_string().chars().take(100).collect();
        Refusal::invalid(format!("body failed validation: {} {should}, instead was `{told}`.", self.path))
    }

    fn beyond(&self, what: &str, most: usize, count: usize) -> Refusal {
        let path = &self.path;
        Refusal::invalid(format!("body failed validation: {path}.{what} should be ≤ `{most}`, instead was `{count}`."))
    }

    /// An object with these members alone.
    pub fn members(&self, known: &[&str]) -> Result<&'a Map<String, Value>, Refusal> {
        let members = self.object()?;
        match members.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(self.inner(name).wrong("should be not present")),
            None => Ok(members),
        }
    }

    /// An object with members of any name.
    pub fn object(&self) -> Result<&'a Map<String, Value>, Refusal> {
        self.value.as_object().ok_or_else(|| self.wrong("should be an object"))
    }

    fn inner(&self, name: &str) -> Self {
        Self { value: &self.value[name], path: format!("{}.{name}", self.path), order: self.order }
    }

    /// A member, which may be null.
    pub fn get(&self, name: &str) -> Option<Self> {
        self.value.get(name).map(|_| self.inner(name))
    }

    /// A member that is there and not null.
    pub fn set(&self, name: &str) -> Option<Self> {
        self.get(name).filter(|it| !it.value.is_null())
    }

    pub fn need(&self, name: &str) -> Result<Self, Refusal> {
        self.get(name).ok_or_else(|| {
            let path = &self.path;
            Refusal::invalid(format!(
                "body failed validation: {path}.{name} should be defined, instead was `undefined`."
            ))
        })
    }

    /// A list of so many at most.
    pub fn items(&self, most: usize) -> Result<Vec<Self>, Refusal> {
        let all = self.value.as_array().ok_or_else(|| self.wrong("should be an array"))?;
        if all.len() > most {
            return Err(self.beyond("length", most, all.len()));
        }
        let item = |(at, value)| Self { value, path: format!("{}[{at}]", self.path), order: self.order };
        Ok(all.iter().enumerate().map(item).collect())
    }

    /// A text that may be empty.
    pub fn text(&self, most: usize) -> Result<&'a str, Refusal> {
        let text = self.value.as_str().ok_or_else(|| self.wrong("should be a string"))?;
        let length = units(text);
        if length > most { Err(self.beyond("length", most, length)) } else { Ok(text) }
    }

    /// A text that is not empty: an empty one is never a way to clear a value (§1).
    pub fn words(&self, most: usize) -> Result<&'a str, Refusal> {
        match self.text(most)? {
            "" => Err(self.wrong("length should be ≥ `1`")),
            text => Ok(text),
        }
    }

    pub fn flag(&self) -> Result<bool, Refusal> {
        self.value.as_bool().ok_or_else(|| self.wrong("should be a boolean"))
    }

    pub fn id(&self) -> Result<Id, Refusal> {
        let id = self.value.as_str().and_then(Id::parse);
        id.ok_or_else(|| self.wrong("should be a valid uuid"))
    }

    pub fn one_of(&self, known: &[&str]) -> Result<&'a str, Refusal> {
        let known_text = self.value.as_str().filter(|it| known.contains(it));
        known_text.ok_or_else(|| self.wrong(&format!("should be one of `{}`", known.join("`, `"))))
    }

    /// `{"type": "a", "a": …}`, where the type may be left out: which of these it is, and what stands in it. `others` may
    /// stand beside.
    pub fn kind<'k>(&self, kinds: &[&'k str], others: &[&str]) -> Result<(&'k str, Self), Refusal> {
        let members = self.object()?;
        let is_known =
            |name: &&String| *name != "type" && !others.contains(&name.as_str()) && kinds.contains(&name.as_str());
        let strange =
            |name: &&String| *name != "type" && !others.contains(&name.as_str()) && !kinds.contains(&name.as_str());
        if let Some(name) = members.keys().find(strange) {
            return Err(self.inner(name).wrong("should be not present"));
        }
        let found: Vec<&String> = members.keys().filter(is_known).collect();
        let [name] = found[..] else {
            return Err(self.wrong(&format!("should have exactly one of `{}`", kinds.join("`, `"))));
        };
        if let Some(kind) = self.get("type")
            && kind.value != name.as_str()
        {
            return Err(kind.wrong(&format!("should be `\"{name}\"`")));
        }
        let kind = kinds.iter().find(|it| *it == name).expect("it was found among them");
        Ok((kind, self.inner(name)))
    }
}
