//! An OAuth 2.0 grant that is valid now: renewed once however many ask, and kept before it is used.
//!
//! Both providers rotate: a renewal makes the refresh token that it was made with useless, on Data Center at once, on
//! Cloud after ten minutes (jira-auth-and-rest §2.3, §4.3). So one task renews at a time, in all processes together; what
//! the provider answers is committed first; and whoever loses a race reads what the winner kept.

mod step;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;
use tokio::sync::{OwnedMutexGuard, RwLock};

use crate::clock::Clock;
use crate::jira::Error;
use crate::jira::auth::{Auth, Credential};
use crate::jira::oauth::{Client, Flavour, OAuthError, Tokens};
use crate::metrics::{Metrics, Renewal as Counted};
use crate::secret::{Sealer, new_id};
use crate::store::{self, CredentialId, Health, Renewal, Store};

use step::{Step, Trouble, step};

pub use step::{IDLE, grant_ends};

/// How long the others wait for whoever renews. On Data Center a second renewal beside a slow one would cost the grant, so
/// it outlives any call; on Cloud it costs nothing within the ten minutes.
const CLAIM_CLOUD: SignedDuration = SignedDuration::from_secs(3);
const CLAIM_DATA_CENTER: SignedDuration = SignedDuration::from_secs(15);
/// How often to look whether another process has finished, and whether the database is back.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
const SAVE_AGAIN: Duration = Duration::from_millis(500);
const SAVE_TRIES: usize = 10;
/// After a failure the provider is left alone: at first for so long, then twice as long each time, at most so long.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(1);
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(2);
/// What the operator has to mend does not mend itself.
const OPERATOR_PAUSE: SignedDuration = SignedDuration::from_mins(1);

/// What a lease works with.
#[derive(Debug, Clone)]
pub struct Means {
    pub store: Store,
    pub sealer: Sealer,
    pub clock: Clock,
    pub metrics: Arc<Metrics>,
    /// Held while something is renewed: a stop waits for it.
    pub busy: Arc<RwLock<()>>,
}

/// One grant, however many connections use it.
#[derive(Debug)]
pub struct Lease {
    means: Means,
    provider: Client,
    id: CredentialId,
    kept: Mutex<Kept>,
    renewing: Arc<tokio::sync::Mutex<()>>,
}

/// What is known of the grant in this process.
#[derive(Debug)]
struct Kept {
    version: i64,
    tokens: Tokens,
    auth: Auth,
    trouble: Option<Trouble>,
    /// A pair that the provider gave and the database did not take yet. It must not be used before it is kept.
    unsaved: Option<(store::Credential, Tokens)>,
}

/// The token to use for one call.
#[derive(Debug, Clone)]
pub struct Held {
    pub auth: Auth,
    version: i64,
}

enum Claimed {
    /// Nobody else renews now. `interrupted`: somebody began before and did not live to keep what they were given.
    Mine {
        read: store::Credential,
        interrupted: bool,
    },
    Done(Held),
}

impl Lease {
    /// Over a credential that has been opened; `None` if it is none of OAuth 2.0.
    pub fn new(means: Means, provider: Client, read: &store::Credential) -> Option<Self> {
        let tokens = tokens_of(read)?;
        let auth = Auth::bearer(&tokens.access).ok()?;
        let kept = Kept { version: read.version, tokens, auth, trouble: None, unsaved: None };
        Some(Self { means, provider, id: read.id().clone(), kept: Mutex::new(kept), renewing: Arc::default() })
    }

    /// A token that is good for a call that begins now.
    pub async fn fresh(self: &Arc<Self>) -> Result<Held, Error> {
        let (step, held) = self.look(None);
        match step {
            Step::Use => Ok(held),
            Step::Refuse(error) => Err(error),
            Step::Renew { must } => match self.renew(None).await {
                // Nearly ended is not ended: the provider has two minutes to come back.
                Err(Error::BadCredentials) => Err(Error::BadCredentials),
                Err(error) if must => Err(error),
                Err(_) => Ok(held),
                renewed => renewed,
            },
        }
    }

    /// The token to use after Jira has refused `held`: another process may have renewed it, or it was revoked before its
    /// time. Renewed once at most; [`Error::BadCredentials`] when the person has to act.
    pub async fn after_refusal(self: &Arc<Self>, held: &Held) -> Result<Held, Error> {
        let (step, known) = self.look(Some(held.version));
        match step {
            Step::Use => Ok(known),
            Step::Refuse(error) => Err(error),
            Step::Renew { .. } => self.renew(Some(held.version)).await,
        }
    }

