//! A reader inside a frame of another page: a session that opens `/preview` and nothing else (contract §3).
//!
//! Browsers keep the cookies of the reader's own window out of frames. So a click in a window of ours makes a code, the
//! window hands it to the frame that opened it, and the frame redeems it for a cookie of its own.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};

use super::{Accounts, Session};
use crate::secret::{self, Digest};
use crate::store;

/// A window hands its code over at once.
const CODE_LIVES: SignedDuration = SignedDuration::from_secs(60);

/// The codes that were made and not redeemed yet, by their hash: one of each session at most.
#[derive(Debug, Default)]
pub(super) struct Offers(Mutex<HashMap<Digest, Offer>>);

#[derive(Debug)]
struct Offer {
    /// The session in whose window the reader said yes.
    session: Digest,
    made_at: i64,
}

impl Offers {
    fn add(&self, code: &str, session: Digest, now: i64) {
        let mut offers = self.lock();
        offers.retain(|_, offer| offer.session != session && offer.is_good(now));
        offers.insert(Self::hash(code), Offer { session, made_at: now });
    }

    /// The session behind a code, this once.
    fn take(&self, code: &str, now: i64) -> Option<Digest> {
        let offer = self.lock().remove(&Self::hash(code))?;
        offer.is_good(now).then_some(offer.session)
    }

    fn hash(code: &str) -> Digest {
        Digest::of(&["code", code])
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Offer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Offer {
    fn is_good(&self, now: i64) -> bool {
        SignedDuration::from_millis(now - self.made_at) <= CODE_LIVES
    }
}

/// The hash under which a frame's session is kept. It lies in a domain of its own: no frame's cookie is ever a
/// session's, nor the other way round.
fn hash(cookie: &str) -> Digest {
    Digest::of(&["preview", cookie])
}

impl Accounts {
    /// Makes a code with which a frame gets a session: good once, for a minute.
    pub fn offer_frame(&self, session: &Session) -> SecretString {
        let code = secret::new_token("jnc");
        self.offers.add(code.expose_secret(), session.hash, self.clock.now_ms());
        code
    }

    /// The cookie for the frame that shows a code; none if the code is not, or no longer, good.
    pub async fn redeem_frame(&self, code: &str) -> Result<Option<SecretString>, store::Error> {
        let Some(session) = self.offers.take(code, self.clock.now_ms()) else { return Ok(None) };
        let cookie = secret::new_token("jnp");
        let made = self.store.create_frame_session(hash(cookie.expose_secret()), session).await?;
        Ok(made.map(|_| cookie))
    }

    /// The session of the frame with this cookie: opened as the one of the reader's window, it counts as that one does.
    /// It proves nothing anywhere but at `/preview`.
    pub async fn of_frame_cookie(&self, cookie: &str) -> Result<Option<Session>, store::Error> {
        self.living(hash(cookie), cookie).await
    }
}
