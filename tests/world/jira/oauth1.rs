//! Self-managed Jira as an OAuth 1.0a provider: application links with RSA-SHA1 (jira-auth-and-rest §4.4).

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rsa::RsaPublicKey;
use rsa::pkcs8::DecodePublicKey;
use url::Url;

use super::super::oauth::mint;
use super::exchange::{Answer, Asked};
use super::pages;
use super::people::Person;
use super::signature;
use super::who::{Context, Login};

/// Five years.
const ACCESS_SECONDS: i64 = 157_680_000;
const REQUEST: SignedDuration = SignedDuration::from_mins(10);
const CLOCK_SKEW: i64 = 300;

/// What a person said to a request token.
#[derive(Clone)]
enum Decision {
    None,
    Allowed { name: String, verifier: String },
    Denied,
}

struct RequestToken {
    consumer: String,
    /// `None`: the verifier is shown to the person (`oob`).
    callback: Option<String>,
    issued: Timestamp,
    decision: Decision,
}

struct AccessToken {
    consumer: String,
    /// User name.
    name: String,
    issued: Timestamp,
}

#[derive(Default)]
pub struct OAuth1 {
    consumers: HashMap<String, RsaPublicKey>,
    /// Consumer, timestamp, nonce.
    nonces: HashSet<(String, i64, String)>,
    requests: HashMap<String, RequestToken>,
    access: HashMap<String, AccessToken>,
}

/// A request whose signature is good.
struct Signed(HashMap<String, String>);

