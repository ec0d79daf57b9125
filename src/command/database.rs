//! Synced databases from the terminal (contract §1). They work beside a running gateway or without one: whoever gets the
//! right to work on a database does what was asked for, and both show how far it is.

use std::sync::Arc;
use std::time::Duration;

use jira_notion_gateway::account;
use jira_notion_gateway::clock::Clock;
use jira_notion_gateway::config::{DatabaseCommand, Settings};
use jira_notion_gateway::gateway::Gateway;
use jira_notion_gateway::store::{AccountId, ConnectionId, Database, DatabaseId, NotionConnectionId};
use jira_notion_gateway::sync::badge::State;
use jira_notion_gateway::sync::shown::Shown;
use jira_notion_gateway::sync::{Action, CheckResult, CreateError, Forecast, New};
use tokio::time::MissedTickBehavior;

use super::meter::Meter;
use super::{Failure, say, stop_signal};

/// How often it is seen how far a run is.
const LOOK: Duration = Duration::from_millis(500);

pub async fn run(command: &DatabaseCommand, settings: Settings) -> Result<(), Failure> {
    let listen = settings.listen;
    let gateway = Gateway::new(settings, Clock::system(), listen).await?;
    let done = match command {
        DatabaseCommand::List => list(&gateway).await,
        DatabaseCommand::Status { id } => status(&gateway, id).await,
        DatabaseCommand::Create { .. } => create(&gateway, command).await,
        DatabaseCommand::Sync { dry_run, census, id } => sync(&gateway, id, *dry_run, *census).await,
    };
    gateway.connect.settle().await;
    gateway.workspaces.settle().await;
    gateway.store.close().await;
    done
}

async fn list(gateway: &Gateway) -> Result<(), Failure> {
    for database in gateway.store.all_databases().await? {
        let shown = gateway.syncs.shown(&database);
        let synced = shown.last_synced_at.as_deref().unwrap_or("never");
        let Shown { id, project, badge, .. } = &shown;
        say(format_args!("{id}\t{}\t{}\t{}\tlast synced {synced}", project.key, badge.text, database.site))?;
    }
    Ok(())
}

async fn status(gateway: &Gateway, id: &str) -> Result<(), Failure> {
    let database = find(gateway, id).await?;
    tell(&gateway.syncs.shown(&database))
}

fn tell(shown: &Shown) -> Result<(), Failure> {
    say(format_args!("database: {}", shown.id))?;
    say(format_args!("project: {} {}", shown.project.key, shown.project.name))?;
    say(format_args!("badge: {}", shown.badge.text))?;
    if let Some(reason) = &shown.reason {
        say(format_args!("reason: {}", reason.message))?;
    }
    say(format_args!("last synced: {}", shown.last_synced_at.as_deref().unwrap_or("never")))?;
    say(format_args!("rows: {} of {}", shown.progress.done, shown.progress.total))?;
    let counts = shown.counts;
    say(format_args!(
        "last run: {} created, {} updated, {} to the trash, {} unchanged, {} failed",
        counts.created, counts.updated, counts.trashed, counts.unchanged, counts.failed
    ))?;
    say(format_args!("in Notion: {}", shown.notion.url.as_deref().unwrap_or("not made yet")))
}

async fn create(gateway: &Arc<Gateway>, command: &DatabaseCommand) -> Result<(), Failure> {
    let DatabaseCommand::Create { account, project, notion, page, connection, jql, dry_run } = command else {
        return Ok(());
    };
    let name = account::check_name(account)?;
    let account = gateway.accounts.find(name).await?;
    let account = account.ok_or_else(|| format!("there is no account named {name}; account list shows them"))?;
    let notion = NotionConnectionId::parse(notion).ok_or(CreateError::UnknownNotionConnection)?;
    let connection = match connection {
        Some(id) => Some(ConnectionId::parse(id).ok_or(CreateError::UnknownConnection)?),
        None => None,
    };
    let new = New {
        account: &account,
        project_url: project,
        connection: connection.as_ref(),
        notion_connection: &notion,
        parent_page: page,
        filter: jql.as_deref(),
    };
    let found = gateway.syncs.look(new).await?;
    if *dry_run {
        return tell_plan(&gateway.syncs.plan_of_new(&found).await?);
    }
    let database = gateway.syncs.create(&account, &found).await?;
    say(format_args!("{}", database.id))?;
    work(gateway, &account, &database.id, false).await
}

async fn sync(gateway: &Arc<Gateway>, id: &str, dry_run: bool, census: bool) -> Result<(), Failure> {
    let database = find(gateway, id).await?;
    if dry_run {
        return tell_plan(&gateway.syncs.plan(&database, census).await?);
    }
    if database.paused {
        return Err("the database is paused; resume it on its page first".into());
    }
    work(gateway, &database.account_id, &database.id, census).await
}

