//! Connecting by consent, and staying connected: the gateway, Atlassian, and Jiras with providers of their own.

mod attempts;
mod calendar;
mod canaries;
mod cloud;
mod grant;
mod hostile;
mod identities;
mod lease;
mod operator;
mod own;
mod processes;
mod returns;
pub mod seen;
mod sign_in_jira;
pub mod town;
mod window;
