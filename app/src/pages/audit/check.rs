//! Whether the record is whole: what the newest check found, and the way to
//! another.

use domain::{AuditCheck, FormNote};
use leptos::form::ActionForm;
use leptos::prelude::*;

use crate::api::audit::CheckAudit;
use crate::components::{Fact, FormNotice, FormState, Moment, Notice, Tone, When, form_action};
use crate::format;

/// What the newest check found.
#[component]
pub(super) fn Check(check: Option<AuditCheck>, note: Option<FormNote>) -> impl IntoView {
    let action = form_action::<CheckAudit>();
    let state = FormState::new("audit-check", action, note);
    // With scripts the answer is the newest check.
    let newest = Memo::new(move |_| match action.value().get() {
        Some(Ok(check)) => Some(check),
        _ => check.clone(),
    });
    view! {
        <section class="panel" aria-labelledby="check">
            <header class="panel-h">
                <h2 id="check">"Is it whole?"</h2>
                <ActionForm action>
                    <button class="btn btn-sm" type="submit" disabled=action.pending()>
                        "Check now"
                    </button>
                </ActionForm>
            </header>
            <div class="panel-b" aria-live="polite">
                <FormNotice state/>
                {move || match newest.get() {
                    Some(check) => found(check).into_any(),
                    None => view! {
                        <p class="sm soft">
                            "It was not checked yet. A check reads every row, follows the hashes that bind each to the one before it, and looks at the signature of the end."
                        </p>
                    }
                    .into_any(),
                }}
            </div>
        </section>
    }
}

fn found(check: AuditCheck) -> impl IntoView {
    let tone = if check.bad.is_some() { Tone::Bad } else { Tone::Ok };
    let sentence = check.sentence();
    let AuditCheck { checked_at, removed, head, head_hash, public_key, .. } = check;
    view! {
        <Notice tone><div>{sentence}</div></Notice>
        <dl class="facts mt">
            <Fact name="Last checked"><When at=checked_at show=Moment::Full/></Fact>
            {(removed > 0).then(|| view! {
                <Fact name="Removed for their age">"rows up to " {format::number(removed)}</Fact>
            })}
            {(head > 0).then(|| view! {
                <Fact name="Hash of the end"><code class="wrap">{head_hash}</code></Fact>
            })}
            <Fact name="Key of the signature"><code class="wrap">{public_key}</code></Fact>
        </dl>
    }
}
