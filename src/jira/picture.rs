//! Icons and avatars: which of the addresses that Jira tells are asked for at all, and how (jira-auth-and-rest §6.6).

use std::fmt;
use std::time::Duration;

use url::form_urlencoded::Serializer;

use super::Error;
use super::classify::Answer;
use super::client::Client;
use super::key::SiteUrl;
use crate::outbound::{Call, Failure, HeaderValue, Http, Reply, StatusCode, Url, header};

/// Where a picture is fetched. Its text form is read by [`Source::parse`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A path with its query below the address that calls go to; asked for with the credential.
    Jira(String),
    /// One of Atlassian's public hosts of avatars; asked for without any credential.
    Public(Url),
}

/// What Jira said to a question for a picture.
#[derive(Debug)]
pub enum Told {
    /// Bytes of any kind.
    Here(Vec<u8>),
    /// It lies on a public host.
    Elsewhere(Url),
}

/// Longer than any address of a picture.
const LONGEST_ADDRESS: usize = 2_000;
const LONGEST_VALUE: usize = 255;
/// A picture is worth no longer wait: whoever shows one has initials or an icon in its place.
const TIMEOUT: Duration = Duration::from_secs(4);

impl Source {
    /// Where to ask for the picture at `address`, as a Jira at `site` told it whose calls go to `api`; `None` where that
    /// is no business of ours: another server, or no picture by its path. Parameters are kept as far as they choose the
    /// picture.
    pub fn of(address: &str, site: &SiteUrl, api: &SiteUrl) -> Option<Self> {
        if address.len() > LONGEST_ADDRESS {
            return None;
        }
        let url = Url::parse(address).ok()?;
        if !url.username().is_empty() || url.password().is_some() {
            return None;
        }
        let below = |base: &SiteUrl| {
            let here = SiteUrl::with_path(&url, "").ok()?;
            (here.origin() == base.origin()).then(|| base.strip_context(url.path()))?
        };
        match below(site).or_else(|| below(api)) {
            // At Atlassian's API host nothing but REST answers, and the credential goes nowhere else.
            Some(path) if api != site && !path.starts_with("/rest/") => None,
            Some(path) => on_jira(path, &url).map(Self::Jira),
            None => public(url).map(Self::Public),
        }
    }

    /// Reads what a source was written as.
    pub fn parse(text: &str) -> Option<Self> {
        match text.starts_with('/') {
            true => Some(Self::Jira(text.to_owned())),
            false => Url::parse(text).ok().and_then(public).map(Self::Public),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Jira(path) => f.write_str(path),
            Self::Public(url) => f.write_str(url.as_str()),
        }
    }
}

/// The path and the query to ask Jira for, if pictures lie there.
fn on_jira(path: &str, url: &Url) -> Option<String> {
    let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    if !segments.iter().all(|segment| is_plain(segment)) {
        return None;
    }
    let (known, fixed): (&[&str], &[(&str, &str)]) = match segments.as_slice() {
        ["secure", "useravatar"] => (&["ownerId", "avatarId", "size", "s"], &[]),
        ["secure", "projectavatar"] => (&["pid", "avatarId", "size", "s"], &[]),
        ["secure", "viewavatar"] => (&["avatarType", "avatarId", "size", "s"], &[]),
        ["servicedesk", "issue-type-icons"] => (&["icon"], &[]),
        ["rest", "api", "2" | "3" | "latest", "universal_avatar", "view", "type", _]
        | ["rest", "api", "2" | "3" | "latest", "universal_avatar", "view", "type", _, "avatar" | "owner", _] => {
            // Pixels are simpler to make harmless than drawings.
            (&["size"], &[("format", "png")])
        }
        ["images", .., file] | ["download", "resources", _, .., file] | ["s", _, .., file] if is_file(file) => {
            (&[], &[])
        }
        _ => return None,
    };
    let mut query = Serializer::new(String::new());
    for name in known {
        if let Some((_, value)) = url.query_pairs().find(|(it, _)| it == name)
            && (1..=LONGEST_VALUE).contains(&value.len())
        {
            query.append_pair(name, &value);
        }
    }
    query.extend_pairs(fixed);
    let query = query.finish();
    Some(if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") })
}

/// Whether a segment of a path says just what it seems to say: servers read dots, semicolons and escapes in ways of
/// their own.
fn is_plain(segment: &str) -> bool {
    !segment.is_empty()
        && !segment.starts_with('.')
        && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:~".contains(&byte))
}

fn is_file(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| ["png", "svg", "gif", "jpg", "jpeg", "webp"].contains(&ending.as_str()))
}

