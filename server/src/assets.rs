//! The browser's half of the product: files with a hash in their name, which
//! never change and so are kept for ever.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use http::header::{CACHE_CONTROL, HeaderValue};
use leptos::config::{LeptosOptions, get_configuration};
use tower::ServiceBuilder;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::router::AppState;

/// Files made at build time, compressed there once.
pub(crate) fn routes(options: &LeptosOptions) -> Router<AppState> {
    let folder = Path::new(&*options.site_root).join(&*options.site_pkg_dir);
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    let files = ServiceBuilder::new()
        .layer(SetResponseHeaderLayer::if_not_present(CACHE_CONTROL, forever))
        .service(ServeDir::new(folder).precompressed_br().precompressed_gzip());
    // Browsers ask for the icon on every page, and its name has no hash.
    let day = HeaderValue::from_static("public, max-age=86400");
    let icon = ServiceBuilder::new()
        .layer(SetResponseHeaderLayer::if_not_present(CACHE_CONTROL, day))
        .service(ServeFile::new(Path::new(&*options.site_root).join("favicon.svg")));
    Router::new()
        .nest_service(&format!("/{}", options.site_pkg_dir), files)
        .route_service("/favicon.svg", icon)
}

/// The Leptos options: `Leptos.toml` beside the working directory, with the
/// variables that `cargo leptos` sets over it; the shipped defaults without it.
pub fn leptos_options() -> anyhow::Result<LeptosOptions> {
    let file = Path::new("Leptos.toml");
    let mut options = if file.exists() {
        get_configuration(Some("Leptos.toml"))?.leptos_options
    } else {
        let site_root = std::env::var("LEPTOS_SITE_ROOT");
        LeptosOptions::builder()
            .output_name("openclawssy")
            .site_root(site_root.unwrap_or_else(|_| "target/site".to_owned()))
            .site_addr(([127, 0, 0, 1], 8080))
            .hash_files(true)
            .build()
    };
    options.site_root = Arc::from(site_root(&options.site_root).to_string_lossy());
    Ok(options)
}

/// The folder of the assets: as configured, or else beside the binary, so that
/// the binary can be started from anywhere.
fn site_root(configured: &str) -> PathBuf {
    let configured = PathBuf::from(configured);
    if configured.is_dir() {
        return configured;
    }
    let beside = std::env::current_exe().ok().and_then(|binary| {
        let folder = binary.parent()?.to_owned();
        [folder.join("site"), folder.join("../site")].into_iter().find(|site| site.is_dir())
    });
    beside.unwrap_or(configured)
}
