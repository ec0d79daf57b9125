//! The whole grammar of pasted links: `fixtures/links.tsv`, row by row, and what must hold for every text.

use proptest::prelude::*;
use url::Url;

use jira_notion_gateway::jira::key::{Deployment, Kind, SiteUrl};
use jira_notion_gateway::link::{Known, KnownSite, Link, links_in, parse};

/// One line of the table.
struct Row<'t> {
    line: usize,
    shape: &'t str,
    pasted: String,
    known: &'t str,
    kind: &'t str,
    site: &'t str,
    id: &'t str,
    canonical: &'t str,
}

impl Row<'_> {
    /// A link as browsers show it; chapter 12 is about what clings to links.
    fn is_plain_link(&self) -> bool {
        self.kind != "none" && self.shape != "12" && self.pasted.starts_with("https://")
    }
}

fn site(url: &str) -> SiteUrl {
    SiteUrl::parse(url).unwrap()
}

fn known_site(url: &str, aliases: &[&str], deployment: Option<Deployment>) -> KnownSite {
    KnownSite { url: site(url), aliases: aliases.iter().map(|alias| site(alias)).collect(), deployment }
}

/// The sets that the head of the table describes.
fn known(name: &str) -> Known {
    use Deployment::{Cloud, DataCenter, Server};
    let team = || {
        vec![
            known_site("https://acme.atlassian.net", &["https://help.acme.example"], Some(Cloud)),
            known_site("https://jira.example.com", &["https://jira-old.example.com"], Some(DataCenter)),
            known_site("https://issues.example.org/jira", &[], Some(DataCenter)),
            known_site("https://tracker.example.net:8443/a/b", &[], Some(Server)),
            known_site("http://jira.example.net:8080", &[], Some(Server)),
        ]
    };
    match name {
        "-" => Known::default(),
        "team" => Known::new(team(), None),
        "default" => Known::new(team(), Some(site("https://issues.example.org/jira"))),
        "nested" => Known::new(
            vec![
                known_site("https://jira.example.com", &[], Some(DataCenter)),
                known_site("https://jira.example.com/second", &[], Some(DataCenter)),
            ],
            None,
        ),
        "undecided" => Known::new(vec![known_site("https://work.acme.example", &[], None)], None),
        _ => panic!("no set of sites is called {name}"),
    }
}

fn rows(table: &str) -> Vec<Row<'_>> {
    let lines = table.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|(at, line)| {
            let columns: Vec<&str> = line.split('\t').collect();
            let [shape, pasted, known, kind, site, id, canonical] = columns[..] else {
                panic!("line {} has {} columns", at + 1, columns.len());
            };
            let id = if id == "-" { "" } else { id };
            Row { line: at + 1, shape, pasted: unescape(pasted), known, kind, site, id, canonical }
        })
        .collect()
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('\\') => out.push('\\'),
            Some('u') => {
                let code: String = chars.by_ref().skip(1).take_while(|&c| c != '}').collect();
                out.push(char::from_u32(u32::from_str_radix(&code, 16).unwrap()).unwrap());
            }
            other => panic!("unknown escape {other:?}"),
        }
    }
    out
}

fn read_table() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/links.tsv")).unwrap()
}

/// What must hold for every link, wherever it came from.
fn assert_canonical(link: &Link, known: &Known, origin: &str) {
    for deployment in [None, Some(Deployment::Cloud), Some(Deployment::DataCenter), Some(Deployment::Server)] {
        let canonical = link.canonical_url(deployment);
        let again = parse(&canonical, known).unwrap_or_else(|| panic!("{origin:?}: {canonical} is no link"));
        assert_eq!(
            (again.kind(), again.id(), again.site()),
            (link.kind(), link.id(), link.site()),
            "{origin:?} → {canonical}"
        );
        assert_eq!(again.canonical_url(deployment), canonical, "{origin:?}");
    }
}

