//! Commands at the message field: what there are, and what one answered.

use domain::{CommandName, CommandReply};
use leptos::prelude::*;

use crate::api::sessions::{SendMessage, Sent};
use crate::components::{Notice, Tone};
use crate::routes;

/// The commands that fit what is typed so far.
#[component]
pub(super) fn Commands(
    #[prop(into)] text: Signal<String>,
    /// Told of the one that is chosen, as it is typed.
    pick: impl Fn(String) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let fits = Memo::new(move |_| text.with(|text| fitting(text)));
    let row = move |name: &CommandName| {
        let name = *name;
        let typed = format!("/{name}{}", if name.argument().is_empty() { "" } else { " " });
        view! {
            <li>
                <button class="btn btn-ghost btn-sm" type="button" on:click=move |_| pick(typed.clone())>
                    <b>{format!("/{name}")}</b>
                    <span>{name.argument()}</span>
                    <span class="soft">{name.hint()}</span>
                </button>
            </li>
        }
    };
    move || {
        let fits = fits.get();
        (!fits.is_empty()).then(|| {
            view! {
                <ul class="cmds" aria-label="Commands">{fits.iter().map(row).collect_view()}</ul>
            }
        })
    }
}

/// The commands in one line, where no script lists them.
pub(super) fn commands_without_scripts() -> impl IntoView {
    let names: Vec<_> = CommandName::ALL.iter().map(|name| format!("/{name}")).collect();
    let html = format!("<p class='hint'>Commands: {}</p>", names.join(", "));
    view! { <noscript inner_html=html></noscript> }
}

/// What the newest command answered, until something else is sent.
#[component]
pub(super) fn Reply(
    action: ServerAction<SendMessage>,
    /// What the page was loaded for.
    reply: Option<CommandReply>,
) -> impl IntoView {
    let answer = action.value();
    let reply = StoredValue::new(reply);
    let shown = move || match answer.get() {
        Some(Ok(Sent::Command(reply))) => Some(reply).filter(|reply| !reply.leads),
        Some(_) => None,
        None => reply.get_value(),
    };
    move || {
        shown().map(|CommandReply { response, sessions, .. }| {
            let link = |session: domain::SessionLink| {
                view! {
                    <li><a href=routes::session(session.id)>{session.title}</a></li>
                }
            };
            let any = !sessions.is_empty();
            view! {
                <Notice tone=Tone::Idle>
                    <div class="reply">
                        <p>{response}</p>
                        {any.then(|| view! {
                            <ol>{sessions.into_iter().map(link).collect_view()}</ol>
                        })}
                    </div>
                </Notice>
            }
        })
    }
}

fn fitting(text: &str) -> Vec<CommandName> {
    let Some(word) = text.strip_prefix('/').filter(|word| !word.contains(char::is_whitespace))
    else {
        return Vec::new();
    };
    let word = word.to_lowercase();
    let fits = CommandName::ALL.iter().filter(|name| name.as_str().starts_with(&word));
    fits.copied().collect()
}
