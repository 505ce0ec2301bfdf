//! The server's side of the server functions: who asks, from where, and what
//! goes back besides the answer. The only module that exists on the server
//! alone, and the only one that knows headers and cookies.

mod cookies;
mod forms;
mod grants;
mod settings;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use axum::extract::ConnectInfo;
use domain::{AgentId, AgentView, ChoicesEdit, Fault, FaultCode, RunView};
use engine::{
    AgentDraft, Credential, Engine, KeyDraft, ProviderDraft, SecretText, Sharing, SignedIn,
};
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode, header};
use leptos::nonce::Nonce;
use leptos::prelude::{provide_context, use_context};
use leptos::server_fn::redirect::REDIRECT_HEADER;
use leptos_axum::ResponseOptions;

use crate::api::agents::AgentForm;
use crate::{ApiError, format};

pub use cookies::{NOTE_COOKIE, SESSION_COOKIE, session_token};
pub(crate) use cookies::{forget, own_token, remember};
pub(crate) use forms::{Posted, answered, take_note};
pub(crate) use grants::{audit_filter, grant_terms};
pub(crate) use settings::SettingsForm;

/// What the server decides for all pages.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Whether cookies travel over HTTPS only.
    pub secure_cookies: bool,
}

/// Who asks, once a request has found out: a page is made of several server
/// functions, and each of them wants to know.
#[derive(Clone, Default)]
struct Asker(Arc<OnceLock<SignedIn>>);

/// Gives pages and server functions the engine, and their response its headers.
/// The server's router calls it for every page and every server function.
pub fn provide(engine: Engine, settings: Settings) {
    respond(header::CACHE_CONTROL, "no-store");
    // Only a page has a nonce; a server function's answer runs nothing.
    if let Some(nonce) = use_context::<Nonce>() {
        let framed = use_context::<Parts>().is_some_and(|p| may_be_framed(p.uri.path()));
        respond(header::CONTENT_SECURITY_POLICY, &policy(&nonce, framed));
    }
    provide_context(engine);
    provide_context(settings);
    provide_context(Asker::default());
}

/// Whether a page may stand in a frame of this server's own pages: only the live
/// part of a session may.
pub fn may_be_framed(path: &str) -> bool {
    let session = path.strip_prefix(crate::routes::CHAT).and_then(|rest| rest.strip_prefix('/'));
    let session = session.and_then(|rest| rest.strip_suffix("/live"));
    session.is_some_and(|session| !session.is_empty() && !session.contains('/'))
}

/// The engine behind this page.
pub(crate) fn engine() -> Result<Engine, ApiError> {
    use_context().ok_or_else(|| refused(Fault::new(FaultCode::Internal, "No engine here.")))
}

/// Who asks. Server functions are called during rendering too, where no
/// middleware has looked at the request, so each asks for itself.
pub(crate) async fn signed_in() -> Result<SignedIn, ApiError> {
    let Some(token) = own_token() else {
        return Err(refused(Fault::new(FaultCode::AuthRequired, "Please sign in.")));
    };
    let Asker(asker) = use_context().unwrap_or_default();
    if let Some(who) = asker.get() {
        return Ok(who.clone());
    }
    let who = engine()?.authenticate(Credential::Cookie(&token)).await.map_err(refused)?;
    Ok(asker.get_or_init(|| who).clone())
}

/// The address of the person, as the connection shows it.
pub(crate) fn client_address() -> IpAddr {
    let parts = use_context::<Parts>();
    let peer = parts.and_then(|parts| parts.extensions.get::<ConnectInfo<SocketAddr>>().copied());
    // All who come without an address share one, and so one rate limit.
    peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip())
}

/// Leaves of the long texts of a run what a row shows of them.
pub(crate) fn only_lines(run: &mut RunView) {
    run.message = format::first_line(&run.message);
    run.answer = run.answer.as_deref().map(format::plain_line);
}

