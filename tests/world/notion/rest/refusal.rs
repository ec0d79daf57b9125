//! Why Notion does not do what was asked: status, code and words (notion-rest-api §6).

use serde_json::{Value, json};

use super::super::super::jira::exchange::Answer;
use super::super::super::oauth::mint;
use super::id::Id;

#[derive(Clone, Debug)]
pub struct Refusal {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
    /// `additional_data`.
    pub more: Option<Value>,
    /// Seconds.
    pub retry_after: Option<i64>,
}

impl Refusal {
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), more: None, retry_after: None }
    }

    /// 400: what was asked makes no sense here.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "validation_error", message)
    }

    /// 404: not there, or not shared; nobody learns which.
    pub fn missing(kind: &str, id: Id) -> Self {
        let words = format!(
            "Could not find {kind} with ID: {id}. Make sure the relevant pages and databases are shared with your integration."
        );
        Self::new(404, "object_not_found", words)
    }

    /// 403: the connection lacks a capability.
    pub fn restricted() -> Self {
        Self::new(403, "restricted_resource", "Insufficient permissions for this endpoint.")
    }

    pub fn no_such_url() -> Self {
        Self::new(400, "invalid_request_url", "Invalid request URL.")
    }

    /// 400: it lies in the trash.
    pub fn in_trash() -> Self {
        Self::invalid("Can't edit block that is archived. You must unarchive the block before editing.")
    }

    /// 429 of one of the two limits: `connection` or `workspace`.
    pub fn rate_limited(reason: &str, seconds: i64) -> Self {
        let words = "You have been rate limited. Please try again in a few minutes.";
        let mut refusal = Self::new(429, "rate_limited", words);
        (refusal.more, refusal.retry_after) = (Some(json!({"rate_limit_reason": reason})), Some(seconds));
        refusal
    }

    /// Any other answer of Notion's own servers, in the words of its table of errors.
    pub fn of_status(status: u16) -> Self {
        let (code, words) = match status {
            406 => ("row_limit_exceeded", "This data source has reached its limit of rows."),
            409 => ("conflict_error", "Conflict occurred while saving. Please try again."),
            500 => ("internal_server_error", "Unexpected error occurred."),
            502 => ("bad_gateway", "Notion encountered an issue while attempting to complete this request."),
            503 => ("service_unavailable", "Notion is unavailable. Please try again later."),
            504 => ("gateway_timeout", "Notion timed out while attempting to complete this request."),
            529 => ("service_overload", "Notion is overloaded. Please try again later."),
            other => unreachable!("Notion's table has no {other}"),
        };
        Self::new(status, code, words)
    }

    pub fn answer(&self) -> Answer {
        let id = mint::uuid("request");
        let mut body = json!({
            "object": "error", "status": self.status, "code": self.code, "message": self.message, "request_id": id,
        });
        if let Some(more) = &self.more {
            body["additional_data"] = more.clone();
        }
        let answer = Answer::json(self.status, &body).with("x-notion-request-id", &id);
        self.retry_after.iter().fold(answer, |answer, seconds| answer.with("retry-after", &seconds.to_string()))
    }
}
