//! Notion takes no more rows, or not this text: all else goes on (S54, synced-database §1.6).

use super::World;
use crate::world::Fault;
use crate::world::notion::rest::Refusal;

impl World {
    fn restricted(&self, key: &str) {
        self.jira.edit_issue(key, |issue| issue.security = Some(("Leads".to_owned(), vec!["ana".to_owned()])));
    }
}

#[tokio::test]
async fn a_database_that_is_full_is_kept_up_to_date() {
    type Limit = fn(&World, usize);
    let of_rows: Limit = |world, rows| world.notion.switch(|it| it.rest.row_limit = Some(rows));
    // Of the blocks of a free workspace, of which nobody gets any back.
    let of_blocks: Limit = |world, _| world.notion.switch(|it| it.rest.block_limit = Some(0));
    for (limit, code) in [(of_rows, "row_limit"), (of_blocks, "notion_forbidden")] {
        let world = World::cloud().await;
        world.jira.add_many("OPS", 20);
        let id = world.synced().await;
        limit(&world, 20);
        world.jira.add_many("OPS", 5);
        for number in 1..=3 {
            world.jira.edit_issue("OPS-3", |issue| issue.summary = format!("Changed {number}"));
            world.notion.clear_log();
            world.look(&id).await;
            assert_eq!(world.row("OPS-3").text("Summary"), format!("Changed {number}"), "what is there goes on");
            // Those that were under way when the first one was refused.
            assert!(world.notion.calls()["POST /v1/pages"] <= 3, "not all of them are tried");
            let shown = world.shown(&id).await;
            let reason = shown.reason.unwrap();
            assert_eq!(
                (shown.badge.text.as_str(), reason.code.as_str()),
                ("Partly synced", code),
                "{}",
                reason.message
            );
            assert!(reason.message.contains("limit of"), "{}", reason.message);
        }
        assert_eq!(world.rows().len(), 20);
        world.restricted("OPS-7");
        world.next_run().await;
        assert!(world.rows().into_values().all(|row| row.text("Key") != "OPS-7"), "what must not be shown leaves");
        world.notion.switch(|it| (it.rest.row_limit, it.rest.block_limit) = (None, None));
        world.next_run().await;
        assert_eq!((world.rows().len(), world.shown(&id).await.badge.text.as_str()), (24, "Synced with Jira"));
    }
}

#[tokio::test]
async fn a_first_load_goes_on_after_the_limit() {
    let world = World::cloud().await;
    world.jira.add_many("OPS", 30);
    world.notion.switch(|it| it.rest.row_limit = Some(17));
    let id = world.create().await;
    world.run().await;
    assert_eq!((world.rows().len(), world.shown(&id).await.badge.text.as_str()), (17, "Partly synced"));
    world.notion.switch(|it| it.rest.row_limit = None);
    world.next_run().await;
    world.assert_equal();
    assert_eq!(world.shown(&id).await.badge.text, "Synced with Jira");
}

#[tokio::test]
async fn a_text_that_notion_refuses_stops_nothing_else() {
    for status in [400, 403, 404] {
        let world = World::cloud().await;
        world.jira.add_many("OPS", 12);
        let id = world.synced().await;
        let refusal = match status {
            404 => Refusal::new(404, "object_not_found", "Could not find page with ID: 1."),
            403 => Refusal::new(403, "restricted_resource", "This workspace has reached its limit of blocks."),
            _ => Refusal::invalid("body failed validation."),
        };
        world.jira.edit_issue("OPS-2", |issue| issue.description = Some("What nobody can write.".into()));
        world.notion.fault(
            None,
            &format!("/v1/blocks/{}/children", world.row("OPS-2").id),
            Fault::Instead(refusal.answer()),
        );
        for at in 3..=6 {
            world.jira.edit_issue(&format!("OPS-{at}"), |issue| issue.summary = "Changed".to_owned());
        }
        world.restricted("OPS-9");
        world.next_run().await;
        let changed = world.rows().into_values().filter(|row| row.text("Summary") == "Changed").count();
        assert_eq!((changed, world.rows().len()), (4, 11), "{status}");
        let shown = world.shown(&id).await;
        assert_eq!(shown.badge.text, "Partly synced", "{status}: {:?}", shown.reason);
        let reported = world.gateway.store.reported_rows(&id, 10).await.unwrap();
        let parked: Vec<&str> =
            reported.iter().filter(|it| it.issue_key == "OPS-2").filter_map(|it| it.problem.as_deref()).collect();
        assert!(parked.len() == 1 && parked[0].contains("rejected_by_notion"), "{status}: {parked:?}");
        // With the next change of its issue it is tried again.
        world.notion.heal();
        world.jira.edit_issue("OPS-2", |issue| issue.summary = "Again".to_owned());
        world.next_run().await;
        assert!(format!("{:?}", world.notion.blocks(world.row("OPS-2").id)).contains("What nobody can write."));
        assert_eq!(world.shown(&id).await.badge.text, "Synced with Jira");
    }
    let world = World::cloud().await;
    world.jira.add_many("OPS", 3);
    let long: Vec<String> = (0..130).map(|at| format!("line {at}")).collect();
    world.jira.edit_issue("OPS-2", |issue| issue.description = Some(long.join("\n\n").as_str().into()));
    // The second part of the text of a row that is being made.
    world.notion.fault(None, "PATCH /v1/blocks", Fault::Instead(Refusal::invalid("body failed validation.").answer()));
    let id = world.create().await;
    world.run().await;
    world.assert_equal();
    assert_eq!(world.shown(&id).await.badge.text, "Partly synced");
}
