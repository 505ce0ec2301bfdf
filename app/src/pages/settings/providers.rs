//! The providers that are there.

use domain::{KeyState, ProviderSource, ProviderView};
use leptos::prelude::*;

use crate::components::{Icon, Tone, When, icon};
use crate::{format, routes};

#[component]
pub(super) fn Providers(providers: Vec<ProviderView>, is_owner: bool) -> impl IntoView {
    let rows = providers.into_iter().map(|provider| view! { <Row provider is_owner/> });
    view! {
        <section class="section" aria-labelledby="providers">
            <div class="sec-h">
                <h2 id="providers">"Model providers"</h2>
                {is_owner.then(|| view! {
                    <a class="btn btn-primary" href=routes::PROVIDER_NEW>
                        {icon(Icon::Plus)} "Add a provider"
                    </a>
                })}
            </div>
            <p class="sm soft">
                "A provider is an endpoint that agents get their models from: a server on this machine or a service on the internet. A model is called by its provider's name and its own, such as "
                <span class="mono">"ollama/qwen3"</span> "."
            </p>
            <div class="panel mt">
                <div class="table-wrap">
                    <table class="table cards" role="table">
                        <caption class="vh">"Providers by name"</caption>
                        <thead role="rowgroup">
                            <tr role="row">
                                <th scope="col" role="columnheader">"Provider"</th>
                                <th scope="col" role="columnheader">"Address"</th>
                                <th scope="col" role="columnheader">"Key"</th>
                                <th scope="col" role="columnheader" class="num">"Models"</th>
                                <th scope="col" role="columnheader">"Last asked"</th>
                            </tr>
                        </thead>
                        <tbody role="rowgroup">{rows.collect_view()}</tbody>
                    </table>
                </div>
            </div>
        </section>
    }
}

#[component]
fn Row(provider: ProviderView, is_owner: bool) -> impl IntoView {
    let name = provider.name.clone();
    let name_cell = if is_owner && provider.source == ProviderSource::Stored {
        view! { <a href=routes::provider(&name)>{name.clone()}</a> }.into_any()
    } else {
        view! { <b>{name}</b> }.into_any()
    };
    let address = match provider.source {
        ProviderSource::BuiltIn => {
            view! { <span class="muted">"built in, needs no model"</span> }.into_any()
        }
        ProviderSource::Environment => {
            view! { <span class="muted">"given when the server was started"</span> }.into_any()
        }
        ProviderSource::Stored => {
            let form = provider.form.map(|form| {
                view! {
                    <br/>
                    <span class="sm muted">{form.label()}</span>
                }
            });
            view! { <span class="mono">{provider.base_url}</span> {form} }.into_any()
        }
    };
    let key = match (provider.source, provider.key) {
        (ProviderSource::Stored, KeyState::None) => {
            view! { <span class="muted">"none"</span> }.into_any()
        }
        (_, KeyState::None) => view! { <span class="muted">"–"</span> }.into_any(),
        (_, KeyState::Set) => {
            let set_at = provider.key_set_at.map(|at| view! { <When at/> });
            view! { "set " {set_at} }.into_any()
        }
        (_, KeyState::Locked) => view! {
            <span class="status" data-tone=Tone::Bad.as_str()>
                {icon(Icon::Warn)} "does not open, enter it again"
            </span>
        }
        .into_any(),
    };
    view! {
        <tr role="row">
            <td role="cell" class="main-cell">{name_cell}</td>
            <td role="cell" data-label="Address">{address}</td>
            <td role="cell" data-label="Key">{key}</td>
            <td role="cell" class="num" data-label="Models">
                {format::number(provider.models.len() as u64)}
            </td>
            <td role="cell" class="nowrap" data-label="Last asked">
                {match provider.models_at {
                    Some(at) => view! { <When at/> }.into_any(),
                    None => view! { <span class="muted">"not yet"</span> }.into_any(),
                }}
            </td>
        </tr>
    }
}