    fn look(&self, refused: Option<i64>) -> (Step, Held) {
        let kept = self.kept();
        let refused = refused == Some(kept.version);
        let step = step(&kept.tokens, kept.trouble.as_ref(), kept.unsaved.is_some(), refused, self.means.clock.now());
        (step, Held { auth: kept.auth.clone(), version: kept.version })
    }

    async fn renew(self: &Arc<Self>, refused: Option<i64>) -> Result<Held, Error> {
        let turn = self.renewing.clone().lock_owned().await;
        // Second look: whoever was here before may have done it, or found that it cannot be done.
        match self.look(refused) {
            (Step::Use, held) => return Ok(held),
            (Step::Refuse(error), _) => return Err(error),
            (Step::Renew { .. }, _) => {}
        }
        // In a task of its own: a reader who hangs up must not lose the pair between the provider and the database.
        let lease = self.clone();
        let busy = self.means.busy.clone().read_owned().await;
        let task = tokio::spawn(async move {
            let renewed = lease.renew_in_turn(refused, &turn).await;
            drop((turn, busy));
            renewed
        });
        task.await.unwrap_or(Err(Error::Upstream(503)))
    }

    async fn renew_in_turn(&self, refused: Option<i64>, _turn: &OwnedMutexGuard<()>) -> Result<Held, Error> {
        if let Some((read, tokens)) = self.unsaved() {
            return self.save(read, tokens).await;
        }
        let who = new_id("ren");
        let (read, interrupted) = match self.claim(refused, &who).await? {
            Claimed::Mine { read, interrupted } => (read, interrupted),
            Claimed::Done(held) => return Ok(held),
        };
        let old = self.kept().tokens.clone();
        let answer = self.provider.refresh(&old, self.means.clock.now()).await;
        self.means.metrics.renewed(match &answer {
            Ok(_) => Counted::Ok,
            Err(OAuthError::InvalidGrant) => Counted::Ended,
            Err(OAuthError::Operator(_)) => Counted::Operator,
            Err(OAuthError::Unavailable(_)) => Counted::Failed,
        });
        match answer {
            Ok(tokens) => self.save(read, tokens).await,
            Err(error) => {
                let failed = self.failed(&read, error, interrupted).await;
                if let Err(error) = self.means.store.release_renewal(&self.id, &who).await {
                    tracing::warn!(fault = "us", retry = true, %error, "a renewal was not released; others wait for it");
                }
                failed
            }
        }
    }

    /// Takes the turn among all processes, or finds that another one has done it meanwhile.
    async fn claim(&self, refused: Option<i64>, who: &str) -> Result<Claimed, Error> {
        let claim = match self.provider.flavour() {
            Flavour::Cloud => CLAIM_CLOUD,
            Flavour::DataCenter => CLAIM_DATA_CENTER,
        };
        let claim_ms = i64::try_from(claim.as_millis()).unwrap_or(i64::MAX);
        let looks = claim.as_millis() / i128::try_from(LOOK_AGAIN.as_millis()).unwrap_or(1);
        for _ in 0..=looks {
            let Some(read) = self.read().await? else { return Err(self.ended()) };
            if read.version != self.kept().version {
                self.adopt(&read)?;
                if let (Step::Use, held) = self.look(refused) {
                    return Ok(Claimed::Done(held));
                }
            }
            match self.means.store.claim_renewal(&read, who, claim_ms).await.map_err(|error| self.not_now(&error))? {
                Renewal::Claimed { interrupted } => return Ok(Claimed::Mine { read, interrupted }),
                Renewal::Elsewhere => tokio::time::sleep(LOOK_AGAIN).await,
            }
        }
        Err(Error::Upstream(503))
    }

    /// Commits the pair, then uses it.
    async fn save(&self, read: store::Credential, tokens: Tokens) -> Result<Held, Error> {
        let plain = Zeroizing::new(serde_json::to_vec(&self.credential(&tokens)).unwrap_or_default());
        let ends = grant_ends(&tokens, self.provider.flavour(), self.means.clock.now());
        for _ in 0..SAVE_TRIES {
            match self.means.store.replace_credential(&self.means.sealer, &read, &plain, ends).await {
                Ok(true) => {
                    self.take(read.version + 1, tokens)?;
                    tracing::debug!(credential = %self.id, "renewed an access token");
                    return Ok(self.look(None).1);
                }
                // Connected anew meanwhile, or another process was quicker: what is kept counts.
                Ok(false) => {
                    self.kept().unsaved = None;
                    let Some(read) = self.read().await? else { return Err(self.ended()) };
                    self.adopt(&read)?;
                    return Ok(self.look(None).1);
                }
                Err(error) => {
                    tracing::error!(fault = "us", retry = true, credential = %self.id, %error, "a renewed token was not kept yet");
                    tokio::time::sleep(SAVE_AGAIN).await;
                }
            }
        }
        self.kept().unsaved = Some((read, tokens));
        Err(Error::Upstream(503))
    }

