//! The ways between us and Notion: people's own accounts there, and the previews that it shows.

use std::sync::Arc;

use super::StartError;
use crate::clock::Clock;
use crate::config::{OAuthClient, Settings, SignIn};
use crate::connect::Sites;
use crate::grant::{Grants, Setup};
use crate::jira::key::SiteUrl;
use crate::metrics::Metrics;
use crate::notion::client::Client;
use crate::notion::oauth::Application;
use crate::outbound::Url;
use crate::secret::{Passes, Sealer};
use crate::store::Store;
use crate::unfurl::{Push, Unfurl};
use crate::workspace::{self, Workspaces};

/// Previews that Notion shows.
#[derive(Debug)]
pub struct LinkPreviews {
    pub grants: Arc<Grants>,
    pub push: Arc<Push>,
}

/// What both ways work with.
pub(super) struct Means<'a> {
    pub store: &'a Store,
    pub sealer: &'a Sealer,
    pub clock: &'a Clock,
    pub metrics: &'a Arc<Metrics>,
}

/// People's accounts at Notion, and Link Previews where both clients are set.
pub(super) fn ways(
    settings: &Settings,
    public_url: &SiteUrl,
    sites: &Sites,
    unfurl: &Arc<Unfurl>,
    means: Means<'_>,
) -> Result<(Arc<Workspaces>, Option<LinkPreviews>), StartError> {
    let Means { store, sealer, clock, metrics } = means;
    let base = Url::parse(settings.notion.api_url.as_str()).map_err(|_| StartError::NotionUrl)?;
    let http = sites.operator();
    let client = Client::new(http.clone(), &base).ok_or(StartError::NotionUrl)?;
    let known_as = |it: &OAuthClient| Application::new(http.clone(), &base, &it.id, &it.secret);
    let ours = settings.notion.client.as_ref();
    let application = ours.map(|it| known_as(it).ok_or(StartError::NotionClient)).transpose()?;
    let previews = settings.notion.link_preview.as_ref().zip(application.clone()).map(|(set, application)| {
        let (hosts, client) = (set.redirect_hosts.clone(), client.clone());
        let setup = Setup { ours: set.client.clone(), hosts, application, client };
        let passes = Passes::new(sealer.clone(), "consent");
        let grants = Arc::new(Grants::new(setup, store.clone(), sealer.clone(), clock.clone(), passes));
        let (unfurl, interval) = (unfurl.clone(), settings.sync_interval);
        let push = Arc::new(Push::new(unfurl, grants.clone(), store.clone(), clock.clone(), interval));
        LinkPreviews { grants, push }
    });
    let signs_in = settings.sign_in.contains(&SignIn::Notion);
    let setup = workspace::Setup { client, application, public_url: public_url.to_string(), signs_in };
    let workspaces = Workspaces::new(setup, store.clone(), sealer.clone(), clock.clone(), metrics.clone());
    Ok((Arc::new(workspaces), previews))
}
