//! What Jira counts calls by: the method and the path, whatever the ids in it are (jira-auth-and-rest §10, burst limits).

use crate::outbound::Method;

/// `GET /rest/api/3/issue/{}`. There are as many as there are kinds of calls, whatever is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint(String);

/// Words of the API that stand where an id may stand.
const NO_IDS: [(&str, &str); 3] = [("issue", "bulkfetch"), ("search", "jql"), ("search", "approximate-count")];

impl Endpoint {
    /// `path` lies below the address of the site: `/rest/api/3/issue/OPS-7`. Behind the name and the version of an API,
    /// kinds of things and their ids take turns.
    pub fn of(method: &Method, path: &str) -> Self {
        let name_of_api = if path.starts_with("/rest/servicedeskapi/") { 2 } else { 3 };
        let (mut name, mut before) = (format!("{method} "), "");
        for (at, segment) in path.split('/').filter(|segment| !segment.is_empty()).enumerate() {
            let may_be_id = at > name_of_api && (at - name_of_api) % 2 == 1;
            let is_id = may_be_id && !NO_IDS.contains(&(before, segment));
            name.push('/');
            name.push_str(if is_id { "{}" } else { segment });
            before = segment;
        }
        Self(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_do_not_count() {
        let table = [
            (Method::GET, "/rest/api/3/issue/OPS-7", "GET /rest/api/3/issue/{}"),
            (Method::GET, "/rest/api/2/issue/10001/comment/5", "GET /rest/api/2/issue/{}/comment/{}"),
            (Method::POST, "/rest/api/3/issue/bulkfetch", "POST /rest/api/3/issue/bulkfetch"),
            (Method::POST, "/rest/api/3/search/jql", "POST /rest/api/3/search/jql"),
            (Method::POST, "/rest/api/3/search/approximate-count", "POST /rest/api/3/search/approximate-count"),
            (Method::POST, "/rest/api/2/search", "POST /rest/api/2/search"),
            (Method::GET, "/rest/api/3/project/JQL", "GET /rest/api/3/project/{}"),
            (Method::GET, "/rest/api/3/project/issue", "GET /rest/api/3/project/{}"),
            (Method::GET, "/rest/api/3/version/5/relatedIssueCounts", "GET /rest/api/3/version/{}/relatedIssueCounts"),
            (Method::GET, "/rest/api/3/field", "GET /rest/api/3/field"),
            (Method::GET, "/rest/api/3/myself", "GET /rest/api/3/myself"),
            (Method::GET, "/rest/agile/1.0/board/84/sprint", "GET /rest/agile/1.0/board/{}/sprint"),
            (Method::GET, "/rest/servicedeskapi/request/OPS-7", "GET /rest/servicedeskapi/request/{}"),
            (
                Method::GET,
                "/rest/servicedeskapi/servicedesk/4/queue/9",
                "GET /rest/servicedeskapi/servicedesk/{}/queue/{}",
            ),
            (Method::DELETE, "/rest/pat/latest/tokens/7", "DELETE /rest/pat/latest/tokens/{}"),
            (Method::GET, "", "GET "),
        ];
        for (method, path, name) in table {
            assert_eq!(Endpoint::of(&method, path).0, name, "{path}");
        }
    }
}
