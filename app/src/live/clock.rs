//! A clock that starts at the server's time of reading.

use domain::Timestamp;
use gloo_timers::callback::Interval;
use leptos::prelude::*;

use super::keep;

/// The present, for running times on this page.
#[derive(Clone, Copy)]
pub(crate) struct Now(pub ReadSignal<Timestamp>);

/// A present that begins at the moment of reading and goes on in the browser.
/// It counts from the server's time, so a wrong clock at home shows nowhere.
pub(crate) fn ticking(at: Timestamp) -> Now {
    let now = RwSignal::new(at);
    Effect::new(move || {
        let began = js_sys::Date::now();
        keep(Interval::new(1_000, move || {
            let passed = (js_sys::Date::now() - began) as i64;
            if let Ok(moment) = Timestamp::from_millisecond(at.as_millisecond() + passed) {
                now.try_set(moment);
            }
        }));
    });
    Now(now.read_only())
}
