//! Settings: what is accepted, what is said about the rest, who wins, and that the words about them are true.

use std::collections::HashMap;
use std::time::Duration;

use clap::{CommandFactory, Parser};
use jira_notion_gateway::config::{
    self, Cli, Command, LogFormat, MetricsFrom, Publish, Settings, SignIn, SiteRule, table,
};
use secrecy::ExposeSecret;
use tracing::level_filters::LevelFilter;

const KEY: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// Settings as from `jira-notion-gateway <arguments>` with these variables.
fn read(arguments: &[&str], variables: &[(&str, &str)]) -> Result<Settings, String> {
    let cli = Cli::try_parse_from([&["jira-notion-gateway"], arguments].concat()).expect("a known command line");
    let variables: HashMap<_, _> = variables.iter().copied().collect();
    config::read(&cli, &|name| variables.get(name).map(|text| (*text).to_owned())).map_err(|error| error.to_string())
}

fn flags(arguments: &[&str]) -> Settings {
    read(arguments, &[]).expect("good settings")
}

/// The same with a TOML file of this text; the file is called `FILE` in messages.
fn file(text: &str) -> Result<Settings, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.toml");
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap();
    read(&["--config", path], &[]).map_err(|error| error.replace(path, "FILE"))
}

#[test]
fn nothing_set_gives_the_documented_defaults() {
    let settings = flags(&[]);
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.public_url, None);
    assert_eq!(settings.data_dir.to_str(), Some("./data"));
    assert!(settings.database_url.is_none() && settings.master_key.is_none() && settings.tls.is_none());
    assert_eq!(settings.sites, SiteRule::Any);
    assert_eq!(settings.private_sites, "");
    assert_eq!(settings.sign_in, [SignIn::Local]);
    assert!(settings.proxy.is_none() && settings.jira_app.is_none());
    assert_eq!(settings.atlassian_auth_url.as_str(), "https://auth.atlassian.com");
    assert_eq!(settings.atlassian_api_url.as_str(), "https://api.atlassian.com");
    assert_eq!(settings.jira_scopes, "read:jira-work read:jira-user offline_access");
    assert_eq!(
        settings.frame_ancestors,
        [
            "https://notion.so",
            "https://www.notion.so",
            "https://notion.com",
            "https://www.notion.com",
            "https://app.notion.com"
        ]
    );
    assert_eq!(settings.preview_ttl, Duration::from_secs(60));
    assert_eq!(settings.preview_stale_for, Duration::from_secs(7 * 86_400));
    assert!(!settings.preview_description);
    assert_eq!(settings.metrics_from, MetricsFrom::Loopback);
    assert_eq!((settings.log, settings.log_format), (LevelFilter::INFO, LogFormat::Text));
    assert!(settings.listed.is_empty());
}

