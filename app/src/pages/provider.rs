//! One provider, new or there already.

use domain::{FormNote, KeyState, PresetView, ProviderForm, ProviderPage, ProviderView};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::ApiError;
use crate::api::notes::take_note;
use crate::api::providers::{
    AddProvider, ChangeProvider, RemoveProvider, TestProvider, read_provider,
};
use crate::components::{
    Choice, Field, FormNotice, FormState, Moment, Notice, PageTitle, Refused, Tone, When,
    form_action,
};
use crate::{format, routes};

const NEW_KEY: &str =
    "It is encrypted on the server and never shown again. A server on this machine needs none.";
const OTHER_KEY: &str =
    "It is encrypted on the server and never shown again. Left empty, the key stays as it is.";

/// The form of a new provider.
#[component]
pub(crate) fn NewProvider() -> impl IntoView {
    let page = OnceResource::new(read_provider(String::new()));
    let note = OnceResource::new(take_note());
    let query = use_query_map();
    let asked = move |field: &str| query.with_untracked(|query| query.get(field));
    view! {
        <PageTitle text="New provider"/>
        <div class="page page-narrow">
            <header class="page-head">
                <h1>"New provider"</h1>
                <div class="actions"><a class="btn" href=routes::SETTINGS>"Settings"</a></div>
            </header>
            <Suspense>
                {move || Suspend::new(async move {
                    let note = note.await.ok().flatten();
                    match page.await {
                        Ok(ProviderPage { presets, .. }) => {
                            let action = form_action::<AddProvider>();
                            let state = FormState::new("provider-new", action, note);
                            view! {
                                <section class="panel section">
                                    <div class="panel-b">
                                        <ActionForm action attr:class="form">
                                            <FormNotice state/>
                                            <Field
                                                state
                                                name="name"
                                                label="Name"
                                                autocomplete="off"
                                                value=asked("name").unwrap_or_default()
                                                hint="Small letters, digits, '-', '_' and '.'. Models are called by it: name/model."
                                            />
                                            <Fields
                                                state
                                                presets
                                                preset=asked("preset").unwrap_or_else(|| "ollama".to_owned())
                                                form=None
                                                base_url=asked("base_url").unwrap_or_default()
                                                key_hint=NEW_KEY
                                            />
                                            <div class="actions">
                                                <button class="btn btn-primary" type="submit" disabled=action.pending()>
                                                    "Add"
                                                </button>
                                            </div>
                                        </ActionForm>
                                    </div>
                                </section>
                            }
                            .into_any()
                        }
                        Err(error) => view! { <Refused fault=error.0/> }.into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
}

/// A provider that was added.
#[component]
pub(crate) fn Provider() -> impl IntoView {
    let params = use_params_map();
    let name = Memo::new(move |_| params.with(|params| params.get("provider")).unwrap_or_default());
    let page = Resource::new(move || name.get(), read_provider);
    let note = OnceResource::new(take_note());
    // Out here, so that what they answered outlives a fresh reading.
    let actions = Actions {
        editing: form_action::<ChangeProvider>(),
        testing: form_action::<TestProvider>(),
        removing: form_action::<RemoveProvider>(),
    };
    Effect::new(move || {
        let saved = matches!(actions.editing.value().get(), Some(Ok(())));
        let tested = matches!(actions.testing.value().get(), Some(Ok(_)));
        if saved || tested {
            page.refetch();
        }
    });
    view! {
        <div class="page">
            <Transition>
                {move || Suspend::new(async move {
                    let note = note.await.ok().flatten();
                    match page.await {
                        Ok(ProviderPage { provider: Some(provider), presets }) => {
                            view! { <Body provider presets note actions/> }.into_any()
                        }
                        Ok(_) => ().into_any(),
                        Err(error) => view! {
                            <PageTitle text="Provider"/>
                            <h1>"Provider"</h1>
                            <Refused fault=error.0/>
                            <p class="mt"><a href=routes::SETTINGS>"Settings"</a></p>
                        }
                        .into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

/// What can be done here.
#[derive(Clone, Copy)]
struct Actions {
    editing: ServerAction<ChangeProvider>,
    testing: ServerAction<TestProvider>,
    removing: ServerAction<RemoveProvider>,
}

#[component]
fn Body(
    provider: ProviderView,
    presets: Vec<PresetView>,
    note: Option<FormNote>,
    actions: Actions,
) -> impl IntoView {
    let name = provider.name.clone();
    let Actions { editing, testing, removing } = actions;
    let state = FormState::new("provider-edit", editing, note.clone());
    let removal = FormState::new("provider-remove", removing, note.clone());
    let saved = move || matches!(editing.value().get(), Some(Ok(())));
    let has_key = provider.key != KeyState::None;
    let removes = state.typed("remove_key").is_some_and(|word| !word.is_empty());
    let (preset, base_url) = (provider.preset.clone(), provider.base_url.clone());
    let form = provider.form;
    let locked = provider.key == KeyState::Locked;
    let (edited, tested, removed) = (name.clone(), name.clone(), name.clone());
    view! {
        <PageTitle text=name.clone()/>
        <header class="page-head">
            <h1>{name.clone()}</h1>
            <div class="actions">
                <a class="btn" href=routes::SETTINGS>"Settings"</a>
                <ActionForm action=testing>
                    <input type="hidden" name="provider" value=tested/>
                    // Not before what is being saved can be tested.
                    <button
                        class="btn btn-primary"
                        type="submit"
                        disabled=move || testing.pending().get() || editing.pending().get()
                    >
                        "Test the connection"
                    </button>
                </ActionForm>
            </div>
        </header>
        <Outcome testing note/>
        {locked.then(|| view! {
            <Notice tone=Tone::Bad>
                <div>"The stored key cannot be opened with the server's key file any more. Enter it again."</div>
            </Notice>
        })}
        <div class="cols section">
            <section class="panel" aria-labelledby="edit">
                <header class="panel-h"><h2 id="edit">"Edit"</h2></header>
                <div class="panel-b">
                    <ActionForm action=editing attr:class="form">
                        <FormNotice state/>
                        {move || saved().then(|| view! {
                            <Notice tone=Tone::Ok><div>"Saved. It counts from the next run on."</div></Notice>
                        })}
                        <input type="hidden" name="provider" value=edited/>
                        <Fields state presets preset form base_url key_hint=OTHER_KEY/>
                        {has_key.then(|| view! {
                            <label class="check">
                                <input type="checkbox" name="remove_key" value="yes" checked=removes/>
                                <span>"Remove the key"</span>
                            </label>
                        })}
                        <div class="actions">
                            <button class="btn btn-primary" type="submit" disabled=editing.pending()>"Save"</button>
                        </div>
                    </ActionForm>
                </div>
            </section>
            <div class="stack">
                <Models provider/>
                <section class="panel" aria-labelledby="remove">
                    <header class="panel-h"><h2 id="remove">"Remove"</h2></header>
                    <div class="panel-b">
                        <ActionForm action=removing attr:class="form">
                            <FormNotice state=removal/>
                            <p class="sm soft">"Its key goes with it. Agents that use it have to get another model first."</p>
                            <input type="hidden" name="provider" value=removed/>
                            <div class="actions">
                                <button class="btn btn-danger" type="submit" disabled=removing.pending()>
                                    "Remove " {name}
                                </button>
                            </div>
                        </ActionForm>
                    </div>
                </section>
            </div>
        </div>
    }
}

/// What came of the connection test: the action's answer, or what its note says.
#[component]
fn Outcome(testing: ServerAction<TestProvider>, note: Option<FormNote>) -> impl IntoView {
    let noted = note.filter(|note| note.form == "provider-test").map(|note| {
        let ok = note.values.get("outcome").is_some_and(|outcome| outcome == "ok");
        (ok, note.message)
    });
    let said = move || match testing.value().get() {
        Some(Ok(check)) => {
            let ok = check.outcome == domain::CheckOutcome::Ok;
            Some((ok, format!("{} ({} ms)", check.message, check.took_ms)))
        }
        Some(Err(ApiError(fault))) => Some((false, fault.message)),
        None => noted.clone(),
    };
    move || {
        said().map(|(ok, sentence)| {
            let tone = if ok { Tone::Ok } else { Tone::Bad };
            view! { <Notice tone><div>{sentence}</div></Notice> }
        })
    }
}

#[component]
fn Models(provider: ProviderView) -> impl IntoView {
    let name = provider.name;
    let count = provider.models.len() as u64;
    let names = provider.models.into_iter();
    let names = names.map(|model| view! { <li class="mono">{format!("{name}/{model}")}</li> });
    view! {
        <section class="panel" aria-labelledby="offered">
            <header class="panel-h"><h2 id="offered">"Models"</h2></header>
            <div class="panel-b">
                {match provider.models_at {
                    Some(at) => view! {
                        <p class="sm soft">
                            {format::count(count, "model")} ", as it said at " <When at show=Moment::Full/>
                        </p>
                        <ul class="model-list">{names.collect_view()}</ul>
                    }
                    .into_any(),
                    None => view! {
                        <p class="sm soft">"Test the connection, and its models are listed here and offered where one is chosen."</p>
                    }
                    .into_any(),
                }}
            </div>
        </section>
    }
}

/// What is typed about a provider, new or there already.
#[component]
fn Fields(
    state: FormState,
    presets: Vec<PresetView>,
    preset: String,
    form: Option<ProviderForm>,
    base_url: String,
    key_hint: &'static str,
) -> impl IntoView {
    // A form that is the one of its kind goes on following it.
    let of_kind = presets.iter().find(|known| known.id == preset).map(|known| known.form);
    let form = form.filter(|form| of_kind != Some(*form)).map_or("", ProviderForm::as_str);
    let mut forms = vec![(String::new(), "The one of its kind".to_owned())];
    forms.extend(ProviderForm::ALL.iter().map(|f| (f.to_string(), f.label().to_owned())));
    let pages = presets.iter().filter_map(|preset| {
        let page = preset.key_page.clone()?;
        Some(view! { <li><a href=page rel="noreferrer">{preset.label.clone()}</a></li> })
    });
    let pages = pages.collect_view();
    let options = presets.into_iter().map(|preset| {
        let address = if preset.base_url.is_empty() { "any address" } else { &preset.base_url };
        let shown = format!("{} ({address})", preset.label);
        (preset.id, shown)
    });
    view! {
        <Choice state name="preset" label="Kind" options=options.collect() value=preset/>
        <Choice
            state
            name="form"
            label="Form"
            options=forms
            value=form
            hint="The language that the endpoint speaks. Another than its kind's is needed only for a gateway that speaks it."
        />
        <Field
            state
            name="base_url"
            label="Address"
            autocomplete="off"
            required=false
            value=base_url
            hint="Up to and with the version, most often /v1. Left empty, it is the one of its kind."
        />
        <Field
            state
            name="key"
            label="Key"
            kind="password"
            autocomplete="off"
            required=false
            hint=key_hint
        />
        <details>
            <summary class="sm">"Where to get a key"</summary>
            <ul class="sm">{pages}</ul>
        </details>
    }
}
