//! Questions to people: what waits for an answer, and the answers.

use domain::{
    ApprovalId, ApprovalStatus, ApprovalView, Fault, FaultCode, Limit, Page, Pending, SessionId,
    Verdict,
};
use store::Answered;

use crate::{Engine, Result, SignedIn};

/// The most characters of a note to an answer.
const MAX_NOTE: usize = 2_000;

impl Engine {
    /// A person's questions about calls, newest first.
    pub async fn approvals(
        &self,
        who: &SignedIn,
        status: Option<ApprovalStatus>,
        limit: Limit,
        cursor: Option<&str>,
    ) -> Result<Page<ApprovalView>> {
        Ok(self.store().approvals(who.id(), status, limit, cursor).await?)
    }

    /// One question.
    pub async fn approval(&self, who: &SignedIn, id: ApprovalId) -> Result<ApprovalView> {
        Ok(self.store().approval(who.id(), id).await?)
    }

    /// Answers a question of a person's own run, which goes on then. The model is
    /// told the note. The same answer, given twice, counts once.
    pub async fn answer_approval(
        &self,
        who: &SignedIn,
        id: ApprovalId,
        verdict: Verdict,
        note: Option<&str>,
    ) -> Result<ApprovalView> {
        // Forms sent without scripts end their lines as HTTP does.
        let note = note.map(|note| note.trim().replace("\r\n", "\n"));
        let note = note.as_deref().filter(|note| !note.is_empty());
        if note.is_some_and(|note| note.chars().count() > MAX_NOTE) {
            return Err(Fault::field("note", "A note has at most 2,000 characters.").into());
        }
        match self.store().answer_approval(who.id(), id, verdict, note).await? {
            Answered::Taken => self.approval(who, id).await,
            Answered::Settled(status) => Err(settled(status).into()),
        }
    }

    /// How many of a person's runs wait for an answer.
    pub async fn questions(&self, who: &SignedIn) -> Result<u64> {
        Ok(self.store().questions(who.id()).await?)
    }

    /// What the run at work in a session waits for, and has yet to hear.
    pub async fn pending(&self, who: &SignedIn, session: SessionId) -> Result<Pending> {
        Ok(self.store().pending(who.id(), session).await?)
    }
}

/// Why an answer does not count, by what the question is by now.
fn settled(status: ApprovalStatus) -> Fault {
    let sentence = match status {
        // It waited when the answer came, or the answer would have counted.
        ApprovalStatus::Waiting => "This question was being answered. Look again.",
        ApprovalStatus::Approved => "This call was approved before. That stands.",
        ApprovalStatus::Denied => "This call was denied before. That stands.",
        ApprovalStatus::Expired => {
            "This question has expired and the run went on without the call. Ask the agent to ask again."
        }
        ApprovalStatus::Withdrawn => "The run has ended, and with it this question.",
    };
    Fault::new(FaultCode::ApprovalSettled, sentence)
}
