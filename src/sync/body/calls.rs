//! The calls that write a body, each within Notion's limits (S36), and together as few as can be.

use crate::notion::block::{Block, CHILDREN};

use super::weigh::Weighed;

pub use super::weigh::Room;

/// A call that adds blocks behind those which stand in a place.
///
/// The answer names the ids of `children`, but not of what stands below them: these are asked for, a list at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    pub under: Place,
    /// At most [`CHILDREN`].
    pub children: Vec<Block>,
}

/// Where a call adds its blocks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// In the page itself. Only the first call does; it can be one with the call that makes the page.
    Page,
    /// Below a block that earlier calls have written: the way to it from the container, which itself is the empty one, as
    /// places in the lists of children.
    Block(Vec<usize>),
}

/// The calls that write a container with all that it holds, in order. None for no container.
///
/// `first` is the room for it in the call that makes the page; `None` if the container gets a call of its own. The same
/// body and rooms give the same calls, so that the work can go on behind the last one that succeeded. A changed body is
/// written beside the old one (`after_block`), which is deleted when the new one is whole.
/// `each` is the room in every other call.
pub fn calls(container: Option<&Block>, first: Option<Room>, each: Room) -> Vec<Append> {
    let mut calls = Vec::new();
    if let Some(container) = container {
        let weighed = Weighed::new(container);
        let mut later = Vec::new();
        let mut room = first.unwrap_or(each);
        let block = pack(&weighed, 0, Vec::new(), &mut room, &mut later);
        calls.push(Append { under: Place::Page, children: vec![block] });
        go_on(later, each, &mut calls);
    }
    calls
}

/// A block whose children from this one on did not come with it.
struct Later<'a, 'b> {
    parent: &'a Weighed<'b>,
    path: Vec<usize>,
    from: usize,
}

fn go_on(later: Vec<Later>, each: Room, calls: &mut Vec<Append>) {
    for Later { parent, path, from } in later {
        let mut at = from;
        while at < parent.children.len() {
            let (mut children, mut later) = (Vec::new(), Vec::new());
            let mut room = each;
            for child in parent.children[at..].iter().take(CHILDREN) {
                let fits = child.at(0).is_some_and(|weight| room.holds(weight.now));
                if !children.is_empty() && !fits {
                    break;
                }
                let mut path = path.clone();
                path.push(at + children.len());
                children.push(pack(child, 0, path, &mut room, &mut later));
            }
            at += children.len();
            calls.push(Append { under: Place::Block(path.clone()), children });
            go_on(later, each, calls);
        }
    }
}

/// The block as it goes in this call, with as many children as are cheap and fit.
fn pack<'a, 'b>(
    weighed: &'a Weighed<'b>,
    level: usize,
    path: Vec<usize>,
    room: &mut Room,
    later: &mut Vec<Later<'a, 'b>>,
) -> Block {
    room.take(weighed.own);
    let kind = weighed.block.kind.clone();
    if weighed.children.is_empty() {
        // A table keeps its rows.
        return Block { kind, children: weighed.block.children.clone() };
    }
    let take = weighed.at(level).map_or(0, |weight| weight.take);
    let mut children = Vec::new();
    for (index, child) in weighed.children.iter().enumerate().take(take) {
        if child.at(level + 1).is_none_or(|weight| !room.holds(weight.now)) {
            break;
        }
        let mut path = path.clone();
        path.push(index);
        children.push(pack(child, level + 1, path, room, later));
    }
    let from = children.len();
    if from < weighed.children.len() {
        later.push(Later { parent: weighed, path, from });
    }
    Block { kind, children }
}
