//! What is put before the model: the events of a session's runs, told as
//! messages that any provider accepts, within the window of the model in use.
//!
//! [`Conversation`] is the whole of it. It is opened from the log of earlier
//! runs, takes in each event of the present one, and gives the messages of the
//! next request. It follows from events and windows alone: the same log gives
//! the same bytes, so a run that waited goes on with what it had, and a trace
//! can show what was sent.
//!
//! The store keeps everything as it came. What is mended or cut is mended and
//! cut here, on the way out.

mod arguments;
mod conversation;
mod excerpt;
mod ids;
mod pictures;
mod plain;
mod room;
mod step;
#[cfg(test)]
pub(crate) mod testing;
mod turn;
mod window;
mod writer;

pub(crate) use conversation::Conversation;
#[cfg(test)]
pub(crate) use conversation::Fitted;
pub(crate) use pictures::{Pictures, Shown};
pub(crate) use window::{TooLarge, Window, Windows};