fn tell_plan(forecast: &Forecast) -> Result<(), Failure> {
    for check in &forecast.checks {
        let failed = match check.result {
            CheckResult::Passed => "",
            CheckResult::Warning => " (warning)",
            CheckResult::Failed => " (failed)",
        };
        say(format_args!("checked: {}{failed}: {}", check.name, check.words))?;
    }
    let rows = &forecast.plan;
    if let Some(stops) = &forecast.stops {
        say(format_args!("nothing would be written: {stops}"))?;
    }
    say(format_args!(
        "rows: {} created, {} updated, {} to the trash, {} unchanged",
        rows.created, rows.updated, rows.trashed, rows.unchanged
    ))?;
    // What stands in them is for their owner's eyes, on the page.
    for row in &forecast.rows {
        let mut changed: Vec<&str> = row.changes.iter().map(|change| change.column.as_str()).collect();
        changed.extend(row.text.then_some("text of the page"));
        let what = match (row.action, &row.why) {
            (Action::Create, _) => "created".to_owned(),
            (Action::Update, _) => format!("updated: {}", changed.join(", ")),
            (Action::Trash, _) => "to the trash".to_owned(),
            (Action::Keep | Action::Wait, why) => format!("stays. {}", why.as_deref().unwrap_or_default()),
        };
        say(format_args!("row: {} {what}", row.key))?;
    }
    for (column, names) in &forecast.options {
        say(format_args!("new options: {column}: {}", names.len()))?;
    }
    for column in &forecast.columns {
        let new = if column.is_new { ", new" } else { "" };
        say(format_args!("column: {} ({}{new})", column.name, column.kind))?;
    }
    for loss in forecast.losses.iter().filter(|loss| !loss.is_unused()) {
        let how = if loss.is_partly() { "partly" } else { "not synced" };
        say(format_args!("{how}: {}: {}", loss.name, loss.message))?;
    }
    say(format_args!("calls: {} to Jira, {} to Notion", forecast.requests.jira, forecast.requests.notion))?;
    say(format_args!("time: about {} s", forecast.seconds))?;
    say(format_args!("nothing was written"))
}

/// Asks for a run, and stays until it has ended: here, or in the gateway that runs beside.
async fn work(gateway: &Arc<Gateway>, account: &AccountId, id: &DatabaseId, census: bool) -> Result<(), Failure> {
    let began = gateway.clock.now();
    let stop = stop_signal()?;
    tokio::pin!(stop);
    gateway.syncs.sync_now(account, id, census).await?;
    let (for_work, of, which) = (gateway.clone(), account.clone(), id.clone());
    let mut work = tokio::spawn(async move { until_done(&for_work, &of, &which).await.map_err(|it| it.to_string()) });
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut meter = Meter::default();
    let database = loop {
        tokio::select! {
            done = &mut work => break done??,
            () = &mut stop => {
                gateway.syncs.stop().await;
                return Err("stopped; the next run goes on from here".into());
            }
            _ = looks.tick() => {
                if let Some(database) = gateway.syncs.one(account, id).await? {
                    meter.show(&gateway.syncs.shown(&database), gateway.clock.now())?;
                }
            }
        }
    };
    meter.end()?;
    let shown = gateway.syncs.shown(&database);
    if shown.synced_at.is_some_and(|at| at >= began) {
        return tell(&shown);
    }
    let why = match (&shown.reason, shown.kind.state()) {
        (Some(reason), State::Failed | State::Stopped) => format!("{}: {}", shown.badge.text, reason.message),
        _ => "the run did not end; a running gateway tries it again by itself".to_owned(),
    };
    Err(why.into())
}

/// Works on it whenever nobody else does, until nothing is asked for any more.
async fn until_done(gateway: &Gateway, account: &AccountId, id: &DatabaseId) -> Result<Database, Failure> {
    loop {
        let database = gateway.syncs.one(account, id).await?.ok_or("it was removed meanwhile")?;
        let is_free = database.lease_until <= gateway.clock.now_ms();
        match (is_free, database.asked.is_empty()) {
            (true, true) => return Ok(database),
            (true, false) if gateway.syncs.run_one(id).await? => {}
            _ => tokio::time::sleep(LOOK).await,
        }
    }
}

async fn find(gateway: &Gateway, id: &str) -> Result<Database, Failure> {
    let all = gateway.store.all_databases().await?;
    let found = all.into_iter().find(|it| it.id.as_str() == id);
    found.ok_or_else(|| format!("there is no synced database {id}; database list shows them").into())
}
