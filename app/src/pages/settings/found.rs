//! Model servers that answer on this machine.

use domain::FoundServer;
use leptos::prelude::*;

use crate::components::{Notice, Tone};
use crate::{format, routes};

#[component]
pub(super) fn Found(found: Vec<FoundServer>) -> impl IntoView {
    let offer = |server: FoundServer| {
        let href = routes::provider_new(&server.preset, &server.name, &server.base_url);
        view! {
            <div class="mt">
                <Notice tone=Tone::Ok>
                    <div class="offer">
                        <span>
                            "Found on this machine: " <b>{server.label}</b> " at "
                            <span class="mono">{server.base_url}</span> ", with "
                            {format::count(server.models as u64, "model")} "."
                        </span>
                        <a class="btn btn-sm" href=href>"Add " {server.name}</a>
                    </div>
                </Notice>
            </div>
        }
    };
    found.into_iter().map(offer).collect_view()
}
