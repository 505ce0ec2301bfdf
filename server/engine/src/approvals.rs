//! Questions to people: what waits for an answer, and the answers.

use domain::{
    ApprovalId, ApprovalStatus, ApprovalView, Fault, FaultCode, GrantTerms, Lasts, Limit, Mode,
    Page, Pending, Remember, SessionId, Verdict,
};
use policy::Asker;
use store::Answered;

use crate::access::owner;
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
        self.answer_and_remember(who, id, verdict, note, Remember::Once).await
    }

    /// The same, and the answer counts again for the same call: a grant for
    /// exactly what it touches, which is seen and removed like any other.
    pub async fn answer_and_remember(
        &self,
        who: &SignedIn,
        id: ApprovalId,
        verdict: Verdict,
        note: Option<&str>,
        remember: Remember,
    ) -> Result<ApprovalView> {
        // Forms sent without scripts end their lines as HTTP does.
        let note = note.map(|note| note.trim().replace("\r\n", "\n"));
        let note = note.as_deref().filter(|note| !note.is_empty());
        if note.is_some_and(|note| note.chars().count() > MAX_NOTE) {
            return Err(Fault::field("note", "A note has at most 2,000 characters.").into());
        }
        let grant = self.remembered(who, id, verdict, remember).await?;
        match self.store().answer_and_grant(who.id(), id, verdict, note, grant).await? {
            Answered::Taken => self.approval(who, id).await,
            Answered::Settled(status) => Err(settled(status).into()),
        }
    }

    /// The grant that makes an answer last.
    async fn remembered(
        &self,
        who: &SignedIn,
        id: ApprovalId,
        verdict: Verdict,
        remember: Remember,
    ) -> Result<Option<GrantTerms>> {
        let asked = match remember {
            Remember::Once => return Ok(None),
            Remember::Run => self.approval(who, id).await?,
            Remember::Always => {
                owner(who)?;
                self.approval(who, id).await?
            }
        };
        let lasts = match remember {
            Remember::Run => Lasts::Run(asked.run_id),
            Remember::Once | Remember::Always => Lasts::Always,
        };
        let mode = match verdict {
            Verdict::Approve => Mode::Allow,
            Verdict::Deny => Mode::Deny,
        };
        let source = self.store().run(who.id(), asked.run_id).await?.source;
        let asker = Asker::new(asked.run_id, source);
        let tools = &self.inner.tools;
        let touches = tools.touches(&asked.tool, &asked.arguments);
        let (Some(class), Some(touches)) = (tools.class(&asked.tool), touches) else {
            return Err(not_remembered("Its arguments cannot be read any more."));
        };
        let call = policy::Call { tool: asked.tool, class, touches };
        let terms = policy::remember(&asker, &call, mode, lasts);
        Ok(Some(terms.map_err(|error| not_remembered(&error.to_string()))?))
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

fn not_remembered(why: &str) -> crate::Error {
    let sentence = format!("This answer can count once only. {why}");
    Fault::field("remember", sentence).into()
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
