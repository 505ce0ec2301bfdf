//! A prompt document of an agent: its text, its history, and what changed.

mod changes;
mod history;
mod version;

use domain::{FaultCode, FormNote};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::{use_params_map, use_query_map};

use self::changes::Changes;
use self::history::History;
use self::version::Version;
use crate::ApiError;
use crate::api::documents::{DocumentPage, DocumentQuery, SaveDocument, read_document};
use crate::api::notes::take_note;
use crate::components::{
    Area, Fact, FormNotice, FormState, Moment, PageTitle, Refused, When, form_action,
};
use crate::{format, routes};

/// The page of a prompt document.
#[component]
pub(crate) fn Document() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let asked = Memo::new(move |_| {
        let part = |name: &str| params.with(|params| params.get(name)).unwrap_or_default();
        let field =
            |name: &str| query.with(|query| query.get(name)).filter(|text| !text.is_empty());
        let query =
            DocumentQuery { version: field("version"), from: field("from"), to: field("to") };
        (part("agent"), part("document"), query)
    });
    let page = Resource::new(
        move || asked.get(),
        |(agent, document, query)| read_document(agent, document, query),
    );
    let note = OnceResource::new(take_note());
    view! {
        <div class="page">
            <Transition>
                {move || Suspend::new(async move {
                    let note = note.await.ok().flatten();
                    match page.await {
                        Ok(page) => view! { <Body page note/> }.into_any(),
                        Err(error) => view! {
                            <PageTitle text="Prompt document"/>
                            <h1>"Prompt document"</h1>
                            <Refused fault=error.0/>
                            <p class="mt"><a href=routes::AGENTS>"All agents"</a></p>
                        }
                        .into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

#[component]
fn Body(page: DocumentPage, note: Option<FormNote>) -> impl IntoView {
    let DocumentPage { agent, newest, versions, shown, diff } = page;
    let name = newest.view.name;
    let (facts, versions) = (RwSignal::new(newest.view), RwSignal::new(versions));
    let seen = Signal::derive(move || facts.with(|view| view.version));
    let saving = form_action::<SaveDocument>();
    let state = FormState::new("doc-save", saving, note.clone());
    let whose = StoredValue::new(agent.to_string());
    let saved = RwSignal::new(false);
    Effect::new(move || {
        let Some(answer) = saving.value().get() else { return };
        saved.set(answer.is_ok());
        // Whoever saves again after the warning that somebody else was quicker
        // means it.
        let stale = |error: ApiError| error.0.code == FaultCode::EditStale;
        if answer.map_or_else(stale, |()| true) {
            spawn_local(async move {
                let Some(agent) = whose.try_get_value() else { return };
                let query = DocumentQuery::default();
                if let Ok(fresh) = read_document(agent, name.to_string(), query).await {
                    facts.try_set(fresh.newest.view);
                    versions.try_set(fresh.versions);
                }
            });
        }
    });
    let (page, edited) = (routes::agent(&agent), agent.to_string());
    view! {
        <PageTitle text=format!("{name} of {agent}")/>
        <header class="page-head">
            <nav class="crumbs" aria-label="Breadcrumb">
                <ol>
                    <li><a href=routes::AGENTS>"Agents"</a></li>
                    <li><a href=page>{agent.to_string()}</a></li>
                    <li aria-current="page">{name.as_str()}</li>
                </ol>
            </nav>
            <h1>{name.as_str()}</h1>
            <p class="lede">{name.purpose()}</p>
        </header>
        <div class="stack">
            {shown.map(|shown| {
                view! { <Version agent=agent.clone() shown diff=diff.clone() seen note=note.clone()/> }
                    .into_any()
            })
            .or_else(|| diff.map(|diff| view! { <Changes diff/> }.into_any()))}
            <div class="cols">
                <section class="panel" aria-labelledby="text">
                    <header class="panel-h"><h2 id="text">"Newest version"</h2></header>
                    <div class="panel-b">
                        <ActionForm action=saving attr:class="form">
                            <FormNotice state/>
                            <input type="hidden" name="agent" value=edited/>
                            <input type="hidden" name="document" value=name.as_str()/>
                            <input type="hidden" name="seen" value=move || seen.get().to_string()/>
                            <Area
                                state
                                name="content"
                                label="Text"
                                rows=20
                                value=newest.content
                                hint="Plain text or Markdown, at most 64 KiB. Empty, the model is told nothing of it."
                            />
                            <div class="actions">
                                <button class="btn btn-primary" type="submit" disabled=saving.pending()>
                                    "Save"
                                </button>
                                <span class="sm soft" role="status">
                                    {move || saved.get().then_some("Saved. It counts from the next run on.")}
                                </span>
                            </div>
                        </ActionForm>
                    </div>
                </section>
                <div class="stack">
                    <section class="panel" aria-labelledby="facts">
                        <header class="panel-h"><h2 id="facts">"Facts"</h2></header>
                        <div class="panel-b">
                            <dl class="facts">
                                <Fact name="Version">{move || format::number(seen.get())}</Fact>
                                <Fact name="Size">{move || format::bytes(facts.with(|view| view.bytes))}</Fact>
                                <Fact name="For a model">
                                    "about "
                                    {move || format::count(u64::from(facts.with(|view| view.tokens)), "token")}
                                </Fact>
                                <Fact name="Saved">
                                    {move || match facts.with(|view| view.saved.clone()) {
                                        Some(saved) => view! {
                                            <When at=saved.at show=Moment::Full/>
                                            " by "
                                            {saved.by.to_string()}
                                        }
                                        .into_any(),
                                        None => view! { "not yet" }.into_any(),
                                    }}
                                </Fact>
                            </dl>
                        </div>
                    </section>
                    <History agent name versions/>
                </div>
            </div>
        </div>
    }
}
