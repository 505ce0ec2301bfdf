//! What a live page says when it does not hear from the server.

use domain::{Fault, FaultCode};
use leptos::prelude::*;

use super::{Notice, Refused, Tone};
use crate::live::Line;
use crate::routes;

/// A sentence where the line is not open, and the way on.
#[component]
pub(crate) fn LineNotice(line: ReadSignal<Line>) -> impl IntoView {
    move || match line.get() {
        Line::Open => ().into_any(),
        Line::Lost => view! {
            <Notice tone=Tone::Wait>
                <div>"The connection is lost. This page tries to get it back."</div>
            </Notice>
        }
        .into_any(),
        Line::Refused(code @ FaultCode::AuthRequired) => {
            view! { <Refused fault=Fault::new(code, "You are signed out.")/> }.into_any()
        }
        Line::Refused(_) => view! {
            <Notice tone=Tone::Wait>
                <div>
                    "This session was deleted. What still stands here is gone with the page. "
                    <a href=routes::SESSIONS>"To the other sessions"</a>
                </div>
            </Notice>
        }
        .into_any(),
    }
}
