//! What an agent may do: its grants.

use domain::Grant;
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::ApiError;

/// What the form of a new grant says, as it was typed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct GrantForm {
    pub tool: String,
    pub mode: String,
    pub ways: String,
    /// `anything` or `named`.
    pub covers: String,
    /// Patterns, one a line, here and in the next four.
    pub read: String,
    pub write: String,
    pub hosts: String,
    pub commands: String,
    pub secrets: String,
    /// The day on which it ends, in UTC; empty for none.
    pub until: String,
}

impl GrantForm {
    /// Its fields by name.
    #[allow(dead_code, reason = "the browser only sends the form")]
    pub(crate) fn fields(&self) -> [(&'static str, &str); 10] {
        [
            ("tool", &self.tool),
            ("mode", &self.mode),
            ("ways", &self.ways),
            ("covers", &self.covers),
            ("read", &self.read),
            ("write", &self.write),
            ("hosts", &self.hosts),
            ("commands", &self.commands),
            ("secrets", &self.secrets),
            ("until", &self.until),
        ]
    }
}

/// The grants of an agent.
#[server(prefix = "/fn", endpoint = "grants", input = GetUrl, output = Json)]
pub(crate) async fn read_grants(agent: String) -> Result<Vec<Grant>, ApiError> {
    use crate::context;

    let who = context::signed_in().await?;
    context::engine()?.grants(&who, &agent).await.map_err(context::refused)
}

/// Gives an agent one more grant.
#[server(prefix = "/fn", endpoint = "grant-add")]
pub(crate) async fn add_grant(
    #[server(default)] agent: String,
    #[server(flatten)] form: GrantForm,
) -> Result<(), ApiError> {
    use crate::{context, routes};

    let page = routes::agent_named(&agent);
    let posted = context::Posted::new("grant-add", page.clone()).all_typed(&form.fields());
    let answer = async {
        let who = context::signed_in().await?;
        let terms = context::grant_terms(&form)?;
        context::engine()?.add_grant(&who, &agent, terms).await.map_err(context::refused)
    };
    posted.settle(answer.await).await?;
    context::stay(&page);
    Ok(())
}

/// Gives an agent the grants of a profile.
#[server(prefix = "/fn", endpoint = "grant-profile")]
pub(crate) async fn choose_profile(
    #[server(default)] agent: String,
    #[server(default)] profile: String,
) -> Result<(), ApiError> {
    use crate::{context, routes};

    let page = routes::agent_named(&agent);
    let posted = context::Posted::new("grant-profile", page.clone()).typed("profile", &profile);
    let answer = async {
        let who = context::signed_in().await?;
        let sentence = "Choose one of the profiles.";
        let unknown = |_| context::refused(domain::Fault::field("profile", sentence));
        let profile = profile.parse().map_err(unknown)?;
        context::engine()?.choose_profile(&who, &agent, profile).await.map_err(context::refused)
    };
    posted.settle(answer.await).await?;
    context::stay(&page);
    Ok(())
}

/// Takes a grant away.
#[server(prefix = "/fn", endpoint = "grant-remove")]
pub(crate) async fn remove_grant(
    #[server(default)] agent: String,
    #[server(default)] grant: String,
) -> Result<(), ApiError> {
    use crate::{context, routes};

    let page = routes::agent_named(&agent);
    let posted = context::Posted::new("grant-remove", page.clone());
    let answer = async {
        let who = context::signed_in().await?;
        let id = context::id(&grant, domain::FaultCode::GrantNotFound)?;
        context::engine()?.remove_grant(&who, &agent, id).await.map_err(context::refused)
    };
    posted.settle(answer.await).await?;
    context::stay(&page);
    Ok(())
}
