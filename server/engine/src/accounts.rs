//! Signing up, in and out.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{AgentChoices, AgentName, Fault, FaultCode, FormNote, Profile, Role, UserName};
use jiff::SignedDuration;
use store::{NewAgent, NewUser, User};

use crate::{Credential, Engine, Error, Keep, Login, Result, SignedIn, password};

/// The agent that setup makes.
const FIRST_AGENT: &str = "guide";
/// What it may do: it works in its own folder, and asks before it leaves it.
const FIRST_PROFILE: Profile = Profile::Workspace;

/// Short, so that a small model can keep to it; each line guards against what
/// models do wrong with tools. A large model needs no more.
const FIRST_INSTRUCTIONS: &str = "You are guide, a helpful and careful assistant. You work in a folder of your own.

- If you can answer from what you know, just answer, in the language of the message.
- If the task is about files or the time, use a tool. Never guess what a file holds or what is in the folder: look.
- Do one thing at a time, and read its result before the next. If a call fails, read the error and try another way; do not repeat the same call.
- Never say that you did something which no tool call did.
- Do not change or overwrite a file that you were not asked to change.
- End with a short answer: what you found or did, and which files are new or changed. If something failed or is missing, say so plainly.";

const THIRTY_DAYS: SignedDuration = SignedDuration::from_hours(30 * 24);
const ONE_DAY: SignedDuration = SignedDuration::from_hours(24);
const NOTE_LIFE: SignedDuration = SignedDuration::from_mins(5);

impl Engine {
    /// Whether nobody has an account yet.
    pub async fn needs_setup(&self) -> Result<bool> {
        Ok(self.store().has_no_users().await?)
    }

    /// Makes the first owner and the first agent, and signs the owner in.
    pub async fn set_up(&self, name: &str, password: &str) -> Result<Login> {
        let name = user_name(name)?;
        password::check(password)?;
        let done =
            || Fault::new(FaultCode::SetupDone, "There is an owner already. Sign in instead.");
        if !self.needs_setup().await? {
            return Err(done().into());
        }
        let password_hash = password::hash(password.to_owned()).await?;
        let new = NewUser { name, password_hash, role: Role::Owner };
        let user = match self.store().add_first_owner(new).await {
            Err(store::Error::Taken(_)) => return Err(done().into()),
            other => other?,
        };
        self.first_agent(&user).await?;
        self.begin_login(user, Keep::ThisVisit).await
    }

    /// Adds a person. Whoever reaches the command line of the server may.
    pub async fn add_user(&self, name: &str, password: &str, role: Role) -> Result<SignedIn> {
        let name = user_name(name)?;
        password::check(password)?;
        let password_hash = password::hash(password.to_owned()).await?;
        let user = match self.store().add_user(NewUser { name, password_hash, role }).await {
            Err(store::Error::Taken(_)) => {
                let mut fault = Fault::field("name", "Somebody has that name already.");
                fault.code = FaultCode::NameTaken;
                return Err(fault.into());
            }
            other => other?,
        };
        if self.store().agents().await?.is_empty() {
            self.first_agent(&user).await?;
        }
        Ok(SignedIn::from(&user))
    }

    /// Signs a person in.
    pub async fn sign_in(
        &self,
        name: &str,
        password: &str,
        address: IpAddr,
        keep: Keep,
    ) -> Result<Login> {
        let wrong = || Fault::new(FaultCode::AuthInvalid, "Name or password is not right.");
        let Ok(name) = UserName::parse(name) else { return Err(wrong().into()) };
        self.throttle().count(address, &name)?;
        let user = self.store().user_by_name(&name).await?;
        let hash = user.as_ref().map(|user| user.password_hash.clone());
        let fits = password::fits(password.to_owned(), hash).await?;
        match user {
            Some(user) if fits => self.begin_login(user, keep).await,
            _ => Err(wrong().into()),
        }
    }

    /// Ends a login session.
    pub async fn sign_out(&self, token: &str) -> Result<()> {
        Ok(self.store().end_login(token).await?)
    }

    /// Who is asking.
    pub async fn authenticate(&self, credential: Credential<'_>) -> Result<SignedIn> {
        let user = match credential {
            Credential::Cookie(secret) => self.store().unsettled().login(secret).await?,
            Credential::Bearer(secret) => self.store().unsettled().token(secret).await?,
        };
        let unknown = || Fault::new(FaultCode::AuthRequired, "Sign in first.");
        Ok(SignedIn::from(&user.ok_or_else(unknown)?))
    }

    /// The person whom the command line acts as: one by name, or the first owner.
    pub async fn local_person(&self, name: Option<&str>) -> Result<SignedIn> {
        let user = match name {
            Some(name) => self.store().user_by_name(&user_name(name)?).await?,
            None => self.store().first_owner().await?,
        };
        let nobody = || {
            let message = "There is no such person. Open the dashboard once, or run `openclawssy users add NAME --role owner`.";
            Fault::field("user", message)
        };
        Ok(SignedIn::from(&user.ok_or_else(nobody)?))
    }

    /// Makes an API token for a person. It is shown this once.
    pub async fn make_token(&self, who: &SignedIn, name: &str) -> Result<String> {
        let secret = format!("oct_{}", secret()?);
        self.store().add_token(&secret, who.id(), name).await?;
        Ok(secret)
    }

    /// Keeps a refused form for one reading, under the secret that it returns.
    pub async fn keep_note(&self, note: FormNote) -> Result<String> {
        let secret = secret()?;
        let until = self.store().clock().now() + NOTE_LIFE;
        self.store().add_note(&secret, &note, until).await?;
        Ok(secret)
    }

    /// Hands a kept form out, once.
    pub async fn take_note(&self, id: &str) -> Result<Option<FormNote>> {
        Ok(self.store().take_note(id).await?)
    }

    async fn first_agent(&self, owner: &User) -> Result<()> {
        let name =
            AgentName::parse(FIRST_AGENT).map_err(|error| Error::Broken(error.to_string()))?;
        let new = NewAgent {
            owner_id: owner.id,
            folder: self.fresh_folder(&name).await?,
            name,
            instructions: FIRST_INSTRUCTIONS.into(),
            model: None,
            choices: AgentChoices::default(),
            profile: Some(FIRST_PROFILE),
        };
        match self.store().add_agent(new).await {
            Ok(_) | Err(store::Error::Taken(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn begin_login(&self, user: User, keep: Keep) -> Result<Login> {
        let token = secret()?;
        let life = match keep {
            Keep::ThisVisit => ONE_DAY,
            Keep::ThirtyDays => THIRTY_DAYS,
        };
        self.store().add_login(&token, user.id, self.store().clock().now() + life).await?;
        let max_age_seconds = match keep {
            Keep::ThisVisit => None,
            Keep::ThirtyDays => Some(life.as_secs().unsigned_abs()),
        };
        Ok(Login { token, max_age_seconds, user: user.view() })
    }
}

fn user_name(text: &str) -> std::result::Result<UserName, Fault> {
    UserName::parse(text).map_err(|error| Fault::field("name", error.to_string()))
}

/// 256 bits from the operating system, as text for a cookie or a header.
fn secret() -> Result<String> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::Broken(format!("no randomness to be had: {error}")))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
