//! What Notion keeps: workspaces, their people and pages, what the pages show, and who has connected what.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::integration::Integration;
use super::pace::Pace;
use super::rest::Id;
use super::rest::store::Rest;
use super::switches::Switches;
use super::tokens::{GrantId, Tokens};
use super::validator::Problem;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkspaceId(pub usize);

/// One person in one workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub usize);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageId(pub usize);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PreviewId(pub usize);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub usize);

#[derive(Clone, Debug)]
pub struct Workspace {
    pub id: String,
    pub name: String,
}

#[derive(Clone, Debug)]
pub struct User {
    /// The same for one person in all workspaces.
    pub id: String,
    pub name: String,
    pub email: String,
    pub workspace: WorkspaceId,
    /// Known by those who share a page, and listed nowhere.
    pub is_guest: bool,
}

impl User {
    /// As the public API shows people.
    pub fn json(&self) -> Value {
        json!({
            "object": "user", "id": self.id, "name": self.name, "avatar_url": null, "type": "person",
            "person": {"email": self.email},
        })
    }
}

/// Everybody of the workspace may look at it.
#[derive(Clone, Debug)]
pub struct Page {
    /// By which the public API knows it; its title is kept there.
    pub id: Id,
    pub workspace: WorkspaceId,
}

/// "Paste as".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum As {
    Preview,
    Mention,
}

#[derive(Clone, Debug)]
pub struct Preview {
    pub id: PreviewId,
    pub page: PageId,
    pub uri: String,
    pub kind: As,
    /// Who pasted it.
    pub by: UserId,
}

/// What all previews of one URL in one workspace show.
#[derive(Clone, Debug, Default)]
pub struct Object {
    pub attributes: Option<Vec<Value>>,
    pub error: Option<Problem>,
    /// With whose connection it was unfurled.
    pub by: Option<ConnectionId>,
}

/// One row of "My connections".
#[derive(Clone, Debug)]
pub struct Connection {
    pub id: ConnectionId,
    pub user: UserId,
    /// Notion's client id of the integration.
    pub integration: String,
    pub external_account: Account,
    /// The gateway's.
    pub access_token: String,
    pub refresh_token: Option<String>,
    pub obtained_at: Timestamp,
    /// Seconds.
    pub expires_in: Option<i64>,
    /// As sent to the authorize URL; token requests repeat it.
    pub redirect_uri: String,
    /// Notion's own tokens for it.
    pub grant: GrantId,
}

impl Connection {
    /// §4D: lazily, and only when the gateway said how long.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_in.is_some_and(|seconds| now > self.obtained_at + SignedDuration::from_secs(seconds))
    }
}

/// An account of the gateway, as the gateway named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub key: String,
    pub name: String,
}

/// A person who is on the way to the gateway and back.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub state: String,
    pub user: UserId,
    pub integration: String,
    pub redirect_uri: String,
    /// Where a browser began.
    pub page: Option<PageId>,
    /// What came of Notion's code.
    pub exchanged: Option<(GrantId, Account)>,
}

/// What a code of Notion stands for, of either kind.
#[derive(Clone, Debug)]
pub struct Code {
    pub integration: String,
    pub user: UserId,
    pub issued: Timestamp,
    pub kind: CodeKind,
}

#[derive(Clone, Debug)]
pub enum CodeKind {
    /// Of the attempt with this state.
    LinkPreview(String),
    /// The `redirect_uri` of the authorize URL, if it had one.
    Public(Option<String>),
}

/// How long a code is good for (§4A).
pub const CODE_LIFE: SignedDuration = SignedDuration::from_mins(10);

#[derive(Default)]
pub struct State {
    pub switches: Switches,
    pub integrations: Vec<Integration>,
    pub workspaces: Vec<Workspace>,
    pub users: Vec<User>,
    pub pages: Vec<Page>,
    pub previews: Vec<Preview>,
    pub objects: BTreeMap<(WorkspaceId, String), Object>,
    pub connections: Vec<Connection>,
    pub attempts: Vec<Attempt>,
    pub codes: HashMap<String, Code>,
    pub tokens: Tokens,
    pub pace: Pace,
    pub rest: Rest,
    /// For numbers that are given once.
    pub given: usize,
}

impl State {
    pub fn number(&mut self) -> usize {
        self.given += 1;
        self.given
    }

    pub fn user(&self, user: UserId) -> &User {
        &self.users[user.0]
    }

    pub fn workspace_of(&self, user: UserId) -> WorkspaceId {
        self.user(user).workspace
    }

    /// A page at the top of a workspace.
    pub fn add_page(&mut self, workspace: WorkspaceId, title: &str, now: Timestamp) -> PageId {
        let id = self.rest.add_page(workspace, title, now);
        self.pages.push(Page { id, workspace });
        PageId(self.pages.len() - 1)
    }

    pub fn title(&self, page: PageId) -> String {
        self.rest.title(self.pages[page.0].id)
    }

    /// The bots of a workspace, as the public API shows them.
    pub fn bots(&self, workspace: WorkspaceId) -> impl Iterator<Item = Value> {
        let own = self.tokens.bots().filter(move |(_, user, _)| self.workspace_of(*user) == workspace);
        own.filter_map(|(_, _, id)| self.bot_json(id))
    }

    pub fn bot_json(&self, bot_id: &str) -> Option<Value> {
        let (client, user, _) = self.tokens.bots().find(|(_, _, id)| *id == bot_id)?;
        let workspace = &self.workspaces[self.workspace_of(user).0];
        let name = self.integration(client).map(|it| it.name.clone());
        Some(json!({
            "object": "user", "id": bot_id, "name": name, "avatar_url": null, "type": "bot",
            "bot": {
                "owner": {"type": "user", "user": self.user(user).json()},
                "workspace_id": workspace.id, "workspace_name": workspace.name,
                "workspace_limits": {"max_file_upload_size_in_bytes": 5_242_880},
            },
        }))
    }

    pub fn integration(&self, client_id: &str) -> Option<&Integration> {
        self.integrations.iter().find(|it| it.client.0 == client_id)
    }

    /// Whose links these are, and the placeholder.
    pub fn unfurls(&self, uri: &str) -> Option<(&Integration, Vec<Value>)> {
        self.integrations.iter().find_map(|it| Some((it, it.link_preview.as_ref()?.placeholder(uri)?)))
    }

    pub fn connection(&self, id: ConnectionId) -> Option<&Connection> {
        self.connections.iter().find(|it| it.id == id)
    }

    /// "My connections" of a person, for one integration, in the order in which they were made.
    pub fn connections_of(&self, user: UserId, integration: &str) -> Vec<Connection> {
        let own = self.connections.iter().filter(|it| it.user == user && it.integration == integration);
        own.cloned().collect()
    }

    /// Whether any page of the workspace still shows this URL.
    pub fn is_shown(&self, workspace: WorkspaceId, uri: &str) -> bool {
        self.previews.iter().any(|it| it.uri == uri && self.pages[it.page.0].workspace == workspace)
    }
}
