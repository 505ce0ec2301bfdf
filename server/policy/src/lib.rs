//! What becomes of a tool call: it runs, a person is asked first, or it is
//! denied.
//!
//! The decision is a function of what people granted ([`Rules`]), who asks
//! ([`Asker`]) and what the call touches ([`Call`]). It has no clock, no
//! storage and no memory, so it can be explained ([`explain`]) and done again
//! over what happened before ([`compare`]).
//!
//! 1. A call is taken to pieces: each path, host, simple command and secret.
//!    Every piece is judged for itself, and the strictest finding decides.
//! 2. A piece that any grant denies, or may deny, is denied. No grant undoes
//!    that, however closely it names the piece.
//! 3. A piece that a grant asks for is asked for, unless another allows it by
//!    naming tool and piece at least as closely, and one of them more closely.
//!    What a person had remembered counts as the closer one.
//! 4. A piece that nothing covers is denied.
//! 5. What cannot be read is denied. What only shows when it runs is covered by
//!    nothing but a grant for anything, and by that only if nothing else asks
//!    or denies commands.
//! 6. In a run that has read words from outside, what would be allowed is asked
//!    for if it can do harm.
//! 7. Where nobody can answer, what would be asked is denied.

mod asker;
mod call;
mod compare;
mod decide;
mod explain;
mod fit;
mod piece;
mod remember;
mod rules;
mod script;
mod taint;
mod touches;
mod verdict;

pub use asker::{Asker, Presence};
pub use call::Call;
pub use compare::{Change, PastCall, compare};
pub use decide::decide;
pub use explain::{Explanation, Look, LookedAt, PieceReport, explain};
pub use remember::{NotRemembered, remember};
pub use rules::{Aside, Rules};
pub use script::{MAX_SCRIPT, Shell, Unreadable};
pub use touches::{Command, Host, Touches};
pub use verdict::{Deciding, Verdict};
