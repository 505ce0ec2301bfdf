//! One agent: making it, editing it, disabling and deleting it.

mod choices;
mod danger;
mod documents;
mod fields;
mod grants;

use domain::{FaultCode, FormNote};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_params_map;

use self::danger::Danger;
use self::documents::Documents;
use self::fields::Fields;
use self::grants::Grants;
use super::agents::AgentState;
use crate::ApiError;
use crate::api::agents::{
    AgentPage, CreateAgent, EditAgent, SetAgentStatus, read_agent, read_models,
};
use crate::api::notes::take_note;
use crate::components::{
    Fact, FormNotice, FormState, Icon, Moment, Notice, PageTitle, Refused, Tone, When, form_action,
    icon,
};
use crate::{format, routes};

/// The page of an agent that is not there yet.
#[component]
pub(crate) fn NewAgent() -> impl IntoView {
    let models = OnceResource::new(read_models());
    let note = OnceResource::new(take_note());
    view! {
        <PageTitle text="New agent"/>
        <div class="page">
            <header class="page-head"><h1>"New agent"</h1></header>
            <Suspense>
                {move || Suspend::new(async move {
                    let note = note.await.ok().flatten();
                    let action = form_action::<CreateAgent>();
                    let state = FormState::new("agent-new", action, note);
                    match models.await {
                        Ok(models) => view! {
                            <section class="panel panel-b">
                                <ActionForm action attr:class="form">
                                    <FormNotice state/>
                                    <Fields state models record=None/>
                                    <div class="actions">
                                        <button
                                            class="btn btn-primary"
                                            type="submit"
                                            disabled=action.pending()
                                        >
                                            "Make the agent"
                                        </button>
                                        <a class="btn" href=routes::AGENTS>"Cancel"</a>
                                    </div>
                                </ActionForm>
                            </section>
                        }
                        .into_any(),
                        Err(error) => view! { <Refused fault=error.0/> }.into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
}

/// The page of one agent.
#[component]
pub(crate) fn Agent() -> impl IntoView {
    let params = use_params_map();
    let name = Memo::new(move |_| params.with(|params| params.get("agent")).unwrap_or_default());
    let page = Resource::new(move || name.get(), read_agent);
    let note = OnceResource::new(take_note());
    view! {
        <div class="page">
            <Transition>
                {move || Suspend::new(async move {
                    let note = note.await.ok().flatten();
                    let read = page.await;
                    move || match read.clone() {
                        Ok(read) => view! { <Body read note=note.clone() page/> }.into_any(),
                        Err(error) => view! {
                            <PageTitle text="Agent"/>
                            <h1>"Agent"</h1>
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
fn Body(
    read: AgentPage,
    note: Option<FormNote>,
    page: Resource<Result<AgentPage, ApiError>>,
) -> impl IntoView {
    let AgentPage { record, models, documents, grants } = read;
    let name = record.row.agent.name.clone();
    let status = record.row.agent.status;
    let editing = form_action::<EditAgent>();
    let state = FormState::new("agent-edit", editing, note.clone());
    let switching = form_action::<SetAgentStatus>();
    let seen = RwSignal::new(record.updated_at);
    let stale_name = StoredValue::new(name.to_string());
    Effect::new(move || {
        let Some(Err(ApiError(fault))) = editing.value().get() else { return };
        // Whoever saves again after the warning means it.
        if fault.code == FaultCode::EditStale {
            spawn_local(async move {
                let Some(name) = stale_name.try_get_value() else { return };
                if let Ok(fresh) = read_agent(name).await {
                    seen.try_set(fresh.record.updated_at);
                }
            });
        }
    });
    let saved = RwSignal::new(false);
    Effect::new(move || {
        let edited = matches!(editing.value().get(), Some(Ok(())));
        saved.set(edited);
        if edited {
            spawn_local(async move {
                let Some(name) = stale_name.try_get_value() else { return };
                if let Ok(fresh) = read_agent(name).await {
                    seen.try_set(fresh.record.updated_at);
                }
            });
        }
    });
    Effect::new(move || {
        if matches!(switching.value().get(), Some(Ok(()))) {
            page.refetch();
        }
    });
    let chat = routes::chat_with(&name);
    let edited = name.to_string();
    let (form, facts) = (record.clone(), record.clone());
    view! {
        <PageTitle text=name.to_string()/>
        <header class="page-head">
            <h1>{name.to_string()}</h1>
            <AgentState status/>
            <div class="actions">
                <a class="btn" href=routes::AGENTS>"All agents"</a>
                {(status == domain::AgentStatus::Active).then(|| view! {
                    <a class="btn btn-primary" href=chat>{icon(Icon::Chat)} "Chat"</a>
                })}
            </div>
        </header>
        {(status == domain::AgentStatus::Disabled).then(|| view! {
            <Notice tone=Tone::Wait>
                <div>"This agent is disabled and takes no messages. Its sessions stay readable. Enable it below."</div>
            </Notice>
        })}
        <div class="cols section">
            <section class="panel" aria-labelledby="edit">
                <header class="panel-h"><h2 id="edit">"Edit"</h2></header>
                <div class="panel-b">
                    <ActionForm action=editing attr:class="form">
                        <FormNotice state/>
                        {move || saved.get().then(|| view! {
                            <Notice tone=Tone::Ok><div>"Saved. It counts from the next run on."</div></Notice>
                        })}
                        <input type="hidden" name="agent" value=edited/>
                        <input type="hidden" name="seen" value=move || seen.get().to_string()/>
                        <Fields state models record=Some(form)/>
                        <div class="actions">
                            <button class="btn btn-primary" type="submit" disabled=editing.pending()>
                                "Save"
                            </button>
                        </div>
                    </ActionForm>
                </div>
            </section>
            <div class="stack">
                <section class="panel" aria-labelledby="facts">
                    <header class="panel-h"><h2 id="facts">"Facts"</h2></header>
                    <div class="panel-b">
                        <dl class="facts">
                            <Fact name="Answers by"><span class="mono">{facts.row.agent.model.clone()}</span></Fact>
                            <Fact name="Works in"><span class="mono">{facts.path.clone()}</span></Fact>
                            {(!facts.shared_with.is_empty()).then(|| {
                                let others = facts.shared_with.iter().map(ToString::to_string);
                                let others = others.collect::<Vec<_>>().join(", ");
                                view! { <Fact name="Shared with">{others}</Fact> }
                            })}
                            <Fact name="Sessions">{format::number(facts.row.sessions)}</Fact>
                            <Fact name="Runs in 30 days">{format::number(facts.row.runs)}</Fact>
                            <Fact name="Made"><When at=facts.created_at show=Moment::Full/></Fact>
                            <Fact name="Changed"><When at=facts.updated_at show=Moment::Full/></Fact>
                        </dl>
                    </div>
                </section>
                <Documents agent=name.clone() documents/>
                <Danger record switching note=note.clone()/>
            </div>
        </div>
        <Grants agent=name first=grants note/>
    }
}
