//! The fields of an agent's form.

use domain::{AgentRecord, ModelChoices};
use leptos::prelude::*;

use super::choices::Choices;

use crate::components::{Area, Field, FormState};

/// What a person writes about an agent, new or there already.
#[component]
pub(super) fn Fields(
    state: FormState,
    models: ModelChoices,
    /// The agent as it is; none yet for a new one.
    record: Option<AgentRecord>,
) -> impl IntoView {
    let is_new = record.is_none();
    let choices = record.as_ref().map(|record| record.choices.clone()).unwrap_or_default();
    let (name, model, folder, instructions) = match record {
        Some(record) => (
            record.row.agent.name.to_string(),
            record.row.own_model.unwrap_or_default(),
            record.folder,
            record.instructions,
        ),
        None => Default::default(),
    };
    let shares = state.typed("share").is_some_and(|share| !share.is_empty());
    let known = models.known.into_iter().map(|model| view! { <option value=model></option> });
    view! {
        <Field
            state
            name="name"
            label="Name"
            autocomplete="off"
            value=name
            hint="Letters, digits, '-' and '_', at most 40. It stands in addresses and in the chat."
        />
        <Area
            state
            name="instructions"
            label="Instructions"
            rows=12
            value=instructions
            hint="Who the agent is and how it works, in plain sentences. The model reads them before every message. Short and concrete is best."
        />
        <Field
            state
            name="model"
            label="Model"
            autocomplete="off"
            required=false
            value=model
            list="models"
            hint="As provider/model. Left empty, the server's default answers."
        />
        <p class="sm soft">"The server's default is " <span class="mono">{models.default}</span> "."</p>
        <datalist id="models">{known.collect_view()}</datalist>
        <Field
            state
            name="folder"
            label="Workspace folder"
            autocomplete="off"
            required=false
            value=folder
            hint=if is_new {
                "Left empty, the agent gets a new folder by its name. Or name a folder among the workspaces, or give the absolute path of one that exists on the server."
            } else {
                "A name among the workspaces, or the absolute path of a folder that exists on the server. Files stay where they are when this changes."
            }
        />
        <label class="check">
            <input type="checkbox" name="share" value="yes" checked=shares/>
            <span>"The folder may be another agent's too"</span>
        </label>
        <Choices state choices/>
    }
}
