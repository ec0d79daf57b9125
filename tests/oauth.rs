//! Connecting by consent, and staying connected: the gateway, Atlassian, and Jiras with providers of their own.

mod calendar;
mod cloud;
mod lease;
mod processes;
mod town;
