//! A person's sessions: listed, searched, renamed, put away, deleted.

use domain::{
    Fault, Found, Limit, Page, SearchText, SessionFilter, SessionId, SessionState, SessionView,
};

use crate::{Engine, Result, SignedIn};

/// The most characters of a title that a person gives.
const MAX_TITLE: usize = 120;

impl Engine {
    /// A person's sessions, the one last spoken in first.
    pub async fn sessions(
        &self,
        who: &SignedIn,
        filter: SessionFilter,
        limit: Limit,
        cursor: Option<&str>,
    ) -> Result<Page<SessionView>> {
        check_state(filter.state)?;
        Ok(self.store().sessions(who.id(), filter, limit, cursor).await?)
    }

    /// Sessions in which all the words occur, in one message or in the title,
    /// the newest match first; at most 50 at a time.
    pub async fn search(
        &self,
        who: &SignedIn,
        typed: &str,
        filter: SessionFilter,
        limit: Limit,
        cursor: Option<&str>,
    ) -> Result<Page<Found>> {
        check_state(filter.state)?;
        let wanted = SearchText::parse(typed)?;
        Ok(self.store().search(who.id(), &wanted, filter, limit, cursor).await?)
    }

    /// One session.
    pub async fn session(&self, who: &SignedIn, id: SessionId) -> Result<SessionView> {
        Ok(self.store().session(who.id(), id).await?)
    }

    /// Gives a session another title, or puts it away or back, or both.
    pub async fn change_session(
        &self,
        who: &SignedIn,
        id: SessionId,
        title: Option<&str>,
        archived: Option<bool>,
    ) -> Result<SessionView> {
        let title = title.map(check_title).transpose()?;
        self.store().change_session(who.id(), id, title.as_deref(), archived).await?;
        self.session(who, id).await
    }

    /// Deletes a session: its work is stopped, and from now on nobody sees it.
    pub async fn delete_session(&self, who: &SignedIn, id: SessionId) -> Result<()> {
        let working = self.store().delete_session(who.id(), id).await?;
        working.into_iter().for_each(|run| self.inner.stop_run(run));
        self.clean_soon();
        Ok(())
    }
}

/// A title as it is stored: one line, without space at its ends.
pub(crate) fn check_title(title: &str) -> std::result::Result<String, Fault> {
    let words: Vec<&str> = title.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let title = words.join(" ");
    match title.chars().count() {
        1..=MAX_TITLE => Ok(title),
        _ => Err(Fault::field("title", "A title has 1 to 120 characters.")),
    }
}

fn check_state(state: SessionState) -> std::result::Result<(), Fault> {
    match state {
        SessionState::Active | SessionState::Archived => Ok(()),
        SessionState::Deleted => Err(Fault::field("state", "`state` is `active` or `archived`.")),
    }
}