#[test]
fn every_wrong_value_is_answered_with_one_line_that_names_the_setting() {
    let ip = "takes an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080";
    let origin = "takes an origin without a path, such as https://gateway.example.com";
    let duration = "takes a whole number with a unit (ms, s, m, h, d), such as 60s; at most 3650d";
    let header = "takes the name of a header of its own, such as X-Forwarded-User";
    let client_id = "takes the identifier that was issued, without spaces";
    let scopes = "takes scopes such as read:jira-work read:jira-user";
    let rows: &[(&str, &str, &str)] = &[
        ("listen", "8080", ip),
        ("listen", "127.0.0.1", ip),
        ("listen", "gateway.example.com:80", ip),
        ("listen", "127.0.0.1:70000", ip),
        ("public-url", "gateway.example.com", origin),
        ("public-url", "https://gateway.example.com/jira", origin),
        ("public-url", "https://gateway.example.com/?a", origin),
        ("public-url", "https://ana:secret@gateway.example.com", origin),
        ("public-url", "ftp://gateway.example.com", origin),
        ("sites", "some", "takes any or listed"),
        ("sites", "listed", "is listed, but there is no [[site]] in the TOML file"),
        (
            "private-sites",
            "a.example, http://b.example/path",
            "`http://b.example/path` is not understood: accepted are an origin (https://jira.corp:8443), a host (jira.corp), \
             a suffix (*.corp), an IP address (10.1.2.3) or a range (10.0.0.0/8)",
        ),
        (
            "master-key",
            "hunter2",
            "entry 1 of the master key is not id:base64(32 bytes), where id is up to 32 letters, digits, hyphens or underscores",
        ),
        ("master-key", "k1:AAAA", "master key k1 has 3 bytes; it needs 32"),
        ("sign-in", "ldap", "takes a list of local, jira, notion and proxy, such as local"),
        ("sign-in", ",", "takes at least one method, such as local"),
        ("sign-in", "local,jira", "local takes no other method beside it"),
        ("sign-in", "proxy,local", "local takes no other method beside it"),
        ("sign-in", "jira", "jira needs GATEWAY_SITES to be listed"),
        ("sign-in", "proxy", "proxy needs GATEWAY_PROXY_USER_HEADER and GATEWAY_TRUSTED_PROXIES as well"),
        ("sign-in", "notion", "notion needs GATEWAY_NOTION_CLIENT_ID and GATEWAY_NOTION_CLIENT_SECRET as well"),
        ("sign-in", "notion, local", "local takes no other method beside it"),
        ("proxy-user-header", "X-User", "needs GATEWAY_TRUSTED_PROXIES as well"),
        ("proxy-user-header", "X User", header),
        ("proxy-user-header", "X-User:", header),
        ("proxy-user-header", "Authorization", header),
        ("proxy-user-header", "COOKIE", header),
        ("proxy-user-header", "X-Benutzer-\u{e4}", header),
        ("trusted-proxies", "10.0.0.7", "needs GATEWAY_PROXY_USER_HEADER as well"),
        ("trusted-proxies", ",", "takes IP addresses and ranges such as 10.0.0.0/8"),
        (
            "trusted-proxies",
            "10.0.0.7, proxy.example.com",
            "takes IP addresses and ranges such as 10.0.0.0/8; \"proxy.example.com\" is neither",
        ),
        ("atlassian-auth-url", "auth.atlassian.com", "takes an address such as https://api.atlassian.com"),
        ("jira-client-id", "ab12", "needs GATEWAY_JIRA_CLIENT_SECRET as well"),
        ("jira-client-id", "ab 12", client_id),
        ("jira-client-id", "\u{e4}", client_id),
        ("jira-client-secret", "hunter2", "needs GATEWAY_JIRA_CLIENT_ID as well"),
        ("jira-scopes", "read:jira-work, \"", scopes),
        ("jira-scopes", ",", scopes),
        ("database-url", "mysql://db.example/gateway", "takes an address that begins with postgres://"),
        ("tls-cert", "a.pem", "needs GATEWAY_TLS_KEY as well"),
        ("tls-key", "a.pem", "needs GATEWAY_TLS_CERT as well"),
        ("atlassian-api-url", "api.atlassian.com", "takes an address such as https://api.atlassian.com"),
        ("preview-ttl", "60", duration),
        ("preview-ttl", "1.5h", duration),
        ("preview-ttl", "-5s", duration),
        ("preview-ttl", "s", duration),
        ("preview-ttl", "5 s", duration),
        ("preview-ttl", "3651d", duration),
        ("preview-stale-for", "99999999999999999999d", duration),
        ("preview-stale-for", "18446744073709551615d", duration),
        ("preview-description", "yes", "takes true or false"),
        ("metrics-from", "10.0.0.0/99", "takes IP addresses and ranges such as 10.0.0.0/8; \"10.0.0.0/99\" is neither"),
        ("metrics-from", "all", "takes IP addresses and ranges such as 10.0.0.0/8; \"all\" is neither"),
        (
            "frame-ancestors",
            "https://a.example/path",
            "takes none or origins such as https://wiki.example.com; \"https://a.example/path\" is none",
        ),
        ("frame-ancestors", "a;b", "takes none or origins such as https://wiki.example.com; \"a;b\" is none"),
        ("frame-ancestors", "'self'", "takes none or origins such as https://wiki.example.com; \"'self'\" is none"),
        ("frame-ancestors", "*", "takes none or origins such as https://wiki.example.com; \"*\" is none"),
        ("frame-ancestors", ",", "takes none or origins such as https://wiki.example.com"),
        ("log", "verbose", "takes off, error, warn, info, debug or trace"),
        ("log-format", "xml", "takes text or json"),
        ("config", "/no/such/file", "cannot read \"/no/such/file\": No such file or directory (os error 2)"),
        ("master-key-file", "/no/such/file", "cannot read \"/no/such/file\": No such file or directory (os error 2)"),
    ];
    for (flag, value, problem) in rows {
        let by_flag = read(&[&format!("--{flag}={value}")], &[]).unwrap_err();
        // What else a complaint mentions was not set, so it goes by its variable.
        assert_eq!(by_flag, format!("--{flag}: {problem}"), "{flag}={value}");
        let variable = table::variable(flag);
        let by_variable = read(&[], &[(&variable, value)]).unwrap_err();
        assert_eq!(by_variable, format!("{variable}: {problem}"), "{flag}={value}");
        let key = table::key(flag);
        if *flag != "config" {
            let by_file = file(&format!("{key} = '''{value}'''")).unwrap_err();
            assert_eq!(by_file, format!("{key} in FILE: {problem}"), "{flag}={value}");
        }
        assert!(!by_flag.contains('\n'));
    }
}

