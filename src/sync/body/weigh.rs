//! How much of a body one call can carry, and where it is best cut: Notion takes two levels below the blocks of a call, a
//! hundred blocks in a list, a thousand in all, and half a megabyte.
//!
//! To go on below a block costs a call, and, if that block came below another, one more that asks for its id. So it is
//! often cheaper to leave all children of a block for a call of their own, where they may bring children and
//! grandchildren along, than to send them now and each one's children alone.

use crate::notion::block::{BLOCKS, BYTES, Block, CHILDREN, Kind, LEVELS};

use super::runs::json_bytes;

/// What stands around a list of children in JSON, and between two of them.
const AROUND: usize = ",\"children\":[]".len();

/// A size, or the room for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    pub blocks: usize,
    /// Of JSON.
    pub bytes: usize,
}

/// Blocks of a call at least.
const LEAST: usize = 10;

impl Room {
    /// All of a call, but for what stands around its children.
    pub const CALL: Self = Self { blocks: BLOCKS, bytes: BYTES - 1_000 };

    /// The room in a call whose body has so many bytes already; `None` if it is better not to begin.
    pub fn beside(bytes: usize) -> Option<Self> {
        let left = Self::CALL.bytes.saturating_sub(bytes);
        (left >= 4_000).then_some(Self { bytes: left, ..Self::CALL })
    }

    /// Half of it; none where that is too little to go on with (S48).
    pub fn half(self) -> Option<Self> {
        let (blocks, bytes) = ((self.blocks / 2).max(LEAST), self.bytes / 2);
        (self.blocks > LEAST).then_some(Self { blocks, bytes })
    }

    pub(super) fn holds(self, other: Self) -> bool {
        self.blocks >= other.blocks && self.bytes >= other.bytes
    }

    pub(super) fn take(&mut self, other: Self) {
        self.blocks = self.blocks.saturating_sub(other.blocks);
        self.bytes = self.bytes.saturating_sub(other.bytes);
    }

    fn add(&mut self, other: Self) {
        self.blocks += other.blocks;
        self.bytes += other.bytes;
    }
}

/// A block with its weights, one for each level of a call where it can stand.
#[derive(Debug)]
pub(super) struct Weighed<'a> {
    pub(super) block: &'a Block,
    /// Without children.
    pub(super) own: Room,
    /// A table's rows are no children here: they cannot be parted from it.
    pub(super) children: Vec<Weighed<'a>>,
    at: [Option<Weight>; LEVELS + 1],
}

/// What it means to send a block at one level of a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weight {
    /// How many of its children go with it; the others follow in calls of their own.
    pub(super) take: usize,
    /// What goes in this call.
    pub(super) now: Room,
    /// Calls that follow.
    later: usize,
}

impl<'a> Weighed<'a> {
    pub(super) fn new(block: &'a Block) -> Self {
        let own = json_bytes(&Block { kind: block.kind.clone(), children: Vec::new() }) + 1;
        if let Kind::Table { .. } = block.kind {
            let bytes = own + AROUND + block.children.iter().map(|row| json_bytes(row) + 1).sum::<usize>();
            let own = Room { blocks: 1 + block.children.len(), bytes };
            let now = Weight { take: 0, now: own, later: 0 };
            // With its rows, it has a level below it.
            return Self { block, own, children: Vec::new(), at: [Some(now), Some(now), None] };
        }
        let own = Room { blocks: 1, bytes: own + AROUND };
        let mut weighed = Self { block, own, children: block.children.iter().map(Self::new).collect(), at: [None; 3] };
        for level in 0..=LEVELS {
            weighed.at[level] = Some(weighed.at_level(level));
        }
        weighed
    }

    /// `None` where Notion does not take it.
    pub(super) fn at(&self, level: usize) -> Option<Weight> {
        self.at.get(level).copied().flatten()
    }

    /// The cheapest number of children to send along; of equally cheap ones the greatest.
    fn at_level(&self, level: usize) -> Weight {
        let alone = |child: &Self| child.at(0).map_or(0, |weight| weight.later);
        let mut left: usize = self.children.iter().map(alone).sum();
        let calls = |taken: usize| (self.children.len() - taken).div_ceil(CHILDREN);
        let mut best = Weight { take: 0, now: self.own, later: left + calls(0) };
        let (mut now, mut later, mut asks) = (self.own, 0, 0);
        for (index, child) in self.children.iter().enumerate().take(CHILDREN) {
            let Some(weight) = child.at(level + 1) else { break };
            now.add(weight.now);
            later += weight.later;
            left -= alone(child);
            if weight.later > 0 {
                asks = 1;
            }
            let sum = later + asks + left + calls(index + 1);
            if sum <= best.later {
                best = Weight { take: index + 1, now, later: sum };
            }
        }
        best
    }
}
