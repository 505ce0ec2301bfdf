//! What agents may do, as an owner sees and changes it.

use domain::{
    Fault, FaultCode, Grant, GrantId, GrantOrigin, GrantTerms, Lasts, Profile, TooManyGrants,
};
use store::{Agent, Granting, Instead};

use crate::access::owner;
use crate::{Engine, Result, SignedIn};

impl Engine {
    /// The grants of an agent that hold now, oldest first: at most 200.
    pub async fn grants(&self, who: &SignedIn, agent: &str) -> Result<Vec<Grant>> {
        owner(who)?;
        let agent = self.agent_named(agent).await?;
        Ok(self.store().grants(agent.id).await?)
    }

    /// Gives an agent one more grant.
    pub async fn add_grant(
        &self,
        who: &SignedIn,
        agent: &str,
        terms: GrantTerms,
    ) -> Result<Vec<Grant>> {
        owner(who)?;
        let agent = self.agent_named(agent).await?;
        match terms.lasts {
            Lasts::Always => {}
            Lasts::Until(moment) if moment > self.store().clock().now() => {}
            Lasts::Until(_) => {
                let sentence = "A grant ends in the future, or when it is removed.";
                return Err(Fault::field("lasts", sentence).into());
            }
            Lasts::Run(run) => {
                if self.store().run(who.id(), run).await?.agent_id != agent.id {
                    let sentence = "That run is not of this agent.";
                    return Err(Fault::field("lasts", sentence).into());
                }
            }
        }
        self.give(who, &agent, vec![(GrantOrigin::Person, terms)], Instead::OfNone).await
    }

    /// Gives an agent the grants of a profile in the place of those that came
    /// from one before. Others stay.
    pub async fn choose_profile(
        &self,
        who: &SignedIn,
        agent: &str,
        profile: Profile,
    ) -> Result<Vec<Grant>> {
        owner(who)?;
        let agent = self.agent_named(agent).await?;
        let origin = GrantOrigin::Profile(profile);
        let terms = profile.terms().into_iter().map(|terms| (origin, terms)).collect();
        self.give(who, &agent, terms, Instead::OfProfiles).await
    }

    /// Takes a grant away from an agent.
    pub async fn remove_grant(&self, who: &SignedIn, agent: &str, id: GrantId) -> Result<Grant> {
        owner(who)?;
        let agent = self.agent_named(agent).await?;
        Ok(self.store().remove_grant(agent.id, id, who.id()).await?)
    }

    async fn give(
        &self,
        who: &SignedIn,
        agent: &Agent,
        terms: Vec<(GrantOrigin, GrantTerms)>,
        instead: Instead,
    ) -> Result<Vec<Grant>> {
        match self.store().grant(agent.id, terms, instead, who.id()).await? {
            Granting::Held(made) => Ok(made),
            Granting::Full => {
                let sentence = TooManyGrants(Grant::MAX_PER_AGENT + 1).to_string();
                Err(Fault::new(FaultCode::GrantsFull, sentence).into())
            }
        }
    }
}
