//! Commands, in every way in: one reading of what was typed, one place that
//! does it.

use domain::{
    CommandName, CommandReply, Fault, Limit, RunFilter, RunStatus, SessionFilter, SessionId,
    SessionLink, SessionView,
};
use store::NewSession;

use crate::sessions::check_title;
use crate::{Accepted, Engine, Result, SignedIn, Submission, Target, typed};

/// How many sessions a command lists.
const LISTED: u32 = 10;

/// What became of what a person typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It was a message, and was taken in.
    Message(Accepted),
    /// It was a command, and this is its answer.
    Command(CommandReply),
}

/// What a text is.
#[derive(Debug, PartialEq, Eq)]
enum Reading<'a> {
    Message(&'a str),
    Command(CommandName, &'a str),
    Unknown(&'a str),
}

impl Engine {
    /// Takes in what a person typed: does it if it is a command, hands it to the
    /// agent if it is a message.
    pub async fn say(&self, who: &SignedIn, mut submission: Submission) -> Result<Said> {
        let written = std::mem::take(&mut submission.message);
        match read(&written) {
            Reading::Message(text) => {
                submission.message = text.to_owned();
                Ok(Said::Message(self.submit(who, submission).await?))
            }
            Reading::Command(..) if !submission.pictures.is_empty() => {
                Err(Fault::field("pictures", "A command takes no pictures.").into())
            }
            Reading::Command(name, rest) => {
                let submission = Submission { message: written.clone(), ..submission };
                self.command(who, submission, name, rest).await
            }
            Reading::Unknown(word) => Err(unknown(word).into()),
        }
    }

    async fn command(
        &self,
        who: &SignedIn,
        submission: Submission,
        name: CommandName,
        rest: &str,
    ) -> Result<Said> {
        let here = match &submission.target {
            Target::Session(id) => Some(self.session(who, *id).await?),
            Target::NewSession { .. } => None,
        };
        let reply = match name {
            CommandName::New => self.begin(who, &submission, here, rest).await?,
            CommandName::Resume => self.resume(who, here, rest).await?,
            CommandName::Chats => self.chats(who, here, rest).await?,
            CommandName::Stop => self.stop_session(who, here).await?,
            // A call begins a run, as a message does.
            CommandName::Tool => return Ok(Said::Message(self.submit(who, submission).await?)),
            CommandName::Help => tell(here, help()),
        };
        Ok(Said::Command(reply))
    }

    async fn begin(
        &self,
        who: &SignedIn,
        submission: &Submission,
        here: Option<SessionView>,
        title: &str,
    ) -> Result<CommandReply> {
        let title = match title {
            "" => None,
            title => Some(check_title(title).map_err(at_message)?),
        };
        let agent_id = match (&submission.target, here) {
            (Target::NewSession { agent }, _) => self.agent(agent.as_deref()).await?,
            (_, Some(here)) => here.agent_id,
            (Target::Session(id), None) => self.session(who, *id).await?.agent_id,
        };
        let channel = submission.source;
        let new = NewSession { owner_id: who.id(), agent_id, channel, title };
        let id = self.store().begin_session(new).await?;
        let title = self.session(who, id).await?.title;
        Ok(lead(SessionLink { id, title }, "Began"))
    }

    async fn resume(
        &self,
        who: &SignedIn,
        here: Option<SessionView>,
        which: &str,
    ) -> Result<CommandReply> {
        if let Ok(id) = which.parse::<SessionId>() {
            let SessionView { id, title, .. } = self.session(who, id).await?;
            return Ok(lead(SessionLink { id, title }, "Going on in"));
        }
        if let Ok(number) = which.parse::<usize>() {
            let mut newest = self.newest(who, "").await?;
            if (1..=newest.len()).contains(&number) {
                return Ok(lead(newest.swap_remove(number - 1), "Going on in"));
            }
            let sentence = match newest.len() {
                0 => "There is no session yet.".to_owned(),
                count => format!("There is no session {number}; /chats lists 1 to {count}."),
            };
            return Err(Fault::field("message", sentence).into());
        }
        let mut fits = self.newest(who, which).await?;
        if which.is_empty() {
            // Where one is already is no place to go on to.
            fits.retain(|session| here.as_ref().is_none_or(|here| here.id != session.id));
            fits.truncate(1);
        }
        match fits.len() {
            0 => {
                let sentence = "No session fits. /chats lists the newest ones.";
                Err(Fault::field("message", sentence).into())
            }
            1 => Ok(lead(fits.swap_remove(0), "Going on in")),
            _ => {
                let response = "Several sessions fit. Choose one, or use /resume with its id.";
                let session_id = here.map(|here| here.id);
                let response = response.to_owned();
                Ok(CommandReply { response, session_id, leads: false, sessions: fits })
            }
        }
    }

    async fn chats(
        &self,
        who: &SignedIn,
        here: Option<SessionView>,
        words: &str,
    ) -> Result<CommandReply> {
        let sessions = self.newest(who, words).await?;
        let response = match (sessions.is_empty(), words.is_empty()) {
            (true, true) => "There is no session yet. Send a message to begin one.",
            (true, false) => "No session holds all of these words.",
            (false, true) => "The newest sessions. /resume with a number goes on in one.",
            (false, false) => "Sessions that hold all of these words, the newest match first.",
        };
        let session_id = here.map(|here| here.id);
        Ok(CommandReply { response: response.to_owned(), session_id, leads: false, sessions })
    }

    async fn stop_session(
        &self,
        who: &SignedIn,
        here: Option<SessionView>,
    ) -> Result<CommandReply> {
        let Some(here) = here else {
            return Ok(tell(None, "There is no session here whose work could be stopped."));
        };
        let mut open = None;
        // What works comes before what waits.
        let working = [
            RunStatus::Running,
            RunStatus::WaitingApproval,
            RunStatus::WaitingGuidance,
            RunStatus::Queued,
        ];
        for status in working {
            let filter = RunFilter {
                status: Some(status),
                session_id: Some(here.id),
                ..RunFilter::default()
            };
            let runs = self.runs(who, filter, Limit::default(), None).await?;
            // The list is newest first; the oldest is the one whose turn it is.
            open = runs.items.into_iter().next_back();
            if open.is_some() {
                break;
            }
        }
        let Some(run) = open else {
            return Ok(tell(Some(here), "Nothing is at work in this session."));
        };
        let response = match self.cancel(who, run.id).await? {
            RunStatus::Cancelled => "Stopped. What was written so far is kept.",
            status if status.is_end() => "It had just ended; there was nothing to stop.",
            _ => "The stop is on its way; the work ends in a moment.",
        };
        Ok(tell(Some(here), response))
    }

    /// The newest sessions, or those in which words occur.
    async fn newest(&self, who: &SignedIn, words: &str) -> Result<Vec<SessionLink>> {
        let limit = Limit::new(LISTED).unwrap_or_default();
        let filter = SessionFilter::default();
        let link = |SessionView { id, title, .. }: SessionView| SessionLink { id, title };
        if words.is_empty() {
            let page = self.sessions(who, filter, limit, None).await?;
            return Ok(page.items.into_iter().map(link).collect());
        }
        let found = self.search(who, words, filter, limit, None).await;
        let page = found.map_err(|error| match error {
            crate::Error::Refused(fault) => at_message(fault).into(),
            other => other,
        })?;
        Ok(page.items.into_iter().map(|found| link(found.session)).collect())
    }
}

/// Reads what was typed. Two slashes make a message that begins with one; a word
/// with another slash in it is a path.
fn read(written: &str) -> Reading<'_> {
    let text = written.trim();
    let Some(behind) = text.strip_prefix('/') else { return Reading::Message(written) };
    if behind.starts_with('/') {
        // A message is all that is kept of it, and may not become a call.
        return Reading::Message(if typed::is_call(behind) { text } else { behind });
    }
    let (word, rest) = behind.split_once(char::is_whitespace).unwrap_or((behind, ""));
    if word.contains('/') {
        return Reading::Message(written);
    }
    match word.to_lowercase().parse() {
        Ok(name) => Reading::Command(name, rest.trim()),
        Err(_) => Reading::Unknown(word),
    }
}

fn unknown(word: &str) -> Fault {
    let known: Vec<_> = CommandName::ALL.iter().map(|name| format!("/{name}")).collect();
    let word: String = word.chars().take(40).collect();
    let known = known.join(", ");
    let sentence = format!(
        "There is no command /{word}. Known are {known}. Begin with two slashes to send the text as a message."
    );
    Fault::field("message", sentence)
}

fn help() -> String {
    let line = |name: &CommandName| {
        let call = format!("/{name} {}", name.argument());
        format!("\n{} – {}", call.trim_end(), name.hint())
    };
    let lines: String = CommandName::ALL.iter().map(line).collect();
    format!("Commands:{lines}\n// – send a message that begins with a slash")
}

fn tell(here: Option<SessionView>, response: impl Into<String>) -> CommandReply {
    let session_id = here.map(|here| here.id);
    CommandReply { response: response.into(), session_id, leads: false, sessions: Vec::new() }
}

fn lead(session: SessionLink, how: &str) -> CommandReply {
    let response = format!("{how} “{}”.", session.title);
    CommandReply { response, session_id: Some(session.id), leads: true, sessions: Vec::new() }
}

/// A refusal of what stood behind a command is about the message.
fn at_message(fault: Fault) -> Fault {
    Fault::field("message", fault.message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_lone_slash_makes_a_command() {
        use Reading::{Command, Message, Unknown};
        assert_eq!(read(" /new  A  title "), Command(CommandName::New, "A  title"));
        assert_eq!(read("/STOP"), Command(CommandName::Stop, ""));
        assert_eq!(read("/chats\nred"), Command(CommandName::Chats, "red"));
        assert_eq!(read("//new"), Message("/new"));
        assert_eq!(read("/tool a {}"), Command(CommandName::Tool, "a {}"));
        assert_eq!(read("//tool a {}"), Message("//tool a {}"));
        assert_eq!(read("/etc/hosts is what?"), Message("/etc/hosts is what?"));
        assert_eq!(read("what is /new"), Message("what is /new"));
        assert_eq!(read("/"), Unknown(""));
        assert_eq!(read("/nwe x"), Unknown("nwe"));
    }
}
