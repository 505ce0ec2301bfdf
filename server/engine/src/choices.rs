//! What an owner chose for an agent beside its model, as far as it takes others
//! to judge it.

use domain::{AgentChoices, ChoiceName, ChoicesEdit, Fault};

use crate::{Engine, Result};

impl Engine {
    /// Refuses what is out of its range, and models that are not there. A model
    /// that stood in before does not stand in the way of another change.
    pub(crate) async fn check_choices(
        &self,
        edit: &mut ChoicesEdit,
        before: &AgentChoices,
    ) -> Result<()> {
        edit.check()?;
        let Some(Some(models)) = &mut edit.fallbacks else { return Ok(()) };
        models.iter_mut().for_each(|model| *model = model.trim().to_owned());
        let field = ChoiceName::Fallbacks.as_str();
        for (n, model) in models.iter().enumerate() {
            if models.iter().take(n).any(|other| other == model) {
                let sentence = format!("{model} is named twice.");
                return Err(Fault::field(field, sentence).into());
            }
            if before.fallbacks.contains(model) {
                continue;
            }
            if let Err(error) = self.model_exists(model).await? {
                return Err(Fault::field(field, format!("{error}.")).into());
            }
        }
        Ok(())
    }
}
