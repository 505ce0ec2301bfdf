//! The database's schema, one file for each change, append-only.
//!
//! A migration is plain SQL that SQLite and PostgreSQL both read; the few words
//! that differ are filled in by [`dialect`].

mod dialect;
mod m0001_first;
mod m0002_wide;
mod m0003_engine;
mod m0004_people;
mod m0005_family;
mod m0006_policy;
mod m0007_pictures;

use sea_orm_migration::prelude::*;

/// All migrations, in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_first::Migration),
            Box::new(m0002_wide::Migration),
            Box::new(m0003_engine::Migration),
            Box::new(m0004_people::Migration),
            Box::new(m0005_family::Migration),
            Box::new(m0006_policy::Migration),
            Box::new(m0007_pictures::Migration),
        ]
    }
}
