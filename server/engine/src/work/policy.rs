//! What decides whether a call runs: the grants of the run's agent and of the
//! agents above it.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{AgentId, CallId, Grant, Mode, Scope, Timestamp};
use network::{HostPattern, HostRules};
use policy::{Asker, Rules, decide};
use secrets::SecretText;
use store::{ClaimedRun, Store};
use tools::{NoSecret, Registry, Secrets};

use crate::replay::Decisions;
use crate::work::course::{Call, Course};

/// The rule that a call runs by which a person let through.
pub(crate) const BY_APPROVAL: &str = "approval";
/// The rule that a call goes by which is refused before it does anything: there
/// is no such tool, or its arguments cannot be read.
const BY_NOTHING: &str = "refused by itself";

/// What becomes of a call, and by which rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decided {
    /// It runs.
    Runs {
        /// The rule.
        rule: String,
    },
    /// A person is asked.
    Asks {
        /// Why, in one sentence.
        reason: String,
    },
    /// It does not run.
    Denied {
        /// The rule.
        rule: String,
        /// Why, in one sentence.
        sentence: String,
    },
}

/// What decides.
pub(crate) enum Policy<'a> {
    /// What people granted.
    Grants(Grants<'a>),
    /// What was decided when the run was done first.
    Recorded(Arc<Decisions>),
}

/// What people granted those who stand behind a run.
pub(crate) struct Grants<'a> {
    store: Store,
    run: &'a ClaimedRun,
    /// The run's own agent, and those of the runs above it: what none of them
    /// may do, no child of theirs may.
    agents: Vec<AgentId>,
}

impl<'a> Grants<'a> {
    /// The grants behind a run.
    pub(crate) async fn of(store: &Store, run: &'a ClaimedRun) -> store::Result<Self> {
        let store = store.unsettled();
        let mut agents = vec![run.agent_id];
        if run.parent_id.is_some() {
            agents.extend(store.agents_above(run.id).await?);
            agents.dedup();
        }
        Ok(Self { store, run, agents })
    }

    /// The grants as they are now.
    async fn read(&self) -> store::Result<Vec<Vec<Grant>>> {
        let mut all = Vec::with_capacity(self.agents.len());
        for agent in &self.agents {
            all.push(self.store.grants(*agent).await?);
        }
        Ok(all)
    }
}

/// What decides over calls at a moment.
pub(crate) enum Bar {
    /// Grants as they were read, with the moment.
    Grants(Vec<Vec<Grant>>, Timestamp, Asker),
    /// What was decided before.
    Recorded(Arc<Decisions>),
}

impl Policy<'_> {
    /// Reads what decides now. Grants may have come or gone since, and the run
    /// may have read words from outside.
    pub(crate) async fn now(&self, course: &Course) -> store::Result<Bar> {
        Ok(match self {
            Self::Grants(grants) => {
                let mut asker = Asker::new(grants.run.id, grants.run.source);
                asker.taint = course.taint.clone();
                Bar::Grants(grants.read().await?, grants.store.clock().now(), asker)
            }
            Self::Recorded(decisions) => Bar::Recorded(Arc::clone(decisions)),
        })
    }
}

impl Policy<'_> {
    /// Whether a run that a call began has read words from outside. Where that
    /// cannot be found out, it counts as read.
    pub(crate) async fn has_read_outside(&self, call: CallId) -> bool {
        match self {
            Self::Grants(grants) => {
                match grants.store.children_read_outside(grants.run.id, call).await {
                    Ok(has_read) => has_read,
                    Err(error) => {
                        tracing::error!(%error, "what a run has read could not be found out");
                        true
                    }
                }
            }
            Self::Recorded(_) => false,
        }
    }
}

impl Bar {
    /// The hosts that a call may reach: its own, which was decided about, and
    /// where a redirect leads, those that the grants allow anyway.
    pub(crate) fn hosts(&self, tools: &Registry, call: &Call) -> HostRules {
        let own = tools.touches(&call.tool, &call.arguments).unwrap_or_default().hosts;
        let mut open: Vec<HostPattern> =
            own.iter().filter_map(|host| host.to_string().parse().ok()).collect();
        let mut shut = Vec::new();
        if let Self::Grants(grants, now, asker) = self {
            let rules = Rules { grants: &[], now: *now };
            let counts = |grant: &&Grant| rules.counts(grant, asker, &call.tool);
            for grant in grants.iter().flatten().filter(counts) {
                match grant.terms.mode {
                    // What only some of those behind the run may reach, it may not.
                    Mode::Allow if grants.len() == 1 => open.extend(patterns(grant)),
                    Mode::Deny => shut.extend(patterns(grant)),
                    Mode::Allow | Mode::Ask => {}
                }
            }
        }
        HostRules::new(open, shut)
    }

    /// Decides over a call.
    pub(crate) fn decide(&self, tools: &Registry, call: &Call) -> Decided {
        match self {
            Self::Grants(grants, now, asker) => granted(grants, *now, asker, tools, call),
            Self::Recorded(decisions) => decisions.of(call.id, &call.tool, &call.arguments),
        }
    }
}

/// The hosts of a grant, as the guard reads them: public addresses alone, for
/// whoever holds a name decides where it leads.
fn patterns(grant: &Grant) -> Vec<HostPattern> {
    let texts = match &grant.terms.scope {
        Scope::Anything => vec!["*".to_owned()],
        Scope::Only(reach) => reach.hosts.iter().map(ToString::to_string).collect(),
    };
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

/// There are no secrets to fill in yet.
pub(crate) struct NoSecrets;

#[async_trait]
impl Secrets for NoSecrets {
    async fn value(&self, _: &str, _: &str, _: u16) -> Result<SecretText, NoSecret> {
        Err(NoSecret::Unknown)
    }
}

fn granted(
    grants: &[Vec<Grant>],
    now: Timestamp,
    asker: &Asker,
    tools: &Registry,
    call: &Call,
) -> Decided {
    let class = tools.class(&call.tool);
    let touches = tools.touches(&call.tool, &call.arguments);
    let (Some(class), Some(touches)) = (class, touches) else {
        return Decided::Runs { rule: BY_NOTHING.to_owned() };
    };
    let judged = policy::Call { tool: call.tool.clone(), class, touches };
    let verdicts = grants.iter().map(|grants| decide(&Rules { grants, now }, asker, &judged));
    // Of those who stand behind the run the strictest decides.
    let Some(verdict) = verdicts.max_by_key(|verdict| verdict.mode) else {
        return Decided::Denied { rule: String::new(), sentence: String::new() };
    };
    match verdict.mode {
        Mode::Deny => {
            Decided::Denied { rule: verdict.rule.to_string(), sentence: verdict.sentence }
        }
        Mode::Ask => Decided::Asks { reason: verdict.sentence },
        Mode::Allow => match tools.asks(&call.tool, &call.arguments) {
            Some(reason) => Decided::Asks { reason },
            None => Decided::Runs { rule: verdict.rule.to_string() },
        },
    }
}
