//! What a person and a program see of connections.

use jira_notion_gateway::store::AccountId;
use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions};
use url::Url;

use crate::pages::visitor::{Page, Visitor};
use crate::world::gateway::Gateway;

/// The connections of whoever is signed in at this browser.
pub async fn rows(visitor: &mut Visitor) -> Vec<Value> {
    let page = visitor.get("/api/v1/connections").await;
    assert_eq!(page.status, 200, "{}", page.text);
    page.reply.json()["connections"].as_array().unwrap().clone()
}

/// The sites of connections, in the order of the alphabet: those of one grant are equally old.
pub fn sites(rows: &[Value]) -> Vec<String> {
    sorted(rows.iter().map(|row| row["site"]["url"].as_str().unwrap().to_owned()).collect())
}

pub fn sorted(mut all: Vec<String>) -> Vec<String> {
    all.sort();
    all
}

/// Status and title of the page that says why nothing was connected.
pub fn problem(page: &Page) -> (u16, String) {
    (page.status, page.one("#problem strong"))
}

/// A parameter of an address.
#[track_caller]
pub fn parameter(address: &str, name: &str) -> String {
    let url = Url::parse(address).unwrap();
    let found = url.query_pairs().find(|(it, _)| it == name);
    found.unwrap_or_else(|| panic!("no {name} in {address}")).1.into_owned()
}

/// The same address with another value of a parameter.
pub fn with(address: &str, name: &str, value: &str) -> String {
    let mut url = Url::parse(address).unwrap();
    let others: Vec<_> = url.query_pairs().into_owned().filter(|(it, _)| it != name).collect();
    url.query_pairs_mut().clear().extend_pairs(others).append_pair(name, value);
    url.into()
}

/// The account of sign-in `local`.
pub async fn local(gateway: &Gateway) -> AccountId {
    gateway.inner.accounts.named("local").await.unwrap()
}

/// How many rows a table has.
pub async fn count(gateway: &Gateway, table: &str) -> i64 {
    let file = gateway.folder.path().join("data/gateway.db");
    let mut connection = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    let query = sqlx::query_scalar(AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}")));
    query.fetch_one(&mut connection).await.unwrap()
}
