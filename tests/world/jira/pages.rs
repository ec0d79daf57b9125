//! The HTML that Jira answers: sign-in page, error pages, and a page for people who click on a link.

use super::super::oauth::html::STYLE;
use super::exchange::{Answer, Asked};
use super::people::Person;
use super::personality::{Deployment, Personality};
use super::text::escape;

/// The head that the recorded pages share: it says JIRA in a meta element, in any language.
fn page(personality: &Personality, title: &str, body: &str) -> String {
    let version = match personality.deployment {
        Deployment::Cloud { .. } => "1001.0.0-SNAPSHOT".to_owned(),
        Deployment::SelfManaged { version } => version.to_string(),
    };
    format!(
        "\n\n\n\n<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n\n<meta charset=\"utf-8\">\n<title>{} - {}</title>\n\
         <meta name=\"application-name\" content=\"JIRA\" data-name=\"jira\" data-version=\"{version}\">\
         <meta name=\"ajs-context-path\" content=\"{}\">\n<meta name=\"ajs-version-number\" content=\"{version}\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<link rel=\"icon\" href=\"data:,\">\n\
         <style>{STYLE}</style>\n</head>\n\
         <body id=\"jira\" class=\"aui-layout aui-theme-default page-type-message\">\n<main>{body}</main>\n</body>\n</html>\n",
        escape(title),
        escape(&personality.title),
        escape(&personality.context_path),
    )
}

pub fn sign_in(personality: &Personality) -> String {
    sign_in_to(personality, "")
}

/// The sign-in page of somebody who is on the way to a path below the site.
pub fn sign_in_to(personality: &Personality, destination: &str) -> String {
    let title = escape(&personality.sign_in_title);
    let form = format!(
        "<h1>{title}</h1><form method=\"post\" action=\"{}/login.jsp\" class=\"aui\">\
         <p><label>Username <input name=\"os_username\" autocomplete=\"off\" autofocus></label></p>\
         <p><label>Password <input name=\"os_password\" type=\"password\" autocomplete=\"off\"></label></p>\
         {}<button class=\"main\">{title}</button></form>\
         <p class=\"muted\">This is {}, a simulated Jira.</p>",
        escape(&personality.context_path),
        match destination {
            "" => String::new(),
            path => format!("<input type=\"hidden\" name=\"os_destination\" value=\"{}\">", escape(path)),
        },
        escape(&personality.title),
    );
    page(personality, &personality.sign_in_title, &form)
}

pub fn basic_failure(personality: &Personality) -> String {
    page(
        personality,
        "Unauthorized (401)",
        "<h1>Unauthorized (401)</h1><p>Basic Authentication Failure - Reason : AUTHENTICATED_FAILED</p>",
    )
}

pub fn unauthorized(personality: &Personality) -> String {
    page(
        personality,
        "Unauthorized (401)",
        "<h1>Unauthorized (401)</h1><p>Encountered a \"401 - Unauthorized\" error while loading this page.</p>",
    )
}

pub fn forbidden(personality: &Personality) -> String {
    page(personality, "Forbidden (403)", "<h1>Forbidden (403)</h1><p>Encountered a \"403 - Forbidden\" error.</p>")
}

pub fn not_found(personality: &Personality) -> String {
    page(personality, "Oops, you've found a dead link.", "<h1>Oops, you've found a dead link.</h1>")
}

pub fn maintenance(personality: &Personality) -> String {
    page(personality, "Maintenance", "<h1>Site temporarily unavailable</h1>")
}

/// What a person sees who follows a link: which address it is, nothing that needs a permission.
pub fn place(personality: &Personality, asked: &Asked) -> Answer {
    let name = asked.path.rsplit('/').find(|part| !part.is_empty()).unwrap_or("Jira");
    let body = format!(
        "<h1>{}</h1><p>This is {}, a simulated Jira. The real one would show <b>{}</b> here to those who may see it.</p>",
        escape(name),
        escape(&personality.title),
        escape(name),
    );
    Answer::html(200, &page(personality, name, &body))
}

/// To the sign-in page of a self-managed server, and from there to this path below the site.
pub fn to_sign_in(base: &str, destination: &str) -> Answer {
    Answer::redirect(&format!("{base}/login.jsp?os_destination={}", encoded(destination)))
}

pub fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

pub fn message(personality: &Personality, words: &str) -> String {
    page(personality, "Authorize", &format!("<h1>Authorize</h1><p>{}</p>", escape(words)))
}

/// Whether an application may act for the person; the form goes back to the address of the page.
pub fn consent(personality: &Personality, application: &str, person: &Person, rights: &[String]) -> String {
    let rights: String = rights.iter().map(|right| format!("<li>{}</li>", escape(right))).collect();
    let body = format!(
        "<h1>{} would like to access {}</h1><p>You are logged in as <b>{}</b>. It will be allowed to:</p>\
         <ul>{rights}</ul><form method=\"post\" class=\"aui\">\
         <button name=\"decision\" value=\"allow\" class=\"main\" autofocus>Allow</button>\
         <button name=\"decision\" value=\"deny\">Deny</button></form>",
        escape(application),
        escape(&personality.title),
        escape(&person.display_name),
    );
    page(personality, "Authorize", &body)
}
