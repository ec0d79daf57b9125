//! A reader inside a frame of another page: a session that opens `/preview` and nothing else (contract §3).
//!
//! Browsers keep the cookies of the reader's own window out of frames. So a click in a window of ours makes a code, the
//! window hands it to the frame that opened it, and the frame redeems it for a cookie of its own.

use std::time::Duration;

use jiff::SignedDuration;
use moka::sync::Cache;
use secrecy::{ExposeSecret, SecretString};

use super::{Accounts, Session};
use crate::secret::{self, Digest};
use crate::store::{self, AccountId};

/// A window hands its code over at once.
const CODE_LIVES: SignedDuration = SignedDuration::from_secs(60);

/// The codes that were made and not redeemed yet.
#[derive(Debug)]
pub(super) struct Offers(Cache<Digest, Offer>);

#[derive(Debug, Clone)]
struct Offer {
    /// The session in whose window the reader said yes.
    session: Digest,
    made_at: i64,
}

impl Default for Offers {
    fn default() -> Self {
        // The instant in each offer decides; this only keeps memory clean.
        Self(Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(120)).build())
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
        let offer = Offer { session: session.hash, made_at: self.clock.now_ms() };
        self.offers.0.insert(Digest::of(&["code", code.expose_secret()]), offer);
        code
    }

    /// The cookie for the frame that shows a code; none if the code is not, or no longer, good.
    pub async fn redeem_frame(&self, code: &str) -> Result<Option<SecretString>, store::Error> {
        let Some(offer) = self.offers.0.remove(&Digest::of(&["code", code])) else { return Ok(None) };
        let age = SignedDuration::from_millis(self.clock.now_ms() - offer.made_at);
        if age > CODE_LIVES {
            return Ok(None);
        }
        let cookie = secret::new_token("jnp");
        let made = self.store.create_frame_session(hash(cookie.expose_secret()), offer.session).await?;
        Ok(made.map(|_| cookie))
    }

    /// Who reads previews in the frame with this cookie. It proves nothing anywhere else.
    pub async fn of_frame_cookie(&self, cookie: &str) -> Result<Option<AccountId>, store::Error> {
        let session = self.living(hash(cookie), cookie).await?;
        Ok(session.map(|session| session.account))
    }
}
