//! Calls about databases, their columns, their rows, and what stands in these (notion-rest-api §3).

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use super::block::Block;
use super::client::{Client, VERSION, bearer};
use super::oauth::below;
use super::property::{Columns, Schema, Value};
use super::rich_text::RichText;
use super::told::{BlockState, Created, DataSource, DatabaseState, List, Named, Page, User};
use super::{Error, answer};
use crate::outbound::{Call, HeaderValue, Method, header};

/// Notion gives up after 60 s; whoever hangs up sooner does not know what became of a write (§1).
const PATIENCE: Duration = Duration::from_secs(65);
/// Bytes of an answer that holds a hundred rows.
const LIMIT: usize = 16 * 1024 * 1024;
/// Items in one answer.
pub const PAGE: usize = 100;

/// A JSON value would sort its members.
#[derive(Serialize)]
struct NewDatabase<'a> {
    parent: Json,
    title: [RichText; 1],
    description: &'a [RichText],
    initial_data_source: Properties<'a, Columns<Schema>>,
}

#[derive(Serialize)]
struct Properties<'a, C> {
    properties: &'a C,
}

/// Which part of a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// At most [`PAGE`].
    pub size: usize,
    /// Where the part before it ended ([`List::next`]).
    pub cursor: Option<String>,
}

impl Default for Part {
    fn default() -> Self {
        Self { size: PAGE, cursor: None }
    }
}

impl Client {
    /// Makes a database below a page. By its description an attempt of unknown outcome is found again.
    pub async fn create_database(
        &self,
        token: &SecretString,
        parent_page: &str,
        title: &str,
        description: &[RichText],
        columns: &Columns<Schema>,
    ) -> Result<Created, Error> {
        let body = NewDatabase {
            parent: json!({ "type": "page_id", "page_id": parent_page }),
            title: [RichText::plain(title)],
            description,
            initial_data_source: Properties { properties: columns },
        };
        let made: DatabaseState = self.send_json(token, Method::POST, "databases", &body).await?;
        let source = made.data_sources.into_iter().next().ok_or(Error::Malformed)?;
        Ok(Created { database_id: made.id, data_source_id: source.id, url: made.url })
    }

    pub async fn database(&self, token: &SecretString, id: &str) -> Result<DatabaseState, Error> {
        self.fetch(token, &format!("databases/{id}")).await
    }

    /// Changes a database itself: `{"in_trash": true}`, …
    pub async fn update_database(&self, token: &SecretString, id: &str, change: &Json) -> Result<(), Error> {
        self.send_json::<Json>(token, Method::PATCH, &format!("databases/{id}"), change).await.map(drop)
    }

    pub async fn data_source(&self, token: &SecretString, id: &str) -> Result<DataSource, Error> {
        self.fetch(token, &format!("data_sources/{id}")).await
    }

    /// Changes columns, by name or id: a [`Schema`] makes or changes one, `null` removes it, `{"name": …}` renames it.
    /// Of options the full list has to be sent: those that are left out go. Whoever makes columns sends them as
    /// [`Columns`], in their order.
    pub async fn update_columns(
        &self,
        token: &SecretString,
        data_source: &str,
        columns: &(impl Serialize + Sync),
    ) -> Result<DataSource, Error> {
        let body = Properties { properties: columns };
        self.send_json(token, Method::PATCH, &format!("data_sources/{data_source}"), &body).await
    }

    /// Rows by a filter (§3.4), with the values of these columns only, by id.
    pub async fn query(
        &self,
        token: &SecretString,
        data_source: &str,
        body: &Json,
        columns: &[&str],
        part: &Part,
    ) -> Result<List<Page>, Error> {
        let mut body = body.clone();
        body["page_size"] = json!(part.size);
        if let Some(cursor) = &part.cursor {
            body["start_cursor"] = json!(cursor);
        }
        let mut call = self.call(token, Method::POST, &format!("data_sources/{data_source}/query"))?;
        // The ids come percent-encoded, and this encodes the signs of percent again: Notion decodes once.
        call.url.query_pairs_mut().extend_pairs(columns.iter().map(|id| ("filter_properties[]", *id)));
        if columns.is_empty() {
            call.url.set_query(None);
        }
        self.with_body(call, &body).await
    }

    /// Makes a row. Where it fails with an error that [`Error::may_be_done`], it may be there all the same.
    pub async fn create_page(
        &self,
        token: &SecretString,
        data_source: &str,
        properties: &BTreeMap<&str, Value>,
        children: &[Block],
    ) -> Result<Page, Error> {
        let mut body = json!({
            "parent": { "type": "data_source_id", "data_source_id": data_source },
            "properties": properties,
        });
        if let (false, Json::Object(body)) = (children.is_empty(), &mut body) {
            body.insert("children".to_owned(), json!(children));
        }
        self.send_json(token, Method::POST, "pages", &body).await
    }

