//! Where a message is written. The field belongs to the person: nothing that
//! arrives meanwhile touches it, and only a message that was taken clears it.

use std::cell::Cell;

use domain::{AgentPicker, AgentStatus, CommandReply, Delivery, RunStatus, SessionView};
use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::form::FromFormData;
use leptos::html::{Form, Select, Textarea};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::commands::{Commands, Reply, commands_without_scripts};
use super::pictures::{Chosen, PicturesField, Thumbnails};
use crate::api::sessions::{SendMessage, Sent};
use crate::components::{FormNotice, FormState, Icon, Notice, Tone, escaped, icon};
use crate::live::drafts;
use crate::routes;

/// The form's id, for buttons that stand outside of it.
pub(super) const FORM: &str = "composer";

/// Whom the message is for.
pub(super) enum Partner {
    /// One of these, for a new session.
    Agents {
        /// The agents that take messages.
        picker: AgentPicker,
        /// The name that the address asks for.
        asked: Option<String>,
    },
    /// The agent of this session.
    Session(SessionView),
}

/// The message field with its buttons.
#[component]
pub(super) fn Composer(
    action: ServerAction<SendMessage>,
    state: FormState,
    with: Partner,
    /// What the last command answered, where the page was loaded for it.
    reply: Option<CommandReply>,
    /// The field, for whoever leads the focus back to it.
    field: NodeRef<Textarea>,
    /// Told of each message that was taken.
    sent: impl Fn(Sent) + 'static,
    /// Where the run at work is, if one is.
    #[prop(optional, into)]
    status: Signal<Option<RunStatus>>,
    /// What stands in the field before anything was typed.
    #[prop(default = None)]
    draft: Option<String>,
    /// Buttons beside the one that sends.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let form = NodeRef::<Form>::new();
    let place = with.place();
    let text = RwSignal::new(String::new());
    let heard = NodeRef::<Select>::new();
    let chosen = Chosen::new();
    clear_when_taken(action, field, text, move |what| {
        chosen.clear();
        // Each message begins with the choice that disturbs nothing.
        if let Some(heard) = heard.get_untracked() {
            heard.set_value(Delivery::default().as_str());
        }
        sent(what);
    });
    match with {
        Partner::Agents { .. } => hand_on_focus(action),
        Partner::Session(_) => take_over_focus(field),
    }
    take_up_draft(field, text, place.clone());
    Effect::new(move |before: Option<()>| {
        let text = text.get();
        // Only what happens after the first look is a change by the person.
        if before.is_some() {
            drafts::keep(&place, &text);
        }
    });
    let pick = move |command: String| {
        if let Some(field) = field.get_untracked() {
            field.set_value(&command);
            let _ = field.focus();
        }
        text.set(command);
    };
    let on_keydown = move |event: KeyboardEvent| {
        // While a word is composed from several keys, Enter ends the word.
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            let busy = action.pending().get_untracked() || untrack(|| chosen.is_reading());
            if let Some(form) = form.get_untracked().filter(|_| !busy) {
                // It fails only for a button of another form; there is none.
                let _ = form.request_submit();
            }
        }
    };
    let invalid = state.error("message");
    let typed = state.typed("message").or(draft).unwrap_or_default();
    // A form that was sent without scripts and refused.
    let lost = state.typed("picture").is_some();
    let can_hear = Memo::new(move |_| {
        matches!(status.get(), Some(RunStatus::Running | RunStatus::WaitingApproval))
    });
    let placeholder = move || match status.get() {
        Some(RunStatus::WaitingGuidance) => "Say how to go on",
        _ => "Give it a task",
    };
    view! {
        {with.takes_none()}
        <FormNotice state/>
        <Reply action reply/>
        <Commands text pick/>
        <form
            action=SendMessage::url()
            method="post"
            enctype="multipart/form-data"
            node_ref=form
            id=FORM
            class="composer"
            on:submit=move |event| submit(&event, action, chosen)
            on:dragover=move |event| event.prevent_default()
            on:drop=move |event| {
                event.prevent_default();
                if let Some(files) = event.data_transfer().and_then(|data| data.files()) {
                    chosen.take(&files);
                }
            }
        >
            <label class="vh" for="message">"Message"</label>
            <textarea
                id="message"
                name="message"
                rows="1"
                required
                placeholder=placeholder
                node_ref=field
                on:keydown=on_keydown
                on:paste=move |event| {
                    let files = event.clipboard_data().and_then(|data| data.files());
                    if let Some(files) = files.filter(|files| files.length() > 0) {
                        event.prevent_default();
                        chosen.take(&files);
                    }
                }
                on:input=move |_| {
                    if let Some(field) = field.get_untracked() {
                        text.set(field.value());
                    }
                }
                aria-invalid=move || invalid.with(Option::is_some).then_some("true")
                inner_html=escaped(&typed)
            ></textarea>
            <Thumbnails chosen/>
            {lost.then(|| view! {
                <p class="err">"Choose the pictures again: a browser does not keep them."</p>
            })}
            <div class="composer-foot">
                <PicturesField chosen/>
                {partner_view(with, state)}
                {move || can_hear.get().then(|| delivery(state, heard))}
                <span class="gap"></span>
                {children.map(|children| children())}
                <button
                    class="btn btn-primary btn-icon btn-sm"
                    type="submit"
                    disabled=move || action.pending().get() || chosen.is_reading()
                >
                    {icon(Icon::Send)}
                    <span class="vh">"Send"</span>
                </button>
            </div>
        </form>
        {commands_without_scripts()}
    }
}