    /// What a failed renewal means.
    async fn failed(&self, read: &store::Credential, error: OAuthError, interrupted: bool) -> Result<Held, Error> {
        match &error {
            OAuthError::InvalidGrant => {
                // The only proof against a race that somebody lost: is this still what is kept?
                let kept = self.read().await?;
                match kept {
                    Some(kept) if kept.version != read.version => {
                        self.adopt(&kept)?;
                        return match self.look(None) {
                            (Step::Use, held) => Ok(held),
                            _ => Err(Error::Upstream(503)),
                        };
                    }
                    _ => {}
                }
                match self.means.store.set_health_of(read, Health::Reconnect).await {
                    Ok(true) => tracing::warn!(
                        fault = "user", retry = false, credential = %self.id, interrupted,
                        "Jira does not know this grant any more; it is not used again until its person reconnects"
                    ),
                    Ok(false) => {}
                    Err(error) => {
                        tracing::error!(fault = "us", retry = true, %error, "a connection's health was not saved");
                    }
                }
                Err(self.ended())
            }
            OAuthError::Operator(word) => {
                tracing::error!(
                    fault = "us", retry = true, credential = %self.id, error = word,
                    "the authorization server refuses the gateway's client; check its id, secret and callback URL"
                );
                Err(self.pause(error.into(), OPERATOR_PAUSE))
            }
            OAuthError::Unavailable(_) => {
                let told = error.retry_after().and_then(|wait| SignedDuration::try_from(wait).ok());
                let pause = match &self.kept().trouble {
                    Some(Trouble::Later { pause, .. }) => (*pause * 2).min(LONGEST_PAUSE),
                    _ => FIRST_PAUSE,
                };
                tracing::warn!(fault = "jira", retry = true, credential = %self.id, %error, "an access token was not renewed");
                Err(self.pause(error.into(), told.unwrap_or(pause).max(FIRST_PAUSE)))
            }
        }
    }

    async fn read(&self) -> Result<Option<store::Credential>, Error> {
        self.means.store.credential_by_id(&self.means.sealer, &self.id).await.map_err(|error| self.not_now(&error))
    }

    fn not_now(&self, error: &store::Error) -> Error {
        tracing::error!(fault = "us", retry = true, credential = %self.id, %error, "a credential cannot be read");
        Error::Upstream(503)
    }

    /// Takes over what lies in the database.
    fn adopt(&self, read: &store::Credential) -> Result<(), Error> {
        let tokens = tokens_of(read).ok_or(Error::BadCredentials)?;
        self.take(read.version, tokens)
    }

    fn take(&self, version: i64, tokens: Tokens) -> Result<(), Error> {
        let auth = Auth::bearer(&tokens.access)?;
        *self.kept() = Kept { version, tokens, auth, trouble: None, unsaved: None };
        Ok(())
    }

    fn ended(&self) -> Error {
        self.kept().trouble = Some(Trouble::Ended);
        Error::BadCredentials
    }

    fn pause(&self, error: Error, pause: SignedDuration) -> Error {
        let until = self.means.clock.now().checked_add(pause).unwrap_or(Timestamp::MAX);
        self.kept().trouble = Some(Trouble::Later { error: error.clone(), until, pause });
        error
    }

    fn credential(&self, tokens: &Tokens) -> Credential {
        match self.provider.flavour() {
            Flavour::Cloud => Credential::Oauth(tokens.clone()),
            Flavour::DataCenter => Credential::Oauth2(tokens.clone()),
        }
    }

    fn unsaved(&self) -> Option<(store::Credential, Tokens)> {
        self.kept().unsaved.take()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn tokens_of(read: &store::Credential) -> Option<Tokens> {
    match serde_json::from_slice(read.secret.expose_secret()) {
        Ok(Credential::Oauth(tokens) | Credential::Oauth2(tokens)) => Some(tokens),
        _ => None,
    }
}
