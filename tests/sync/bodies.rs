//! What stands in a row's page: the description, beside what people have written.

use serde_json::json;

use super::World;
use crate::world::jira::fields::RELEASE_NOTES;
use crate::world::jira::{Comment, Custom, Text};
use crate::world::{Issue, notion};

fn words(shown: &[notion::rest::Shown]) -> Vec<String> {
    shown.iter().flat_map(|it| std::iter::once(it.text.clone()).chain(words(&it.children))).collect()
}

#[tokio::test]
async fn a_description_is_in_the_page_without_another_call() {
    for world in World::both().await {
        world.jira.add_issue(Issue::new("OPS-1", "One").description("Steps:\nnone at all"));
        world.jira.add_issue(Issue::new("OPS-2", "Two"));
        world.synced().await;
        let (one, two) = (world.row("OPS-1").id, world.row("OPS-2").id);
        let blocks = world.notion.blocks(one);
        assert_eq!(blocks.len(), 1, "one block is ours");
        let words = words(&blocks);
        assert!(words.contains(&"Steps:".to_owned()) && words.contains(&"none at all".to_owned()), "{words:?}");
        assert!(world.notion.blocks(two).is_empty());
        assert_eq!(world.notion.calls().get("PATCH /v1/blocks/{block_id}/children"), None);
    }
}

#[tokio::test]
async fn comments_come_with_the_page_where_its_person_wants_them_and_only_those_for_everybody() {
    for world in World::both().await {
        let said = |at: u32| Comment::new(at, "ben", format!("remark {at}").as_str());
        world.jira.add_issue(Issue::new("OPS-1", "One").description("first"));
        world.jira.add_issue(Issue::new("OPS-2", "Two").description("second"));
        world.jira.change_issue("OPS-1", |issue| {
            issue.comments = (1..=150).map(said).collect();
            issue.comments[70] = said(9_071).for_role("Developers");
            if world.jira.personality().is_cloud() {
                issue.comments[140] = said(9_141).internal();
            }
        });
        world.jira.change_issue("OPS-2", |issue| issue.comments = vec![said(201)]);
        world.synced_as(|asked| asked.wish.with_comments = true).await;
        let there = words(&world.notion.blocks(world.row("OPS-1").id));
        let has = |at: u32| there.iter().any(|it| *it == format!("remark {at}"));
        assert!([1, 20, 21, 70, 72, 150].into_iter().all(has), "{there:?}");
        assert!(![9_071, 9_141].into_iter().any(has), "{there:?}");
        assert!(words(&world.notion.blocks(world.row("OPS-2").id)).contains(&"remark 201".to_owned()));
    }
}

#[tokio::test]
async fn comments_stay_where_nobody_wants_them_and_where_nobody_knows_who_reads_them() {
    // A service desk of Data Center does not tell which comments its customers cannot read.
    for (is_desk, with_comments, comes) in [(false, false, false), (false, true, true), (true, true, false)] {
        let world = World::data_center().await;
        if is_desk {
            world.jira.change_project("OPS", |project| project.type_key = "service_desk");
        }
        world.jira.add_issue(Issue::new("OPS-1", "One").description("first"));
        world.jira.change_issue("OPS-1", |issue| issue.comments = vec![Comment::new(1, "ben", "remark")]);
        world.synced_as(|asked| asked.wish.with_comments = with_comments).await;
        let there = words(&world.notion.blocks(world.row("OPS-1").id));
        assert_eq!(there.contains(&"remark".to_owned()), comes, "{there:?}");
    }
}

#[tokio::test]
async fn notes_survive_every_change_of_the_description() {
    let world = World::cloud().await;
    world.jira.add_issue(Issue::new("OPS-1", "One").description("first"));
    world.synced().await;
    let row = world.row("OPS-1").id;
    let note = world.notion.hands(world.nora).write(row, "my own note");
    for at in 0..10 {
        let text = format!("version {at}");
        world.jira.edit_issue("OPS-1", |issue| issue.description = Some(Text::from(text.as_str())));
        world.next_run().await;
        let blocks = world.notion.blocks(row);
        let said = words(&blocks);
        assert!(said.contains(&text), "{said:?}");
        assert!(!said.contains(&"first".to_owned()), "{said:?}");
        assert!(blocks.iter().any(|it| it.id == note && it.text == "my own note"));
        assert_eq!(blocks.len(), 2, "{blocks:?}");
    }
    // And away.
    world.jira.edit_issue("OPS-1", |issue| issue.description = None);
    world.next_run().await;
    assert_eq!(words(&world.notion.blocks(row)), ["my own note"]);
}

#[tokio::test]
async fn a_very_long_description_comes_whole_and_in_order() {
    let world = World::cloud().await;
    let lines: Vec<String> = (0..350).map(|at| format!("line {at}")).collect();
    world.jira.add_issue(Issue::new("OPS-1", "Long").description(lines.join("\n").as_str()));
    world.synced().await;
    let said = words(&world.notion.blocks(world.row("OPS-1").id));
    let told: Vec<&str> = said.iter().map(String::as_str).filter(|it| it.starts_with("line ")).collect();
    assert_eq!(told, lines);
    assert_eq!(world.notion.refusals(), Vec::<String>::new());
}

