//! People and their password hashes.

use domain::{Role, Timestamp, UserId, UserName, UserView};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set};

use crate::connection::Durability;
use crate::entity::users;
use crate::link::Tx;
use crate::row::{at, ms, word};
use crate::{Error, Result, Store};

const TABLE: &str = "users";

/// A person to be stored.
pub struct NewUser {
    /// The name to sign in with.
    pub name: UserName,
    /// The password as an argon2id hash in PHC form.
    pub password_hash: String,
    /// What they may do.
    pub role: Role,
}

/// A person as stored.
#[derive(Clone)]
pub struct User {
    /// Whose record.
    pub id: UserId,
    /// The name to sign in with.
    pub name: UserName,
    /// The password as an argon2id hash in PHC form.
    pub password_hash: String,
    /// What they may do.
    pub role: Role,
    /// When the account was made.
    pub created_at: Timestamp,
}

impl User {
    /// What others may see of a person.
    pub fn view(&self) -> UserView {
        UserView {
            id: self.id,
            name: self.name.clone(),
            role: self.role,
            created_at: self.created_at,
        }
    }
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User")
            .field("id", &self.id)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Whether nobody has an account yet.
    pub async fn has_no_users(&self) -> Result<bool> {
        Ok(users::Entity::find().one(self.reader()).await?.is_none())
    }

    /// Stores the first owner; `Taken` if there is anybody already, so that two
    /// people who open the setup page cannot both become it.
    pub async fn add_first_owner(&self, new: NewUser) -> Result<User> {
        let write = self.write(Durability::Full).await?;
        if users::Entity::find().one(&write.tx).await?.is_some() {
            return Err(Error::Taken("first owner"));
        }
        let user = self.insert(&write.tx, new).await?;
        write.commit().await?;
        Ok(user)
    }

    /// Stores a person; `Taken` if the name is.
    pub async fn add_user(&self, new: NewUser) -> Result<User> {
        let write = self.write(Durability::Full).await?;
        let user = self.insert(&write.tx, new).await?;
        write.commit().await?;
        Ok(user)
    }

    /// A person by name.
    pub async fn user_by_name(&self, name: &UserName) -> Result<Option<User>> {
        let found = users::Entity::find().filter(users::Column::Name.eq(name.as_str()));
        found.one(self.reader()).await?.map(read).transpose()
    }

    /// The owner who came first; the one a local operator acts as.
    pub async fn first_owner(&self) -> Result<Option<User>> {
        let found = users::Entity::find()
            .filter(users::Column::Role.eq(Role::Owner.as_str()))
            .order_by_asc(users::Column::Id);
        found.one(self.reader()).await?.map(read).transpose()
    }

    async fn insert(&self, tx: &Tx, new: NewUser) -> Result<User> {
        let row = users::ActiveModel {
            id: Set(self.clock().uuid()),
            name: Set(new.name.as_str().to_owned()),
            password_hash: Set(new.password_hash),
            role: Set(new.role.as_str().to_owned()),
            created_at: Set(ms(self.clock().now())),
        };
        read(row.insert(tx).await.map_err(|error| Error::taken(error, "name"))?)
    }
}

pub(crate) fn read(row: users::Model) -> Result<User> {
    Ok(User {
        id: UserId::from_uuid(row.id),
        name: word_name(row.name)?,
        password_hash: row.password_hash,
        role: word(TABLE, &row.role)?,
        created_at: at(TABLE, row.created_at)?,
    })
}

pub(crate) fn word_name(name: String) -> Result<UserName> {
    UserName::parse(&name)
        .map_err(|error| Error::Corrupt { table: TABLE, reason: error.to_string() })
}
