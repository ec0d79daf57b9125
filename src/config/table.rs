//! The settings in words (contract §2): flags, variables, TOML keys, `--help` and README's table are all made from [`ALL`].

/// One thing that an operator can set.
#[derive(Debug)]
pub struct Setting {
    /// `public-url`; as a variable `GATEWAY_PUBLIC_URL`, as a TOML key `public_url`.
    pub flag: &'static str,
    /// For secrets: the setting that names a file with the value instead.
    pub file: Option<&'static str>,
    /// Kind and unit of the value, as `--help` shows it behind the flag.
    pub value: &'static str,
    pub default: Default,
    pub meaning: &'static str,
    pub example: &'static str,
}

/// What holds when nothing is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Default {
    /// This very text, read like a value that somebody has set.
    Is(&'static str),
    /// No value; the words say what happens then.
    Means(&'static str),
}

impl Setting {
    pub fn find(flag: &str) -> Option<&'static Self> {
        ALL.iter().find(|setting| setting.flag == flag)
    }

    pub fn default_text(&self) -> Option<&'static str> {
        match self.default {
            Default::Is(text) => Some(text),
            Default::Means(_) => None,
        }
    }

    /// The paragraph below the flag in `--help`.
    pub fn help(&self) -> String {
        let default = match self.default {
            Default::Is(text) | Default::Means(text) => text,
        };
        format!(
            "{}\n[variable: {}] [example: {}]\n[default: {}]",
            self.meaning,
            variable(self.flag),
            self.example,
            default.replace('`', "")
        )
    }

    /// The row of README's table.
    pub fn readme_row(&self) -> String {
        let default = match self.default {
            Default::Is(text) => format!("`{text}`"),
            Default::Means(words) => words.to_owned(),
        };
        let names: Vec<_> = [Some(self.flag), self.file].into_iter().flatten().map(variable).collect();
        format!("| `{}` | {default} | {} Example: `{}` |", names.join("`, `"), self.meaning, self.example)
    }
}

/// `public-url` → `GATEWAY_PUBLIC_URL`.
pub fn variable(flag: &str) -> String {
    format!("GATEWAY_{}", key(flag).to_ascii_uppercase())
}

/// `public-url` → `public_url`.
pub fn key(flag: &str) -> String {
    flag.replace('-', "_")
}

const fn setting(
    flag: &'static str,
    value: &'static str,
    default: Default,
    meaning: &'static str,
    example: &'static str,
) -> Setting {
    Setting { flag, file: None, value, default, meaning, example }
}

const fn secret(setting: Setting, file: &'static str) -> Setting {
    Setting { file: Some(file), ..setting }
}

