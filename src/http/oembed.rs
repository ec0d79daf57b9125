//! `GET /oembed`: what an editor embeds for a link. Nobody is signed in here and Jira is not asked: everybody gets the
//! same answer, made of the link alone.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};

use crate::gateway::Gateway;
use crate::render::oembed::{self, Embed};
use crate::render::step;

use super::preview::ByLink;
use super::problem::Problem;
use super::visit::Form;

/// `GET /oembed?url=U[&format=json][&maxwidth=N][&maxheight=N]` (oEmbed 1.0). U is a link to a Jira, or a `/preview` of
/// ours about one.
pub async fn show(State(gateway): State<Arc<Gateway>>, uri: Uri) -> Result<Response, Problem> {
    let query = Form::of_query(&uri);
    if !matches!(query.get("format"), "" | "json") {
        return Err(Problem::only_json());
    }
    let (url, public) = (query.get("url"), gateway.public_url.as_str());
    let own = url.strip_prefix(public).and_then(|path| path.strip_prefix("/preview?"));
    let inner = own.map(|query| Form::parse(query.as_bytes()));
    let link = ByLink::of(&gateway, inner.as_ref().map_or(url, |inner| inner.get("url")));
    let Some(canonical) = link.canonical_url.as_ref().filter(|_| link.is_ours) else {
        let detail = "url takes a link to a Jira that this gateway may connect to, or the address of a preview here.";
        return Err(Problem::not_found(detail));
    };
    let may_be_framed = !gateway.settings.frame_ancestors.is_empty();
    // Nothing is drawn in no room at all, and what is no number is no limit.
    let most = |name| query.get(name).parse().ok().filter(|most| *most > 0);
    let embed = Embed {
        title: link.title(),
        provider_url: public.to_owned(),
        src: may_be_framed.then(|| format!("{public}/preview?url={}&as=card", step::encode(canonical))),
        most: (most("maxwidth"), most("maxheight")),
    };
    let json = HeaderValue::from_static("application/json");
    Ok(([(header::CONTENT_TYPE, json)], oembed::json(&embed)).into_response())
}