#[test]
fn a_wrong_secret_is_not_repeated() {
    let variables = [
        "GATEWAY_DATABASE_URL",
        "GATEWAY_PUBLIC_URL",
        "GATEWAY_ATLASSIAN_AUTH_URL",
        "GATEWAY_ATLASSIAN_API_URL",
        "GATEWAY_JIRA_CLIENT_SECRET",
    ];
    for variable in variables {
        let error = read(&[], &[(variable, "x-postgres://ana:hunter2@db")]).unwrap_err();
        assert!(error.starts_with(variable) && !error.contains("hunter2"), "{error}");
    }
    let error =
        file("[[site]]\nurl = 'a.example'\noauth2 = { client_id = '', client_secret = 'hunter2' }").unwrap_err();
    assert!(!error.contains("hunter2"), "{error}");
    let error = file("[[site]]\nurl = 'a.example'\nproxy = 'socks5://ana:hunter2@p'").unwrap_err();
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn settings_and_flags_do_not_show_secrets_in_debug() {
    let arguments = ["jira-notion-gateway", "--database-url", "postgres://ana:hunter2@db", "--master-key", KEY];
    let cli = Cli::try_parse_from(arguments).unwrap();
    let settings = config::read(&cli, &|_| None).unwrap();
    assert_eq!(settings.database_url.as_ref().unwrap().expose_secret(), "postgres://ana:hunter2@db");
    let shown = format!("{cli:?} {settings:?}");
    assert!(shown.contains("database-url") && !shown.contains("hunter2"), "{shown}");
    assert!(!shown.contains(KEY.split_once(':').unwrap().1), "{shown}");
    let settings = file(
        "jira_client_id = 'ab12'\njira_client_secret = 'hunter2'\n[[site]]\nurl = 'a.example'\n
        proxy = 'http://ana:hunter2@p'\noauth2 = { client_id = 'cd34', client_secret = 'hunter2' }",
    )
    .unwrap();
    let shown = format!("{settings:?}");
    assert!(shown.contains("ab12") && shown.contains("cd34") && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn good_values_are_read() {
    let settings = flags(&[
        "--listen=[::1]:0",
        "--public-url=https://LOCALHOST:8443/",
        "--data-dir=/var/lib/gateway",
        "--tls-cert=a.pem",
        "--tls-key=b.pem",
        "--private-sites=*.corp.example, 10.0.0.0/8",
        "--sign-in=local",
        "--atlassian-auth-url=http://127.0.0.1:9/",
        "--atlassian-api-url=http://127.0.0.1:9/api/",
        "--jira-client-id=ab12",
        "--jira-client-secret=hunter2",
        "--jira-scopes=read:jira-work  offline_access,read:me",
        "--frame-ancestors=wiki.example.com https://*.corp.example:8443, http://127.0.0.1:99/",
        "--preview-ttl=500ms",
        "--preview-stale-for=0s",
        "--preview-description=true",
        "--metrics-from=10.0.0.0/8,192.0.2.7, 2001:db8::/32",
        "--log=off",
        "--log-format=json",
    ]);
    assert_eq!(settings.listen.to_string(), "[::1]:0");
    assert_eq!(settings.public_url.unwrap().as_str(), "https://localhost:8443");
    assert_eq!(settings.tls.unwrap().key.to_str(), Some("b.pem"));
    assert_eq!(settings.private_sites, "*.corp.example, 10.0.0.0/8");
    assert_eq!(settings.atlassian_auth_url.as_str(), "http://127.0.0.1:9");
    assert_eq!(settings.atlassian_api_url.as_str(), "http://127.0.0.1:9/api");
    let app = settings.jira_app.unwrap();
    assert_eq!((app.id.as_str(), app.secret.expose_secret()), ("ab12", "hunter2"));
    assert_eq!(settings.jira_scopes, "read:jira-work offline_access read:me");
    assert_eq!(
        settings.frame_ancestors,
        ["https://wiki.example.com", "https://*.corp.example:8443", "http://127.0.0.1:99"]
    );
    assert_eq!(settings.preview_ttl, Duration::from_millis(500));
    assert_eq!(settings.preview_stale_for, Duration::ZERO);
    assert!(settings.preview_description);
    assert_eq!((settings.log, settings.log_format), (LevelFilter::OFF, LogFormat::Json));
    for (peer, forwarded, admitted) in [
        ("10.1.2.3", false, true),
        ("::ffff:10.1.2.3", false, true),
        ("10.1.2.3", true, false),
        ("192.0.2.7", false, true),
        ("192.0.2.8", false, false),
        ("127.0.0.1", false, false),
        ("2001:db8::1", false, true),
    ] {
        assert_eq!(settings.metrics_from.admits(peer.parse().unwrap(), forwarded), admitted, "{peer} {forwarded}");
    }
    for (peer, forwarded, admitted) in [
        ("127.0.0.1", false, true),
        ("127.0.0.1", true, false),
        ("::1", false, true),
        ("::ffff:127.0.0.1", false, true),
        ("10.0.0.1", false, false),
    ] {
        assert_eq!(MetricsFrom::Loopback.admits(peer.parse().unwrap(), forwarded), admitted, "{peer} {forwarded}");
    }
    assert_eq!(flags(&["--listen=localhost:80"]).listen.to_string(), "127.0.0.1:80");
    assert!(flags(&["--frame-ancestors=none"]).frame_ancestors.is_empty());
    for (text, seconds) in [("5s", 5), ("5m", 300), ("1h", 3600), ("7d", 604_800), ("3650d", 315_360_000)] {
        assert_eq!(flags(&["--preview-ttl", text]).preview_ttl, Duration::from_secs(seconds));
    }
}

#[test]
fn a_flag_wins_over_a_variable_and_a_variable_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.toml");
    std::fs::write(&path, "preview_ttl = '1s'\npreview_stale_for = '1s'\nlog = 'warn'\n").unwrap();
    let path = path.to_str().unwrap();
    let variables = [("GATEWAY_CONFIG", path), ("GATEWAY_PREVIEW_TTL", "2s"), ("GATEWAY_PREVIEW_STALE_FOR", "2s")];
    let settings = read(&["--preview-ttl", "3s"], &variables).unwrap();
    assert_eq!(settings.preview_ttl, Duration::from_secs(3));
    assert_eq!(settings.preview_stale_for, Duration::from_secs(2));
    assert_eq!(settings.log, LevelFilter::WARN);
    // An empty variable counts as not set, as container tools hand it over.
    let settings = read(&["--config", path], &[("GATEWAY_PREVIEW_TTL", "")]).unwrap();
    assert_eq!(settings.preview_ttl, Duration::from_secs(1));
}

#[test]
fn secrets_may_lie_in_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("url");
    std::fs::write(&path, "postgres://in-a-file\n").unwrap();
    let path = path.to_str().unwrap();
    let url = |settings: Settings| settings.database_url.unwrap().expose_secret().to_owned();
    assert_eq!(url(flags(&["--database-url-file", path])), "postgres://in-a-file");
    assert_eq!(url(read(&[], &[("GATEWAY_DATABASE_URL_FILE", path)]).unwrap()), "postgres://in-a-file");
    assert_eq!(url(file(&format!("database_url_file = '{path}'")).unwrap()), "postgres://in-a-file");
    // The usual order decides between the two forms as well.
    let variables = [("GATEWAY_DATABASE_URL", "postgres://variable")];
    assert_eq!(url(read(&["--database-url-file", path], &variables).unwrap()), "postgres://in-a-file");
    let error = read(&[], &[("GATEWAY_DATABASE_URL_FILE", path), variables[0]]).unwrap_err();
    assert_eq!(error, "GATEWAY_DATABASE_URL: is set twice; remove it or GATEWAY_DATABASE_URL_FILE");
    let app = read(&["--jira-client-id=ab12", "--jira-client-secret-file", path], &[]).unwrap().jira_app.unwrap();
    assert_eq!(app.secret.expose_secret(), "postgres://in-a-file");
    assert_eq!(
        read(&["--jira-client-secret-file", path], &[]).unwrap_err(),
        "--jira-client-secret-file: needs GATEWAY_JIRA_CLIENT_ID as well"
    );
    std::fs::write(path, " \n").unwrap();
    assert_eq!(read(&["--master-key-file", path], &[]).unwrap_err(), "--master-key-file: is empty");
}

#[test]
fn local_sign_in_is_for_loopback_alone() {
    let good: &[&[&str]] = &[
        &["--listen=127.8.9.1:0"],
        &["--listen=[::1]:0", "--sign-in=local"],
        &["--listen=[::ffff:127.0.0.1]:0"],
        &["--public-url=http://localhost:8080"],
        &["--public-url=http://[::1]:8080"],
        &["--public-url=http://127.0.0.1:8080"],
    ];
    for arguments in good {
        assert_eq!(flags(arguments).sign_in, [SignIn::Local], "{arguments:?}");
    }
    let unset =
        "GATEWAY_SIGN_IN: must be set, because X is not a loopback address; it takes jira, notion or proxy there";
    let refused = "--sign-in: local is for this machine alone, but X is not a loopback address";
    let nowhere = "GATEWAY_PUBLIC_URL: must be set, because X names no address that a browser could use";
    let bad: &[(&[&str], &str, &str)] = &[
        (&["--listen=192.0.2.1:80"], unset, "--listen"),
        (&["--listen=0.0.0.0:80"], nowhere, "--listen"),
        (&["--listen=[::]:80"], nowhere, "--listen"),
        (&["--listen=[::ffff:0.0.0.0]:80"], nowhere, "--listen"),
        (&["--listen=0.0.0.0:80", "--public-url=http://localhost"], unset, "--listen"),
        (&["--public-url=https://gateway.example.com"], unset, "--public-url"),
        (&["--public-url=https://localhost.example.com", "--sign-in=local"], refused, "--public-url"),
        (&["--public-url=https://127.0.0.1.example.com", "--sign-in=local"], refused, "--public-url"),
        (&["--listen=10.0.0.1:80", "--sign-in=local"], refused, "--listen"),
    ];
    for (arguments, problem, exposed) in bad {
        assert_eq!(read(arguments, &[]).unwrap_err(), problem.replace('X', exposed), "{arguments:?}");
    }
}

#[test]
fn other_ways_to_sign_in_need_what_makes_them_safe() {
    let proxied = ["--proxy-user-header=X-Forwarded-User", "--trusted-proxies=10.0.0.7, 192.0.2.0/28 ::1"];
    let open = ["--listen=0.0.0.0:80", "--public-url=https://gateway.example.com", "--sign-in=proxy"];
    let settings = flags(&[&open[..], &proxied].concat());
    assert_eq!(settings.sign_in, [SignIn::Proxy]);
    let proxy = settings.proxy.unwrap();
    assert_eq!(proxy.header, "x-forwarded-user", "as headers are compared");
    for (peer, trusted) in [
        ("10.0.0.7", true),
        ("::ffff:10.0.0.7", true),
        ("10.0.0.8", false),
        ("192.0.2.15", true),
        ("192.0.2.16", false),
        ("::1", true),
        ("127.0.0.1", false),
    ] {
        assert_eq!(proxy.trusts(peer.parse().unwrap()), trusted, "{peer}");
    }
    // Where it signs nobody in, the header means nothing.
    assert!(flags(&proxied).proxy.is_none());
    let site = |rest: &str| format!("{rest}\n[[site]]\nurl = 'https://jira.example'");
    let methods = |text: &str| file(&site(text)).map(|settings| settings.sign_in);
    assert_eq!(methods("sites = 'listed'\nsign_in = 'jira'"), Ok(vec![SignIn::Jira]));
    let both = "sites = 'listed'\nsign_in = ['proxy', 'jira']\nproxy_user_header = 'x-user'\ntrusted_proxies = '::1'";
    assert_eq!(methods(both), Ok(vec![SignIn::Proxy, SignIn::Jira]));
    for text in ["sign_in = 'jira'", &both.replace("listed", "any")] {
        let error = methods(text).unwrap_err();
        assert!(error.starts_with("sign_in in FILE: jira needs ") && error.ends_with(" to be listed"), "{error}");
    }
    let error = methods(&both.replace("trusted_proxies = '::1'", "")).unwrap_err();
    assert_eq!(error, "proxy_user_header in FILE: needs GATEWAY_TRUSTED_PROXIES as well");
}

#[test]
fn commands_that_serve_nobody_work_without_the_sign_in_settings() {
    for command in [
        &["token", "create", "--account", "ana"][..],
        &["account", "list"],
        &["account", "remove", "ana"],
        &["check", "https://jira.example.com"],
        &["key", "rotate"],
    ] {
        let arguments = [&["--listen=0.0.0.0:80"], command].concat();
        assert!(read(&arguments, &[]).is_ok(), "{command:?}");
    }
}

#[test]
fn settings_may_stand_before_and_behind_the_command() {
    let parse = |arguments: &[&str]| Cli::try_parse_from([&["jira-notion-gateway"], arguments].concat()).unwrap();
    assert_eq!(*parse(&[]).command_or_serve(), Command::Serve);
    for arguments in [["--log=warn", "serve"], ["serve", "--log=warn"]] {
        let cli = parse(&arguments);
        assert_eq!((cli.command_or_serve(), cli.flags.get("log")), (&Command::Serve, Some("warn")));
    }
    let cli = parse(&["token", "create", "--account", "ana", "--data-dir", "/d"]);
    assert_eq!(cli.flags.get("data-dir"), Some("/d"));
    for wrong in
        [&["token"][..], &["token", "create"], &["account", "remove"], &["check"], &["nonsense"], &["--nonsense"]]
    {
        let error = Cli::try_parse_from([&["jira-notion-gateway"], wrong].concat()).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{wrong:?}");
    }
}

#[test]
fn a_site_table_is_read() {
    let settings = file(
        r#"
        sites = "listed"
        private_sites = ["10.0.0.0/8", "*.corp.example"]
        preview_description = true

        [[site]]
        url = "https://Jira.corp.example/jira/"
        name = "corp"
        aliases = ["https://jira-old.corp.example"]
        default = true
        ca_file = "ca.pem"
        client_cert_file = "c.pem"
        client_key_file = "k.pem"
        proxy = "http://proxy.corp.example:3128"
        oauth2 = { client_id = "cd34", client_secret = "hunter2" }
        block_projects = ["hr", "SEC"]
        publish = "key_status"

        [site.oauth1]
        consumer_key = "gateway"
        private_key_file = "oauth.pem"

        [[site]]
        url = "acme.atlassian.net"
        "#,
    )
    .unwrap();
    assert_eq!(settings.sites, SiteRule::Listed);
    assert_eq!(settings.private_sites, "10.0.0.0/8,*.corp.example");
    assert!(settings.preview_description);
    let [corp, acme] = settings.listed.as_slice() else { panic!("two sites") };
    assert_eq!((corp.url.as_str(), corp.name.as_str()), ("https://jira.corp.example/jira", "corp"));
    assert_eq!(corp.aliases[0].as_str(), "https://jira-old.corp.example");
    assert!(corp.default && !acme.default);
    assert_eq!(corp.client_certificate.as_ref().unwrap().key_file.to_str(), Some("k.pem"));
    assert_eq!(corp.proxy.as_ref().unwrap().expose_secret(), "http://proxy.corp.example:3128");
    let client = corp.oauth2.as_ref().unwrap();
    assert_eq!((client.id.as_str(), client.secret.expose_secret()), ("cd34", "hunter2"));
    let consumer = corp.oauth1.as_ref().unwrap();
    assert_eq!((consumer.key.as_str(), consumer.private_key_file.to_str()), ("gateway", Some("oauth.pem")));
    assert!(acme.oauth2.is_none() && acme.oauth1.is_none());
    assert_eq!(corp.block_projects, ["HR", "SEC"]);
    assert_eq!((corp.publish, acme.publish), (Publish::KeyStatus, Publish::Full));
    assert_eq!((acme.url.as_str(), acme.name.as_str()), ("https://acme.atlassian.net", "acme"));
}

#[test]
fn a_wrong_file_is_answered_with_one_line() {
    let site = |rest: &str| format!("[[site]]\nurl = 'https://a.example'\n{rest}");
    let rows = [
        ("lisen = '127.0.0.1:1'".to_owned(), "lisen in FILE: is not a setting of this version; --help lists them"),
        ("config = 'b.toml'".to_owned(), "config in FILE: is not a setting of this version; --help lists them"),
        (
            "sync_confirmed = '10m'".to_owned(),
            "sync_confirmed in FILE: is not a setting of this version; --help lists them",
        ),
        ("log = { level = 'info' }".to_owned(), "log in FILE: takes one value, not a table"),
        (
            "preview_ttl = 60".to_owned(),
            "preview_ttl in FILE: takes a whole number with a unit (ms, s, m, h, d), such as 60s; at most 3650d",
        ),
        ("[site]\nurl = 'https://a.example'".to_owned(), "site in FILE: is written as [[site]], once for each Jira"),
        ("[[site]]\nname = 'a'".to_owned(), "[[site]] 1 in FILE: url is missing"),
        (
            "[[site]]\nurl = 'ftp://a.example'".to_owned(),
            "[[site]] 1 in FILE: url takes the address of a Jira, such as https://jira.example.com/jira",
        ),
        ("[[site]]\nurl = 7".to_owned(), "[[site]] 1 in FILE: url takes text in quotes"),
        (site("nmae = 'a'"), "[[site]] 1 in FILE: \"nmae\" is not a key of [[site]]; --help lists them"),
        (site("oauth2 = 'a'"), "[[site]] 1 in FILE: oauth2 takes a table in braces"),
        (site("oauth2 = {}"), "oauth2 of [[site]] 1 in FILE: client_id is missing"),
        (
            site("oauth2 = { client_id = 'a b', client_secret = 'b' }"),
            "oauth2 of [[site]] 1 in FILE: client_id takes the identifier that was issued, without spaces",
        ),
        (site("oauth2 = { client_id = 'a' }"), "oauth2 of [[site]] 1 in FILE: client_secret is missing"),
        (
            site("oauth2 = { client_id = 'a', client_secret = ' ' }"),
            "oauth2 of [[site]] 1 in FILE: client_secret is empty",
        ),
        (
            site("oauth2 = { client_id = 'a', client_secret = 'b', client_secret_file = 'c' }"),
            "oauth2 of [[site]] 1 in FILE: client_secret is set twice; remove it or client_secret_file",
        ),
        (
            site("oauth2 = { client_id = 'a', client_secret_file = '/no/such/file' }"),
            "oauth2 of [[site]] 1 in FILE: cannot read \"/no/such/file\": No such file or directory (os error 2)",
        ),
        (
            site("oauth2 = { client_id = 'a', client_secret = 'b', scope = 'READ' }"),
            "oauth2 of [[site]] 1 in FILE: \"scope\" is not a key of [[site]]; --help lists them",
        ),
        (site("oauth1 = {}"), "oauth1 of [[site]] 1 in FILE: consumer_key is missing"),
        (site("oauth1 = { consumer_key = 'a' }"), "oauth1 of [[site]] 1 in FILE: private_key_file is missing"),
        (
            "[[site]]\nurl = 'acme.atlassian.net'\noauth2 = { client_id = 'a', client_secret = 'b' }".to_owned(),
            "[[site]] 1 in FILE: oauth2 and oauth1 are for Data Center; Jira Cloud takes GATEWAY_JIRA_CLIENT_ID",
        ),
        (site("name = ''"), "[[site]] 1 in FILE: name takes 1 to 60 characters"),
        (site("default = 'yes'"), "[[site]] 1 in FILE: default takes true or false"),
        (site("aliases = 'https://b.example'"), "[[site]] 1 in FILE: aliases takes a list in brackets"),
        (site("client_cert_file = 'a'"), "[[site]] 1 in FILE: client_cert_file needs client_key_file as well"),
        (site("client_key_file = 'a'"), "[[site]] 1 in FILE: client_key_file needs client_cert_file as well"),
        (
            site("proxy = 'proxy:3128'"),
            "[[site]] 1 in FILE: proxy takes an address such as http://proxy.example.com:3128",
        ),
        (
            site("block_projects = ['H R']"),
            "[[site]] 1 in FILE: block_projects takes project keys such as [\"HR\", \"SEC\"]",
        ),
        (site("publish = 'all'"), "[[site]] 1 in FILE: publish takes full, key_status, key or nothing"),
        (site(&site("")), "[[site]] 2 in FILE: https://a.example belongs to another [[site]] already"),
        (
            site("[[site]]\nurl = 'b.example'\naliases = ['A.example']"),
            "[[site]] 2 in FILE: https://a.example belongs to another [[site]] already",
        ),
        (
            site("name = 'x'\n[[site]]\nurl = 'b.example'\nname = 'x'"),
            "[[site]] 2 in FILE: name is that of another [[site]]; give it one of its own",
        ),
        (
            site("default = true\n[[site]]\nurl = 'b.example'\ndefault = true"),
            "[[site]] 2 in FILE: default is true for another [[site]] already",
        ),
    ];
    for (text, expected) in &rows {
        assert_eq!(file(text).unwrap_err(), *expected, "{text}");
    }
    let error = file("log = 'info'\nlog = \n").unwrap_err();
    assert!(error.starts_with("FILE line 2: ") && !error.contains('\n'), "{error}");
}

#[test]
fn help_teaches_every_setting() {
    let help = Cli::command().render_long_help().to_string();
    // Lines are wrapped to the terminal.
    let flat = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for setting in &table::ALL {
        assert!(flat.contains(&format!("--{} <{}>", setting.flag, setting.value)), "--{} in {help}", setting.flag);
        let text = setting.help().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(&text), "{text} in {help}");
        if let Some(file) = setting.file {
            assert!(flat.contains(&format!("--{file} <FILE>")), "--{file}");
        }
    }
}

