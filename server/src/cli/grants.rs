//! `openclawssy agents grants`

use std::path::PathBuf;

use anyhow::Context;
use domain::{Fault, Grant, GrantId, GrantOrigin, GrantTerms, Profile};
use engine::{Engine, SignedIn};

use super::agents::text_of;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Lists what an agent may do.
    List {
        /// The agent, by name.
        agent: String,
    },
    /// Gives an agent one more grant.
    Add {
        /// The agent, by name.
        agent: String,
        /// The file that holds the grant as TOML: tool, mode and scope, for
        /// example tool = "fs.*", mode = "allow", scope = "anything"; - reads
        /// standard input.
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
    },
    /// Gives an agent the grants of a profile, in the place of those that came
    /// from one before.
    Profile {
        /// The agent, by name.
        agent: String,
        /// read_only, guarded, workspace or full.
        profile: Profile,
    },
    /// Takes a grant away.
    Remove {
        /// The agent, by name.
        agent: String,
        /// Which grant.
        id: GrantId,
    },
}

pub(super) async fn execute(
    engine: &Engine,
    who: &SignedIn,
    command: Command,
) -> anyhow::Result<String> {
    let grants = match command {
        Command::List { agent } => engine.grants(who, &agent).await,
        Command::Add { agent, file } => {
            let text = text_of(&file)?;
            let terms: GrantTerms = toml::from_str(&text)
                .with_context(|| format!("{} holds no grant", file.display()))?;
            engine.add_grant(who, &agent, terms).await
        }
        Command::Profile { agent, profile } => engine.choose_profile(who, &agent, profile).await,
        Command::Remove { agent, id } => {
            let gone = engine.remove_grant(who, &agent, id).await.map_err(Fault::from)?;
            return Ok(format!("removed {}", line(&gone)));
        }
    };
    let grants = grants.map_err(Fault::from)?;
    if grants.is_empty() {
        return Ok("No grant: every call is denied.".to_owned());
    }
    Ok(grants.iter().map(line).collect::<Vec<_>>().join("\n"))
}

fn line(grant: &Grant) -> String {
    let origin = match grant.origin {
        GrantOrigin::Profile(profile) => format!("profile {profile}"),
        GrantOrigin::Person => "written by a person".to_owned(),
        GrantOrigin::Remembered(question) => format!("remembered from {question}"),
    };
    format!("{}  {}  [{origin}]", grant.id, grant.terms)
}
