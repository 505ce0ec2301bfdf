//! Signing in.

use domain::FormNote;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::api::account::SignIn;
use crate::api::notes::take_note;
use crate::components::{Field, FormNotice, FormState, Gate, PageTitle, form_action};
use crate::routes;

/// Asks for name and password, then leads on to where the person was going.
#[component]
pub(crate) fn Login() -> impl IntoView {
    let note = OnceResource::new(take_note());
    view! {
        <PageTitle text="Sign in"/>
        <Gate>
            <h1>"Sign in"</h1>
            <p class="lede">"to your agents"</p>
            <Suspense>
                {move || Suspend::new(async move {
                    let note = note.await.ok().flatten();
                    view! { <LoginForm note/> }
                })}
            </Suspense>
        </Gate>
    }
}

#[component]
fn LoginForm(note: Option<FormNote>) -> impl IntoView {
    let action = form_action::<SignIn>();
    let state = FormState::new("login", action, note);
    let query = use_query_map();
    let next = move || {
        let next = query.with(|query| query.get_str("next").map(str::to_owned));
        next.filter(|next| routes::local(next).is_some())
    };
    let keep = state.typed("keep").is_some_and(|keep| !keep.is_empty());
    view! {
        <ActionForm action attr:class="form">
            <FormNotice state/>
            <input type="hidden" name="next" value=next/>
            <Field state name="name" label="Name" autocomplete="username"/>
            <Field
                state
                name="password"
                label="Password"
                kind="password"
                autocomplete="current-password"
            />
            <label class="check">
                <input type="checkbox" name="keep" value="yes" checked=keep/>
                <span>"Stay signed in for 30 days"</span>
            </label>
            <button class="btn btn-primary btn-block" type="submit" disabled=action.pending()>
                "Sign in"
            </button>
        </ActionForm>
    }
}