#[test]
fn every_example_and_default_is_accepted() {
    for setting in &table::ALL {
        // The one names a file, the other a command that makes a key.
        if ["config", "master-key"].contains(&setting.flag) {
            continue;
        }
        // Some need a companion; `account list` does not ask for what only `serve` needs.
        let companions: &[&str] = match setting.flag {
            "tls-cert" => &["--tls-key=k.pem"],
            "tls-key" => &["--tls-cert=c.pem"],
            "notion-client-id" => &["--notion-client-secret=s"],
            "notion-client-secret" => &["--notion-client-id=i"],
            "link-preview-client-id" => {
                &["--link-preview-client-secret=s", "--notion-client-secret=s", "--notion-client-id=i"]
            }
            "link-preview-client-secret" => {
                &["--link-preview-client-id=i", "--notion-client-secret=s", "--notion-client-id=i"]
            }
            "jira-client-id" => &["--jira-client-secret=s"],
            "jira-client-secret" => &["--jira-client-id=i"],
            "proxy-user-header" => &["--trusted-proxies=::1"],
            "trusted-proxies" => &["--proxy-user-header=x-user"],
            "sites" | "sign-in" => &["account", "list"],
            _ => &[],
        };
        let example = format!("--{}={}", setting.flag, setting.example);
        read(&[&[example.as_str()], companions].concat(), &[]).unwrap_or_else(|error| panic!("{error}"));
        if let Some(default) = setting.default_text() {
            read(&[&format!("--{}={default}", setting.flag)], &[]).unwrap_or_else(|error| panic!("{error}"));
        }
    }
}

#[test]
fn the_table_of_the_readme_is_the_table_of_the_program() {
    let readme = include_str!("../README.md");
    let rows: Vec<_> = readme.lines().filter(|line| line.starts_with("| `GATEWAY_")).collect();
    let expected: Vec<_> = table::ALL.iter().map(table::Setting::readme_row).collect();
    assert!(rows == expected, "README's settings should read:\n{}", expected.join("\n"));
}
