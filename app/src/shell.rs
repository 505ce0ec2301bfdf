//! The HTML document, and the root of what is in it.

mod hydration;

use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags, provide_meta_context};
use leptos_router::components::Router;

use self::hydration::Hydration;
use crate::components::Sprite;
use crate::routes::Pages;

/// The document that the server sends around every page.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta
                    name="viewport"
                    content="width=device-width, initial-scale=1, interactive-widget=resizes-content"
                />
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" content="#f6f6f8" media="(prefers-color-scheme: light)"/>
                <meta name="theme-color" content="#0d0e11" media="(prefers-color-scheme: dark)"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <HashedStylesheet id="style" options=options.clone()/>
                <AutoReload options=options.clone()/>
                <Hydration options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Everything inside the body; the browser takes over from here.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Sprite/>
        <Router>
            <Pages/>
        </Router>
    }
}
