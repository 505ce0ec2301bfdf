//! Who asks for a call.

use domain::{Channel, RunId, Taint, Ways};

/// Whether somebody is there to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// A person sits in front of the run.
    Here,
    /// Nobody sits there, but the question waits where its owner finds it, and
    /// whoever started the run expects that it may.
    Later,
    /// Nobody will answer in time for the answer to be of use.
    Nobody,
}

/// The run that a call is made in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    /// The run. A run that another began asks for itself.
    pub run: RunId,
    /// The way in of the run at the top of its family.
    pub channel: Channel,
    /// Whether somebody is there.
    pub presence: Presence,
    /// What the run has read from outside, and what those it began brought it.
    pub taint: Taint,
}

impl Presence {
    /// What a way in says of it.
    ///
    /// The dashboard and the command line have a person in front of them. Over
    /// the API and Discord somebody waits who may not be the agent's owner; a
    /// question waits for the owner on the page of approvals. A job fires
    /// while nobody looks, and the next fire may come before the answer does:
    /// to park each run would fill the queue with old intentions. What a job
    /// needs is granted before, when it is saved.
    pub const fn of(channel: Channel) -> Self {
        match channel {
            Channel::Dashboard | Channel::Cli => Self::Here,
            Channel::Api | Channel::Discord => Self::Later,
            Channel::Scheduler => Self::Nobody,
        }
    }

    /// Whether grants for these ways count.
    pub const fn is_of(self, ways: Ways) -> bool {
        match ways {
            Ways::Both => true,
            Ways::Attended => matches!(self, Self::Here),
            Ways::Unattended => matches!(self, Self::Later | Self::Nobody),
        }
    }
}

impl Asker {
    /// A run that has read nothing from outside, with somebody there as its way
    /// in says.
    pub fn new(run: RunId, channel: Channel) -> Self {
        Self { run, channel, presence: Presence::of(channel), taint: Taint::default() }
    }
}
