//! The frame around every page of the dashboard: where a person is, where they
//! can go, and who they are.

use domain::{Role, UserView};
use leptos::form::ActionForm;
use leptos::html::Details;
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_location;

use super::{Icon, form_action, icon};
use crate::ApiError;
use crate::api::account::{SignOut, me};
use crate::api::approvals::read_questions;
use crate::live::{Stirred, drafts};
use crate::routes::{
    AGENTS, APPROVALS, AUDIT, CHAT, HEALTH, HELP, LOGIN, OVERVIEW, RUNS, SESSIONS, SETTINGS,
};

/// A place in the navigation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Overview,
    Chat,
    Sessions,
    Runs,
    Approvals,
    Agents,
    Audit,
    Settings,
    Help,
    Health,
}

/// The places that stand at the foot of a narrow screen.
const FIRST: [Place; 4] = [Place::Overview, Place::Chat, Place::Sessions, Place::Runs];

/// The places that come after them, behind "More" where it is narrow.
const FURTHER: [Place; 4] = [Place::Approvals, Place::Agents, Place::Health, Place::Settings];

impl Place {
    const fn parts(self) -> (&'static str, &'static str, Icon) {
        match self {
            Self::Overview => (OVERVIEW, "Overview", Icon::Overview),
            Self::Chat => (CHAT, "Chat", Icon::Chat),
            Self::Sessions => (SESSIONS, "Sessions", Icon::Sessions),
            Self::Runs => (RUNS, "Runs", Icon::Runs),
            Self::Approvals => (APPROVALS, "Approvals", Icon::Approvals),
            Self::Agents => (AGENTS, "Agents", Icon::Agents),
            Self::Audit => (AUDIT, "Audit", Icon::Audit),
            Self::Settings => (SETTINGS, "Settings", Icon::Settings),
            Self::Help => (HELP, "Help", Icon::Help),
            Self::Health => (HEALTH, "Health", Icon::Health),
        }
    }

    fn of(path: &str) -> Self {
        match path.split('/').nth(1) {
            Some("chat") => Self::Chat,
            Some("sessions") => Self::Sessions,
            Some("runs") => Self::Runs,
            Some("approvals") => Self::Approvals,
            Some("agents") => Self::Agents,
            Some("audit") => Self::Audit,
            Some("settings") => Self::Settings,
            Some("help") => Self::Help,
            Some("health") => Self::Health,
            _ => Self::Overview,
        }
    }
}

/// The frame; the page itself comes in by its outlet.
#[component]
pub(crate) fn Layout() -> impl IntoView {
    let path = use_location().pathname;
    let place = Memo::new(move |_| path.with(|path| Place::of(path)));
    // The chat fills the screen, so the navigation makes room for its panes.
    let in_chat = move || place.get() == Place::Chat;
    let user = OnceResource::new(me());
    let stirred = Stirred::provide();
    // Who signs out is at the login before this is gone, and must not ask again.
    let here = Memo::new(move |before: Option<&String>| match before {
        Some(before) if path.with(|path| path == LOGIN) => before.clone(),
        _ => path.get(),
    });
    // Pages that follow nothing are at least right when they are opened.
    let questions = Resource::new(move || (here.get(), stirred.count()), |_| read_questions());
    let more = NodeRef::<Details>::new();
    view! {
        <div
            class=move || if in_chat() { "shell shell-fixed" } else { "shell" }
            data-nav=move || in_chat().then_some("rail")
        >
            // For the browser alone: the router would move the page, not the focus.
            <a class="skip" rel="external" href=move || if in_chat() { "#message" } else { "#main" }>
                {move || if in_chat() { "Skip to the message" } else { "Skip to content" }}
            </a>
            <header class="topbar"><Brand/></header>
            <nav class="sidebar" aria-label="Main">
                <Brand/>
                <ul>
                    {FIRST.map(|here| view! { <li><Link here place class="nav-a"/></li> })}
                    {FURTHER.map(|here| view! {
                        <li>
                            <Link here place class="nav-a">
                                {(here == Place::Approvals).then(|| view! { <Waiting questions/> })}
                            </Link>
                        </li>
                    })}
                    <ForOwners user place/>
                </ul>
                <div class="sidebar-foot">
                    <Link here=Place::Help place class="nav-a"/>
                    <Account user/>
                </div>
            </nav>
            <main class="main" id="main"><Outlet/></main>
            <nav class="tabbar" aria-label="Main, narrow">
                {FIRST.map(|here| view! { <Link here place class="tab-a"/> })}
                <details node_ref=more>
                    <summary>{icon(Icon::More)} <span>"More"</span> <Waiting questions/></summary>
                    <div class="sheet">
                        <ul on:click=move |_| close(more)>
                            {FURTHER.map(|here| view! {
                                <li>
                                    <Link here place class="nav-a">
                                        {(here == Place::Approvals).then(|| view! { <Waiting questions/> })}
                                    </Link>
                                </li>
                            })}
                            <ForOwners user place/>
                            <li><Link here=Place::Help place class="nav-a"/></li>
                        </ul>
                        <Account user/>
                    </div>
                </details>
            </nav>
        </div>
    }
}

/// With scripts the frame stays where a link leads to, and so would the sheet.
fn close(more: NodeRef<Details>) {
    if let Some(more) = more.get_untracked() {
        // It fails for a name that is none.
        let _ = more.remove_attribute("open");
    }
}

#[component]
fn Brand() -> impl IntoView {
    view! {
        <a class="brand" href=OVERVIEW aria-label="Openclawssy, overview">
            {icon(Icon::Claw)}
            <span>"Openclawssy"</span>
        </a>
    }
}

#[component]
fn Link(
    here: Place,
    place: Memo<Place>,
    class: &'static str,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let (href, name, shape) = here.parts();
    view! {
        <a class=class href=href aria-current=move || (place.get() == here).then_some("page")>
            {icon(shape)}
            <span>{name}</span>
            {children.map(|children| children())}
        </a>
    }
}

/// The places that are for owners.
#[component]
fn ForOwners(user: OnceResource<Result<UserView, ApiError>>, place: Memo<Place>) -> impl IntoView {
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                let is_owner = user.await.is_ok_and(|user| user.role == Role::Owner);
                is_owner.then(|| view! { <li><Link here=Place::Audit place class="nav-a"/></li> })
            })}
        </Suspense>
    }
}

/// How many runs wait for an answer, where any do.
#[component]
fn Waiting(questions: Resource<Result<u64, ApiError>>) -> impl IntoView {
    view! {
        <Transition>
            {move || Suspend::new(async move {
                let waiting = questions.await.unwrap_or_default();
                (waiting > 0).then(|| view! {
                    <span class="count" data-tone="wait">
                        {waiting}
                        <span class="vh">" waiting"</span>
                    </span>
                })
            })}
        </Transition>
    }
}

/// Who is signed in, and the way out.
#[component]
fn Account(user: OnceResource<Result<UserView, ApiError>>) -> impl IntoView {
    let action = form_action::<SignOut>();
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                let user = user.await.ok();
                let name = user.as_ref().map(|user| format!(" {}", user.name));
                view! {
                    {user.map(|user| view! {
                        <p class="who">
                            <b>{user.name.to_string()}</b>
                            <span>{user.role.as_str()}</span>
                        </p>
                    })}
                    <ActionForm action on:submit=|_| drafts::forget_all()>
                        <button class="nav-a" type="submit">
                            {icon(Icon::SignOut)}
                            <span>"Sign out" <span class="vh">{name}</span></span>
                        </button>
                    </ActionForm>
                }
            })}
        </Suspense>
    }
}