impl Signed {
    fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

/// `oauth_problem` with its details.
type Problem = Vec<(&'static str, String)>;

fn problem(name: &str) -> Problem {
    vec![("oauth_problem", name.to_owned())]
}

impl OAuth1 {
    /// An incoming application link; the key is PEM (`BEGIN PUBLIC KEY`).
    pub fn register(&mut self, consumer_key: &str, public_key: &str) {
        let key = RsaPublicKey::from_public_key_pem(public_key).expect("a public key");
        self.consumers.insert(consumer_key.into(), key);
    }

    /// The person removes all apps from their profile.
    pub fn revoke(&mut self, name: &str) {
        self.access.retain(|_, token| token.name != name);
    }

    /// Who has signed a call of the REST API.
    pub fn judge(&mut self, asked: &Asked, context: &Context<'_>) -> Login {
        match self.person_of(asked, context) {
            Ok(person) => Login::Token(person),
            Err(problem) => Login::Refused(refusal(&problem, context)),
        }
    }

    fn person_of(&mut self, asked: &Asked, context: &Context<'_>) -> Result<Person, Problem> {
        let signed = self.verify(asked, context)?;
        if signed.text("oauth_token").is_empty() {
            // Calls in the name of the consumer itself are switched off.
            return Err(problem("permission_denied"));
        }
        let token = self.access.get(signed.text("oauth_token"));
        let token = token.filter(|it| it.consumer == signed.text("oauth_consumer_key"));
        let token = token.ok_or_else(|| problem("token_rejected"))?;
        if context.now.duration_since(token.issued) >= SignedDuration::from_secs(ACCESS_SECONDS) {
            return Err(problem("token_expired"));
        }
        let person = context.data.person(&token.name).filter(|person| person.active);
        person.cloned().ok_or_else(|| problem("token_rejected"))
    }

    fn verify(&mut self, asked: &Asked, context: &Context<'_>) -> Result<Signed, Problem> {
        let oauth = signature::header(asked).ok_or_else(|| problem("parameter_rejected"))?;
        let signed = Signed(oauth.iter().cloned().collect());
        if signed.0.len() != oauth.len() {
            return Err(problem("parameter_rejected"));
        }
        let needed =
            ["oauth_consumer_key", "oauth_signature_method", "oauth_signature", "oauth_timestamp", "oauth_nonce"];
        let absent: Vec<_> = needed.into_iter().filter(|name| signed.text(name).is_empty()).collect();
        if !absent.is_empty() {
            return Err([problem("parameter_absent"), vec![("oauth_parameters_absent", absent.join("&"))]].concat());
        }
        if !matches!(signed.text("oauth_version"), "" | "1.0") {
            return Err(problem("version_rejected"));
        }
        let consumer = signed.text("oauth_consumer_key").to_owned();
        let key = self.consumers.get(&consumer).ok_or_else(|| problem("consumer_key_unknown"))?;
        if signed.text("oauth_signature_method") != "RSA-SHA1" {
            return Err(problem("signature_method_rejected"));
        }
        let now = context.now.as_second();
        let timestamp = signed.text("oauth_timestamp").parse::<i64>().unwrap_or(0);
        if timestamp.abs_diff(now) > CLOCK_SKEW.unsigned_abs() {
            let acceptable = format!("{}-{}", now - CLOCK_SKEW, now + CLOCK_SKEW);
            return Err([problem("timestamp_refused"), vec![("oauth_acceptable_timestamps", acceptable)]].concat());
        }
        let once = (consumer, timestamp, signed.text("oauth_nonce").to_owned());
        if self.nonces.contains(&once) {
            return Err(problem("nonce_used"));
        }
        let scheme = if context.personality.tls.is_some() { "https" } else { "http" };
        let base_string = signature::base_string(asked, scheme, &oauth);
        if !signature::is_good(key, &base_string, signed.text("oauth_signature")) {
            let details =
                [("oauth_signature_base_string", base_string), ("oauth_signature_method", "RSA-SHA1".to_owned())];
            return Err([problem("signature_invalid"), details.into()].concat());
        }
        self.nonces.insert(once);
        Ok(signed)
    }

    /// `/plugins/servlet/oauth/request-token`
    pub fn request_token(&mut self, asked: &Asked, context: &Context<'_>) -> Answer {
        let signed = match self.verify(asked, context) {
            Ok(signed) => signed,
            Err(problem) => return refusal(&problem, context),
        };
        let callback = match signed.text("oauth_callback") {
            "oob" => None,
            url if Url::parse(url).is_ok() => Some(url.to_owned()),
            _ => return refusal(&problem("parameter_rejected"), context),
        };
        let (token, consumer) = (mint::secret("request token"), signed.text("oauth_consumer_key").to_owned());
        let request = RequestToken { consumer, callback, issued: context.now, decision: Decision::None };
        self.requests.insert(token.clone(), request);
        let secret = mint::secret("token secret");
        Answer::text(200, &format!("oauth_token={token}&oauth_token_secret={secret}&oauth_callback_confirmed=true"))
    }

    /// `/plugins/servlet/oauth/authorize`: the consent page and its form.
    pub fn authorize(&mut self, asked: &Asked, person: Option<&Person>, context: &Context<'_>) -> Answer {
        let token = asked.parameter("oauth_token").unwrap_or_default();
        let Some(consumer) = self.open_request(&token, context.now) else {
            return Answer::html(400, &pages::message(context.personality, "This request is not valid any more."));
        };
        let Some(person) = person else {
            return pages::to_sign_in(context.base, &format!("/plugins/servlet/oauth/authorize?{}", asked.query));
        };
        if asked.method != "POST" {
            let rights = ["read and write everything that you can".to_owned()];
            return Answer::html(200, &pages::consent(context.personality, &consumer, person, &rights));
        }
        let name = (asked.field("decision") == "allow").then_some(person.name.as_str());
        match self.decide(&token, name) {
            Ok(callback) => Answer::redirect(&callback),
            Err(verifier) => {
                let words = format!("Your verification code is {verifier}");
                Answer::html(200, &pages::message(context.personality, &words))
            }
        }
    }

    /// The consumer of a request token that waits for a decision.
    pub fn open_request(&self, token: &str, now: Timestamp) -> Option<String> {
        let open =
            |it: &&RequestToken| matches!(it.decision, Decision::None) && now.duration_since(it.issued) < REQUEST;
        self.requests.get(token).filter(open).map(|request| request.consumer.clone())
    }

    /// The person of this name allows it; without a name it is refused. The callback URL, or the verifier to show.
    pub fn decide(&mut self, token: &str, name: Option<&str>) -> Result<String, String> {
        let request = self.requests.get_mut(token).expect("an open request");
        let verifier = name.map_or_else(|| "denied".to_owned(), |_| mint::secret("verifier")[..6].to_owned());
        request.decision = match name {
            Some(name) => Decision::Allowed { name: name.to_owned(), verifier: verifier.clone() },
            None => Decision::Denied,
        };
        let Some(callback) = &request.callback else { return Err(verifier) };
        let mut url = Url::parse(callback).expect("request_token saw it");
        url.query_pairs_mut().append_pair("oauth_token", token).append_pair("oauth_verifier", &verifier);
        Ok(url.into())
    }

    /// `/plugins/servlet/oauth/access-token`
    pub fn access_token(&mut self, asked: &Asked, context: &Context<'_>) -> Answer {
        match self.exchange(asked, context) {
            Ok(token) => Answer::text(
                200,
                &format!(
                    "oauth_token={token}&oauth_token_secret={}&oauth_expires_in={ACCESS_SECONDS}\
                     &oauth_session_handle={}&oauth_authorization_expires_in=160272000",
                    mint::secret("token secret"),
                    mint::secret("session handle"),
                ),
            ),
            Err(problem) => refusal(&problem, context),
        }
    }

    fn exchange(&mut self, asked: &Asked, context: &Context<'_>) -> Result<String, Problem> {
        let signed = self.verify(asked, context)?;
        let (token, consumer) = (signed.text("oauth_token"), signed.text("oauth_consumer_key"));
        let request = self.requests.get(token).filter(|request| request.consumer == consumer);
        let request = request.ok_or_else(|| problem("token_rejected"))?;
        if context.now.duration_since(request.issued) >= REQUEST {
            return Err(problem("token_expired"));
        }
        let name = match &request.decision {
            Decision::None => return Err(problem("permission_unknown")),
            Decision::Denied => return Err(problem("permission_denied")),
            Decision::Allowed { verifier, .. } if verifier != signed.text("oauth_verifier") => {
                return Err(problem("token_rejected"));
            }
            Decision::Allowed { name, .. } => name.clone(),
        };
        self.requests.remove(token);
        let access = mint::secret("access token");
        self.access.insert(access.clone(), AccessToken { consumer: consumer.into(), name, issued: context.now });
        Ok(access)
    }
}

/// 401: the problem stands in the body and in `WWW-Authenticate`.
fn refusal(problem: &Problem, context: &Context<'_>) -> Answer {
    let encoded: Vec<_> = problem.iter().map(|(name, value)| (name, signature::encode(value))).collect();
    let body: Vec<_> = encoded.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let quoted: String = encoded.iter().map(|(name, value)| format!(", {name}=\"{value}\"")).collect();
    let realm = utf8_percent_encode(context.base, NON_ALPHANUMERIC);
    Answer::text(401, &body.join("&")).with("www-authenticate", &format!("OAuth realm=\"{realm}\"{quoted}"))
}
