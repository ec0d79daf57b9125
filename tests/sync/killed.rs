//! A process that dies by SIGKILL, whatever it was at: the next one goes on with it (§7, S29, S37, S55).
//!
//! Jira and Notion are simulated here. What dies is another process: this program again, with the same data folder and a
//! clock of its own, which begins at the time that it is given.

use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use jiff::SignedDuration;
use jira_notion_gateway::clock::Clock;
use jira_notion_gateway::store::DatabaseId;
use serde_json::json;
use tokio::task::JoinHandle;

use super::dice::Dice;
use super::{World, gateway_with};
use crate::world::Personality;
use crate::world::jira::{Fault, Gate, Issue, Text};
use crate::world::notion::rest::Shown;
use crate::world::postgres::Database;

const NAME: &str = "sync::killed::a_process_that_is_killed_at_any_moment_is_gone_on_with";
const FOLDER: &str = "GATEWAY_TEST_CHILD_FOLDER";
const NOTION: &str = "GATEWAY_TEST_CHILD_NOTION";
const NOW: &str = "GATEWAY_TEST_CHILD_NOW";
/// Settings of the operator, in TOML.
const SETTINGS: &str = "GATEWAY_TEST_CHILD_SETTINGS";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_killed_at_any_moment_is_gone_on_with() {
    match std::env::var(FOLDER) {
        Ok(folder) => work(Path::new(&folder)).await,
        Err(_) => kill(kills() - kills() / 3, 20_261_123, "").await,
    }
}

/// The same where what is remembered lies in PostgreSQL.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_on_postgresql() {
    let Some(database) = Database::create().await else { return };
    kill(kills() / 3, 20_261_124, &format!("database_url = '{}'", database.url)).await;
    database.remove().await;
}

/// How often; `GATEWAY_TEST_KILLS` asks for more.
pub fn kills() -> usize {
    std::env::var("GATEWAY_TEST_KILLS").ok().and_then(|it| it.parse().ok()).unwrap_or(22)
}

/// What the process does that is to die: all that is due. Then it ends.
async fn work(folder: &Path) {
    let [notion, now, settings] = [NOTION, NOW, SETTINGS].map(|name| std::env::var(name).unwrap());
    let clock = Clock::manual(now.parse().unwrap());
    gateway_with(folder, &notion, &clock, &settings).await.syncs.round().await.unwrap();
}

/// When a process dies, as Notion or Jira sees its call.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// It was sent, and never arrived.
    Sent,
    /// It was done; nobody hears the answer.
    Done,
    /// The answer is on its way.
    Answered,
}

#[derive(Debug, Clone, Copy)]
enum Place {
    Jira,
    Notion,
}

async fn kill(wanted: usize, seed: u64, settings: &str) {
    let mut dice = Dice::new(seed);
    let world = World::with(Personality::cloud(), settings).await;
    world.notion.switch(|it| it.rest.query_lag = SignedDuration::from_secs(45));
    world.jira.add_many("OPS", 9);
    write_long(&world, "OPS-3", 0);
    let id = world.create().await;
    let (mut kills, mut lives, mut nora_was_there) = (0, 0, false);
    while kills < wanted || !nora_was_there {
        lives += 1;
        assert!(lives <= wanted * 4 + 20, "{kills} kills in {lives} lives");
        // Whoever worked on it before is dead: nobody waits longer than the lease.
        world.pass(SignedDuration::from_mins(5));
        if lives > 4 {
            change(&world, &mut dice, lives);
        }
        if dice.below(3) == 0 {
            world.gateway.syncs.sync_now(&world.ana, &id, true).await.unwrap();
        }
        let place = if dice.below(4) == 0 { Place::Jira } else { Place::Notion };
        let moment = *dice.pick(&[Moment::Sent, Moment::Done, Moment::Answered]);
        let ended = live(&world, settings, Some((place, dice.early(18), moment))).await;
        match ended.signal() {
            Some(9) => kills += 1,
            _ => assert!(ended.success(), "{ended}"),
        }
        if !nora_was_there && ["OPS-1", "OPS-2", "OPS-3"].iter().all(|key| has_row(&world, key)) {
            nora_was_there = true;
            nora_writes(&world);
        }
    }
    // These are let through. An issue that is gone is missed twice before its row goes.
    for _ in 0..3 {
        world.pass(SignedDuration::from_mins(11));
        world.gateway.syncs.sync_now(&world.ana, &id, true).await.unwrap();
        assert!(live(&world, settings, None).await.success());
    }
    assert_whole(&world, &id).await;
    eprintln!("{kills} of {lives} processes were killed");
}