/// Turns a refusal into the answer, with the status that goes with it.
pub(crate) fn refused(fault: impl Into<Fault>) -> ApiError {
    let fault = fault.into();
    if let Some(response) = use_context::<ResponseOptions>() {
        let status = StatusCode::from_u16(fault.code.status());
        response.set_status(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
        if let Some(seconds) = fault.retry_after_seconds {
            response.insert_header(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
    }
    ApiError(fault)
}

/// Reads an id as it stands in a URL; what is no id is something not found.
pub(crate) fn id<T: FromStr>(text: &str, code: FaultCode) -> Result<T, ApiError> {
    let sentence = "There is nothing here by that name, or it is not yours.";
    text.parse().map_err(|_| refused(Fault::new(code, sentence)))
}

/// Reads a word of the product out of a URL, such as a state.
pub(crate) fn word<T: FromStr>(text: Option<&str>) -> Result<Option<T>, ApiError> {
    let sentence = "The address asks for something that does not exist.";
    let refuse = |_| refused(Fault::new(FaultCode::InvalidInput, sentence));
    text.map(str::parse).transpose().map_err(refuse)
}

/// The id of the agent with this name.
pub(crate) fn agent_named(agents: &[AgentView], name: &str) -> Result<AgentId, ApiError> {
    let agent = agents.iter().find(|agent| agent.name.as_str() == name);
    let sentence = "There is no agent with that name.";
    agent
        .map(|agent| agent.id)
        .ok_or_else(|| refused(Fault::new(FaultCode::AgentNotFound, sentence)))
}

/// What a form says about an agent. What does not read is named field by field.
pub(crate) fn agent_draft(form: AgentForm) -> Result<AgentDraft, ApiError> {
    let mut choices = ChoicesEdit::default();
    let mut wrong = BTreeMap::new();
    for (field, text) in form.fields() {
        if let Ok(name) = field.parse()
            && let Err(sentence) = choices.set(name, text)
        {
            wrong.insert(field.to_owned(), sentence);
        }
    }
    if let Some((field, sentence)) = wrong.first_key_value() {
        let fault = Fault::field(field, sentence);
        return Err(refused(Fault { fields: wrong, ..fault }));
    }
    Ok(AgentDraft {
        name: Some(form.name),
        instructions: Some(form.instructions),
        model: Some(form.model),
        folder: Some(form.folder),
        sharing: if form.share.is_empty() { Sharing::Refused } else { Sharing::Allowed },
        choices,
        profile: None,
    })
}

/// A provider as its form describes it. An empty key leaves the one there is.
pub(crate) fn provider_draft(
    preset: String,
    form: String,
    base_url: String,
    key: String,
    remove_key: &str,
) -> ProviderDraft {
    let key = match (key.trim().is_empty(), remove_key.is_empty()) {
        (false, _) => KeyDraft::Set(SecretText::new(key)),
        (true, false) => KeyDraft::Remove,
        (true, true) => KeyDraft::Keep,
    };
    ProviderDraft { preset, form, base_url, key }
}

/// Leads the person on to another page, with scripts and without.
pub(crate) fn go(path: &str) {
    if sent_by_page() {
        see_other(path);
    } else {
        respond(header::LOCATION, path);
        respond(HeaderName::from_static(REDIRECT_HEADER), "");
    }
}

/// Shows the page again after a form that was sent without scripts. A page with
/// scripts stays where it is and shows the answer itself.
pub(crate) fn stay(page: &str) {
    if sent_by_page() {
        see_other(page);
    }
}

/// Whether the browser itself sent the form, and so will show whatever comes back.
fn sent_by_page() -> bool {
    let accept = |parts: Parts| parts.headers.get(header::ACCEPT).cloned();
    let accept = use_context::<Parts>().and_then(accept);
    accept.is_some_and(|value| value.to_str().is_ok_and(|text| text.contains("text/html")))
}

fn see_other(path: &str) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(StatusCode::SEE_OTHER);
    }
    respond(header::LOCATION, path);
}

fn respond(name: HeaderName, value: &str) {
    let response = use_context::<ResponseOptions>();
    if let (Some(response), Ok(value)) = (response, HeaderValue::from_str(value)) {
        response.insert_header(name, value);
    }
}

fn policy(nonce: &Nonce, framed: bool) -> String {
    let ancestors = if framed { "'self'" } else { "'none'" };
    // `cargo leptos watch` tells the page over a web socket when to reload.
    let watch = if std::env::var_os("LEPTOS_WATCH").is_some() { " ws: wss:" } else { "" };
    format!(
        "default-src 'self'; script-src 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; connect-src 'self'{watch}; frame-ancestors {ancestors}; \
         base-uri 'none'; form-action 'self'; object-src 'none'"
    )
}
