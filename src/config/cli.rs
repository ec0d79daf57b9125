//! The command line (contract §1).

use std::collections::BTreeMap;
use std::fmt;

use clap::{Arg, ArgMatches, Args, Command as ClapCommand, FromArgMatches, Parser, Subcommand};

use super::table;

/// Shows Jira links as live previews and mentions. Runs the gateway when no command is given.
#[derive(Debug, Parser)]
#[command(name = "jira-notion-gateway", version, max_term_width = 110, after_long_help = AFTER_HELP)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub flags: Flags,
}

impl Cli {
    /// What is asked for; without a command, to serve.
    pub fn command_or_serve(&self) -> &Command {
        self.command.as_ref().unwrap_or(&Command::Serve)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Runs the gateway
    ///
    /// Prints `listening on http://…` once it can be reached, and logs on standard error. SIGTERM and Ctrl-C stop it:
    /// what is in flight is finished first.
    Serve,
    /// Makes API tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// Lists and removes accounts
    #[command(subcommand)]
    Account(AccountCommand),
    /// Says what the gateway makes of a URL: kind, site, reachable or not, deployment, sign-in methods
    ///
    /// Asks the site anonymously, by the same way as the gateway does: with the certificates, the proxy
    /// and the private sites of the settings. The output holds no secret and no title, so it may go
    /// into a ticket.
    ///
    ///   jira-notion-gateway check 'https://jira.corp.example/jira/browse/OPS-7'
    #[command(verbatim_doc_comment)]
    Check {
        /// Any Jira URL, or the address of a Jira
        url: String,
    },
    /// Keeps Jira projects as databases in Notion
    #[command(subcommand)]
    Database(DatabaseCommand),
    /// Changes the master key
    #[command(subcommand)]
    Key(KeyCommand),
}

#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum TokenCommand {
    /// Makes a new API token and prints it, this once, with nothing else
    ///
    /// Works before the first start and beside a running gateway; the token is good at once. The
    /// account of whoever uses the pages on this machine is called local.
    ///
    ///   token=$(jira-notion-gateway token create --account local)
    #[command(verbatim_doc_comment)]
    Create {
        /// Account to make it for; made when there is none of that name
        #[arg(long, value_name = "NAME")]
        account: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum AccountCommand {
    /// Lists the accounts, with how many connections and tokens each has
    List,
    /// Removes an account with its connections, tokens and secrets, at once
    ///
    /// A running gateway refuses the account's tokens within a second. In Jira nothing changes: whoever leaves should
    /// also revoke the API tokens that they made there.
    Remove {
        /// As account list shows it
        name: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum DatabaseCommand {
    /// Lists the synced databases of all accounts: id, project, badge, Jira, last synced
    List,
    /// Says how one of them fares, what the last run did, and where it is in Notion
    Status {
        /// As database list shows it: db_…
        id: String,
    },
    /// Keeps a Jira project as a Notion database, and stays until its rows are written
    ///
    /// Prints the id of the database first; Ctrl-C stops the work, and the next run goes on there.
    /// Everyone who can open the page will see these issues, also people who cannot see them in Jira.
    /// The account needs a connection to that Jira and one to Notion, with which the page is shared.
    ///
    ///   jira-notion-gateway database create --account local --project https://acme.atlassian.net/browse/OPS \
    ///     --notion ncn_5hq3 --page 'https://www.notion.so/Plan-1f2e3d4c5b6a79881f2e3d4c5b6a7988' --dry-run
    #[command(verbatim_doc_comment)]
    Create {
        /// Account in whose name Jira is read and Notion is written
        #[arg(long, value_name = "NAME")]
        account: String,
        /// Link of the project, of its board, or of a search or saved filter in one project
        #[arg(long, value_name = "URL")]
        project: String,
        /// Connection to Notion, as GET /api/v1/notion-connections lists it
        #[arg(long, value_name = "NCN")]
        notion: String,
        /// Page in Notion that will hold the database: its link or its id
        #[arg(long, value_name = "URL")]
        page: String,
        /// Connection to Jira, where several fit
        #[arg(long, value_name = "CON")]
        connection: Option<String>,
        /// JQL that narrows the project, or what the search finds
        #[arg(long)]
        jql: Option<String>,
        /// Only says what would be made: columns, rows, losses, calls, time
        #[arg(long)]
        dry_run: bool,
    },
    /// Runs one of them now, and stays until it has ended
    ///
    /// Beside a running gateway whichever of the two is first does the work. Ctrl-C stops it, and the
    /// next run goes on there.
    ///
    ///   jira-notion-gateway database sync --dry-run --census db_5hq3
    #[command(verbatim_doc_comment)]
    Sync {
        /// Only says what would be done; nothing is written anywhere
        #[arg(long)]
        dry_run: bool,
        /// Also lists all ids, to find what disappeared in Jira
        #[arg(long)]
        census: bool,
        /// As database list shows it: db_…
        id: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum KeyCommand {
    /// Adds a master key and seals every secret again; a running gateway picks it up
    ///
    /// The older keys stay in the file master.key; once every backup that they open is gone, their lines may be deleted.
    /// With a key from GATEWAY_MASTER_KEY nothing is changed: the new value is printed. Put it in place and restart: the
    /// start seals every secret with it.
    Rotate,
}

/// Settings as flags. They may stand before or behind the command.
#[derive(Clone, Default)]
pub struct Flags(BTreeMap<&'static str, String>);

impl Flags {
    pub fn get(&self, flag: &str) -> Option<&str> {
        self.0.get(flag).map(String::as_str)
    }
}

/// Only which flags were given: a value may be a secret.
impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Args for Flags {
    fn augment_args(command: ClapCommand) -> ClapCommand {
        table::ALL.iter().fold(command.next_help_heading("Settings"), |command, setting| {
            let command = command.arg(flag(setting.flag, setting.value).help(setting.help()));
            match setting.file {
                None => command,
                Some(file) => {
                    let help = format!(
                        "File that holds the value of --{}.\n[variable: {}]",
                        setting.flag,
                        table::variable(file)
                    );
                    command.arg(flag(file, "FILE").help(help))
                }
            }
        })
    }

    fn augment_args_for_update(command: ClapCommand) -> ClapCommand {
        Self::augment_args(command)
    }
}

fn flag(name: &'static str, value: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).global(true).hide_short_help(true)
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let names = table::ALL.iter().flat_map(|setting| [Some(setting.flag), setting.file]).flatten();
        Ok(Self(names.filter_map(|name| Some((name, matches.get_one::<String>(name)?.clone()))).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

const AFTER_HELP: &str = "\
A setting is taken from its flag, else from its variable, else from the TOML file, else the
default holds. An empty variable counts as not set. TOML keys are the flags with underscores;
lists may be TOML arrays. Durations: 500ms 5s 5m 1h 7d.

Tables in the TOML file, one for each Jira that needs more than its address:

  [[site]]
  url = \"https://jira.corp.example/jira\"        # required
  name = \"corp\"                                 # short name; default: from the address
  aliases = [\"https://jira-old.corp.example\"]   # other addresses of the same Jira
  default = true                                # bare keys such as OPS-7 belong to it
  ca_file = \"corp-ca.pem\"                       # certificate authorities to trust as well
  client_cert_file = \"client.pem\"               # certificate that the gateway shows …
  client_key_file = \"client.key\"                # … and its key
  proxy = \"http://proxy.corp.example:3128\"      # how to reach it
  oauth2 = { client_id = \"…\", client_secret = \"…\" }               # how Data Center knows the gateway;
                                                # the secret may lie in client_secret_file
  oauth1 = { consumer_key = \"…\", private_key_file = \"key.pem\" }   # the same by OAuth 1.0a
  block_projects = [\"HR\", \"SEC\"]                # never shown
  publish = \"full\"                              # full, key_status, key or nothing: what may be
                                                # written into pages

Exit status: 0 done, 1 failed, 2 wrong use.";
