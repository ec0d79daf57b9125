//! One link to an object of each kind besides issues and projects, and the call of Jira's API that shows it.

use super::{Demo, Link};

/// A link and what it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    pub link: Link,
    /// The kind of contract §4.
    pub kind: &'static str,
    /// Below the site: `/rest/api/3/filter/10010`.
    pub call: String,
}

impl Demo {
    /// A note that begins with "only" names who sees the object.
    pub fn objects(&self) -> Vec<Object> {
        let ben = self.acme.person("ben").account_id;
        let farid = self.acme.person("farid").account_id;
        let mut objects = Vec::new();
        let mut add = |site: &str, path: &str, kind, call: &str, note| {
            let link = Link { url: format!("{site}{path}"), note };
            objects.push(Object { link, kind, call: format!("/rest/{call}") });
        };
        let acme = self.acme.url();
        for (path, kind, call, note) in [
            ("/browse/WEB-12?focusedCommentId=10044", "comment", "api/3/issue/WEB-12/comment/10044", "a comment"),
            (
                "/browse/WEB-12?focusedCommentId=10045",
                "comment",
                "api/3/issue/WEB-12/comment/10045",
                "only Ana sees it: a comment for a group",
            ),
            ("/browse/OPS-5?focusedWorklogId=10310", "worklog", "api/3/issue/OPS-5/worklog/10310", "work on an issue"),
            ("/jira/software/c/projects/OPS/boards/1", "board", "agile/1.0/board/1", "a scrum board"),
            ("/secure/RapidBoard.jspa?rapidView=3", "board", "agile/1.0/board/3", "a kanban board"),
            ("/secure/GHGoToBoard.jspa?sprintId=12", "sprint", "agile/1.0/sprint/12", "the sprint that runs"),
            ("/issues/?filter=10010", "filter", "api/3/filter/10010", "a filter"),
            ("/issues/?filter=10011", "filter", "api/3/filter/10011", "only Ana sees it: a filter for a group"),
            (
                "/issues/?jql=project%20%3D%20OPS%20AND%20sprint%20in%20openSprints%28%29",
                "search",
                "api/3/search/jql?jql=project%20%3D%20OPS%20AND%20sprint%20in%20openSprints%28%29",
                "a search",
            ),
            ("/jira/dashboards/10020", "dashboard", "api/3/dashboard/10020", "a dashboard"),
            (
                "/projects/OPS/versions/100001",
                "version",
                "api/3/version/100001?expand=issuesstatus",
                "a version that comes next week",
            ),
            ("/browse/OPS/component/2100000", "component", "api/3/component/2100000", "a component"),
            (&format!("/jira/people/{ben}"), "user", &format!("api/3/user?accountId={ben}"), "a person"),
            (&format!("/jira/people/{farid}"), "user", &format!("api/3/user?accountId={farid}"), "a closed account"),
            ("/secure/attachment/10070/safari-reload.png", "attachment", "api/3/attachment/10070", "a picture"),
            (
                "/servicedesk/customer/portal/2/HELP-1",
                "request",
                "servicedeskapi/request/HELP-1?expand=requestType,sla",
                "a request",
            ),
            (
                "/jira/servicedesk/projects/HELP/queues/custom/41",
                "queue",
                "servicedeskapi/servicedesk/HELP/queue/41?includeCount=true",
                "only Ana sees it: a queue, for agents",
            ),
            ("/servicedesk/customer/portal/2", "portal", "servicedeskapi/servicedesk/2", "a portal"),
            ("/jira/polaris/projects/IDEA/ideas/view/1?selectedIssue=IDEA-1", "idea", "api/3/issue/IDEA-1", "an idea"),
        ] {
            add(&acme, path, kind, call, note);
        }
        let plant = self.plant.url();
        for (path, kind, call, note) in [
            ("/browse/PLAT-3?focusedCommentId=20011", "comment", "api/2/issue/PLAT-3/comment/20011", "a comment"),
            (
                "/browse/PLAT-3?focusedWorklogId=20012",
                "worklog",
                "api/2/issue/PLAT-3/worklog/20012",
                "work on an issue",
            ),
            ("/secure/RapidBoard.jspa?rapidView=7", "board", "agile/1.0/board/7", "a scrum board"),
            ("/secure/GHGoToBoard.jspa?sprintId=71", "sprint", "agile/1.0/sprint/71", "a sprint with a strange name"),
            ("/issues/?filter=12000", "filter", "api/2/filter/12000", "a filter"),
            (
                "/issues/?jql=cf%5B10101%5D%20%3D%20PLAT-1",
                "search",
                "api/2/search?maxResults=0&jql=cf%5B10101%5D%20%3D%20PLAT-1",
                "a search by epic",
            ),
            ("/secure/Dashboard.jspa?selectPageId=12010", "dashboard", "api/2/dashboard/12010", "a dashboard"),
            ("/projects/PLAT/versions/100001", "version", "api/2/version/100001", "a version that is late"),
            ("/browse/PLAT/component/2100000", "component", "api/2/component/2100000", "a component"),
            ("/secure/ViewProfile.jspa?name=kavya", "user", "api/2/user?username=kavya", "a person"),
            ("/secure/attachment/20013/kurve%20halle%204.png", "attachment", "api/2/attachment/20013", "a picture"),
            ("/servicedesk/customer/portal/5/IT-1", "request", "servicedeskapi/request/IT-1", "a request"),
            (
                "/projects/IT/queues/custom/91",
                "queue",
                "servicedeskapi/servicedesk/IT/queue/91?includeCount=true",
                "a queue",
            ),
        ] {
            add(&plant, path, kind, call, note);
        }
        objects
    }
}
