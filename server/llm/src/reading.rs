//! Reading what a model says.
//!
//! Models think aloud between tags and write calls as text, each family in its
//! own way, whether or not their provider knows. [`understood`] turns all of
//! that into what it means while the reply streams: text, thinking, calls.
//!
//! # What is what
//!
//! - Text in code, in a line or a block, is only text.
//! - Thinking is only thinking; a call drafted there never runs. Where a block
//!   is closed that was never opened, what was shown before it stays, and calls
//!   before it are drafts too.
//! - A call between the marks of a family is a call, also to an unknown tool.
//! - A call in plain JSON is one only at the end of a reply, to a known tool,
//!   with arguments that fit ([`block`] has the rules).
//! - Broken JSON is mended where it is plain what was meant, and the call says
//!   so. A value that was cut off is never acted on. What cannot be read becomes
//!   a call with the text as arguments, which the tool refuses, or
//!   [`Delta::Broken`](crate::Delta::Broken) where not even a name is there.
//!
//! # What is held
//!
//! Text passes at once up to where markup may begin, and after that as soon as
//! it is known to be text. At most 64 KiB are held: JSON that is longer is shown
//! as the answer it is, a call between marks that is longer does not run. Calls
//! come at the end, in the order written.

mod block;
mod code;
mod family;
mod forms;
mod found;
mod markup;
mod mend;
mod parked;
mod reader;
mod shape;
mod shown;
mod stream;
mod thinking;
mod tools;
mod typed;

use std::sync::Arc;

pub use mend::{Mended, Note, Notes, mend};
pub use typed::typed_call;

use crate::{DeltaStream, ToolSpec};

/// What a model means by what it says, as it comes.
///
/// Calls of the provider's own kind go through with their arguments mended and
/// ids that are unique in the reply; one that is written as text as well comes
/// once. [`Finish`](crate::Delta::Finish) says `tool_calls` where calls stood in
/// the text. A stream that breaks off gives its text, none of its calls, and its
/// error.
pub fn understood(stream: DeltaStream, tools: Arc<[ToolSpec]>) -> DeltaStream {
    let reader = reader::Reader::new(tools::Tools::new(tools));
    Box::pin(stream::Understood::new(stream, reader))
}
