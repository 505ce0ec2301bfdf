//! A question about one exact call, and the form that answers it.

use domain::{
    ApprovalId, ApprovalStatus, ApprovalView, Fault, FaultCode, FormNote, Remember, Verdict,
};
use leptos::form::ActionForm;
use leptos::html::{H2, Textarea};
use leptos::prelude::*;

use super::{FormNotice, FormState, Icon, Moment, Refused, Tone, When, escaped, form_action, icon};
use crate::api::approvals::AnswerApproval;
use crate::{format, routes};

/// The name of the form.
const FORM: &str = "answer";

/// The call with its arguments, why it is asked, until when, and the two answers.
#[component]
pub(crate) fn ApprovalCard(
    asked: ApprovalView,
    /// What the last refused form of the page left.
    note: Option<FormNote>,
    /// The page that this stands on.
    page: String,
    /// Where the person goes on writing once it is answered; without one, the
    /// heading says what came of it.
    #[prop(optional)]
    then: Option<NodeRef<Textarea>>,
) -> impl IntoView {
    let ApprovalView { id, tool, arguments, reason, agent, .. } = asked;
    let action = form_action::<AnswerApproval>();
    let state = FormState::new(FORM, action, note.filter(|note| is_about(note, id)));
    let answered = Memo::new(move |_| {
        action.value().with(|answer| match answer {
            Some(Ok(asked)) => Some(asked.status),
            _ => None,
        })
    });
    let head = NodeRef::<H2>::new();
    Effect::new(move || {
        // The button that was pressed goes away.
        if answered.get().is_none() {
            return;
        }
        let _ = match then.and_then(|field| field.get_untracked()) {
            Some(field) => field.focus(),
            None => head.get_untracked().map_or(Ok(()), |head| head.focus()),
        };
    });
    let (heading, field) = (format!("asks-{id}"), format!("note-{id}"));
    let lasts = format!("lasts-{id}");
    let not_kept = state.error("remember");
    let remembered = state.typed("remember").and_then(|word| word.parse().ok());
    let remembered = remembered.unwrap_or(Remember::Once);
    let choices = Remember::ALL.iter().map(|one| {
        let selected = *one == remembered;
        view! { <option value=one.as_str() selected=selected>{words(*one)}</option> }
    });
    let choices = choices.collect_view();
    let invalid = state.error("note");
    let typed = state.typed("note");
    let elsewhere = Some(routes::session(asked.session_id)).filter(|session| *session != page);
    let of_tool = format!("Arguments of {tool}");
    view! {
        <section class="panel ask" aria-labelledby=heading.clone()>
            <header class="panel-h">
                <h2 id=heading.clone() node_ref=head tabindex="-1">
                    {format!("{agent} asks to call ")} <code class="mono">{tool}</code>
                </h2>
                {move || answered.get().map(|status| view! { <Settled status/> })}
            </header>
            <div class="panel-b">
                <p>{reason}</p>
                <div class="code code-wrap">
                    <pre tabindex="0" role="region" aria-label=of_tool>
                        <code>{format::json(&arguments)}</code>
                    </pre>
                </div>
                <p class="sm soft">
                    {elsewhere.map(|href| view! { "In " <a href=href>{asked.session_title}</a> ". " })}
                    "Asked " <When at=asked.asked_at show=Moment::Short/>
                    ", expires " <When at=asked.expires_at show=Moment::Full/>
                </p>
                <FormNotice state/>
                <ActionForm action attr:class="ask-form" attr:hidden=move || answered.get().is_some()>
                    <input type="hidden" name="approval" value=id.to_string()/>
                    <input type="hidden" name="page" value=page/>
                    <div class="ask-fields">
                        <div class="field">
                            <label for=field.clone()>"A word to the agent"</label>
                            // In a line of its own, Enter would press the first button.
                            <textarea
                                id=field
                                name="note"
                                rows="1"
                                maxlength="2000"
                                placeholder="optional"
                                aria-invalid=move || invalid.with(Option::is_some).then_some("true")
                                inner_html=escaped(&typed.unwrap_or_default())
                            ></textarea>
                        </div>
                        <div class="field">
                            <label for=lasts.clone()>"The answer counts"</label>
                            <select
                                id=lasts
                                name="remember"
                                aria-invalid=move || not_kept.with(Option::is_some).then_some("true")
                            >
                                {choices}
                            </select>
                            {move || not_kept.get().map(|why| view! {
                                <p class="err">{icon(Icon::Warn)} <span>{why}</span></p>
                            })}
                        </div>
                    </div>
                    <div class="actions">
                        <Answer verdict=Verdict::Approve pending=action.pending()/>
                        <Answer verdict=Verdict::Deny pending=action.pending()/>
                    </div>
                </ActionForm>
            </div>
        </section>
    }
}

/// For how long an answer counts, as a choice.
const fn words(remember: Remember) -> &'static str {
    match remember {
        Remember::Once => "once",
        Remember::Run => "in this run",
        Remember::Always => "always",
    }
}

/// Why an answer was refused whose question is not among those on the page any
/// more: it came too late.
pub(crate) fn too_late(note: Option<&FormNote>, waiting: &[ApprovalView]) -> Option<AnyView> {
    let refused = |note: &&FormNote| note.form == FORM && !note.message.is_empty();
    let gone = |note: &&FormNote| !waiting.iter().any(|asked| is_about(note, asked.id));
    let note = note.filter(refused).filter(gone)?;
    let fault = Fault::new(FaultCode::ApprovalSettled, note.message.clone());
    Some(view! { <Refused fault/> }.into_any())
}

fn is_about(note: &FormNote, id: ApprovalId) -> bool {
    note.values.get("approval").is_some_and(|about| *about == id.to_string())
}

#[component]
fn Answer(verdict: Verdict, pending: Memo<bool>) -> impl IntoView {
    let (class, shape, word) = match verdict {
        Verdict::Approve => ("btn btn-primary", Icon::Check, "Approve"),
        Verdict::Deny => ("btn btn-danger", Icon::Cancelled, "Deny"),
    };
    view! {
        <button
            class=class
            type="submit"
            name="verdict"
            value=verdict.as_str()
            disabled=move || pending.get()
        >
            {icon(shape)}
            {word}
        </button>
    }
}

/// Where a question stands: shape and word.
#[component]
pub(crate) fn Settled(status: ApprovalStatus) -> impl IntoView {
    let (tone, shape, word) = match status {
        ApprovalStatus::Waiting => (Tone::Wait, Icon::Waiting, "Waits"),
        ApprovalStatus::Approved => (Tone::Ok, Icon::Done, "Approved"),
        ApprovalStatus::Denied => (Tone::Bad, Icon::Cancelled, "Denied"),
        ApprovalStatus::Expired => (Tone::Idle, Icon::Queued, "Expired"),
        ApprovalStatus::Withdrawn => (Tone::Idle, Icon::Cancelled, "Withdrawn"),
    };
    view! { <span class="status" data-tone=tone.as_str()>{icon(shape)} {word}</span> }
}
