//! Teams of Data Center's Advanced Roadmaps, by its "Team Management Public API". Answers of Cloud name the team
//! themselves.

use super::Error;
use super::client::{Client, Dialect};
use super::loose::Text;

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct TeamJson {
    title: Text,
}

impl Client {
    /// The name of a team; none where Jira does not tell it: because there is no such team, or this person may not see
    /// it, or Advanced Roadmaps is not there.
    pub async fn team_name(&self, id: u64) -> Result<Option<String>, Error> {
        if self.dialect() == Dialect::Cloud {
            return Ok(None);
        }
        match self.read::<TeamJson>(self.below(&format!("/rest/teams-api/1.0/team/{id}"), "")?).await {
            Ok(team) => Ok(team.title.0.filter(|name| !name.trim().is_empty())),
            // A page to sign in is what a Jira without Advanced Roadmaps may show; and a name is worth no run.
            Err(error) if error.concerns_one_call() || error == Error::SignInPage => Ok(None),
            Err(error) => Err(error),
        }
    }
}
