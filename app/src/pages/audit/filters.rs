//! What the record can be filtered by.

use domain::AuditKind;
use leptos::prelude::*;
use leptos_router::components::Form;

use super::table::words;
use crate::api::audit::AuditQuery;
use crate::routes;

/// A form that asks by its address.
#[component]
pub(super) fn Filters(query: AuditQuery, agents: Vec<String>) -> impl IntoView {
    let filtered = query != AuditQuery::default();
    let AuditQuery { tool, agent, kind, run, since, until, .. } = query;
    let option = |value: String, shown: String, chosen: &Option<String>| {
        let selected = chosen.as_deref() == Some(value.as_str());
        view! { <option value=value selected=selected>{shown}</option> }
    };
    let kinds = AuditKind::ALL.iter();
    let kinds = kinds.map(|it| option(it.to_string(), words(*it).to_owned(), &kind)).collect_view();
    let agents = agents.into_iter().map(|name| option(name.clone(), name, &agent)).collect_view();
    view! {
        <Form
            method="get"
            action=routes::AUDIT
            attr:class="filters section"
            attr:aria-label="Filter the record"
        >
            {run.map(|run| view! { <input type="hidden" name="run" value=run/> })}
            <label class="vh" for="kind">"What"</label>
            <select id="kind" name="kind">
                <option value="">"Anything"</option>
                {kinds}
            </select>
            <label class="vh" for="agent">"Agent"</label>
            <select id="agent" name="agent">
                <option value="">"Any agent"</option>
                {agents}
            </select>
            <label class="vh" for="tool">"Tool"</label>
            <input
                id="tool"
                name="tool"
                type="text"
                placeholder="Any tool"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                value=tool
            />
            <label class="sm soft" for="since">"From"</label>
            <input id="since" name="since" type="date" value=since/>
            <label class="sm soft" for="until">"to"</label>
            <input id="until" name="until" type="date" value=until/>
            <button class="btn" type="submit">"Apply"</button>
            {filtered.then(|| view! { <a class="sm" href=routes::AUDIT>"Clear"</a> })}
        </Form>
    }
}
