//! How few calls a body needs, and that the work goes on where it stopped.

use jira_notion_gateway::jira::text::Document;
use jira_notion_gateway::notion::block::Block;
use jira_notion_gateway::notion::rich_text::RichText;
use jira_notion_gateway::sync::body::{
    Comment, Context, Continued, File, Loss, Parts, Place, Room, blocks, calls, hash, whole,
};

use super::limits::{container, play};
use super::{KNOWN, shown, wiki};

fn body(text: &str) -> Block {
    container(blocks(&wiki(text), &KNOWN).blocks)
}

/// Calls, and lists of ids that they ask for: with the page, and without it.
#[track_caller]
fn cost(container: &Block) -> [(usize, usize); 2] {
    [Some(Room::CALL), None].map(|first| {
        let calls = calls(Some(container), first, Room::CALL);
        let (page, asked) = play(&calls, first);
        assert!(page == [container.clone()]);
        (calls.len(), asked)
    })
}

#[test]
fn a_flat_body_needs_a_call_for_each_hundred() {
    assert_eq!(cost(&body("one")), [(1, 0), (1, 0)]);
    for count in [99, 100, 101, 200, 201, 2_500] {
        let needed = usize::div_ceil(count, 100);
        let asked = usize::from(needed > 1);
        assert_eq!(cost(&body(&"x\n\n".repeat(count))), [(needed, asked), (needed, 0)], "{count}");
    }
    assert_eq!(calls(None, None, Room::CALL), []);
}

#[test]
fn two_levels_come_along() {
    // The container is a level of its own.
    assert_eq!(cost(&body("* a\n** b")), [(1, 0), (1, 0)]);
    // One level more: an empty container first, and then all.
    assert_eq!(cost(&body("* a\n** b\n*** c")), [(2, 1), (2, 0)]);
    assert_eq!(cost(&body(&"* a\n** b\n*** c\n".repeat(100))), [(2, 1), (2, 0)]);
    // A table has a level below it.
    assert_eq!(cost(&body("|a|b|")), [(1, 0), (1, 0)]);
    assert_eq!(cost(&body("{quote}a\n|b|c|\n{quote}")), [(2, 1), (2, 0)]);
    // A few deep ones among a hundred flat ones.
    assert_eq!(cost(&body(&format!("{}* a\n** b\n*** c\n**** d", "x\n\n".repeat(90)))), [(2, 2), (2, 1)]);
}

#[test]
fn many_small_children_are_not_sent_alone() {
    // Each of fifty has something below it, and all of them stand at the lowest level that one call reaches.
    let text = format!("* a\n{}", "** b\n*** c\n".repeat(50));
    assert_eq!(cost(&body(&text)), [(2, 1), (2, 0)]);
    let deeper = format!("* a\n** a\n{}", "*** b\n**** c\n".repeat(50));
    assert_eq!(cost(&body(&deeper)), [(2, 2), (2, 1)]);
}

#[test]
fn a_thousand_blocks_fill_a_call() {
    let items = |count: usize| body(&format!("* a\n{}", "** b\n".repeat(19)).repeat(count));
    // Twenty blocks each; the container is one more.
    assert_eq!(cost(&items(49)), [(1, 0), (1, 0)]);
    assert_eq!(cost(&items(50)), [(2, 1), (2, 0)]);
    assert_eq!(cost(&items(99)), [(2, 1), (2, 0)]);
    assert_eq!(cost(&items(100)), [(3, 1), (3, 0)]);
}

#[test]
fn the_work_goes_on_behind_the_last_call() {
    let container = body(&format!("{}{}", "x\n\n".repeat(2_300), "* a\n** b\n*** c\n**** d\n***** e\n".repeat(40)));
    let all = calls(Some(&container), Some(Room::CALL), Room::CALL);
    assert!(all.len() > 24);
    assert_eq!(all[0].under, Place::Page);
    assert_eq!(all[1].under, Place::Block(vec![]));
    // After a restart the same calls are laid out, so that their number is all that must be kept.
    for stopped in 0..all.len() {
        let again = calls(Some(&container.clone()), Some(Room::CALL), Room::CALL);
        let resumed: Vec<_> = all[..stopped].iter().chain(&again[stopped..]).cloned().collect();
        assert_eq!(resumed, all);
    }
    // Places that a call names were written by calls before it.
    let (page, _) = play(&all, Some(Room::CALL));
    assert!(page == [container]);
}

#[test]
fn little_room_beside_the_page_is_used() {
    let container = body(&"x\n\n".repeat(150));
    let room = Room::beside(494_000).unwrap();
    let first = calls(Some(&container), Some(room), Room::CALL);
    let count = first[0].children[0].children.len();
    assert!((20..100).contains(&count), "{count}");
    play(&first, Some(room));
    assert_eq!(Room::beside(499_000), None);
}

#[test]
fn one_block_holds_all_parts() {
    let file =
        |name: &str, size| File { name: name.to_owned(), url: format!("https://jira.example.org/a/{name}"), size };
    let parts = Parts {
        description: wiki("h1. Plan\nsee !gone.png!"),
        continued: vec![Continued { name: "Notes".to_owned(), text: vec![RichText::plain("and so on")] }],
        attachments: vec![file("shot.png", Some(12_449)), file("a\u{202e}b.txt", None)],
        comments: vec![Comment {
            author: "Ana Núñez".to_owned(),
            written: "2026-09-01T10:20:30.5Z".parse().unwrap(),
            text: wiki("first\n\nsecond {code:cobol}x{code}"),
        }],
    };
    let body = whole(&parts, &KNOWN);
    let expected = "\
callout 📄 Default From Jira{bold}  The gateway keeps this box as Jira has it. Your own notes are safe outside of it.{Gray}
  heading_1 Plan
  paragraph see gone.png
  heading_3 Notes, continued
  paragraph and so on
  heading_3 Attachments
  bulleted_list_item [shot.png](https://jira.example.org/a/shot.png)  12.4 kB{Gray}
  bulleted_list_item [ab.txt](https://jira.example.org/a/a\u{202e}b.txt)
  heading_3 Comments
  quote Ana Núñez{bold}  <date 2026-09-01T10:20:30Z>{Gray}
    paragraph first
    paragraph second
    code <plain text> x
";
    assert_eq!(shown(&body.blocks), expected);
    assert_eq!(body.losses, [(Loss::Attachment, 1), (Loss::Language, 1)].into());
    assert_eq!(cost(&body.blocks[0]), [(1, 0), (1, 0)]);
    assert_eq!(hash(&body.blocks), hash(&whole(&parts, &KNOWN).blocks));
    // Where Jira says nothing there is nothing.
    assert_eq!(whole(&Parts::default(), &KNOWN).blocks, []);
    let empty = Parts { description: wiki("  \n"), ..Parts::default() };
    assert_eq!(whole(&empty, &KNOWN), whole(&Parts::default(), &KNOWN));
}

#[test]
fn a_context_tells_nothing_of_itself() {
    let context: Context<'_> = KNOWN;
    assert_eq!(format!("{context:?}"), "Context(…)");
    assert_eq!(blocks(&Document::default(), &context).blocks, []);
}
