//! Rows of the database, the oldest first: of long lists Notion tells a part only, so they go on from the time that it
//! has told (S50).

use serde_json::{Value, json};

use super::super::halt::Halt;
use super::super::lists::Pages;
use super::Going;
use crate::notion::told::Page;

impl Going {
    /// Shows every row for which `filter` holds, with one of its columns; those of one minute may come twice. In this order
    /// none is passed over that is edited while this reads.
    pub(super) async fn each_row(
        &self,
        filter: Option<&Value>,
        column: &str,
        mut see: impl FnMut(Page),
    ) -> Result<(), Halt> {
        let (source, columns) = (&self.home.data_source_id, [column]);
        let (mut from, mut last): (Option<String>, Option<String>) = (None, None);
        let (mut is_cut, mut pages) = (false, Pages::default());
        loop {
            let made = from
                .as_ref()
                .map(|from| json!({ "timestamp": "created_time", "created_time": { "on_or_after": from } }));
            let mut body = json!({ "sorts": [{ "timestamp": "created_time", "direction": "ascending" }] });
            let filters: Vec<&Value> = filter.into_iter().chain(&made).collect();
            if !filters.is_empty() {
                body["filter"] = json!({ "and": filters });
            }
            let page = pages.next(&self.writer, &self.hold, |client, token, part| {
                let (body, columns) = (&body, &columns);
                async move { client.query(&token, source, body, columns, &part).await }
            });
            let Some(list) = page.await? else {
                // More rows in one minute than Notion tells at once: what comes after is not looked at.
                if !is_cut || from == last {
                    return Ok(());
                }
                from.clone_from(&last);
                pages.begin_again();
                continue;
            };
            is_cut = list.is_cut();
            last = list.results.last().map(|page| page.created_time.clone()).or(last);
            list.results.into_iter().for_each(&mut see);
        }
    }
}