/// The address on a public host of avatars, as far as it chooses the picture.
fn public(mut url: Url) -> Option<Url> {
    let host = url.host_str()?;
    let at = |name: &str| host == name || host.strip_suffix(name).is_some_and(|sub| sub.ends_with('.'));
    let is_gravatar = at("gravatar.com");
    let is_known = is_gravatar || at("atl-paas.net") || host == "avatar-cdn.atlassian.com";
    let is_whole = url.as_str().len() <= LONGEST_ADDRESS && url.username().is_empty() && url.password().is_none();
    if !is_known || !is_whole || url.scheme() != "https" || url.port().is_some() {
        return None;
    }
    let size = url.query_pairs().find(|(name, value)| {
        matches!(&**name, "s" | "size") && (1..=4).contains(&value.len()) && value.bytes().all(|it| it.is_ascii_digit())
    });
    let size = size.map(|(name, value)| (name.into_owned(), value.into_owned()));
    // The stand-in that the address names for who has no picture may lie anywhere; ours are the initials.
    let no_stand_in = is_gravatar.then_some(("d".to_owned(), "404".to_owned()));
    let kept: Vec<_> = size.into_iter().chain(no_stand_in).collect();
    url.set_fragment(None);
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
    Some(url)
}

impl Client {
    /// Asks for a picture of this Jira, `path` being that of a [`Source::Jira`] and `limit` the most bytes that are read.
    /// [`Error::NotFound`]: there is none for this person. A token is not condemned for one picture's sake while Jira
    /// accepts it elsewhere; of a password nobody asks twice.
    pub async fn picture(&self, path: &str, limit: usize) -> Result<Told, Error> {
        let asked = self.send(question(self.at(path)?, limit)).await;
        let (reply, wait) = asked.map_err(|error| match error {
            Error::Outbound(failure) => about_one_picture(failure),
            error => error,
        })?;
        let answer = Answer::new(self.plane, &reply);
        if let Some(error) = answer.credential_problem(&self.api) {
            return Err(error);
        }
        if reply.status.is_redirection() {
            // To the sign-in page, mostly. The credential goes no further either way.
            return location(&reply).map(Told::Elsewhere).ok_or(Error::NotFound);
        }
        if let Some(error) = answer.problem_by_status() {
            return Err(error.with_wait(wait));
        }
        match reply.status {
            StatusCode::UNAUTHORIZED if answer.says("scope does not match") => Err(Error::MissingScope),
            StatusCode::UNAUTHORIZED if !is_named(&answer) => {
                // A second call with the same password could be the one that locks the account.
                if self.auth.counts_as_login() {
                    return Err(Error::BadCredentials);
                }
                self.myself().await?;
                Err(Error::NotFound)
            }
            status if status.is_success() => Ok(Told::Here(reply.body)),
            _ => Err(Error::NotFound),
        }
    }
}

/// Asks a public host of avatars: no credential, no redirect, at most `limit` bytes.
pub async fn of_public(http: &Http, url: Url, limit: usize) -> Result<Vec<u8>, Error> {
    let reply = http.send(question(Call::get(url), limit)).await.map_err(about_one_picture)?;
    match reply.status {
        status if status.is_success() => Ok(reply.body),
        status if status.is_server_error() => Err(Error::Upstream(status.as_u16())),
        _ => Err(Error::NotFound),
    }
}

fn question(mut call: Call, limit: usize) -> Call {
    call.limit = limit;
    call.timeout = TIMEOUT;
    let formats = HeaderValue::from_static("image/png,image/webp,image/jpeg,image/gif,image/svg+xml");
    call.headers.insert(header::ACCEPT, formats);
    call
}

/// What is wrong with one picture must not be taken for trouble with the whole Jira.
fn about_one_picture(failure: Failure) -> Error {
    match failure {
        Failure::TooLarge => Error::NotFound,
        Failure::Timeout => Error::Upstream(504),
        failure => failure.into(),
    }
}

/// Whether Jira names a person: then it accepted the credential, whatever else it refuses.
fn is_named(answer: &Answer<'_>) -> bool {
    let name = answer.header("x-ausername");
    !answer.header("x-aaccountid").is_empty() || !(name.is_empty() || name.eq_ignore_ascii_case("anonymous"))
}

