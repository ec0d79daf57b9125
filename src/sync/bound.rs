//! A search or a saved filter whose issues all lie in one project can be kept as that project, narrowed (synced-database
//! §1.1).

use super::{CreateError, Syncs};
use crate::jira::scan::{Bound, Filter};
use crate::jira::search::built_in;
use crate::link::Target;
use crate::store::Connection;

impl Syncs {
    /// The project, by its id, and what narrows it: what the link of a search or of a saved filter asks for, together with
    /// what the person says besides. Two requests.
    pub(super) async fn bound(
        &self,
        jira: &Connection,
        target: &Target,
        besides: Option<&Filter>,
    ) -> Result<(String, Filter), CreateError> {
        let search = filter_of(target)?;
        let filter = match besides {
            Some(besides) => search.and(besides)?,
            None => search,
        };
        let asked = self.ask(jira, |client| {
            let filter = &filter;
            async move { client.bound(filter).await }
        });
        match asked.await {
            Ok(Bound::One(project)) => Ok((project, filter)),
            Ok(Bound::Nowhere) => Err(CreateError::NothingFound),
            Ok(Bound::Several(one, other)) => Err(CreateError::SearchOfSeveral(one, other)),
            Err(CreateError::BadFilter) if besides.is_some() => Err(CreateError::BadSearchOrFilter),
            Err(CreateError::BadFilter) => Err(match target {
                Target::Filter { .. } => CreateError::BadSavedFilter,
                _ => CreateError::BadSearch,
            }),
            Err(error) => Err(error),
        }
    }
}

/// What a link asks for. A saved filter is only named, not copied: what its owner makes of it in Jira is what counts, as it
/// does there. When it is deleted, Jira refuses the query, and nothing is taken for gone.
fn filter_of(target: &Target) -> Result<Filter, CreateError> {
    let jql = match target {
        Target::Filter { filter: id @ 0.. } => &format!("filter = {id}"),
        Target::Filter { filter } => built_in(*filter).ok_or(CreateError::BadSavedFilter)?.1,
        Target::Search { jql } => jql.as_str(),
        _ => return Err(CreateError::NoProject),
    };
    Filter::of_search(jql).map_err(CreateError::Search)?.ok_or(CreateError::NoCondition)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_built_in_filter_is_what_it_says_without_its_order() {
        for id in -9..0 {
            let filter = filter_of(&Target::Filter { filter: id }).unwrap();
            assert!(!filter.as_str().to_lowercase().contains("order by"), "{id}: {filter:?}");
        }
        assert!(matches!(filter_of(&Target::Filter { filter: -10 }), Err(CreateError::BadSavedFilter)));
        assert_eq!(filter_of(&Target::Filter { filter: 10_001 }).unwrap().as_str(), "filter = 10001");
    }
}
