//! What grants make of a call, and what other grants would have made of the
//! calls of the past.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use ::policy::{Asker, Call, Explanation, Rules, Verdict, compare, explain};
use domain::{
    AgentId, Channel, Fault, FaultCode, Grant, GrantFile, GrantId, Limit, RunId, Timestamp,
};
use store::PastCall;

use crate::access::owner;
use crate::{Engine, Result, SignedIn};

/// The most calls that are told one by one; of further ones only the number.
const MOST_TOLD: usize = 200;

/// A call of the past that other grants decide in another way.
#[derive(Debug, Clone)]
pub struct ChangedCall {
    /// The call.
    pub call: PastCall,
    /// What the grants of today make of it.
    pub before: Verdict,
    /// What the other ones make of it.
    pub after: Verdict,
}

/// What other grants would have made of the calls of the past.
#[derive(Debug, Clone, Default)]
pub struct PolicyReplay {
    /// How many calls were looked at.
    pub calls: u64,
    /// How many of them cannot be judged: there is no such tool any more, or it
    /// does not read such arguments.
    pub unread: u64,
    /// How many are decided in another way.
    pub changed: u64,
    /// The first 200 of those, oldest first.
    pub told: Vec<ChangedCall>,
}

impl Engine {
    /// What an agent's grants make of a call that comes in by some way, in a run
    /// that has read nothing from outside.
    pub async fn explain_call(
        &self,
        who: &SignedIn,
        agent: &str,
        channel: Channel,
        tool: &str,
        arguments: &str,
    ) -> Result<Explanation> {
        owner(who)?;
        let agent = self.agent_named(agent).await?;
        let grants = self.store().grants(agent.id).await?;
        let Some(call) = self.described(tool, arguments) else {
            let sentence = "There is no such tool, or it cannot read these arguments.";
            return Err(Fault::new(FaultCode::InvalidInput, sentence).into());
        };
        let clock = self.store().clock();
        let asker = Asker::new(RunId::from_uuid(clock.uuid()), channel);
        Ok(explain(&Rules { grants: &grants, now: clock.now() }, &asker, &call))
    }

    /// Which calls of the past, of one agent or of all, other grants would decide
    /// in another way than those of today. Taint is not told again: every run is
    /// taken as one that has read nothing from outside.
    pub async fn replay_policy(
        &self,
        who: &SignedIn,
        agent: Option<&str>,
        since: Timestamp,
        file: GrantFile,
    ) -> Result<PolicyReplay> {
        owner(who)?;
        let only = match agent {
            Some(name) => Some(self.agent_named(name).await?.id),
            None => None,
        };
        let terms = file.terms().map_err(|error| Fault::field("grants", error.to_string()))?;
        let mut today: HashMap<AgentId, Vec<Grant>> = HashMap::new();
        let mut found = PolicyReplay::default();
        let mut cursor = None;
        loop {
            let limit = Limit::new(Limit::MAX).unwrap_or_default();
            let page = self.store().past_calls(only, since, limit, cursor.as_deref()).await?;
            for past in page.items {
                found.calls += 1;
                let Some(call) = self.described(&past.tool, &past.arguments) else {
                    found.unread += 1;
                    continue;
                };
                let old = match today.entry(past.agent_id) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(place) => place.insert(self.store().grants(past.agent_id).await?),
                };
                let new: Vec<_> = terms
                    .iter()
                    .map(|(origin, terms)| Grant {
                        id: GrantId::from_uuid(self.store().clock().uuid()),
                        agent_id: past.agent_id,
                        made_at: past.at,
                        origin: *origin,
                        terms: terms.clone(),
                    })
                    .collect();
                let asker = Asker::new(past.run_id, past.source);
                let judged = ::policy::PastCall { at: past.at, asker, call };
                let change = compare(old, &new, [judged]).next();
                if let Some(change) = change {
                    found.changed += 1;
                    if found.told.len() < MOST_TOLD {
                        let (before, after) = (change.before, change.after);
                        found.told.push(ChangedCall { call: past, before, after });
                    }
                }
            }
            cursor = page.next_cursor;
            if cursor.is_none() {
                return Ok(found);
            }
        }
    }

    /// A call as it is judged, if its tool is there and reads its arguments.
    fn described(&self, tool: &str, arguments: &str) -> Option<Call> {
        let tools = &self.inner.tools;
        let (class, touches) = (tools.class(tool)?, tools.touches(tool, arguments)?);
        Some(Call { tool: tool.to_owned(), class, touches })
    }
}
