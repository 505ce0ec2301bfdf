//! What two pages or more are made of.

mod call;
mod empty;
mod form;
mod frame;
mod gate;
mod icon;
mod layout;
mod notice;
mod pager;
mod prose;
mod refresh;
mod status;
mod title;
mod when;

pub(crate) use call::Calls;
pub(crate) use empty::Empty;
pub(crate) use form::{Field, FormNotice, FormState, form_action};
pub(crate) use frame::{Fact, Stat};
pub(crate) use gate::Gate;
pub(crate) use icon::{Icon, Sprite, icon};
pub(crate) use layout::Layout;
pub(crate) use notice::{Notice, Refused};
pub(crate) use pager::Pager;
pub(crate) use prose::Prose;
pub(crate) use refresh::{LookAgain, Refresh};
pub(crate) use status::{Mark, Status, Tone, mark, tone, word};
pub(crate) use title::PageTitle;
pub(crate) use when::{Moment, Running, When};
