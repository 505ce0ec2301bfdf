//! One session: its title, its place, its export and its end.

use domain::{FormNote, SessionState, SessionView};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::api::notes::take_note;
use crate::api::sessions::{ArchiveSession, DeleteSession, RenameSession, read_session};
use crate::components::{
    Fact, FormNotice, FormState, Icon, Moment, PageTitle, Refused, When, form_action, icon,
};
use crate::routes;

/// What can be changed about a session.
#[component]
pub(crate) fn SessionSettings() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("session")).unwrap_or_default());
    let renaming = form_action::<RenameSession>();
    let archiving = form_action::<ArchiveSession>();
    let session = Resource::new(
        move || (id.get(), renaming.version().get(), archiving.version().get()),
        |(id, ..)| read_session(id),
    );
    let note = OnceResource::new(take_note());
    view! {
        <div class="page page-narrow">
            <Transition>
                {move || Suspend::new(async move {
                    let note = note.await.ok().flatten();
                    match session.await {
                        Ok(session) => view! { <Body session note renaming archiving/> }.into_any(),
                        Err(error) => view! {
                            <PageTitle text="Session"/>
                            <header class="page-head"><h1>"Session"</h1></header>
                            <Refused fault=error.0/>
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
    session: SessionView,
    note: Option<FormNote>,
    renaming: ServerAction<RenameSession>,
    archiving: ServerAction<ArchiveSession>,
) -> impl IntoView {
    let id = session.id;
    let deleting = form_action::<DeleteSession>();
    let rename = FormState::new("rename_session", renaming, note.clone());
    let archive = FormState::new("archive_session", archiving, note.clone());
    let delete = FormState::new("delete_session", deleting, note);
    let is_archived = session.state == SessionState::Archived;
    let invalid = rename.error("title");
    let title = rename.typed("title").unwrap_or_else(|| session.title.clone());
    view! {
        <PageTitle text=session.title.clone()/>
        <header class="page-head">
            <nav class="crumbs" aria-label="Breadcrumb">
                <ol>
                    <li><a href=routes::SESSIONS>"Sessions"</a></li>
                    <li aria-current="page">{id.to_string()}</li>
                </ol>
            </nav>
            <h1>{session.title}</h1>
            <div class="actions">
                <a class="btn" href=routes::session(id)>{icon(Icon::Chat)} "Open the session"</a>
            </div>
        </header>
        <section class="panel" aria-labelledby="rename">
            <header class="panel-h"><h2 id="rename">"Title"</h2></header>
            <div class="panel-b">
                <ActionForm action=renaming attr:class="form">
                    <FormNotice state=rename/>
                    <input type="hidden" name="session" value=id.to_string()/>
                    <div class="field">
                        <label for="title">"Title"</label>
                        <input
                            id="title"
                            name="title"
                            maxlength="120"
                            required
                            autocomplete="off"
                            value=title
                            aria-invalid=move || invalid.with(Option::is_some).then_some("true")
                        />
                    </div>
                    <p>
                        <button class="btn" type="submit" disabled=renaming.pending()>"Rename"</button>
                    </p>
                </ActionForm>
            </div>
        </section>
        <section class="panel section" aria-labelledby="place">
            <header class="panel-h"><h2 id="place">"Archive and export"</h2></header>
            <div class="panel-b form">
                <dl class="facts">
                    <Fact name="Agent">{session.agent}</Fact>
                    <Fact name="Began"><When at=session.created_at show=Moment::Full/></Fact>
                    <Fact name="Last spoken in"><When at=session.updated_at show=Moment::Full/></Fact>
                    <Fact name="Place">{if is_archived { "archived" } else { "in the list" }}</Fact>
                </dl>
                <FormNotice state=archive/>
                <div class="actions">
                    <ActionForm action=archiving>
                        <input type="hidden" name="session" value=id.to_string()/>
                        <input type="hidden" name="archived" value=(!is_archived).to_string()/>
                        <button class="btn" type="submit" disabled=archiving.pending()>
                            {if is_archived { "Back to the list" } else { "Archive" }}
                        </button>
                    </ActionForm>
                    <a class="btn" rel="external" download href=routes::session_export(id, "md")>
                        "Export as Markdown"
                    </a>
                    <a class="btn" rel="external" download href=routes::session_export(id, "json")>
                        "Export as JSON"
                    </a>
                </div>
            </div>
        </section>
        <section class="panel section" aria-labelledby="delete">
            <header class="panel-h"><h2 id="delete">"Delete"</h2></header>
            <div class="panel-b">
                <ActionForm action=deleting attr:class="form">
                    <FormNotice state=delete/>
                    <input type="hidden" name="session" value=id.to_string()/>
                    <p class="sm">
                        "The session goes with all its messages and runs; what works in it is stopped. Files that its agent wrote stay in the agent's folder."
                    </p>
                    <label class="check">
                        <input type="checkbox" name="sure" value="yes" required/>
                        <span>"Yes, delete this session"</span>
                    </label>
                    <p>
                        <button class="btn btn-danger" type="submit" disabled=deleting.pending()>
                            "Delete the session"
                        </button>
                    </p>
                </ActionForm>
            </div>
        </section>
    }
}
