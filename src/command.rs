//! The commands (contract §1).

mod database;
mod meter;

use std::io::Write;

use jira_notion_gateway::account::{self, Accounts};
use jira_notion_gateway::clock::Clock;
use jira_notion_gateway::config::{AccountCommand, Command, KeyCommand, Settings, TokenCommand};
use jira_notion_gateway::connect::{ConnectError, Registration, Sites};
use jira_notion_gateway::gateway::{Gateway, TAKEN_OVER_WITHIN, open_store, public_url};
use jira_notion_gateway::http;
use jira_notion_gateway::jira::discover;
use jira_notion_gateway::jira::key::{Deployment, Kind, SiteUrl};
use jira_notion_gateway::link::{self, Known};
use jira_notion_gateway::secret::{Rotation, Sealer};
use jira_notion_gateway::store::Store;
use secrecy::ExposeSecret;
use tokio::signal::unix::{SignalKind, signal};

type Failure = Box<dyn std::error::Error>;

/// Does one command. The error is the one line that the operator reads.
pub async fn run(command: &Command, settings: Settings) -> Result<(), Failure> {
    match command {
        Command::Serve => serve(settings).await,
        Command::Check { url } => check(&settings, url).await,
        Command::Database(command) => database::run(command, settings).await,
        Command::Token(_) | Command::Account(_) | Command::Key(_) => {
            let clock = Clock::system();
            let (store, sealer) = open_store(&settings, &clock).await?;
            let accounts = Accounts::new(store.clone(), clock);
            let done = match command {
                Command::Token(TokenCommand::Create { account }) => create_token(&accounts, account).await,
                Command::Account(AccountCommand::Remove { name }) => remove_account(&accounts, name).await,
                Command::Key(KeyCommand::Rotate) => rotate_key(&store, &sealer).await,
                _ => list_accounts(&store).await,
            };
            // Leaves one whole file behind, fit for a copy.
            store.close().await;
            done
        }
    }
}

fn say(line: std::fmt::Arguments<'_>) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()?;
    Ok(())
}

async fn serve(settings: Settings) -> Result<(), Failure> {
    let listener = http::bind(settings.listen).await?;
    let tls = http::certificate(&settings)?;
    let gateway = Gateway::new(settings, Clock::system(), listener.local_addr()?).await?;
    for Registration { at, kind, callback } in Registration::all(&gateway.settings, &gateway.public_url) {
        tracing::info!("callback URL to register at {at} ({kind}): {callback}");
    }
    if let Some(callback) = gateway.workspaces.callback() {
        tracing::info!("callback URL to register at Notion's developer portal (redirect URI): {callback}");
    }
    // Whoever reads the line may stop us at once.
    let stop = stop_signal()?;
    say(format_args!("listening on {}", gateway.listener_url()))?;
    http::serve_with(gateway, listener, tls, stop).await;
    Ok(())
}

/// Ends with SIGTERM or Ctrl-C; listens for them from now on.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

async fn create_token(accounts: &Accounts, name: &str) -> Result<(), Failure> {
    let name = account::check_name(name)?;
    let account = accounts.named(name).await?;
    let token = accounts.create_token(&account, "command line").await?;
    say(format_args!("{}", token.expose_secret()))
}

async fn list_accounts(store: &Store) -> Result<(), Failure> {
    for account in store.accounts().await? {
        let names: Vec<_> = account.identities.iter().map(|it| it.subject.as_str()).collect();
        say(format_args!(
            "{}\t{} connection{}\t{} token{}",
            names.join(", "),
            account.connections,
            plural(account.connections),
            account.tokens,
            plural(account.tokens),
        ))?;
    }
    Ok(())
}