/// A process works until it has done all or dies.
async fn live(world: &World, settings: &str, death: Option<(Place, usize, Moment)>) -> ExitStatus {
    let gate = Gate::closed();
    if let Some((place, number, moment)) = death {
        let fault = if let Moment::Sent = moment { Fault::Wait(gate.clone()) } else { Fault::Withhold(gate.clone()) };
        match place {
            Place::Jira => world.jira.fault_at_call(number, fault),
            Place::Notion => world.notion.fault_at(number, "", fault),
        }
    }
    let (mut child, mut end) = start(world, settings);
    tokio::select! {
        said = &mut end => said.unwrap(),
        () = gate.wait_for(1) => {
            if let Some((_, _, Moment::Answered)) = death {
                gate.open();
            }
            child.kill().unwrap();
            end.await.unwrap();
        }
    }
    gate.cut();
    world.jira.heal();
    world.notion.heal();
    child.wait().unwrap()
}

/// Starts a process; the other thing ends when it does.
fn start(world: &World, settings: &str) -> (Child, JoinHandle<()>) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", NAME]).stdout(Stdio::piped());
    command.env(SETTINGS, settings);
    command.env(FOLDER, world.folder.path()).env(NOTION, world.notion.url()).env(NOW, world.clock.now().to_string());
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdout.take().unwrap();
    let end = tokio::task::spawn_blocking(move || {
        let mut said = String::new();
        pipe.read_to_string(&mut said).unwrap();
        if said.contains("FAILED") {
            eprintln!("{said}");
        }
    });
    (child, end)
}

/// Something happens in Jira. The first three issues stay.
fn change(world: &World, dice: &mut Dice, number: usize) {
    let now = world.jira.now();
    let mut keys: Vec<String> = world.jira.issues().into_iter().map(|it| it.key).collect();
    for _ in 0..=dice.below(3) {
        match dice.below(6) {
            0 => {
                let key = format!("OPS-{}", 1_000 + world.jira.calls().total * 10 + keys.len());
                world.jira.add_issue(Issue::new(&key, &format!("New {number}")).created(now).updated(now));
                keys.push(key);
            }
            // More of them at once, and a person would be asked about them.
            1 if keys.len() > 7 && deleted(world) < 5 => {
                let key = keys.remove(3 + dice.below(keys.len() - 3));
                world.jira.remove_issue(&key);
            }
            2 => write_long(world, &keys[dice.below(keys.len())], number),
            _ => world.jira.edit_issue(&keys[dice.below(keys.len())], |issue| issue.summary = format!("Edit {number}")),
        }
    }
}

/// Keys in rows that are not in the trash; as long as there is no database, none.
fn keys_of_rows(world: &World) -> Vec<String> {
    let databases = world.notion.databases(world.acme);
    let rows = databases.into_iter().flat_map(|it| world.notion.rows(it)).filter(|row| !row.in_trash);
    rows.map(|row| row.text("Key")).collect()
}

fn has_row(world: &World, key: &str) -> bool {
    keys_of_rows(world).iter().any(|it| it == key)
}

/// Rows whose issues are gone.
fn deleted(world: &World) -> usize {
    let keys: Vec<String> = world.jira.issues().into_iter().map(|it| it.key).collect();
    keys_of_rows(world).iter().filter(|key| !keys.contains(key)).count()
}

/// A text that does not go with the call that makes a row.
fn write_long(world: &World, key: &str, number: usize) {
    let lines: Vec<String> = (0..130).map(|line| format!("Text {number}, line {line}.")).collect();
    world.jira.edit_issue(key, |issue| issue.description = Some(Text::from(lines.join("\n\n").as_str())));
}

fn nora_writes(world: &World) {
    let hands = world.notion.hands(world.nora);
    hands.add_column(world.notion.source(world.database()), "My notes", &json!({"rich_text": {}}));
    hands.edit(world.row("OPS-1").id, "My notes", &json!({"rich_text": [{"text": {"content": "mine"}}]}));
    hands.write(world.row("OPS-2").id, "call them back");
    hands.write(world.row("OPS-3").id, "below the long text");
    hands.comment(world.row("OPS-3").id, "really?");
    hands.write(world.page, "about the database");
}

async fn assert_whole(world: &World, id: &DatabaseId) {
    let shown = world.shown(id).await;
    assert_eq!(shown.badge.text, "Synced with Jira", "{:?}", shown.reason);
    let nora = world.notion.user_id(world.nora);
    let hers = |page| -> Vec<String> {
        let blocks: Vec<Shown> = world.notion.blocks(page);
        blocks.into_iter().filter(|it| it.by == nora).map(|it| it.text).collect()
    };
    assert_eq!(world.row("OPS-1").text("My notes"), "mine");
    assert_eq!(hers(world.row("OPS-2").id), ["call them back"]);
    assert_eq!(hers(world.row("OPS-3").id), ["below the long text"]);
    assert_eq!(world.notion.comments(world.row("OPS-3").id), ["really?"]);
    assert_eq!(hers(world.page), ["about the database"]);
    world.assert_as_new().await;
}
