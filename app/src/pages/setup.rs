//! The first page on a fresh machine: making the owner.

use domain::FormNote;
use leptos::form::ActionForm;
use leptos::prelude::*;

use crate::api::account::SetUp;
use crate::api::notes::take_note;
use crate::components::{Field, FormNotice, FormState, Gate, PageTitle, form_action};

/// Asks for the first person's name and password.
#[component]
pub(crate) fn Setup() -> impl IntoView {
    let note = OnceResource::new(take_note());
    view! {
        <PageTitle text="Set up"/>
        <Gate>
            <h1>"Set up Openclawssy"</h1>
            <p class="lede">
                "Nobody can use this installation yet. The first person becomes its owner, who may do everything here and adds the others."
            </p>
            <Suspense>
                {move || Suspend::new(async move {
                    let note = note.await.ok().flatten();
                    view! { <SetupForm note/> }
                })}
            </Suspense>
        </Gate>
    }
}

#[component]
fn SetupForm(note: Option<FormNote>) -> impl IntoView {
    let action = form_action::<SetUp>();
    let state = FormState::new("setup", action, note);
    view! {
        <ActionForm action attr:class="form">
            <FormNotice state/>
            <Field
                state
                name="name"
                label="Name"
                autocomplete="username"
                hint="To sign in with: letters, digits, '-', '_', '.' and '@'."
            />
            <Field
                state
                name="password"
                label="Password"
                kind="password"
                autocomplete="new-password"
                hint="At least 8 characters. A few words that nobody would guess are best."
            />
            <button class="btn btn-primary btn-block" type="submit" disabled=action.pending()>
                "Make the owner and sign in"
            </button>
        </ActionForm>
    }
}