/// So many words of six letters, in lines of a hundred.
fn long_text(count: usize) -> String {
    let words: Vec<String> = (0..count).map(|at| format!("w{at:05}")).collect();
    words.chunks(100).map(|line| line.join(" ")).collect::<Vec<_>>().join("\n")
}

const CONTINUED: &str = "Release notes, continued";

/// What stands below the heading of a text that goes on in the page.
fn continued(blocks: &[notion::rest::Shown]) -> Option<String> {
    let [container] = blocks else { return None };
    let at = container.children.iter().position(|it| it.text == CONTINUED)?;
    let below = container.children[at + 1..].iter().take_while(|it| it.kind == "paragraph");
    Some(below.map(|it| it.text.as_str()).collect())
}

#[tokio::test]
async fn a_text_that_is_too_long_for_its_column_goes_on_in_the_page() {
    for world in World::both().await {
        // 450,000 units.
        let text = long_text(64_286);
        let notes = |text: &str| Custom::Long(text.into());
        world.jira.add_issue(Issue::new("OPS-1", "One").description("Steps").custom(RELEASE_NOTES, notes(&text)));
        let id = world.synced().await;
        let row = world.row("OPS-1");
        let said = row.text("Release notes");
        let kept = said.strip_suffix('…').unwrap();
        assert_eq!(kept.len(), 199_999);
        let rest = continued(&world.notion.blocks(row.id)).unwrap();
        assert!(format!("{kept}{rest}") == text, "nothing is missing, nothing is twice");
        assert!(words(&world.notion.blocks(row.id)).contains(&"Steps".to_owned()));
        assert_eq!(world.notion.refusals(), Vec::<String>::new());

        let writes = world.notion.writes();
        world.look(&id).await;
        assert_eq!(world.notion.writes(), writes);

        // Only its end changes, which is not in the column.
        let other = format!("{text} end");
        world.jira.edit_issue("OPS-1", |issue| issue.custom = vec![(RELEASE_NOTES, notes(&other))]);
        world.next_run().await;
        let rest = continued(&world.notion.blocks(row.id)).unwrap();
        assert!(format!("{kept}{rest}") == other);

        // There is room for all of it.
        let short = long_text(20_000);
        world.jira.edit_issue("OPS-1", |issue| issue.custom = vec![(RELEASE_NOTES, notes(&short))]);
        world.next_run().await;
        assert!(world.notion.row(row.id).text("Release notes") == short);
        assert_eq!(continued(&world.notion.blocks(row.id)), None);
        assert!(words(&world.notion.blocks(row.id)).contains(&"Steps".to_owned()));
        assert_eq!(world.notion.refusals(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn of_a_text_that_is_no_column_nothing_is_in_the_page() {
    let world = World::cloud().await;
    let text = long_text(30_000);
    let issue = |key: &str| Issue::new(key, "One").custom(RELEASE_NOTES, Custom::Long(text.as_str().into()));
    world.jira.add_issue(issue("OPS-1"));
    let id = world.synced().await;
    let row = world.row("OPS-1").id;
    assert!(continued(&world.notion.blocks(row)).is_some());
    // Its person removes the column.
    let source = world.notion.source(world.database());
    world.notion.hands(world.nora).remove_column(source, "Release notes");
    world.hour().await;
    world.jira.edit_issue("OPS-1", |issue| issue.summary = "Two".to_owned());
    world.next_run().await;
    assert_eq!(world.row("OPS-1").text("Summary"), "Two");
    assert_eq!(world.notion.blocks(row).len(), 0);
    assert_eq!(world.shown(&id).await.counts.failed, 0);

    let world = World::cloud().await;
    world.jira.add_issue(issue("OPS-1"));
    world.synced_as(|asked| asked.wish.off = [RELEASE_NOTES.to_owned()].into()).await;
    assert_eq!(world.notion.blocks(world.row("OPS-1").id).len(), 0);
}

#[tokio::test]
async fn whoever_is_mentioned_is_known_by_what_the_issue_says_of_them() {
    let world = World::cloud().await;
    world.jira.change_person("ben", |ben| ben.email_shown = true);
    world.notion.add_user(world.acme, "Ben Okafor", "ben@acme.example");
    let ben = world.jira.person("ben").account_id;
    let adf = json!({"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [
        {"type": "mention", "attrs": {"id": ben, "text": "@Ben Okafor"}}]}]});
    let text = || Text::Given { adf: adf.clone(), wiki: String::new(), html: String::new() };
    for (key, assignee) in [("OPS-1", Some("ben")), ("OPS-2", None)] {
        let mut issue = Issue::new(key, "A word for Ben");
        (issue.description, issue.assignee) = (Some(text()), assignee.map(str::to_owned));
        world.jira.add_issue(issue);
    }
    let id = world.synced().await;
    let reported = world.gateway.store.reported_rows(&id, 10).await.unwrap();
    let unknown: Vec<&str> =
        reported.iter().filter(|it| it.losses.contains("\"body\"")).map(|it| it.issue_key.as_str()).collect();
    assert_eq!(unknown, ["OPS-2"], "{reported:?}");
}
