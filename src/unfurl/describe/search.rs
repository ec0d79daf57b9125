//! Filters and searches.

use crate::jira::model::Issue;
use crate::jira::search::{Filter, Hits};
use crate::preview::{FactId, Preview, Row};

use super::{Facts, description_of, line, status, title};

/// A saved filter with what it finds for this reader.
pub fn filter(filter: &Filter, hits: Option<&Hits>, with_description: bool) -> Preview {
    let mut facts = Facts::default();
    facts.person(FactId::Owner, filter.owner.as_ref());
    list(
        Preview {
            title: title(&filter.name),
            description: description_of(filter.description.as_ref(), with_description),
            ..Preview::default()
        },
        facts,
        &filter.jql,
        hits,
    )
}

/// A search; `title` is its usual name.
pub fn search(title: &str, jql: &str, hits: &Hits) -> Preview {
    list(Preview { title: title.to_owned(), ..Preview::default() }, Facts::default(), jql, Some(hits))
}

fn list(preview: Preview, mut facts: Facts, jql: &str, hits: Option<&Hits>) -> Preview {
    facts.add(FactId::Jql, Some(jql));
    facts.add(FactId::Count, hits.and_then(|hits| hits.count).map(|count| count.to_string()).as_deref());
    Preview { facts: facts.0, rows: hits.map(|hits| rows(&hits.first)).unwrap_or_default(), ..preview }
}

pub(super) fn rows(issues: &[Issue]) -> Vec<Row> {
    let row = |issue: &Issue| Row {
        key: line(&issue.key),
        title: title(&issue.summary),
        status: issue.status.as_ref().map(status),
    };
    issues.iter().map(row).collect()
}
