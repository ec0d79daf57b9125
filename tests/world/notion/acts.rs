//! What people do on pages: paste, look again, remove (notion-link-preview §4E, §4F).

use std::collections::BTreeSet;

use super::Notion;
use super::integration::LinkPreview;
use super::rendered::Rendered;
use super::state::{As, Object, PageId, Preview, PreviewId, UserId};
use super::validator::Problem;

impl Notion {
    /// Pastes a link. `None`: it is no link of any integration, so it stays a plain one.
    pub async fn paste(&self, user: UserId, page: PageId, uri: &str, kind: As) -> Option<Rendered> {
        let (integration, id) = self.state(|state| {
            assert_eq!(
                state.workspace_of(user),
                state.pages[page.0].workspace,
                "only people of the workspace come here"
            );
            let integration = state.unfurls(uri)?.0.clone();
            let id = PreviewId(state.number());
            state.previews.push(Preview { id, page, uri: uri.to_owned(), kind, by: user });
            Some((integration, id))
        })?;
        self.ask_all(user, &integration.client.0, integration.link_preview.as_ref()?, uri).await;
        self.rendered(page).into_iter().find(|it| it.id == id)
    }

    /// Somebody opens the page: each of its links is asked for again, with what this person has connected.
    pub async fn visit(&self, user: UserId, page: PageId) -> Vec<Rendered> {
        let shown: BTreeSet<String> = self.rendered(page).into_iter().map(|it| it.uri).collect();
        for uri in shown {
            let integration = self.state(|state| state.unfurls(&uri).map(|(it, _)| it.clone()));
            if let Some((client, forms)) = integration.and_then(|it| Some((it.client.0, it.link_preview?))) {
                self.ask_all(user, &client, &forms, &uri).await;
            }
        }
        self.rendered(page)
    }

    /// Asks with each of the person's connections until one succeeds; an error only if none does.
    pub(super) async fn ask_all(&self, user: UserId, client: &str, forms: &LinkPreview, uri: &str) {
        let mut problem: Option<Problem> = None;
        let connections = self.state(|state| state.connections_of(user, client));
        for connection in &connections {
            match self.unfurl(connection, forms, uri).await {
                Ok(update) => {
                    let object = Object { attributes: update.attributes, error: update.error, by: Some(connection.id) };
                    self.state(|state| state.objects.insert((state.workspace_of(user), uri.to_owned()), object));
                    return;
                }
                Err(new) => problem = Some(new),
            }
        }
        let Some(problem) = problem else { return };
        self.state(|state| {
            let strangers = state.switches.strangers_failure_shows;
            let own = |by| connections.iter().any(|it| Some(it.id) == by);
            let object = state.objects.entry((state.workspace_of(user), uri.to_owned())).or_default();
            if object.attributes.is_none() || own(object.by) || strangers {
                *object = Object { attributes: None, error: Some(problem), by: object.by };
            }
        });
    }

    /// Takes one preview or mention off its page. With the last one in the workspace, the gateway is told (F).
    pub async fn remove_preview(&self, id: PreviewId) {
        let last = self.state(|state| {
            let at = state.previews.iter().position(|it| it.id == id)?;
            let gone = state.previews.remove(at);
            let workspace = state.pages[gone.page.0].workspace;
            if state.is_shown(workspace, &gone.uri) {
                return None;
            }
            let object = state.objects.remove(&(workspace, gone.uri.clone()))?;
            let integration = state.unfurls(&gone.uri)?.0;
            let of_this = |it: &&super::state::Connection| it.integration == integration.client.0;
            let connection = object.by.and_then(|by| state.connection(by));
            let somebody =
                || state.connections.iter().filter(of_this).find(|it| state.workspace_of(it.user) == workspace);
            Some((connection.or_else(somebody)?.clone(), integration.link_preview.clone()?, gone.uri))
        });
        if let Some((connection, forms, uri)) = last {
            self.forget(&connection, &forms, &uri).await;
        }
    }

    /// A copy in another workspace: its previews are placeholders there until somebody connects (§6).
    pub fn duplicate(&self, page: PageId, by: UserId) -> PageId {
        let now = self.now();
        self.state(|state| {
            let workspace = state.workspace_of(by);
            let title = state.title(page);
            let copy = state.add_page(workspace, &title, now);
            let copied: Vec<Preview> = state.previews.iter().filter(|it| it.page == page).cloned().collect();
            for preview in copied {
                let id = PreviewId(state.number());
                state.previews.push(Preview { id, page: copy, by, ..preview });
            }
            copy
        })
    }
}
