//! Disabling an agent, and deleting it.

use domain::{AgentRecord, AgentStatus, FormNote};
use leptos::form::ActionForm;
use leptos::prelude::*;

use crate::api::agents::{DeleteAgent, SetAgentStatus};
use crate::components::{Field, FormNotice, FormState, form_action};

/// What is not undone by saving again.
#[component]
pub(super) fn Danger(
    record: AgentRecord,
    switching: ServerAction<SetAgentStatus>,
    note: Option<FormNote>,
) -> impl IntoView {
    let name = record.row.agent.name.to_string();
    let (switched, deleted) = (name.clone(), name.clone());
    let switch_state = FormState::new("agent-status", switching, note.clone());
    let deleting = form_action::<DeleteAgent>();
    let delete_state = FormState::new("agent-delete", deleting, note);
    let (to, word, sentence) = match record.row.agent.status {
        AgentStatus::Active => (
            AgentStatus::Disabled,
            "Disable",
            "A disabled agent takes no new message. Its runs that wait are cancelled; one that works goes on to its end. Its sessions stay readable.",
        ),
        AgentStatus::Disabled | AgentStatus::Deleted => {
            (AgentStatus::Active, "Enable", "Enabled, the agent takes messages again.")
        }
    };
    view! {
        <section class="panel" aria-labelledby="switch">
            <header class="panel-h"><h2 id="switch">{word}</h2></header>
            <div class="panel-b">
                <ActionForm action=switching attr:class="form">
                    <FormNotice state=switch_state/>
                    <p class="sm soft">{sentence}</p>
                    <input type="hidden" name="agent" value=switched.clone()/>
                    <input type="hidden" name="status" value=to.as_str()/>
                    <div class="actions">
                        <button class="btn" type="submit" disabled=switching.pending()>
                            {word} " " {switched.clone()}
                        </button>
                    </div>
                </ActionForm>
            </div>
        </section>
        <section class="panel" aria-labelledby="delete">
            <header class="panel-h"><h2 id="delete">"Delete"</h2></header>
            <div class="panel-b">
                <ActionForm action=deleting attr:class="form">
                    <FormNotice state=delete_state/>
                    <p class="sm soft">
                        "The name is free again. Sessions and runs stay readable, marked as deleted. The folder stays on the server, with all its files: "
                        <code>{record.path}</code>
                    </p>
                    <input type="hidden" name="agent" value=deleted/>
                    <Field
                        state=delete_state
                        name="confirm"
                        label="Type the agent's name to delete it"
                        autocomplete="off"
                    />
                    <div class="actions">
                        <button class="btn btn-danger" type="submit" disabled=deleting.pending()>
                            "Delete " {name}
                        </button>
                    </div>
                </ActionForm>
            </div>
        </section>
    }
}
