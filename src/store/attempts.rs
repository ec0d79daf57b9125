//! Limits on attempts to connect, shared by all processes and kept over restarts (contract §4, *connections*).
//!
//! A limit of `most` attempts in a time is that many slots; an attempt claims a free one *before* the call, and a slot is
//! free again when its time has passed. So parallel requests cannot get past a limit, and one that never came back counts.

use std::net::IpAddr;

use super::db::{Db, read, tx, write};
use super::{Result, Store};
use crate::secret::{Digest, new_id};

/// One limit that an attempt falls under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptLimit {
    /// What is limited: `"account"`, `"address"`, `"failure"`, `"notion"`.
    pub kind: &'static str,
    /// Whose attempts are counted, hashed: neither addresses nor user names are kept.
    pub subject: Digest,
    pub most: u32,
    pub within_ms: i64,
}

impl AttemptLimit {
    /// Attempts from one address; an IPv6 network of one customer counts as one.
    pub fn of_address(kind: &'static str, peer: IpAddr, most: u32, within_ms: i64) -> Self {
        let place = match peer.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("{:x?}", &address.segments()[..4]),
        };
        Self { kind, subject: Digest::of(&["address", &place]), most, within_ms }
    }
}

/// Whether an attempt may be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    Allowed(Claim),
    /// Nothing was counted; the limit of this kind has room again at that time.
    Refused {
        kind: &'static str,
        retry_at: i64,
    },
}

/// The slots of an attempt under way.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Claim(String);

impl Store {
    /// Counts an attempt under all of its limits, or under none when one of them is reached.
    pub async fn claim_attempt(&self, limits: &[AttemptLimit]) -> Result<Attempt> {
        let now = self.clock.now_ms();
        let claim = new_id("try");
        let mut limits = limits.to_vec();
        // All attempts take slots in one order, so none waits for another that waits for it.
        limits.sort_by_key(|limit| (limit.kind, limit.subject.as_bytes().to_vec()));
        let refused = 'claim: {
            tx!(self, |tx| {
                for limit in &limits {
                    let mut claimed = false;
                    for slot in 0..limit.most {
                        let query = "INSERT INTO attempts (kind, subject, slot, claim, claimed_at) VALUES ($1, $2, $3, $4, $5)
                            ON CONFLICT (kind, subject, slot) DO UPDATE
                            SET claim = excluded.claim, claimed_at = excluded.claimed_at WHERE attempts.claimed_at <= $6";
                        let done = sqlx::query(query)
                            .bind(limit.kind)
                            .bind(limit.subject.as_bytes())
                            .bind(i64::from(slot))
                            .bind(&claim)
                            .bind(now)
                            .bind(now - limit.within_ms)
                            .execute(&mut *tx)
                            .await?;
                        claimed = done.rows_affected() == 1;
                        if claimed {
                            break;
                        }
                    }
                    if !claimed {
                        break 'claim limit;
                    }
                }
            });
            return Ok(Attempt::Allowed(Claim(claim)));
        };
        let query = "SELECT MIN(claimed_at) FROM attempts WHERE kind = $1 AND subject = $2 AND slot < $3";
        let oldest: Option<i64> = read!(self, |db| sqlx::query_scalar(query)
            .bind(refused.kind)
            .bind(refused.subject.as_bytes())
            .bind(i64::from(refused.most))
            .fetch_one(db)
            .await)?;
        Ok(Attempt::Refused { kind: refused.kind, retry_at: oldest.unwrap_or(now) + refused.within_ms })
    }

    /// Gives back the slots that an attempt holds under one kind of limit: under `"failure"`, when it was none.
    pub async fn release_attempt(&self, claim: &Claim, kind: &'static str) -> Result<()> {
        let query = "DELETE FROM attempts WHERE claim = $1 AND kind = $2";
        write!(self, sqlx::query(query).bind(&claim.0).bind(kind));
        Ok(())
    }

    /// Forgets the attempts before an instant; to be called now and then with one that lies before every limit's time.
    pub async fn forget_attempts(&self, before: i64) -> Result<u64> {
        let query = "DELETE FROM attempts WHERE claimed_at < $1";
        Ok(write!(self, sqlx::query(query).bind(before)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_customer_is_one_address() {
        let subject = |text: &str| AttemptLimit::of_address("address", text.parse().unwrap(), 1, 1).subject;
        assert_eq!(subject("2001:db8:1:2::1"), subject("2001:db8:1:2:ffff::9"));
        assert_ne!(subject("2001:db8:1:2::1"), subject("2001:db8:1:3::1"));
        assert_eq!(subject("::ffff:192.0.2.7"), subject("192.0.2.7"));
    }
}
