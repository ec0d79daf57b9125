//! Values of custom fields, kept once and shown as each dialect shows them (jira-auth-and-rest §8).

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::issue::Issue;
use super::shapes::Shape;
use super::text::Text;

#[derive(Clone, Debug)]
pub enum Custom {
    Choice(&'static str),
    Choices(&'static [&'static str]),
    Cascade(&'static str, &'static str),
    Number(f64),
    Day(Date),
    Instant(Timestamp),
    /// User names.
    Person(&'static str),
    People(&'static [&'static str]),
    Group(&'static str),
    /// A single line, also of a `url` field.
    Line(&'static str),
    /// A `textarea`.
    Long(Text),
    Labels(&'static [&'static str]),
    /// A version of the issue's project.
    Version(&'static str),
    /// First and last day of `jira.polaris:interval`: an object in a string.
    Interval(Date, Date),
}

impl Custom {
    /// The words by which a query names the value.
    pub fn words(&self) -> Vec<String> {
        let all = |values: &[&str]| values.iter().map(|it| (*it).to_owned()).collect();
        match self {
            Self::Choice(value)
            | Self::Person(value)
            | Self::Group(value)
            | Self::Line(value)
            | Self::Version(value) => {
                vec![(*value).to_owned()]
            }
            Self::Choices(values) | Self::People(values) | Self::Labels(values) => all(values),
            Self::Cascade(one, two) => all(&[one, two]),
            Self::Number(number) => vec![number.to_string()],
            Self::Day(day) => vec![day.to_string()],
            Self::Instant(at) => vec![at.to_string()],
            Self::Long(text) => vec![text.wiki()],
            Self::Interval(..) => Vec::new(),
        }
    }
}

impl Shape<'_> {
    pub fn custom(&self, issue: &Issue, value: &Custom) -> Value {
        match value {
            Custom::Choice(name) => self.option(name),
            Custom::Choices(names) => names.iter().map(|name| self.option(name)).collect(),
            Custom::Cascade(one, two) => {
                let mut option = self.option(one);
                option["child"] = self.option(two);
                option
            }
            Custom::Number(number) => (*number).into(),
            Custom::Day(day) => day.to_string().into(),
            Custom::Instant(at) => self.instant(*at),
            Custom::Person(name) => self.person(name),
            Custom::People(names) => names.iter().map(|name| self.person(name)).collect(),
            Custom::Group(name) => self.group(name),
            Custom::Line(text) => (*text).into(),
            Custom::Long(text) => self.text(text),
            Custom::Labels(labels) => json!(labels),
            Custom::Version(name) => self.version_named(self.data.project_of(issue), name),
            Custom::Interval(start, end) => {
                json!({"start": start.to_string(), "end": end.to_string()}).to_string().into()
            }
        }
    }

    fn option(&self, name: &str) -> Value {
        // The same option has the same id wherever it is chosen.
        let id = name.bytes().fold(10_300_u32, |sum, byte| sum + u32::from(byte)).to_string();
        let mut option = json!({"self": self.rest(&format!("customFieldOption/{id}")), "value": name, "id": id});
        if !self.cloud() {
            option["disabled"] = false.into();
        }
        option
    }

    pub fn group(&self, name: &str) -> Value {
        let mut group = json!({"name": name, "self": self.rest(&format!("group?groupname={name}"))});
        if self.cloud() {
            group["groupId"] = super::data::uuid(name).into();
        }
        group
    }
}
