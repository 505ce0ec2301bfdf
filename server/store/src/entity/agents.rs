use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "agents")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) owner_id: Uuid,
    pub(crate) name: String,
    pub(crate) instructions: String,
    pub(crate) model: Option<String>,
    pub(crate) created_at: i64,
    pub(crate) status: String,
    pub(crate) deleted_name: Option<String>,
    pub(crate) folder: String,
    pub(crate) updated_at: i64,
    pub(crate) fallbacks: String,
    pub(crate) temperature: Option<f64>,
    pub(crate) max_tokens: Option<i64>,
    pub(crate) context_window: Option<i64>,
    pub(crate) run_tokens: Option<i64>,
    pub(crate) run_cost: Option<i64>,
    pub(crate) day_tokens: Option<i64>,
    pub(crate) day_cost: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
