//! The pages of Atlassian's log-in and consent.

use super::super::oauth::html::{escape, hidden, list, page};

/// The log-in page: with a password, or for a quick look with one button per account.
pub fn log_in(request: &str, accounts: &[String], words: Option<&str>) -> String {
    let alert = words.map_or_else(String::new, |words| format!("<p role=\"alert\">{}</p>", escape(words)));
    let shortcuts: String = accounts
        .iter()
        .map(|email| {
            let email = escape(email);
            format!("<button name=\"as\" value=\"{email}\">Continue as {email}</button>")
        })
        .collect();
    let request = hidden("request", request);
    page(
        "Log in to continue",
        &format!(
            "{alert}<form method=\"post\" action=\"/login\">{request}\
             <p><label>Email <input name=\"email\" type=\"email\" autocomplete=\"off\" required autofocus></label></p>\
             <p><label>Password <input name=\"password\" type=\"password\" autocomplete=\"off\"></label></p>\
             <button class=\"main\">Log in</button></form>\n\
             <form method=\"post\" action=\"/login\">{request}<p class=\"muted\">This Atlassian is simulated. Its accounts:</p>\
             {shortcuts}</form>"
        ),
    )
}

/// The consent page; `sites` are cloud id and URL.
pub fn consent(
    request: &str,
    session: &str,
    email: &str,
    scopes: &[String],
    sites: &[(String, String)],
    words: Option<&str>,
) -> String {
    let alert = words.map_or_else(String::new, |words| format!("<p role=\"alert\">{}</p>", escape(words)));
    let sites: String = sites
        .iter()
        .map(|(id, url)| {
            let (id, url) = (escape(id), escape(url));
            format!(
                "<label class=\"choice\"><input type=\"checkbox\" name=\"site\" value=\"{id}\" checked> {url}</label>"
            )
        })
        .collect();
    page(
        "This app is requesting access to your Atlassian account",
        &format!(
            "{alert}<p>You are logged in as <b>{}</b>. The app wants to:</p>{}\n\
             <form method=\"post\" action=\"/consent\">{}{}<fieldset><legend>Use app on</legend>{sites}</fieldset>\
             <button name=\"decision\" value=\"accept\" class=\"main\" autofocus>Accept</button>\
             <button name=\"decision\" value=\"cancel\">Cancel</button></form>",
            escape(email),
            list(scopes),
            hidden("request", request),
            hidden("session", session),
        ),
    )
}

/// `https://id.atlassian.com/error`
pub fn error(code: &str, description: &str) -> String {
    page("Something went wrong", &format!("<p>{}</p><p><code>{}</code></p>", escape(description), escape(code)))
}
