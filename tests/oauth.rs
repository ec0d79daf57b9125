//! Connecting by consent, and staying connected: the gateway, Atlassian, and Jiras with providers of their own.

mod cloud;
mod lease;
mod processes;
pub mod town;
mod window;
