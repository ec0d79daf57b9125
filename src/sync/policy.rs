//! What the operator lets be copied into Notion. Pure.

use crate::config::Publish;
use crate::jira::key::SiteUrl;

/// The rules of the listed sites.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    pub sites: Vec<SitePolicy>,
    /// `GATEWAY_SITES=listed`: nothing but the entries above.
    pub only_listed: bool,
}

#[derive(Debug, Clone)]
pub struct SitePolicy {
    pub site: SiteUrl,
    pub block_projects: Vec<String>,
    pub publish: Publish,
}

impl Policy {
    /// Whether a project may be kept as a database. A database holds whole issues, so a site of which only keys may be
    /// written into pages has none.
    pub fn allows(&self, site: &SiteUrl, project_key: &str) -> bool {
        match self.sites.iter().find(|it| it.site == *site) {
            None => !self.only_listed,
            Some(rule) => {
                let is_blocked = rule.block_projects.iter().any(|key| key.eq_ignore_ascii_case(project_key));
                rule.publish == Publish::Full && !is_blocked
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_holds_whole_issues() {
        let site = |host: &str| SiteUrl::parse(host).unwrap();
        let rule =
            |publish| SitePolicy { site: site("https://a.example"), block_projects: vec!["HR".to_owned()], publish };
        let table = [
            (Publish::Full, "https://a.example", "OPS", false, true),
            (Publish::Full, "https://a.example", "hr", false, false),
            (Publish::KeyStatus, "https://a.example", "OPS", false, false),
            (Publish::Key, "https://a.example", "OPS", false, false),
            (Publish::Nothing, "https://a.example", "OPS", false, false),
            (Publish::Full, "https://b.example", "OPS", false, true),
            (Publish::Full, "https://b.example", "OPS", true, false),
        ];
        for (publish, host, project, only_listed, expected) in table {
            let policy = Policy { sites: vec![rule(publish)], only_listed };
            assert_eq!(policy.allows(&site(host), project), expected, "{publish:?} {host} {project} {only_listed}");
        }
    }
}
