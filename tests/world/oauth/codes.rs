//! Authorization codes: good once, for a short time, for the client and the address that they were made for.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::mint;
use super::{AuthorizeRequest, Parameters};

/// The codes of one server; `G` is what a code stands for.
pub struct Codes<G> {
    life: SignedDuration,
    open: HashMap<String, Code<G>>,
}

struct Code<G> {
    request: AuthorizeRequest,
    issued: Timestamp,
    grant: G,
}

impl<G> Codes<G> {
    pub fn living(life: SignedDuration) -> Self {
        Self { life, open: HashMap::new() }
    }

    pub fn issue(&mut self, request: AuthorizeRequest, grant: G, now: Timestamp) -> String {
        let code = mint::secret("code");
        self.open.insert(code.clone(), Code { request, issued: now, grant });
        code
    }

    /// What the code stands for. It is used up by any attempt of its client, so that nobody can try verifiers.
    pub fn redeem(&mut self, asked: &Parameters, now: Timestamp) -> Option<G> {
        let client = |code: &Code<G>| Some(code.request.client_id.as_str()) == asked.get("client_id");
        self.open.get(asked.get("code")?).filter(|code| client(code))?;
        let code = self.open.remove(asked.get("code")?)?;
        let proven = match (&code.request.challenge, asked.get("code_verifier")) {
            (Some(challenge), Some(verifier)) => challenge.is_met_by(verifier),
            (None, None) => true,
            _ => false,
        };
        let in_time = now.duration_since(code.issued) <= self.life;
        let same_address = asked.get("redirect_uri") == Some(&code.request.redirect_uri);
        (proven && in_time && same_address).then_some(code.grant)
    }
}
