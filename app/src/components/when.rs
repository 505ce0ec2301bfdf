//! Times: in UTC and with their zone in the text, in the reader's own zone as
//! the title, which only a browser knows.

use domain::Timestamp;
use js_sys::{Date, Object, Reflect};
use leptos::prelude::*;
use leptos::reactive::diagnostics::SpecialNonReactiveZone;
use wasm_bindgen::JsValue;

use crate::format;
use crate::live::Now;

/// How much of a moment is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// `24 Mar, 14:31 UTC`.
    Short,
    /// `24 Mar 2026, 14:31:18 UTC`.
    Full,
}

/// A moment.
#[component]
pub(crate) fn When(at: Timestamp, #[prop(default = Moment::Short)] show: Moment) -> impl IntoView {
    let title = RwSignal::new(None::<String>);
    Effect::new(move || title.set(local(at)));
    let pattern = match show {
        Moment::Short => "%-d %b, %H:%M UTC",
        Moment::Full => "%-d %b %Y, %H:%M:%S UTC",
    };
    view! {
        <time datetime=at.to_string() title=move || title.get()>
            {at.strftime(pattern).to_string()}
        </time>
    }
}

/// How long something has taken until now, as a stopwatch, or took in the end.
#[component]
pub(crate) fn Running(
    now: Now,
    #[prop(into)] from: Signal<Option<Timestamp>>,
    #[prop(into)] until: Signal<Option<Timestamp>>,
) -> impl IntoView {
    let text = move || {
        let from = from.get()?;
        Some(match until.get() {
            Some(until) => format::duration(format::between(from, until)),
            None => format::stopwatch(format::between(from, now.0.get())),
        })
    };
    let over = {
        // What is over has no clock to listen to: it is read once, on purpose.
        let _once = SpecialNonReactiveZone::enter();
        until.get_untracked().is_some().then(text)
    };
    if let Some(over) = over {
        return over.into_any();
    }
    let text = Memo::new(move |_| text());
    (move || text.get()).into_any()
}

fn local(at: Timestamp) -> Option<String> {
    let options = Object::new();
    for (name, value) in [("dateStyle", "full"), ("timeStyle", "long")] {
        Reflect::set(&options, &JsValue::from_str(name), &JsValue::from_str(value)).ok()?;
    }
    let date = Date::new(&JsValue::from_f64(at.as_millisecond() as f64));
    let text = date.to_locale_string("default", &options);
    text.as_string()
}
