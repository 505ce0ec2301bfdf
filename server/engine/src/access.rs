//! Who is asking. Methods take these types as parameters, so that a call
//! without the right does not compile.

use domain::{Fault, FaultCode, Role, UserId, UserName, UserView};
use store::User;

/// A person who is signed in. Only this crate makes one, after it has checked a
/// credential.
#[derive(Debug, Clone)]
pub struct SignedIn(pub(crate) UserView);

impl SignedIn {
    /// Whose id everything they do is stored under.
    pub fn id(&self) -> UserId {
        self.0.id
    }

    /// The name they sign in with.
    pub fn name(&self) -> &UserName {
        &self.0.name
    }

    /// What they may do.
    pub fn role(&self) -> Role {
        self.0.role
    }

    /// What pages show of them.
    pub fn view(&self) -> &UserView {
        &self.0
    }
}

impl From<&User> for SignedIn {
    fn from(user: &User) -> Self {
        Self(user.view())
    }
}

/// Refuses whoever does not administer the installation.
pub(crate) fn owner(who: &SignedIn) -> Result<(), Fault> {
    match who.role() {
        Role::Owner => Ok(()),
        Role::Member => Err(Fault::new(FaultCode::Forbidden, "Only an owner may do this.")),
    }
}

/// What a request brings to prove who is asking.
pub enum Credential<'a> {
    /// The secret of a login session, from its cookie.
    Cookie(&'a str),
    /// An API token.
    Bearer(&'a str),
}

/// A login session that was just begun.
pub struct Login {
    /// Its secret, for the cookie. Stored nowhere.
    pub token: String,
    /// How long the cookie is kept, in seconds; `None` until the browser ends.
    pub max_age_seconds: Option<u64>,
    /// Who signed in.
    pub user: UserView,
}

/// How long a login session lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Until the browser ends, at most a day.
    ThisVisit,
    /// For 30 days.
    ThirtyDays,
}
