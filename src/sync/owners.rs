//! Who has databases, in memory: most have none, and their links are answered without a look.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

use crate::store::AccountId;

/// As of the last look.
#[derive(Debug, Default)]
pub struct Owners {
    /// Whether there is anybody at all.
    any: AtomicBool,
    accounts: RwLock<HashSet<AccountId>>,
}

impl Owners {
    pub fn has(&self, account: &AccountId) -> bool {
        self.any.load(Ordering::Relaxed)
            && self.accounts.read().unwrap_or_else(PoisonError::into_inner).contains(account)
    }

    /// One more, before the next look.
    pub fn add(&self, account: AccountId) {
        self.accounts.write().unwrap_or_else(PoisonError::into_inner).insert(account);
        self.any.store(true, Ordering::Relaxed);
    }

    pub fn set(&self, accounts: Vec<AccountId>) {
        self.any.store(!accounts.is_empty(), Ordering::Relaxed);
        *self.accounts.write().unwrap_or_else(PoisonError::into_inner) = accounts.into_iter().collect();
    }
}