    pub async fn page(&self, token: &SecretString, id: &str) -> Result<Page, Error> {
        self.fetch(token, &format!("pages/{id}")).await
    }

    /// Gives cells of a row their values.
    pub async fn update_page(
        &self,
        token: &SecretString,
        id: &str,
        properties: &BTreeMap<&str, Value>,
    ) -> Result<Page, Error> {
        self.send_json(token, Method::PATCH, &format!("pages/{id}"), &json!({ "properties": properties })).await
    }

    /// Puts a row into the trash, or takes it out again.
    pub async fn trash_page(&self, token: &SecretString, id: &str, in_trash: bool) -> Result<Page, Error> {
        self.send_json(token, Method::PATCH, &format!("pages/{id}"), &json!({ "in_trash": in_trash })).await
    }

    /// What stands directly below a page or a block.
    pub async fn children(&self, token: &SecretString, block: &str, part: &Part) -> Result<List<BlockState>, Error> {
        self.list(token, &format!("blocks/{block}/children"), part, None).await
    }

    /// Puts blocks at the end of a page or a block; they come back in their order, with their ids.
    pub async fn append(
        &self,
        token: &SecretString,
        block: &str,
        children: &[Block],
    ) -> Result<Vec<BlockState>, Error> {
        let body = json!({ "children": children });
        let made: List<BlockState> =
            self.send_json(token, Method::PATCH, &format!("blocks/{block}/children"), &body).await?;
        Ok(made.results)
    }

    /// Puts a block into the trash, with what is below it.
    pub async fn delete_block(&self, token: &SecretString, block: &str) -> Result<(), Error> {
        let call = self.call(token, Method::DELETE, &format!("blocks/{block}"))?;
        if self.is_held_back(&call) {
            return Ok(());
        }
        answer::accept(&self.http.send(call).await?)
    }

    /// Whether somebody has commented on a page.
    pub async fn has_comments(&self, token: &SecretString, page: &str) -> Result<bool, Error> {
        let list: List<Named> = self.list(token, "comments", &Part::default(), Some(("block_id", page))).await?;
        Ok(!list.results.is_empty())
    }

    /// The members of the workspace; guests are not among them (§3.7).
    pub async fn users(&self, token: &SecretString, part: &Part) -> Result<List<User>, Error> {
        self.list(token, "users", part, None).await
    }

    /// Makes a view; people change it as they like, so it is made once.
    pub async fn create_view(&self, token: &SecretString, view: &Json) -> Result<(), Error> {
        self.send_json::<Json>(token, Method::POST, "views", view).await.map(drop)
    }

    async fn list<T: DeserializeOwned>(
        &self,
        token: &SecretString,
        path: &str,
        part: &Part,
        of: Option<(&str, &str)>,
    ) -> Result<List<T>, Error> {
        let mut call = self.call(token, Method::GET, path)?;
        let cursor = part.cursor.as_deref().map(|it| ("start_cursor", it));
        call.url
            .query_pairs_mut()
            .append_pair("page_size", &part.size.to_string())
            .extend_pairs(cursor)
            .extend_pairs(of);
        self.go(call).await
    }

    async fn fetch<T: DeserializeOwned>(&self, token: &SecretString, path: &str) -> Result<T, Error> {
        self.go(self.call(token, Method::GET, path)?).await
    }

    async fn send_json<T: DeserializeOwned>(
        &self,
        token: &SecretString,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Error> {
        let call = self.call(token, method, path)?;
        self.with_body(call, body).await
    }

    async fn with_body<T: DeserializeOwned>(&self, mut call: Call, body: &impl Serialize) -> Result<T, Error> {
        call.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        call.body = Some(serde_json::to_vec(body).map_err(|_| Error::Malformed)?);
        self.go(call).await
    }

    async fn go<T: DeserializeOwned>(&self, call: Call) -> Result<T, Error> {
        if self.is_held_back(&call) {
            // As much as there is in every answer.
            let id = call.url.path_segments().and_then(|mut it| it.next_back());
            return serde_json::from_value(json!({ "id": id, "results": [] })).map_err(|_| Error::Malformed);
        }
        answer::read(&self.http.send(call).await?)
    }

    fn call(&self, token: &SecretString, method: Method, path: &str) -> Result<Call, Error> {
        let mut call = Call::get(below(&self.base, &format!("v1/{path}")).ok_or(Error::Malformed)?);
        call.method = method;
        (call.limit, call.timeout) = (LIMIT, PATIENCE);
        call.headers.insert("notion-version", VERSION);
        call.headers.insert(header::AUTHORIZATION, bearer(token)?);
        Ok(call)
    }
}
