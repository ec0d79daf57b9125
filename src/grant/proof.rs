//! Whose token it is, and who may end a grant (§4E, §4F, §4G).

use std::fmt;
use std::sync::Arc;

use super::Grants;
use super::token::{ACCESS, REFRESH};
use crate::secret::Digest;
use crate::store::{self, AccountId, Grant};

/// Letters of a token behind its beginning: 256 bits in base64.
const LETTERS: usize = 43;
/// No message of Notion's holds as many tokens.
const MOST_TOKENS: usize = 8;

/// What is told about a grant that is to end; nothing of it is believed without the client's secret.
#[derive(Clone, Default)]
pub struct Named<'a> {
    pub client_id: &'a str,
    pub client_secret: &'a str,
    /// The key of the external account: an account of ours.
    pub key: &'a str,
    pub bot_id: &'a str,
}

impl fmt::Debug for Named<'_> {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Named").field("key", &self.key).field("bot_id", &self.bot_id).finish_non_exhaustive()
    }
}

impl Grants {
    /// The grant of an access token, if that is good now. What has not even the form of one costs nothing.
    pub async fn authenticate(&self, token: &str) -> Result<Option<Arc<Grant>>, store::Error> {
        if !has_form(token, ACCESS) {
            return Ok(None);
        }
        let (hash, now) = (Digest::of_token(token), self.clock.now_ms());
        if let Some((grant, until)) = self.known.get(&hash) {
            return Ok((now < until).then_some(grant));
        }
        let mark = self.known.mark();
        let Some((token, grant)) = self.store.grant_by_token(hash).await? else { return Ok(None) };
        if token.kind != "access" || token.expires_at <= now {
            return Ok(None);
        }
        if token.used_at.is_none() {
            self.store.use_pair(&token).await?;
        }
        let grant = Arc::new(grant);
        self.known.keep(mark, hash, (grant.clone(), token.expires_at));
        Ok(Some(grant))
    }

    /// Ends the grants that one of these texts proves to belong to: a token that we issued, good or not any more. Anything
    /// else changes nothing. A token of before its person allowed it anew speaks of what was before: it ends what came from
    /// the same code, and not what they allowed since. Says how many.
    pub async fn end_by_tokens<'t>(&self, texts: impl Iterator<Item = &'t str>) -> Result<usize, store::Error> {
        let mut ended = 0;
        for token in texts.filter(|text| has_form(text, ACCESS) || has_form(text, REFRESH)).take(MOST_TOKENS) {
            let Some((token, grant)) = self.store.grant_by_token(Digest::of_token(token)).await? else { continue };
            ended += match self.store.is_outlived(&token).await? {
                true => {
                    let tokens = self.store.revoke_family(&grant.id, &token.family).await?;
                    self.known.forget_all();
                    usize::from(tokens > 0)
                }
                false => usize::from(self.end(&grant).await?),
            };
        }
        Ok(ended)
    }

    /// Ends the grant that the client names, once it has proved to be the client.
    pub async fn end_named(&self, named: &Named<'_>) -> Result<bool, store::Error> {
        if !self.is_client(named.client_id, named.client_secret) {
            return Ok(false);
        }
        let Some(account) = AccountId::parse(named.key) else { return Ok(false) };
        match self.store.grant_of_bot(&account, named.bot_id).await? {
            Some(grant) => self.end(&grant).await,
            None => Ok(false),
        }
    }
}

fn has_form(text: &str, beginning: &str) -> bool {
    let letters = text.strip_prefix(beginning).and_then(|rest| rest.strip_prefix('_'));
    let is_letter = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    letters.is_some_and(|letters| letters.len() == LETTERS && letters.bytes().all(is_letter))
}
