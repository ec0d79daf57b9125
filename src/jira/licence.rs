//! Whether a refusal means that the product is not licensed (jira-auth-and-rest §3, §4.6).

use super::Error;
use super::client::Client;
use super::loose::Flag;

/// Boards and sprints: a board that is hidden is 404, so 403 is the missing licence for Jira Software.
pub(super) fn of_software<T>(asked: Result<T, Error>) -> Result<T, Error> {
    asked.map_err(|error| match error {
        Error::Forbidden => Error::MissingLicense,
        error => error,
    })
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct InfoJson {
    is_licensed_for_use: Flag,
}

impl Client {
    /// Service Management: without a licence Data Center answers everything below its API with a page of HTML, but for
    /// one call, which says whether there is one.
    pub(super) async fn desk_refusal(&self, error: Error) -> Error {
        if !matches!(error, Error::SignInPage | Error::Forbidden) {
            return error;
        }
        let Ok(call) = self.below("/rest/servicedeskapi/info", "") else { return error };
        match self.read::<InfoJson>(call).await {
            Ok(InfoJson { is_licensed_for_use: Flag(Some(false)) }) => Error::MissingLicense,
            _ => error,
        }
    }
}
