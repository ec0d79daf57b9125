//! Objects of which one call tells everything: dashboards, attachments, people (jira-auth-and-rest §6.3, §6.6).

use std::collections::HashMap;

use jiff::Timestamp;
use url::form_urlencoded;

use super::Error;
use super::client::{Client, Dialect};
use super::loose::{Integer, Object, Page, Text};
use super::model::Person;
use super::people::PersonJson;

#[derive(Clone, Debug, PartialEq)]
pub struct Dashboard {
    pub name: String,
    pub description: Option<String>,
    /// Cloud only.
    pub owner: Option<Person>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Attachment {
    pub file_name: String,
    /// Bytes.
    pub size: Option<u64>,
    pub media_type: Option<String>,
    pub author: Option<Person>,
    pub created: Option<Timestamp>,
}

/// Whether somebody is a person, an app, or a customer of a service desk. Cloud only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountType {
    Person,
    App,
    Customer,
}

/// How to name a person to Jira.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who<'a> {
    /// Cloud's account id.
    Account(&'a str),
    /// A user name.
    Name(&'a str),
}

impl Client {
    /// One dashboard.
    pub async fn dashboard(&self, id: u64) -> Result<Dashboard, Error> {
        let json: DashboardJson = self.read(self.get(&format!("dashboard/{id}"), "")?).await?;
        Ok(Dashboard {
            name: json.name.filled().ok_or(Error::Malformed)?,
            description: json.description.filled(),
            owner: json.owner.0.and_then(|owner| owner.into_person(self.identify())),
        })
    }

    /// What is told about an attached file; not the file.
    pub async fn attachment(&self, id: u64) -> Result<Attachment, Error> {
        let json: AttachmentJson = self.read(self.get(&format!("attachment/{id}"), "")?).await?;
        Ok(Attachment {
            file_name: json.filename.filled().ok_or(Error::Malformed)?,
            size: json.size.unsigned(),
            media_type: json.mime_type.filled(),
            author: json.author.0.and_then(|author| author.into_person(self.identify())),
            created: json.created.timestamp(),
        })
    }

    /// One person. A name is nothing that Cloud could look up, nor an account id elsewhere: then there is nobody.
    pub async fn user(&self, who: Who<'_>) -> Result<(Person, Option<AccountType>), Error> {
        let (parameter, value) = match (who, self.dialect()) {
            (Who::Account(id), Dialect::Cloud) => ("accountId", id),
            (Who::Name(name), Dialect::Server) => ("username", name),
            _ => return Err(Error::NotFound),
        };
        let query = form_urlencoded::Serializer::new(String::new()).append_pair(parameter, value).finish();
        let json: PersonJson = self.read(self.get("user", &query)?).await?;
        self.person_of(json).ok_or(Error::Malformed)
    }

    /// Many people in one call, by account id. Cloud only; who is missing there is asked for alone.
    pub async fn users(&self, ids: &[&str]) -> Result<HashMap<String, (Person, Option<AccountType>)>, Error> {
        if self.dialect() != Dialect::Cloud {
            return Ok(HashMap::new());
        }
        let named = ids.iter().map(|id| ("accountId", id));
        let query = form_urlencoded::Serializer::new(format!("maxResults={}", ids.len())).extend_pairs(named).finish();
        let page: Page<PersonJson> = self.read(self.get("user/bulk", &query)?).await?;
        let people = page.values.0.into_iter().filter_map(|json| self.person_of(json.0?));
        Ok(people.map(|(person, kind)| (person.id.clone(), (person, kind))).collect())
    }

    fn person_of(&self, json: PersonJson) -> Option<(Person, Option<AccountType>)> {
        let kind = match json.account_type.as_str() {
            "atlassian" => Some(AccountType::Person),
            "app" => Some(AccountType::App),
            "customer" => Some(AccountType::Customer),
            _ => None,
        };
        Some((json.into_person(self.identify())?, kind))
    }
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct DashboardJson {
    name: Text,
    description: Text,
    owner: Object<PersonJson>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct AttachmentJson {
    filename: Text,
    size: Integer,
    mime_type: Text,
    author: Object<PersonJson>,
    created: Text,
}
