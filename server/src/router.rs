//! The whole URL space, on one screen.

use std::sync::{Arc, LazyLock};

use app::context::{self, Settings};
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, delete, get, post, put};
use engine::Engine;
use leptos::prelude::LeptosOptions;
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list};
use tokio::sync::Semaphore;

use crate::api::{
    self, agents, approvals, audit, chat, config, documents, grants, pictures, providers, runs,
    sessions, status,
};
use crate::guard::{self, PublicUrl};
use crate::size::{self, LONG_AT_ONCE};
use crate::tabs::Tabs;
use crate::{assets, events, health, multipart};

/// The pages. Listed once in a process, before anything is served: while Leptos
/// lists them, nothing that any page reads is loaded, and a page that was being
/// rendered just then would wait for ever.
static PAGES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(app::App));

/// What the router is made of.
#[derive(Clone)]
pub struct Parts {
    /// The engine that everything calls.
    pub engine: Engine,
    /// Where pages find their assets.
    pub leptos: LeptosOptions,
    /// Where the server is reached from outside, if not on loopback alone.
    pub public_url: Option<PublicUrl>,
}

/// What handlers share.
#[derive(Clone, FromRef)]
pub(crate) struct AppState {
    pub(crate) engine: Engine,
    pub(crate) leptos: LeptosOptions,
    pub(crate) tabs: Tabs,
    pub(crate) public_url: Option<PublicUrl>,
    /// Places for long bodies.
    pub(crate) long_bodies: Arc<Semaphore>,
}

/// Everything this server answers.
pub fn router(parts: Parts) -> Router {
    let Parts { engine, leptos, public_url } = parts;
    let secure_cookies = public_url.as_ref().is_some_and(PublicUrl::is_https);
    let (tabs, long_bodies) = (Tabs::default(), Arc::new(Semaphore::new(LONG_AT_ONCE)));
    let state = AppState { engine, leptos, tabs, public_url, long_bodies };

    let operations =
        Router::new().route("/healthz", get(health::alive)).route("/readyz", get(health::ready));

    let api = Router::new()
        .route("/v1/runs", get(runs::list).post(runs::create))
        .route("/v1/runs/{id}", get(runs::show))
        .route("/v1/runs/{id}/events", get(events::of_run))
        .route("/v1/runs/events/{id}", get(events::of_run))
        .route("/v1/runs/{id}/trace", get(runs::trace))
        .route("/v1/runs/{id}/cancel", post(runs::cancel))
        .route("/v1/chat/messages", post(chat::send))
        .route("/v1/pictures/{id}", get(pictures::show))
        .route("/v1/approvals", get(approvals::list))
        .route("/v1/approvals/{id}", get(approvals::show).post(approvals::answer))
        .route("/v1/sessions", get(sessions::list))
        .route(
            "/v1/sessions/{id}",
            get(sessions::show).patch(sessions::change).delete(sessions::delete),
        )
        .route("/v1/sessions/{id}/export", get(sessions::export))
        .route("/v1/sessions/{id}/messages", get(sessions::messages))
        .route("/v1/sessions/{id}/events", get(events::of_session))
        .route("/v1/events", get(events::of_lists))
        .route("/api/admin/config", get(config::show).patch(config::change))
        .route("/api/admin/providers", get(providers::list).post(providers::create))
        .route("/api/admin/providers/test", post(providers::test))
        .route("/api/admin/providers/found", get(providers::found))
        .route(
            "/api/admin/providers/{name}",
            get(providers::show).put(providers::change).delete(providers::remove),
        )
        .route("/api/admin/agents", get(agents::list).post(agents::create))
        .route(
            "/api/admin/agents/{name}",
            get(agents::show).patch(agents::change).delete(agents::delete),
        )
        .route("/api/admin/agents/{name}/docs", get(documents::list))
        .route(
            "/api/admin/agents/{name}/docs/{document}",
            get(documents::show).put(documents::save),
        )
        .route("/api/admin/agents/{name}/docs/{document}/versions", get(documents::versions))
        .route("/api/admin/agents/{name}/grants", get(grants::list).post(grants::add))
        .route("/api/admin/agents/{name}/grants/profile", put(grants::choose))
        .route("/api/admin/agents/{name}/grants/{grant}", delete(grants::remove))
        .route("/api/admin/audit", get(audit::list))
        .route("/api/admin/audit/verify", get(audit::checked).post(audit::check))
        .route("/api/admin/status", get(status::show))
        .route("/api/admin/clean-up", post(status::clean_up))
        .route("/v1/{*rest}", any(api::not_found))
        .route("/api/{*rest}", any(api::not_found))
        .route("/fn/{*rest}", any(api::not_found))
        .method_not_allowed_fallback(api::method_not_allowed);

    let settings = Settings { secure_cookies };
    let engine = state.engine.clone();
    let provide = move || context::provide(engine.clone(), settings);
    let options = state.leptos.clone();
    let shell = move || app::shell(options.clone());
    // Leptos adds the server functions under /fn to the pages by itself.
    let pages = Router::new()
        .leptos_routes_with_context(&state, PAGES.clone(), provide.clone(), shell)
        .method_not_allowed_fallback(api::method_not_allowed)
        .layer(from_fn_with_state(state.clone(), guard::page))
        .fallback(leptos_axum::file_and_error_handler_with_context::<AppState, _>(
            provide,
            app::shell,
        ));

    operations
        .merge(api)
        .merge(pages)
        .merge(assets::routes(&state.leptos))
        .layer(from_fn(multipart::form))
        // The limit of our own counts.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(state.clone(), size::limit))
        .layer(from_fn_with_state(state.clone(), guard::request))
        .layer(from_fn(guard::headers))
        .with_state(state)
}
