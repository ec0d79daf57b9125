//! What goes wrong at the REST side, in the words of Notion's own errors (notion-rest-api §6, synced-database §7).

use super::super::super::jira::faults::Fault;
use super::super::Notion;
use super::Refusal;

/// Stands behind the target of every call that changes something.
pub const WRITE: &str = "(write)";

/// This status instead of what was asked for, which is not done: 406, 409, 500, 502, 503, 504, 529.
pub fn before(status: u16) -> Fault {
    Fault::Instead(Refusal::of_status(status).answer())
}

/// What was asked for is done; the answer has this status all the same.
pub fn after(status: u16) -> Fault {
    Fault::After(Refusal::of_status(status).answer())
}

/// 429 for this reason, `connection` or `workspace`, and the seconds to wait. Nothing is done.
pub fn rate_limited(reason: &str, seconds: i64) -> Fault {
    Fault::Instead(Refusal::rate_limited(reason, seconds).answer())
}

/// Something that happens just before a call is answered.
pub struct Due {
    /// Calls that still come before.
    pub left: usize,
    /// Only calls that change something are counted.
    pub of_writes: bool,
    pub act: Box<dyn FnOnce(&Notion) + Send>,
}

impl Notion {
    /// At the n-th call from now, counted from 1, whose `POST /v1/pages?…` holds this text.
    pub fn fault_at(&self, number: usize, target: &str, fault: Fault) {
        self.faults.lock().unwrap().add_later(target, number - 1, Some(1), fault);
    }

    /// At the n-th call from now, counted from 1, that changes something.
    pub fn fault_at_write(&self, number: usize, fault: Fault) {
        self.fault_at(number, WRITE, fault);
    }

    /// Does something before the n-th call of the REST side from now is looked at: a token ends, a column goes.
    pub fn before_call(&self, number: usize, act: impl FnOnce(&Notion) + Send + 'static) {
        self.due.lock().unwrap().push(Due { left: number - 1, of_writes: false, act: Box::new(act) });
    }

    /// The same before the n-th call that changes something.
    pub fn before_write(&self, number: usize, act: impl FnOnce(&Notion) + Send + 'static) {
        self.due.lock().unwrap().push(Due { left: number - 1, of_writes: true, act: Box::new(act) });
    }

    /// A call has come: what is due is done.
    pub(in super::super) fn do_what_is_due(&self, is_write: bool) {
        let mut now = Vec::new();
        self.due.lock().unwrap().retain_mut(|due| {
            if due.of_writes && !is_write {
                return true;
            }
            let is_due = due.left == 0;
            if is_due {
                now.push(std::mem::replace(&mut due.act, Box::new(|_| {})));
            }
            due.left = due.left.saturating_sub(1);
            !is_due
        });
        now.into_iter().for_each(|act| act(self));
    }
}