/// Every setting of this version, in the order in which people need them.
pub const ALL: [Setting; 33] = [
    setting(
        "config",
        "FILE",
        Default::Means("none"),
        "TOML file with any of these settings and with [[site]] tables.",
        "gateway.toml",
    ),
    setting(
        "listen",
        "ADDRESS:PORT",
        Default::Is("127.0.0.1:8080"),
        "Where the gateway listens. Port 0 takes any free one; the start prints which.",
        "127.0.0.1:9000",
    ),
    setting(
        "public-url",
        "ORIGIN",
        Default::Means("the listener's address"),
        "How browsers reach the gateway: scheme, host and port, no path. Required when listening on 0.0.0.0 or [::].",
        "https://localhost:8443",
    ),
    setting(
        "data-dir",
        "FOLDER",
        Default::Is("./data"),
        "Folder of the embedded database and of the master key. Made when missing, readable by its owner only.",
        "/var/lib/jira-notion-gateway",
    ),
    secret(
        setting(
            "database-url",
            "URL",
            Default::Means("SQLite file in the data folder"),
            "PostgreSQL database to use instead of the embedded one. A secret.",
            "postgres://gateway@db.example/gateway",
        ),
        "database-url-file",
    ),
    secret(
        setting(
            "master-key",
            "ID:BASE64,…",
            Default::Means("`master.key` in the data folder"),
            "Keys that seal the secrets of people, newest first: an id, a colon, 32 bytes in base64. A secret.",
            "k1:$(openssl rand -base64 32)",
        ),
        "master-key-file",
    ),
    setting(
        "tls-cert",
        "FILE",
        Default::Means("none"),
        "PEM file with the certificate chain: serves HTTPS. Needs the key as well. Renewed files are picked up.",
        "/etc/gateway/tls.crt",
    ),
    setting(
        "tls-key",
        "FILE",
        Default::Means("none"),
        "PEM file with the private key of the certificate.",
        "/etc/gateway/tls.key",
    ),
    setting(
        "sites",
        "any|listed",
        Default::Is("any"),
        "Which Jira people may connect: any allowed one, or only those with a [[site]] table.",
        "listed",
    ),
    setting(
        "private-sites",
        "ENTRY,…",
        Default::Means("none"),
        "Jira sites that may be private or loopback and may use plain http: origin, host, *.suffix, IP address or range.",
        "*.corp.example, 10.20.0.0/16",
    ),
    setting(
        "sign-in",
        "METHOD,…",
        Default::Means("`local` on loopback, else it must be set"),
        "How people sign in. local: one account, for this machine alone. jira: by connecting a Jira; needs --sites=listed. \
         notion: by Notion's consent page; needs --notion-client-id. proxy: by the company's sign-on in front of the \
         gateway; needs the next two.",
        "jira, notion",
    ),
    setting(
        "proxy-user-header",
        "HEADER",
        Default::Means("none"),
        "Header in which the sign-on in front names the account. It must remove the header where a browser sends it.",
        "X-Forwarded-User",
    ),
    setting(
        "trusted-proxies",
        "RANGE,…",
        Default::Means("none"),
        "Addresses of that sign-on; requests from elsewhere that carry the header are refused.",
        "10.0.0.7, 192.0.2.0/28",
    ),
    setting(
        "atlassian-auth-url",
        "URL",
        Default::Is("https://auth.atlassian.com"),
        "Where people of Jira Cloud allow access, and where its tokens come from.",
        "https://auth.atlassian.com",
    ),
    setting(
        "atlassian-api-url",
        "URL",
        Default::Is("https://api.atlassian.com"),
        "Where scoped API tokens of Jira Cloud, and the tokens of its OAuth app, are used.",
        "https://api.atlassian.com",
    ),
    setting(
        "jira-client-id",
        "ID",
        Default::Means("none: Jira Cloud is connected with an API token"),
        "Client ID of the OAuth 2.0 (3LO) app that Atlassian's developer console shows. Needs its secret as well.",
        "ab12CD34ef56",
    ),
    secret(
        setting("jira-client-secret", "SECRET", Default::Means("none"), "Secret of that app.", "the-secret-of-the-app"),
        "jira-client-secret-file",
    ),
    setting(
        "jira-scopes",
        "SCOPE …",
        Default::Is("read:jira-work read:jira-user offline_access"),
        "What that app asks people for. Without offline_access they have to allow it again every hour.",
        "read:jira-work read:jira-user offline_access",
    ),
    setting(
        "notion-api-url",
        "URL",
        Default::Is("https://api.notion.com"),
        "Where Notion's API is.",
        "https://api.notion.com",
    ),
    setting(
        "notion-client-id",
        "ID",
        Default::Means("none: no sign-in with Notion, no Link Previews"),
        "OAuth client ID of the Notion connection, from Notion's developer portal. Needs its secret as well.",
        "463558a3-725e-4f37-b6d3-0889894f68de",
    ),
    secret(
        setting(
            "notion-client-secret",
            "SECRET",
            Default::Means("none"),
            "OAuth client secret of that connection.",
            "secret_AbCdEf",
        ),
        "notion-client-secret-file",
    ),
    setting(
        "link-preview-client-id",
        "ID",
        Default::Means("none: no Link Previews"),
        "The client ID that you choose and type into Notion's form External Authorization Setup. Needs the next one, and \
         the client of the Notion connection.",
        "jira-notion-gateway",
    ),
    secret(
        setting(
            "link-preview-client-secret",
            "SECRET",
            Default::Means("none"),
            "The client secret that you typed into the same form.",
            "$(openssl rand -hex 32)",
        ),
        "link-preview-client-secret-file",
    ),
    setting(
        "link-preview-redirect-hosts",
        "HOST,…",
        Default::Is("notion.so, www.notion.so, notion.com, www.notion.com, app.notion.com"),
        "Hosts of Notion to which people may be sent back. On this machine also an address with a port.",
        "www.notion.so, 127.0.0.1:8086",
    ),
    setting(
        "frame-ancestors",
        "ORIGIN,…|none",
        Default::Is(
            "https://notion.so, https://www.notion.so, https://notion.com, https://www.notion.com, https://app.notion.com",
        ),
        "Who may show /preview in a frame. Nothing else may be framed.",
        "https://wiki.corp.example",
    ),
    setting("preview-ttl", "DURATION", Default::Is("60s"), "How long a preview is fresh: 500ms 5s 5m 1h 7d.", "5m"),
    setting(
        "preview-stale-for",
        "DURATION",
        Default::Is("7d"),
        "How long the last known preview may be shown, marked stale, while Jira is away.",
        "1d",
    ),
    setting(
        "preview-description",
        "true|false",
        Default::Is("false"),
        "Whether previews contain the description, as plain text of at most 255 characters.",
        "true",
    ),
    setting(
        "sync-interval",
        "DURATION",
        Default::Is("5m"),
        "How often a synced database looks for changes, and links that Notion is showing are read again.",
        "15m",
    ),
    setting(
        "sync-confirm",
        "DURATION",
        Default::Is("10m"),
        "The least time between the two looks that confirm that an issue is gone, before its row goes to the trash. 0s is allowed.",
        "1h",
    ),
    setting(
        "metrics-from",
        "RANGE,…",
        Default::Means("loopback, not through a proxy"),
        "Addresses that may read /metrics; everybody else gets 404.",
        "10.0.0.0/8, 192.0.2.7",
    ),
    setting(
        "log",
        "LEVEL",
        Default::Is("info"),
        "How much is logged on standard error: off, error, warn, info, debug or trace.",
        "debug",
    ),
    setting("log-format", "text|json", Default::Is("text"), "Lines for people or JSON objects for machines.", "json"),
];
