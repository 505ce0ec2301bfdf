//! What to do when a provider fails.

use std::time::Duration;

use domain::ModelFaultKind;
use llm::LlmError;
use uuid::Uuid;

/// How often and how long a model is asked again.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// The wait after the first fault, where the provider names none; it doubles
    /// with each.
    pub first_wait: Duration,
    /// How often one model is asked in one step.
    pub asks: u32,
    /// How often, where another model stands by.
    pub asks_beside_another: u32,
    /// The longest wait.
    pub longest_wait: Duration,
    /// The longest wait where another model stands by.
    pub longest_wait_beside_another: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first_wait: Duration::from_millis(500),
            asks: 4,
            asks_beside_another: 2,
            longest_wait: Duration::from_secs(60),
            longest_wait_beside_another: Duration::from_secs(5),
        }
    }
}

/// What comes after a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// The same model is asked again after a wait.
    Retry(Duration),
    /// The next model is asked.
    Fallback,
    /// Nobody is asked any more.
    GiveUp,
}

/// Whether another model stands by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standby {
    /// One does.
    Another,
    /// This was the last.
    None,
}

impl Patience {
    /// What comes after the fault with which a model has now failed `failures`
    /// times in this step. `random` spreads the waits, so that runs that failed
    /// together do not come back together.
    pub(crate) fn after(
        &self,
        error: &LlmError,
        failures: u32,
        standby: Standby,
        random: Uuid,
    ) -> After {
        let give_up = match standby {
            // What is too large is made smaller first, for this model.
            _ if error.kind() == ModelFaultKind::ContextOverflow => After::GiveUp,
            Standby::Another => After::Fallback,
            Standby::None => After::GiveUp,
        };
        if !passes(error.kind()) {
            return give_up;
        }
        let (asks, longest) = match standby {
            Standby::Another => (self.asks_beside_another, self.longest_wait_beside_another),
            Standby::None => (self.asks, self.longest_wait),
        };
        let wait = error.retry_after().unwrap_or_else(|| self.wait(failures, random));
        if failures < asks && wait <= longest { After::Retry(wait) } else { give_up }
    }

    /// Half of the doubled wait for certain, the other half by chance.
    fn wait(&self, failures: u32, random: Uuid) -> Duration {
        let doubled = self.first_wait.saturating_mul(1 << failures.saturating_sub(1).min(10));
        let most = doubled.min(self.longest_wait_beside_another);
        let chance = f64::from(random.as_fields().1) / f64::from(u16::MAX);
        most.mul_f64(0.5 + chance / 2.0)
    }
}

/// Whether the same request may go well later.
const fn passes(kind: ModelFaultKind) -> bool {
    match kind {
        ModelFaultKind::RateLimited
        | ModelFaultKind::Overloaded
        | ModelFaultKind::Network
        | ModelFaultKind::Empty
        | ModelFaultKind::Cut
        | ModelFaultKind::Format => true,
        ModelFaultKind::Auth
        | ModelFaultKind::Quota
        | ModelFaultKind::ContextOverflow
        | ModelFaultKind::NotFound
        | ModelFaultKind::BadRequest => false,
    }
}

/// A provider's fault in a sentence that says what to do.
pub(crate) fn sentence(error: &LlmError) -> String {
    let what = match error.kind() {
        ModelFaultKind::RateLimited | ModelFaultKind::Overloaded => "Try again in a moment.",
        ModelFaultKind::Auth => "Check the provider's key.",
        ModelFaultKind::Quota => "Look at your account there, or choose another model.",
        ModelFaultKind::ContextOverflow => "Begin a new session, or choose a larger model.",
        ModelFaultKind::NotFound => "Check the model's name and the provider's address.",
        ModelFaultKind::Network => "Check that it runs and that its address is right.",
        ModelFaultKind::BadRequest
        | ModelFaultKind::Empty
        | ModelFaultKind::Cut
        | ModelFaultKind::Format => "Send the message again; if it stays, look at the run's page.",
    };
    let text = error.to_string();
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}. {what}", chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(error: &LlmError, failures: u32, standby: Standby) -> After {
        Patience::default().after(error, failures, standby, Uuid::max())
    }

    fn limited(seconds: u64) -> LlmError {
        LlmError::RateLimited { retry_after: Some(Duration::from_secs(seconds)) }
    }

    #[test]
    fn a_short_wait_is_waited_once_where_another_stands_by() {
        let wait = After::Retry(Duration::from_secs(2));
        assert_eq!(after(&limited(2), 1, Standby::Another), wait);
        assert_eq!(after(&limited(2), 2, Standby::Another), After::Fallback);
    }

    #[test]
    fn a_long_wait_fails_over_at_once() {
        assert_eq!(after(&limited(600), 1, Standby::Another), After::Fallback);
        assert_eq!(after(&limited(600), 1, Standby::None), After::GiveUp);
        let minute = After::Retry(Duration::from_secs(60));
        assert_eq!(after(&limited(60), 1, Standby::None), minute);
    }

    #[test]
    fn waits_double_and_spread() {
        let error = LlmError::Network("no route".into());
        let waits = |random| -> Vec<_> {
            (1..=4).map(|n| Patience::default().after(&error, n, Standby::None, random)).collect()
        };
        let ms = |n| After::Retry(Duration::from_millis(n));
        assert_eq!(waits(Uuid::max()), [ms(500), ms(1000), ms(2000), After::GiveUp]);
        assert_eq!(waits(Uuid::nil()), [ms(250), ms(500), ms(1000), After::GiveUp]);
    }

    #[test]
    fn what_cannot_pass_is_not_asked_again() {
        for error in [
            LlmError::Auth { status: 401 },
            LlmError::NotFound,
            LlmError::BadRequest { status: 400, detail: String::new() },
            LlmError::Quota { detail: String::new() },
        ] {
            assert_eq!(after(&error, 1, Standby::None), After::GiveUp, "{error:?}");
            assert_eq!(after(&error, 1, Standby::Another), After::Fallback, "{error:?}");
        }
    }
}
