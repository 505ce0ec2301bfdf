//! Forms that work without scripts: a refused one is led back to its page, with
//! what was wrong and what was typed.

use std::collections::BTreeMap;

use domain::{CommandReply, Fault, FaultCode, FormNote};
use engine::Engine;
use http::request::Parts;
use leptos::prelude::use_context;

use super::cookies::{NOTE_COOKIE, cookie, set_cookie};
use super::{engine, refused, see_other, sent_by_page};
use crate::{ApiError, routes};

/// How long a note waits for its reader, in seconds.
const NOTE_AGE: u64 = 300;

/// A form as it was sent: which one, from which page, and what was typed.
pub(crate) struct Posted {
    form: &'static str,
    page: String,
    values: BTreeMap<String, String>,
}

impl Posted {
    /// The form with this name, which stands on this page.
    pub(crate) fn new(form: &'static str, page: impl Into<String>) -> Self {
        Self { form, page: page.into(), values: BTreeMap::new() }
    }

    /// Keeps what was typed into a field. Never a password.
    pub(crate) fn typed(mut self, field: &str, value: &str) -> Self {
        self.values.insert(field.to_owned(), value.to_owned());
        self
    }

    /// Keeps what was typed into several fields.
    pub(crate) fn all_typed(self, fields: &[(&str, &str)]) -> Self {
        fields.iter().fold(self, |posted, (field, value)| posted.typed(field, value))
    }

    /// Hands an answer on. A refusal goes to a page with scripts as it is; a
    /// form that was sent without scripts is led back to its page, which finds
    /// there what was wrong and what was typed.
    pub(crate) async fn settle<T>(
        self,
        answer: Result<T, impl Into<Fault>>,
    ) -> Result<T, ApiError> {
        let fault = match answer {
            Ok(value) => return Ok(value),
            Err(fault) => fault.into(),
        };
        if sent_by_page() {
            self.lead_back(&fault).await;
            return Err(ApiError(fault));
        }
        Err(refused(fault))
    }

    /// Tells the page something that is no refusal, where the form was sent
    /// without scripts; a page with scripts has the answer itself.
    pub(crate) async fn tell(self, sentence: String) {
        if sent_by_page() {
            self.lead_back(&Fault::new(FaultCode::InvalidInput, sentence)).await;
        }
    }

    async fn lead_back(self, fault: &Fault) {
        let note = FormNote {
            form: self.form.to_owned(),
            message: fault.to_string(),
            fields: fault.fields.clone(),
            values: self.values,
            reply: None,
        };
        leave(&self.page, note).await;
        match fault.code {
            FaultCode::AuthRequired => see_other(&routes::login(&self.page)),
            _ => see_other(&self.page),
        }
    }
}

/// Hands on what a command answered. A page with scripts shows the answer itself;
/// one that was sent without scripts finds it in a note.
pub(crate) async fn answered(form: &'static str, page: &str, reply: &CommandReply) {
    if sent_by_page() {
        let reply = Some(reply.clone());
        leave(page, FormNote { form: form.to_owned(), reply, ..FormNote::default() }).await;
        see_other(page);
    }
}

async fn leave(page: &str, note: FormNote) {
    let path = page.split('?').next().unwrap_or_default();
    if let Some(engine) = use_context::<Engine>()
        && let Ok(id) = engine.keep_note(note).await
    {
        // Bound to its page: no other page reads it, not even the sign-in page in
        // between, where a form goes whose login session has ended.
        set_cookie(NOTE_COOKIE, &id, path, Some(NOTE_AGE));
    }
}

/// The note that a refused form left for this page, for one reading.
pub(crate) async fn take_note() -> Result<Option<FormNote>, ApiError> {
    let Some(parts) = use_context::<Parts>() else { return Ok(None) };
    let Some(id) = cookie(&parts.headers, NOTE_COOKIE) else { return Ok(None) };
    set_cookie(NOTE_COOKIE, "", parts.uri.path(), Some(0));
    engine()?.take_note(id).await.map_err(refused)
}