/// Where a redirect leads, if that is a public host of avatars.
fn location(reply: &Reply) -> Option<Url> {
    let told = reply.headers.get(header::LOCATION)?.to_str().ok()?;
    Url::parse(told).ok().and_then(public)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> SiteUrl {
        SiteUrl::parse("https://jira.example.org:8443/jira").unwrap()
    }

    fn source(address: &str) -> Option<String> {
        Source::of(address, &site(), &site()).map(|source| source.to_string())
    }

    #[test]
    fn pictures_of_the_own_site_are_asked_for_with_what_chooses_them() {
        let table = [
            (
                "/secure/useravatar?size=xsmall&ownerId=ana&avatarId=10122&x=y",
                "/secure/useravatar?ownerId=ana&avatarId=10122&size=xsmall",
            ),
            ("/secure/useravatar?ownerId=a%26b%20c", "/secure/useravatar?ownerId=a%26b+c"),
            ("/secure/useravatar?ownerId=a&ownerId=b#x", "/secure/useravatar?ownerId=a"),
            ("/secure/useravatar", "/secure/useravatar"),
            (
                "/secure/projectavatar?pid=10000&avatarId=10324&os_authType=basic",
                "/secure/projectavatar?pid=10000&avatarId=10324",
            ),
            (
                "/secure/viewavatar?size=xsmall&avatarId=10318&avatarType=issuetype",
                "/secure/viewavatar?avatarType=issuetype&avatarId=10318&size=xsmall",
            ),
            ("/images/icons/priorities/medium.svg", "/images/icons/priorities/medium.svg"),
            ("/images/icons/priorities/medium.PNG?token=x", "/images/icons/priorities/medium.PNG"),
            (
                "/s/en_US-abc/814001/6411e0087192541a09d88223fb51a6a0/_/images/16jira.png",
                "/s/en_US-abc/814001/6411e0087192541a09d88223fb51a6a0/_/images/16jira.png",
            ),
            (
                "/download/resources/com.pyxis.greenhopper.jira:gh/images/epic.png",
                "/download/resources/com.pyxis.greenhopper.jira:gh/images/epic.png",
            ),
            ("/servicedesk/issue-type-icons?icon=it-help&x=1", "/servicedesk/issue-type-icons?icon=it-help"),
            (
                "/rest/api/2/universal_avatar/view/type/project/avatar/10401?size=small",
                "/rest/api/2/universal_avatar/view/type/project/avatar/10401?size=small&format=png",
            ),
            (
                "/rest/api/latest/universal_avatar/view/type/issuetype/owner/7?format=svg",
                "/rest/api/latest/universal_avatar/view/type/issuetype/owner/7?format=png",
            ),
            (
                "/rest/api/3/universal_avatar/view/type/priority",
                "/rest/api/3/universal_avatar/view/type/priority?format=png",
            ),
        ];
        for (address, expected) in table {
            let told = source(&site().join(address));
            assert_eq!(told.as_deref(), Some(expected), "{address}");
            assert_eq!(Source::parse(expected).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn nothing_else_of_the_site_is_asked_for() {
        let addresses = [
            "",
            "/",
            "/secure",
            "/secure/",
            "/secure/attachment/1/a.png",
            "/secure/thumbnail/1/_thumb_1.png",
            "/secure/useravatar/",
            "/secure/useravatar/x",
            "/secure/UserAvatar",
            "/secure/admin/ViewApplicationProperties.jspa",
            "/rest/api/2/myself",
            "/rest/api/2/user/avatar?username=x",
            "/rest/api/2/universal_avatar/type/project/owner/1",
            "/rest/api/4/universal_avatar/view/type/project",
            "/rest/api/2/universal_avatar/view/type/project/avatar/1/x",
            "/rest/api/2/universal_avatar/view/type/project/crop/1",
            "/images/icons",
            "/images/icons/x.html",
            "/images/png",
            "/images/..;/secure/admin/x.png",
            "/images/%2e%2e/secure/x.png",
            "/images/a%2fb.png",
            "/images//x.png",
            "/images/.png",
            "/images/x.png/",
            "/images/x.png;jsessionid=1",
            "/images/x y.png",
            "/images/\\x.png",
            "/download/resources/x.png",
            "/s/x.png",
            "/browse/OPS-7",
            "/plugins/servlet/applinks/x.png",
            "/images/../secure/useravatar.png",
            "/images/é.png",
            "/secure/../../other/images/x.png",
        ];
        for address in addresses {
            assert_eq!(source(&site().join(address)), None, "{address}");
        }
        // A dot segment is gone before it is judged.
        assert_eq!(source(&site().join("/browse/../images/x.png")).as_deref(), Some("/images/x.png"));
    }

    #[test]
    fn no_other_server_is_asked() {
        let addresses = [
            "",
            "x",
            "/secure/useravatar",
            "//jira.example.org:8443/jira/images/x.png",
            "javascript:alert(1)",
            "data:image/png;base64,iVBORw0KGgo=",
            "file:///images/x.png",
            "ftp://jira.example.org:8443/jira/images/x.png",
            "http://jira.example.org:8443/jira/images/x.png",
            "https://jira.example.org/jira/images/x.png",
            "https://jira.example.org:8443/images/x.png",
            "https://jira.example.org:8443/jirax/images/x.png",
            "https://jira.example.org:8443/JIRA/images/x.png",
            "https://other.example.org:8443/jira/images/x.png",
            "https://ana:secret@jira.example.org:8443/jira/images/x.png",
            "https://ana@jira.example.org:8443/jira/images/x.png",
            "https://jira.example.org.evil.example:8443/jira/images/x.png",
            "https://169.254.169.254/images/x.png",
            "http://secure.gravatar.com/avatar/x",
            "https://secure.gravatar.com:8443/avatar/x",
            "https://gravatar.com.evil.example/avatar/x",
            "https://evilgravatar.com/avatar/x",
            "https://atl-paas.net.evil.example/x",
            "https://xatl-paas.net/x",
            "https://a@secure.gravatar.com/avatar/x",
            "https://avatar-cdn.atlassian.com.evil.example/x",
            "https://x.avatar-cdn.atlassian.com/x",
            "https://api.atlassian.com/ex/jira/1/images/x.png",
            "https://i0.wp.com/x.png",
        ];
        for address in addresses {
            assert_eq!(source(address), None, "{address}");
        }
        assert_eq!(source(&format!("https://secure.gravatar.com/avatar/{}", "x".repeat(LONGEST_ADDRESS))), None);
        assert_eq!(Source::parse("https://evil.example/x.png"), None);
    }

    #[test]
    fn public_hosts_are_told_the_size_alone() {
        let table = [
            (
                "https://secure.gravatar.com/avatar/0bc8?d=https%3A%2F%2Favatar-management--avatars.us-west-2.prod.public.atl-paas.net%2Finitials%2FAC-3.png&s=48#x",
                "https://secure.gravatar.com/avatar/0bc8?s=48&d=404",
            ),
            ("https://www.gravatar.com/avatar/0bc8?d=mm", "https://www.gravatar.com/avatar/0bc8?d=404"),
            ("https://gravatar.com/avatar/0bc8?s=48000", "https://gravatar.com/avatar/0bc8?d=404"),
            (
                "https://avatar-management--avatars.us-west-2.prod.public.atl-paas.net/initials/AC-3.png?size=48&s=48&who=ana",
                "https://avatar-management--avatars.us-west-2.prod.public.atl-paas.net/initials/AC-3.png?size=48",
            ),
            (
                "https://avatar-management--avatars.us-west-2.prod.public.atl-paas.net/5b10%3A1/48",
                "https://avatar-management--avatars.us-west-2.prod.public.atl-paas.net/5b10%3A1/48",
            ),
            (
                "https://avatar-cdn.atlassian.com/0bc8?s=48&d=https%3A%2F%2Fevil.example",
                "https://avatar-cdn.atlassian.com/0bc8?s=48",
            ),
            ("https://secure.gravatar.com:443/avatar/0bc8", "https://secure.gravatar.com/avatar/0bc8?d=404"),
        ];
        for (address, expected) in table {
            assert_eq!(source(address).as_deref(), Some(expected), "{address}");
            assert_eq!(Source::parse(expected).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn at_the_api_host_only_rest_is_asked() {
        let site = SiteUrl::parse("https://acme.atlassian.net").unwrap();
        let api = SiteUrl::parse("https://api.atlassian.com/ex/jira/3036c423").unwrap();
        let table = [
            (
                "https://acme.atlassian.net/rest/api/2/universal_avatar/view/type/issuetype/avatar/10318?size=medium",
                Some("/rest/api/2/universal_avatar/view/type/issuetype/avatar/10318?size=medium&format=png"),
            ),
            (
                "https://api.atlassian.com/ex/jira/3036c423/rest/api/3/universal_avatar/view/type/project/avatar/10401",
                Some("/rest/api/3/universal_avatar/view/type/project/avatar/10401?format=png"),
            ),
            ("https://secure.gravatar.com/avatar/0bc8", Some("https://secure.gravatar.com/avatar/0bc8?d=404")),
            ("https://acme.atlassian.net/images/icons/priorities/medium.svg", None),
            ("https://acme.atlassian.net/secure/projectavatar?pid=1", None),
            (
                "https://api.atlassian.com/ex/jira/3036c424/rest/api/3/universal_avatar/view/type/project/avatar/10401",
                None,
            ),
            ("https://api.atlassian.com/ex/jira/3036c423/images/x.png", None),
            ("https://other.atlassian.net/rest/api/2/universal_avatar/view/type/issuetype/avatar/10318", None),
        ];
        for (address, expected) in table {
            let source = Source::of(address, &site, &api).map(|source| source.to_string());
            assert_eq!(source.as_deref(), expected, "{address}");
        }
    }
}