fn plural(count: i64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

async fn remove_account(accounts: &Accounts, name: &str) -> Result<(), Failure> {
    let Some(account) = accounts.find(name).await? else {
        return Err(format!("there is no account named {name}; account list shows them").into());
    };
    accounts.remove(&account).await?;
    // A running gateway remembers tokens for a moment: once this command has ended, none of them opens anything.
    tokio::time::sleep(TAKEN_OVER_WITHIN).await;
    say(format_args!("removed {name} with all connections, tokens and secrets"))
}

/// Everything here may go into a ticket: no secret, no title, nothing of a query.
async fn check(settings: &Settings, text: &str) -> Result<(), Failure> {
    let sites = Sites::new(settings)?;
    let known = Known::new(sites.known(), sites.default_site());
    let link = link::parse(text, &known);
    let kind = link.as_ref().map_or(Kind::None, link::Link::kind);
    say(format_args!("kind: {}", kind.as_str()))?;
    let site = match &link {
        Some(link) => link.site().clone(),
        None => SiteUrl::parse(text)?,
    };
    let site = if site.is_cloud_host() { site.to_https().root() } else { site };
    // The path of what is no link could hold anything, also a secret.
    let shown = if link.is_some() { site.clone() } else { site.root() };
    say(format_args!("site: {shown}"))?;
    if !sites.may_admit(&site) {
        say(format_args!("reachable: not tried"))?;
        return Err(ConnectError::SiteNotListed.to_string().into());
    }
    let found = discover::discover(sites.http(&site), &site).await;
    match &found {
        Ok(found) => {
            say(format_args!("reachable: yes"))?;
            if found.site != shown {
                say(format_args!("address of Jira: {}", found.site))?;
            }
            say(format_args!("deployment: {}", found.deployment.map_or("data_center or server", |it| it.as_str())))?;
            say(format_args!("version: {}", found.version.as_deref().unwrap_or("not told")))?;
            let methods: Vec<_> = found.methods.iter().map(|method| method.as_str()).collect();
            say(format_args!("sign-in methods: {}", methods.join(", ")))?;
        }
        Err(_) => say(format_args!("reachable: no"))?,
    }
    let site = found.as_ref().map_or(&site, |found| &found.site);
    let is_cloud = site.is_cloud_host() || found.as_ref().is_ok_and(|it| it.deployment == Some(Deployment::Cloud));
    if let Some(line) = consent(settings, &sites, site, is_cloud) {
        say(format_args!("oauth: {line}"))?;
    }
    found.map(|_| ()).map_err(|error| ConnectError::from(error).to_string().into())
}

/// How people are asked for consent at a site, with the callback URL that has to be registered there.
fn consent(settings: &Settings, sites: &Sites, site: &SiteUrl, is_cloud: bool) -> Option<String> {
    let public_url = public_url(settings, settings.listen);
    let registration = match is_cloud {
        true => Registration::of_cloud(settings, &public_url),
        false => Registration::of_site(sites.listed(site)?, &public_url),
    };
    let Registration { at, kind, callback } = registration?;
    // Any free port, or any address: only whoever runs it knows what browsers call it.
    let is_known =
        settings.public_url.is_some() || (settings.listen.port() != 0 && !settings.listen.ip().is_unspecified());
    Some(match is_known {
        true => format!("{kind}, callback URL to register at {at}: {callback}"),
        false => format!("{kind}, its callback URL needs GATEWAY_PUBLIC_URL to be set"),
    })
}

async fn rotate_key(store: &Store, sealer: &Sealer) -> Result<(), Failure> {
    match sealer.rotate()? {
        Rotation::Stored => {
            let resealed = store.reseal(sealer).await?;
            say(format_args!(
                "a new master key is in use; sealed {} secret{} again",
                resealed.moved,
                plural(resealed.moved.cast_signed())
            ))?;
            if resealed.unreadable > 0 {
                return Err(format!(
                    "{} secrets could not be opened with any key and stay as they are; their people must connect again",
                    resealed.unreadable
                )
                .into());
            }
            Ok(())
        }
        // The environment is not ours to change.
        Rotation::NewValue(value) => say(format_args!("{}", value.expose_secret())),
    }
}
