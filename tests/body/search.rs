//! Tries all ways to write small bodies, and finds none that needs fewer calls than ours.

use std::collections::{BTreeMap, HashSet, VecDeque};

use jira_notion_gateway::notion::block::{Block, Kind};
use jira_notion_gateway::notion::rich_text::RichText;
use jira_notion_gateway::sync::body::{Room, calls};

use super::limits::play;

/// A tree as the parents of its blocks, in the order of the page; the first is the container.
type Tree = Vec<usize>;

/// All trees of so many blocks.
fn trees(count: usize) -> Vec<Tree> {
    let mut all = vec![vec![0]];
    for _ in 1..count {
        all = all
            .iter()
            .flat_map(|tree| {
                // The next block stands below the last one, or below one of those around it.
                let mut around = vec![tree.len() - 1];
                while let Some(&at) = around.last().filter(|at| **at > 0) {
                    around.push(tree[at]);
                }
                around.into_iter().map(|parent| [&tree[..], &[parent]].concat())
            })
            .collect();
    }
    all
}

fn block(tree: &[usize], at: usize) -> Block {
    let children = (1..tree.len()).filter(|child| tree[*child] == at).map(|child| block(tree, child)).collect();
    Block { kind: Kind::BulletedListItem(vec![RichText::plain(at.to_string())]), children }
}

/// The fewest calls, with those that ask for ids: a search through all states, of what is written and whose id is known.
fn fewest(tree: &[usize], is_id_told: bool) -> usize {
    let whole = (1_u16 << tree.len()) - 1;
    let level = |top: usize, mut at: usize| {
        // How deep a block stands below one of the call's own; `None` if elsewhere.
        let mut deep = 0;
        while at != top {
            if at == 0 {
                return None;
            }
            at = tree[at];
            deep += 1;
        }
        Some(deep)
    };
    // What one call may add to what is written: blocks whose parents and elder siblings are there.
    let is_whole = |written: u16| {
        (1..tree.len()).filter(|at| written & (1 << at) != 0).all(|at| {
            let is_there = |other: usize| written & (1 << other) != 0;
            is_there(tree[at]) && (1..at).filter(|elder| tree[*elder] == tree[at]).all(is_there)
        })
    };
    let additions = |written: u16, top: usize, levels: usize| -> Vec<u16> {
        let may: u16 =
            (0..tree.len()).filter(|at| level(top, *at).is_some_and(|deep| deep <= levels)).map(|at| 1 << at).sum();
        let free = may & !written;
        let mut found = Vec::new();
        let mut some = free;
        while some != 0 {
            if is_whole(written | some) {
                found.push(some);
            }
            some = (some - 1) & free;
        }
        found
    };
    let mut queue: VecDeque<(u16, u16, usize)> =
        additions(0, 0, 2).into_iter().filter(|it| it & 1 != 0).map(|it| (it, u16::from(is_id_told), 1)).collect();
    let mut seen: HashSet<(u16, u16)> = HashSet::new();
    while let Some((written, known, cost)) = queue.pop_front() {
        if written == whole {
            return cost;
        }
        if !seen.insert((written, known)) {
            continue;
        }
        if known == 0 {
            queue.push_back((written, 1, cost + 1));
        }
        for top in (0..tree.len()).filter(|top| known & (1 << top) != 0) {
            let children: u16 = (1..tree.len()).filter(|at| tree[*at] == top).map(|at| 1 << at).sum();
            queue.push_back((written, known | (children & written), cost + 1));
            for more in additions(written, top, 3) {
                if more & children != 0 && is_connected(tree, more, top) {
                    queue.push_back((written | more, known | (more & children), cost + 1));
                }
            }
        }
    }
    unreachable!("every tree can be written")
}

/// Whether a call under `top` can carry these: each hangs on a child of `top` that the call brings itself.
fn is_connected(tree: &[usize], some: u16, top: usize) -> bool {
    (1..tree.len()).filter(|at| some & (1 << at) != 0).all(|at| tree[at] == top || some & (1 << tree[at]) != 0)
}

#[test]
fn no_other_way_needs_fewer_calls() {
    let mut tried = BTreeMap::new();
    for count in 1..=7 {
        for tree in trees(count) {
            let container = block(&tree, 0);
            for first in [Some(Room::CALL), None] {
                let calls = calls(Some(&container), first, Room::CALL);
                let (page, asked) = play(&calls, first);
                assert!(page == [container.clone()]);
                assert_eq!(calls.len() + asked, fewest(&tree, first.is_none()), "{tree:?} {first:?}");
            }
            *tried.entry(count).or_insert(0) += 1;
        }
    }
    // The numbers of Catalan: no tree was left out.
    assert_eq!(tried.into_values().collect::<Vec<_>>(), [1, 1, 2, 5, 14, 42, 132]);
}
