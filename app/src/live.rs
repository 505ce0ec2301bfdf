//! The server's event stream, as signals. Everything here happens in effects,
//! so the server renders a page as it is and the browser goes on from there.

mod clock;
pub(crate) mod drafts;
mod files;
mod later;
mod stirred;
mod stream;
mod tab;
mod turn;
mod turns;

pub(crate) use clock::{Now, ticking};
pub(crate) use files::read_file;
pub(crate) use later::soon;
pub(crate) use stirred::Stirred;
pub(crate) use stream::{Line, Source, follow};
pub(crate) use turn::{Head, LiveStep, LiveTurn};
pub(crate) use turns::Turns;

/// Keeps a value of the browser's until the effect around it runs again or its
/// page goes away.
fn keep<T: 'static>(value: T) {
    leptos::prelude::StoredValue::new_local(value);
}
