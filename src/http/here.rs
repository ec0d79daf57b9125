//! Answers on a page of ours: their steps stay in the same window, and connecting leads back to all that was pasted.

use crate::preview::Answer;
use crate::render::mention::Density;
use crate::render::pile::Insert;
use crate::render::step::encode;

/// A longer way back would not fit into an address that every browser and proxy takes.
const RETURN_MAX: usize = 4096;

/// What leads back to the paste box brings along.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keep<'a> {
    /// All that was pasted.
    pub pasted: &'a str,
    pub density: Density,
    /// What many links have become.
    pub insert: Option<Insert>,
}

/// Makes the actions of the answers fit for a page: what leads to us becomes a path; with several answers, all that was
/// pasted is where the connect window returns to, so that every link of that Jira is filled in at once (paste-experience
/// §4). What leads back to the paste box keeps the length of the mentions.
pub fn stay(public_url: &str, keep: Keep<'_>, answers: &mut [Answer]) {
    let density = match keep.density {
        usual if usual == Density::default() => String::new(),
        density => format!("&density={}", density.as_str()),
    };
    let insert = keep.insert.map(|insert| format!("&insert={}", insert.as_str())).unwrap_or_default();
    let all = format!("/?links={}{density}{insert}", encode(keep.pasted));
    let all = (answers.len() > 1 && all.len() <= RETURN_MAX).then_some(all);
    for action in answers.iter_mut().flat_map(|answer| &mut answer.actions) {
        let Some(path) = action.href.strip_prefix(public_url).filter(|rest| rest.starts_with('/')) else { continue };
        action.href = match (&all, path.split_once("&return_to=")) {
            (Some(all), Some((window, _))) => format!("{window}&return_to={}", encode(all)),
            _ if path.starts_with("/?") => format!("{path}{density}"),
            _ => path.to_owned(),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jira::key::Kind;
    use crate::preview::{Action, State};

    fn answer(href: &str) -> Answer {
        Answer {
            url: "u".to_owned(),
            canonical_url: None,
            kind: Kind::Issue,
            id: String::new(),
            site: None,
            state: State::Connect,
            stale: false,
            checked_at: None,
            connection: None,
            preview: None,
            reason: None,
            actions: vec![Action { id: "connect", href: href.to_owned() }],
        }
    }

    fn stayed(pasted: &str, hrefs: &[&str]) -> Vec<String> {
        let mut answers: Vec<Answer> = hrefs.iter().map(|href| answer(href)).collect();
        stay("http://localhost:8080", Keep { pasted, ..Keep::default() }, &mut answers);
        answers.into_iter().map(|mut answer| answer.actions.remove(0).href).collect()
    }

    #[test]
    fn what_leads_to_us_becomes_a_path_and_nothing_else_does() {
        let jira = "http://localhost:8080.evil.example/?url=x";
        for (href, path) in [
            ("http://localhost:8080/?url=x&refresh=1", "/?url=x&refresh=1"),
            ("http://localhost:8080/connect?site=s&return_to=%2F", "/connect?site=s&return_to=%2F"),
            (jira, jira),
            ("https://acme.atlassian.net/browse/OPS-7", "https://acme.atlassian.net/browse/OPS-7"),
        ] {
            assert_eq!(stayed("one", &[href]), [path]);
        }
    }

    #[test]
    fn what_leads_back_keeps_the_length_of_the_mentions() {
        for (href, path) in [("/?url=x&refresh=1", "/?url=x&refresh=1&density=rich"), ("/why?url=x", "/why?url=x")] {
            let mut answers = [answer(&format!("http://localhost:8080{href}"))];
            let keep = Keep { pasted: "x", density: Density::Rich, insert: None };
            stay("http://localhost:8080", keep, &mut answers);
            assert_eq!(answers[0].actions[0].href, path);
        }
    }

    #[test]
    fn with_several_links_connecting_returns_to_them_all_where_they_fit() {
        let href = "http://localhost:8080/connect?site=s&return_to=%2F%3Furl%3Da";
        let both = "/connect?site=s&return_to=%2F%3Flinks%3Da%250Ab";
        assert_eq!(stayed("a\nb", &[href, href]), [both, both]);
        let mut answers = [answer(href), answer(href)];
        let keep = Keep { pasted: "a\nb", density: Density::Key, insert: Some(Insert::Table) };
        stay("http://localhost:8080", keep, &mut answers);
        let chosen = format!("{both}%26density%3Dkey%26insert%3Dtable");
        assert_eq!(answers[1].actions[0].href, chosen, "and stay what they have become");
        let alone = "/connect?site=s&return_to=%2F%3Furl%3Da";
        assert_eq!(stayed(&"a".repeat(RETURN_MAX), &[href, href]), [alone, alone]);
    }
}