/// Sends what was typed, and the pictures that were chosen.
fn submit(event: &SubmitEvent, action: ServerAction<SendMessage>, chosen: Chosen) {
    event.prevent_default();
    match SendMessage::from_event(event) {
        Ok(typed) => {
            action.dispatch(SendMessage { pictures: chosen.uploads(), ..typed });
        }
        // Its fields are texts, which always read.
        Err(error) => leptos::logging::error!("{error}"),
    }
}

/// When the message is heard, where something is at work.
fn delivery(state: FormState, heard: NodeRef<Select>) -> impl IntoView {
    let chosen = state.typed("delivery");
    let options = Delivery::ALL.iter().map(|delivery| {
        let word = delivery.as_str();
        let shown = match delivery {
            Delivery::Queue => "Send next",
            Delivery::Steer => "Steer now",
            Delivery::Interrupt => "Interrupt",
        };
        let selected = chosen.as_deref() == Some(word);
        view! { <option value=word selected=selected>{shown}</option> }
    });
    view! {
        <span class="pick">
            <label class="vh" for="delivery">"When it is heard"</label>
            <select
                id="delivery"
                name="delivery"
                node_ref=heard
                title="Send next: after the work under way. Steer now: before its next step. Interrupt: in its place."
            >
                {options.collect_view()}
            </select>
        </span>
    }
}

impl Partner {
    /// The name under which the tab keeps a draft.
    fn place(&self) -> String {
        match self {
            Self::Agents { .. } => "new".to_owned(),
            Self::Session(session) => session.id.to_string(),
        }
    }

    /// Says that the agent takes no messages, where it takes none. The field
    /// stays: commands are done all the same.
    fn takes_none(&self) -> Option<impl IntoView + use<>> {
        let Self::Session(SessionView { agent, agent_status, .. }) = self else { return None };
        let (sentence, href, way_on) = match agent_status {
            AgentStatus::Active => return None,
            AgentStatus::Disabled => (
                format!("{agent} is disabled and takes no messages. An owner can enable it. "),
                routes::agent_named(agent),
                "Look at the agent",
            ),
            AgentStatus::Deleted => (
                format!("{agent} takes no more messages. What was said stays here to read. "),
                routes::CHAT.to_owned(),
                "Begin a session with another agent",
            ),
        };
        Some(view! {
            <Notice tone=Tone::Wait><div>{sentence} <a href=href>{way_on}</a></div></Notice>
        })
    }
}

fn partner_view(with: Partner, state: FormState) -> impl IntoView {
    match with {
        Partner::Session(session) => view! {
            <input type="hidden" name="session" value=session.id.to_string()/>
            <span class="with">{format!("to {}", session.agent)}</span>
        }
        .into_any(),
        Partner::Agents { picker, asked } => {
            let name = state.typed("agent").or(asked);
            let named =
                picker.agents.iter().find(|agent| name.as_deref() == Some(agent.name.as_str()));
            let chosen = named.map(|agent| agent.id).or(picker.last_used);
            let options = picker.agents.into_iter().map(|agent| {
                let (name, selected) = (agent.name.to_string(), Some(agent.id) == chosen);
                view! { <option value=name.clone() selected=selected>{name.clone()}</option> }
            });
            view! {
                <span class="pick">
                    <label class="vh" for="agent">"Agent"</label>
                    <select id="agent" name="agent">{options.collect_view()}</select>
                </span>
            }
            .into_any()
        }
    }
}

fn clear_when_taken(
    action: ServerAction<SendMessage>,
    field: NodeRef<Textarea>,
    text: RwSignal<String>,
    sent: impl Fn(Sent) + 'static,
) {
    let on_its_way = StoredValue::new(String::new());
    Effect::new(move || {
        if let Some(input) = action.input().get() {
            on_its_way.set_value(input.message);
        }
    });
    Effect::new(move || {
        let Some(Ok(taken)) = action.value().get() else { return };
        if let Some(field) = field.get_untracked() {
            // What was typed since then stays.
            if field.value() == on_its_way.get_value() {
                field.set_value("");
                text.set(String::new());
            }
            let _ = field.focus();
        }
        sent(taken);
    });
}

/// Puts into an empty field what this tab kept of it.
fn take_up_draft(field: NodeRef<Textarea>, text: RwSignal<String>, place: String) {
    Effect::new(move |done: Option<bool>| {
        let Some(field) = field.get() else { return false };
        if done != Some(true) {
            if field.value().is_empty()
                && let Some(draft) = drafts::kept(&place)
            {
                field.set_value(&draft);
            }
            text.set(field.value());
        }
        true
    });
}

// The first message of a session leads to another page with another field; who
// writes there goes on writing here.
thread_local! {
    static GOES_ON: Cell<bool> = const { Cell::new(false) };
}

fn hand_on_focus(action: ServerAction<SendMessage>) {
    Effect::new(move || {
        let on_its_way = action.input().with(Option::is_some);
        let refused = action.value().with(|answer| matches!(answer, Some(Err(_))));
        GOES_ON.set(on_its_way || !refused && GOES_ON.get());
    });
}

fn take_over_focus(field: NodeRef<Textarea>) {
    Effect::new(move || {
        if let Some(field) = field.get().filter(|_| GOES_ON.take()) {
            let _ = field.focus();
        }
    });
}
