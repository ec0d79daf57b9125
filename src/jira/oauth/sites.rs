//! Which Cloud sites a 3LO grant opens (jira-auth-and-rest §2.4).

use serde::Deserialize;

use crate::jira::Error;
use crate::jira::auth::Auth;
use crate::jira::key::SiteUrl;
use crate::outbound::{Call, Http, StatusCode, Url, header, retry_after};

/// A Jira Cloud site that the person let us in to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    pub cloud_id: String,
    pub site: SiteUrl,
    pub name: String,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    url: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    scopes: Vec<String>,
}

/// More sites than anybody has.
const MOST: usize = 200;

/// `GET /oauth/token/accessible-resources`: all sites with Jira, in Atlassian's order. None: the person granted no site,
/// or took it back.
pub async fn resources(http: &Http, api: &SiteUrl, auth: &Auth) -> Result<Vec<Resource>, Error> {
    let address = api.join("/oauth/token/accessible-resources");
    let mut call = Call::get(Url::parse(&address).map_err(|_| Error::OperatorConfiguration)?);
    call.headers.insert(header::ACCEPT, header::HeaderValue::from_static("application/json"));
    call.headers.insert(header::AUTHORIZATION, auth.header(&call.method, &call.url)?);
    let reply = http.send(call).await?;
    match reply.status {
        StatusCode::OK => merged(&reply.body),
        StatusCode::UNAUTHORIZED => Err(Error::BadCredentials),
        StatusCode::TOO_MANY_REQUESTS => Err(Error::RateLimited { retry_after: retry_after(&reply.headers) }),
        status => Err(Error::Upstream(status.as_u16())),
    }
}

/// A site comes once per product; those that are Jira have its scopes.
fn merged(body: &[u8]) -> Result<Vec<Resource>, Error> {
    let entries: Vec<Entry> = serde_json::from_slice(body).map_err(|_| Error::Malformed)?;
    let mut sites: Vec<Resource> = Vec::new();
    let is_jira = |entry: &Entry| entry.scopes.iter().any(|scope| scope.contains("jira"));
    for entry in entries.into_iter().filter(is_jira).take(MOST) {
        // The id becomes a part of an address to which a token is sent.
        let plain = !entry.id.is_empty()
            && entry.id.len() <= 64
            && entry.id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let Some(site) = SiteUrl::parse(&entry.url).ok().filter(|_| plain) else { return Err(Error::Malformed) };
        if !sites.iter().any(|known| known.cloud_id == entry.id) {
            sites.push(Resource { cloud_id: entry.id, site: site.root(), name: entry.name });
        }
    }
    Ok(sites)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_comes_once_and_only_with_jira() {
        let body = br#"[
            {"id":"a-1","url":"https://one.atlassian.net","name":"one","scopes":["read:jira-work"],"avatarUrl":"x"},
            {"id":"a-1","url":"https://one.atlassian.net","name":"one","scopes":["read:confluence-content.all"]},
            {"id":"b-2","url":"https://two.atlassian.net","name":"two","scopes":["read:confluence-content.all"]},
            {"id":"c-3","url":"https://three.atlassian.net","name":"three","scopes":["read:jira-user"]},
            {"id":"c-3","url":"https://three.atlassian.net","name":"three","scopes":["read:jira-work"]}
        ]"#;
        let sites = merged(body).unwrap();
        let ids: Vec<&str> = sites.iter().map(|it| it.cloud_id.as_str()).collect();
        assert_eq!((ids, sites[1].site.as_str()), (vec!["a-1", "c-3"], "https://three.atlassian.net"));
        assert_eq!(merged(b"[]").unwrap(), []);
    }

    #[test]
    fn an_id_that_would_lead_elsewhere_is_refused() {
        for id in ["", "../x", "a/b", "a?b", "a#", "%2e", &"a".repeat(65)] {
            let body = format!(r#"[{{"id":"{id}","url":"https://one.atlassian.net","scopes":["read:jira-work"]}}]"#);
            assert_eq!(merged(body.as_bytes()), Err(Error::Malformed), "{id}");
        }
        assert_eq!(merged(b"{}"), Err(Error::Malformed));
        assert_eq!(
            merged(br#"[{"id":"a","url":"not an address","scopes":["read:jira-work"]}]"#),
            Err(Error::Malformed)
        );
    }
}
