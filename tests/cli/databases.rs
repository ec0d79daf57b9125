//! Synced databases from the command line, alone and beside a running gateway (contract §1).

use jira_notion_gateway::clock::Clock;
use serde_json::json;
use tempfile::TempDir;

use super::{START, Serving, complaint, plant, run};
use crate::world::{FakeNotion, Issue};

#[tokio::test(flavor = "multi_thread")]
async fn a_project_is_kept_from_the_command_line_alone() {
    let jira = plant().await;
    jira.add_many("OPS", 5);
    let notion = FakeNotion::start(Clock::system()).await;
    let acme = notion.add_workspace("Acme");
    let nora = notion.add_user(acme, "Nora Lind", "nora@acme.example");
    let page = notion.page_id(notion.add_page(acme, "Plan")).to_string();
    let folder = TempDir::new().unwrap();
    let token = run(folder.path(), &["token", "create", "--account", "ana"]).out;
    let api_url = format!("--notion-api-url={}", notion.url());
    let serving = Serving::start(folder.path(), &[&START[..], &[&api_url]].concat());
    let api = serving.api(&token);
    api.connect(&jira.url(), "personal_access_token", "", "ana-access").await;
    let added = api.post("/api/v1/notion-connections", &json!({ "token": notion.make_token(nora) })).await;
    let to_notion = added.json()["id"].as_str().unwrap().to_owned();
    drop(serving);

    let own = ["--private-sites", "127.0.0.0/8", &api_url];
    let ours = async |arguments: &[&str]| {
        let (folder, arguments) = (folder.path().to_owned(), [arguments, &own].concat());
        let arguments: Vec<String> = arguments.into_iter().map(str::to_owned).collect();
        let work = move || run(&folder, &arguments.iter().map(String::as_str).collect::<Vec<_>>());
        tokio::task::spawn_blocking(work).await.unwrap()
    };
    let project = jira.at("/browse/OPS");
    let create =
        ["database", "create", "--account", "ana", "--project", &project, "--notion", &to_notion, "--page", &page];
    let dry = ours(&[&create[..], &["--dry-run"]].concat()).await;
    assert_eq!((dry.status, dry.err.as_str()), (0, ""));
    assert!(dry.out.starts_with("checked: Jira: ") && dry.out.contains("\nrows: 6 created"), "{}", dry.out);
    assert!(dry.out.ends_with("nothing was written\n") && notion.writes() == 0, "{}", dry.out);

    let done = ours(&create).await;
    assert_eq!((done.status, done.err.as_str()), (0, ""), "{}", done.out);
    let id = done.out.lines().next().unwrap();
    assert!(done.out.contains("badge: Synced with Jira\n") && done.out.contains("rows: 6 of 6\n"), "{}", done.out);
    assert_eq!(notion.rows(notion.databases(acme)[0]).len(), 6);
    let list = ours(&["database", "list"]).await;
    assert!(list.out.starts_with(&format!("{id}\tOPS\tSynced with Jira\t")), "{}", list.out);

    jira.add_issue(Issue::new("OPS-900", "New").updated(jira.now()));
    let dry = ours(&["database", "sync", "--dry-run", "--census", id]).await;
    assert!(dry.out.starts_with("rows: 1 created"), "{}", dry.out);
    let synced = ours(&["database", "sync", "--census", id]).await;
    assert_eq!((synced.status, synced.err.as_str()), (0, ""), "{}", synced.out);
    assert_eq!(notion.rows(notion.databases(acme)[0]).len(), 7);
    assert!(ours(&["database", "status", id]).await.out.contains("last run: 1 created"), "{}", synced.out);

    // What goes wrong is one line.
    let nobody = ours(&["database", "status", "db_nobody"]).await;
    assert_eq!(complaint(&nobody, 1), "there is no synced database db_nobody; database list shows them");
    let other =
        ours(&["database", "create", "--account", "x", "--project", &project, "--notion", "n", "--page", &page]).await;
    assert_eq!(complaint(&other, 1), "there is no account named x; account list shows them");

    // Beside a running gateway the same works.
    jira.add_issue(Issue::new("OPS-901", "Newer").updated(jira.now()));
    let _serving = Serving::start(folder.path(), &[&START[..], &[&api_url]].concat());
    let beside = ours(&["database", "sync", id]).await;
    assert_eq!((beside.status, beside.err.as_str()), (0, ""), "{}", beside.out);
    assert_eq!(notion.rows(notion.databases(acme)[0]).len(), 8);
}