#[test]
fn every_row_of_the_table_reads_as_it_says() {
    let table = read_table();
    let rows = rows(&table);
    let mut wrong = Vec::new();
    for row in &rows {
        let known = known(row.known);
        let link = parse(&row.pasted, &known);
        let found = match &link {
            Some(link) => (link.kind().as_str(), link.site().to_string(), link.id(), link.canonical_url(None)),
            None => ("none", "-".to_owned(), String::new(), "-".to_owned()),
        };
        let expected = (row.kind, row.site.to_owned(), row.id.to_owned(), row.canonical.to_owned());
        if found != expected {
            wrong.push(format!("line {}: {:?}\n  expected {expected:?}\n  found    {found:?}", row.line, row.pasted));
        }
        if let Some(link) = &link {
            assert_canonical(link, &known, &row.pasted);
        }
    }
    eprintln!("links.tsv: {} of {} rows", rows.len() - wrong.len(), rows.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_has_every_kind_and_every_chapter() {
    let table = read_table();
    let rows = rows(&table);
    assert!(rows.len() >= 250);
    for kind in Kind::ALL {
        assert!(rows.iter().any(|row| row.kind == kind.as_str()), "no row of kind {}", kind.as_str());
    }
    // How many numbered shapes each chapter of jira-urls has.
    for (chapter, shapes) in [(1, 12), (3, 33), (4, 25), (5, 21), (6, 13), (7, 19), (8, 14), (9, 5), (10, 3)] {
        for shape in 1..=shapes {
            let reference = format!("\n{chapter}.{shape}\t");
            assert!(table.contains(&reference), "no row for {}", reference.trim());
        }
    }
}

#[test]
fn secrets_and_tracking_survive_nowhere() {
    let table = read_table();
    let rows = rows(&table);
    let with_canary =
        rows.iter().filter(|row| row.pasted.to_lowercase().contains("canary") || row.pasted.contains("eyJ"));
    let mut seen = 0;
    for row in with_canary {
        let Some(link) = parse(&row.pasted, &known(row.known)) else { continue };
        let shown = format!("{link:?} {} {}", link.canonical_url(None), link.id());
        assert!(!shown.to_lowercase().contains("canary") && !shown.contains("eyJ"), "{shown}");
        seen += 1;
    }
    assert!(seen >= 20, "only {seen} rows carry a canary");
}

#[test]
fn every_secret_parameter_is_dropped_on_every_kind() {
    let secrets = "token=CANARY&os_username=CANARY&os_password=CANARY&jwt=CANARY&lic=CANARY&atlOrigin=CANARY&src=CANARY\
                   &utm_source=CANARY&xdm_e=CANARY&hash=CANARY&atl_token=CANARY";
    let table = read_table();
    for row in rows(&table).iter().filter(|row| row.is_plain_link()) {
        let mut url = Url::parse(&row.pasted).unwrap();
        // What a wrapper holds has parameters of its own.
        if url.path().contains("login") {
            continue;
        }
        let query = url.query().map_or(secrets.to_owned(), |query| format!("{secrets}&{query}"));
        url.set_query(Some(&query));
        let _ = url.set_username("CANARY");
        let _ = url.set_password(Some("CANARY"));
        let Some(link) = parse(url.as_str(), &known(row.known)) else { panic!("{url} is no link any more") };
        assert_eq!(link.id(), row.id, "{url}");
        let shown = format!("{link:?} {}", link.canonical_url(None));
        assert!(!shown.contains("CANARY"), "{url}: {shown}");
    }
}

#[test]
fn the_order_of_parameters_and_strangers_among_them_mean_nothing() {
    let table = read_table();
    for row in rows(&table).iter().filter(|row| row.is_plain_link()) {
        let mut url = Url::parse(&row.pasted).unwrap();
        let Some(query) = url.query() else { continue };
        let parts: Vec<&str> = query.split('&').filter(|part| !part.is_empty()).collect();
        // A repeated parameter is the one case in which order counts.
        if parts.iter().filter(|part| part.to_lowercase().starts_with("selectedissue")).count() > 1 {
            continue;
        }
        let mixed: Vec<&str> = parts.iter().rev().flat_map(|part| ["any=thing", *part, "x"]).collect();
        url.set_query(Some(&mixed.join("&")));
        let known = known(row.known);
        let (before, after) = (parse(&row.pasted, &known).unwrap(), parse(url.as_str(), &known));
        assert_eq!(after.as_ref(), Some(&before), "{url}");
    }
}

#[test]
fn a_moved_issue_keeps_its_comment_and_its_portal() {
    let team = known("team");
    for (pasted, moved) in [
        ("https://acme.atlassian.net/browse/OPS-7", "https://acme.atlassian.net/browse/WEB-9"),
        (
            "https://acme.atlassian.net/browse/OPS-7?focusedCommentId=10200",
            "https://acme.atlassian.net/browse/WEB-9?focusedCommentId=10200",
        ),
        (
            "https://acme.atlassian.net/servicedesk/customer/portal/2/OPS-7",
            "https://acme.atlassian.net/servicedesk/customer/portal/2/WEB-9",
        ),
        (
            "https://acme.atlassian.net/jira/polaris/projects/OPS/ideas/view/1?selectedIssue=OPS-7",
            "https://acme.atlassian.net/browse/WEB-9",
        ),
    ] {
        let link = parse(pasted, &team).unwrap().with_issue_key("WEB-9").unwrap();
        assert_eq!(link.canonical_url(None), moved);
        assert_eq!(link.project_key(), Some("WEB"));
    }
    assert_eq!(parse("https://acme.atlassian.net/browse/OPS", &team).unwrap().with_issue_key("WEB-9"), None);
}

#[test]
fn deployment_is_said_only_when_it_is_certain() {
    for (pasted, set, deployment) in [
        ("https://acme.atlassian.net/browse/OPS-7", "-", Some(Deployment::Cloud)),
        ("https://acme.jira.com/browse/OPS-7", "-", Some(Deployment::Cloud)),
        ("https://work.acme.example/jira/software/projects/OPS", "-", Some(Deployment::Cloud)),
        ("https://work.acme.example/helpcenter/it/portal/2", "-", Some(Deployment::Cloud)),
        ("https://work.acme.example/jira/plans/3", "undecided", Some(Deployment::Cloud)),
        ("https://work.acme.example/browse/OPS-7", "undecided", None),
        ("https://jira.example.com/browse/OPS-7?atlOrigin=x", "-", None),
        ("https://jira.example.com/secure/RapidBoard.jspa?rapidView=5", "-", None),
        ("https://jira.example.com/browse/OPS-7", "team", Some(Deployment::DataCenter)),
        ("https://tracker.example.net:8443/a/b/browse/OPS-7", "team", Some(Deployment::Server)),
        ("OPS-7", "default", Some(Deployment::DataCenter)),
    ] {
        assert_eq!(parse(pasted, &known(set)).unwrap().deployment(), deployment, "{pasted}");
    }
}

#[test]
fn a_paste_is_split_into_its_links() {
    let pasted = "See https://acme.atlassian.net/browse/OPS-7, and\n\
                  (https://jira.example.com/browse/OPS-8); OPS-9,OPS-10 and/or [a label|https://jira.example.com/browse/OPS-11|smart-link]\n\
                  [x](https://jira.example.com/browse/OPS-12),https://jira.example.com/issues/?jql=key%20in%20(A-1,A-2)";
    let known = known("default");
    let found = links_in(pasted);
    let ids: Vec<String> = found.links.iter().filter_map(|piece| parse(piece, &known)).map(|link| link.id()).collect();
    assert_eq!(ids, ["OPS-7", "OPS-8", "OPS-9", "OPS-10", "OPS-11", "OPS-12", "key in (A-1,A-2)"]);
    assert_eq!(found.links.len(), ids.len());
    assert!(!found.more);

    assert!(links_in("  \n ").links.is_empty());
    assert_eq!(links_in(" nonsense ").links, ["nonsense"]);
    let many = "https://jira.example.com/browse/OPS-7 ".repeat(101);
    assert_eq!((links_in(&many).links.len(), links_in(&many).more), (100, true));
    let exactly = "OPS-7\n".repeat(100);
    assert_eq!((links_in(&exactly).links.len(), links_in(&exactly).more), (100, false));
}

/// What a text may be full of.
const PIECES: &str = "a a. 1 -7 . ; ) ( [ ] ]( < > _ *_) \" & &amp; &# =& &selectedIssue= ? # % %41 %25 / /browse :// \
    http:// https://| | @ OPS-7, é";

/// Work that grows with the square of the length would keep each of these busy for many minutes.
#[test]
fn a_hundred_kilobytes_of_anything_is_read_in_one_pass() {
    let team = known("default");
    let long = |piece: &str| piece.repeat(100_000 / piece.len());
    let base = "https://acme.atlassian.net/browse/OPS-7";
    let mut texts: Vec<String> = PIECES.split_whitespace().chain([" ", "\u{200b}"]).map(long).collect();
    for piece in PIECES.split_whitespace().chain(["\u{200b}"]) {
        texts.push(format!("{base}{}", long(piece)));
        texts.push(format!("{base}?x={}", long(piece)));
        texts.push(format!("[{}|{base}]", long(piece)));
        texts.push(format!("https://{}/browse/OPS-7", long(piece)));
        texts.push(format!("https://acme.atlassian.net/login?dest-url={}", long(piece)));
        texts.push(format!("https://issues.example.org/jira/issues/?jql={}", long(piece)));
    }
    for text in &texts {
        let _ = parse(text, &team);
        let _ = links_in(text);
    }
    assert_eq!(parse(&format!("{base}{}", long(")")), &team).unwrap().id(), "OPS-7");
}

/// Words that addresses of Jira are made of, right and wrong.
const WORDS: &str = "browse projects issues secure rest plugins servicedesk si sr jira login.jsp login software core polaris \
    discovery c boards reports velocity backlog versions components component fixforversion queues custom \
    section incidents agent customer portal portals helpcenter user article people team plans dashboards filters \
    search apps settings api agile greenhopper servicedeskapi 2 issue comment worklog OPS OPS-7 ops-7 OPS-12-7 \
    OPS-007 10010 attachment file%20(1).txt servlet mobile ac desk x:issue-xml x:searchrequest-xml %ZZ a%2Fb";

const PAGES: &str = "RapidBoard.jspa Dashboard.jspa ViewProfile.jspa ViewIssue.jspa EditIssue!default.jspa GHGoToBoard.jspa \
    GHLocateSprintOnBoard.jspa PortfolioPlanView.jspa IssueNavigator.jspa QuickSearch.jspa ReleaseNote.jspa \
    ConfigureReport.jspa BrowseProject.jspa EditFilter.jspa CreateSubTaskIssue.jspa EditComment.jspa \
    CreateIssue.jspa AnyThing.jspa BrowseVersion.jspa UpdateWorklog.jspa";

const NAMES: &str = "selectedIssue focusedCommentId focusedWorklogId focusedId page jql filter rapidView sprint projectKey \
    sprintId issueId issueKey rapidViewId id key pid projectId selectedProjectId version versionId componentId \
    commentId worklogId requestId jqlQuery selectPageId name accountId username searchString filterId \
    parentIssueId os_destination";

const VALUES: &str = "OPS-7 ops-8 OPS-12-7 10010 5 -4 0 '' OPS project+%3D+OPS a%40b.example %ZZ %2Fbrowse%2FOPS-7 \
    comment-tabpanel 18446744073709551616 %20 5b10%3Aa 007 %F0%9F%98%80%0A";

const SITES: &str = "https://acme.atlassian.net https://jira.example.com https://issues.example.org/jira \
    https://tracker.example.net:8443/a/b https://unknown.example http://unknown.example:8080/x/jira \
    https://api.atlassian.com/ex/jira/0f8fad5b-d9cb-469f-a165-70867728950e";

fn one_of(words: &'static str) -> impl Strategy<Value = &'static str> {
    prop::sample::select(words.split_whitespace().map(|word| if word == "''" { "" } else { word }).collect::<Vec<_>>())
}

/// Addresses that are nearly those of Jira.
fn address() -> impl Strategy<Value = String> {
    let word = prop_oneof![6 => one_of(WORDS), 1 => one_of(PAGES)];
    let free = prop::collection::vec(word, 0..7).prop_map(|words| words.join("/"));
    let old = one_of(PAGES).prop_map(|page| format!("secure/{page}"));
    let query = prop::collection::vec((one_of(NAMES), one_of(VALUES)), 0..5);
    let fragment =
        prop::sample::select(&["", "#comment-10200", "#worklog-9", "#issue/OPS-7", "#filter/-4", "#project/ops"][..]);
    (one_of(SITES), prop_oneof![2 => free, 1 => old], query, fragment).prop_map(|(site, path, query, fragment)| {
        let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{site}/{path}?{}{fragment}", query.join("&"))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic(text in any::<String>(), pasted in "[ -~]{0,80}") {
        for text in [text, format!("https://{pasted}"), format!("https://acme.atlassian.net/{pasted}"), pasted] {
            for set in ["-", "default"] {
                let known = known(set);
                if let Some(link) = parse(&text, &known) {
                    assert_canonical(&link, &known, &text);
                }
            }
            let _ = links_in(&text);
        }
    }

    #[test]
    fn canonical_links_read_as_themselves(address in address()) {
        for set in ["-", "team", "nested", "undecided"] {
            let known = known(set);
            if let Some(link) = parse(&address, &known) {
                assert_canonical(&link, &known, &address);
            }
        }
    }

    #[test]
    fn wrapping_changes_nothing(address in address(), around in prop::sample::select(&[("(", ")"), ("<", ">"), ("[", "]"), ("**", "**"), ("[a b|", "|smart-link]"), ("[a](", ")"), ("\u{200b} ", ".\n"), ("\"", "\",")][..])) {
        let known = known("team");
        prop_assert_eq!(parse(&format!("{}{address}{}", around.0, around.1), &known), parse(&address, &known));
    }

    #[test]
    fn no_other_host_is_taken_for_a_known_site(
        before in "[a-z.@:/#?%2f-]{0,12}",
        host in prop::sample::select(&["acme.atlassian.net", "jira.example.com", "issues.example.org", "jira-old.example.com"][..]),
        after in "[a-z.@:/#?%2f-]{0,12}",
        path in prop::sample::select(&["/browse/OPS-7", "/jira/browse/OPS-7", ""][..]),
    ) {
        let text = format!("https://{before}{host}{after}.evil.example{path}");
        if let Some(link) = parse(&text, &known("team")) {
            let real = Url::parse(&text).unwrap();
            let real = real.host_str().unwrap().trim_end_matches('.');
            let ours = match real { "jira-old.example.com" => "jira.example.com", other => other };
            prop_assert_eq!(link.site().host(), ours, "{}", text);
        }
    }
}
