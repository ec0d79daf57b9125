//! Issues that name one that came later.

use super::World;
use crate::world::Issue;
use crate::world::jira::RELATES;
use crate::world::jira::content::EPIC;

#[tokio::test]
async fn a_child_names_its_parent_when_that_has_a_row() {
    for world in World::both().await {
        world.jira.add_many("OPS", 5);
        // Not for those who read the database, yet.
        let level = Some(("Leads".to_owned(), vec!["ana".to_owned()]));
        let mut epic = Issue::new("OPS-100", "Epic").issue_type(EPIC).link(RELATES, false, "OPS-102");
        epic.security = level;
        world.jira.add_issue(epic);
        world.jira.add_issue(Issue::new("OPS-101", "Child").parent("OPS-100"));
        world.jira.add_issue(Issue::new("OPS-102", "Linked").link(RELATES, true, "OPS-100"));
        world.synced().await;
        assert!(world.row("OPS-101").all("Parent").is_empty());
        assert!(world.row("OPS-102").text("Other links").contains("OPS-100"), "{:?}", world.row("OPS-102"));
        world.jira.edit_issue("OPS-100", |issue| issue.security = None);
        world.next_run().await;
        let (epic, child, linked) = (world.row("OPS-100"), world.row("OPS-101"), world.row("OPS-102"));
        assert_eq!(child.all("Parent"), [epic.id.to_string()], "{child:?}");
        assert_eq!(linked.text("Other links"), "", "{linked:?}");
    }
}
