//! What is known of well-known models: how much they read and write, and what
//! they cost.

mod table;

use self::table::MODELS;
use crate::Usage;

/// The context window of a model that is not known, in tokens: what a present
/// model reads at the least, and what a machine at home can hold.
pub const DEFAULT_WINDOW: u32 = 32_768;

/// What is known of a model, or of a family of models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownModel {
    /// The name, or how the names of a family begin; in small letters, with `-`
    /// where the maker writes a dot.
    pub name: &'static str,
    /// The most tokens of a request and its answer together.
    pub context_window: u32,
    /// The most tokens of an answer.
    pub max_output: u32,
    /// What it costs at its maker; `None` where that differs from place to place.
    pub price: Option<Price>,
    /// Whether it takes pictures.
    pub sight: Sight,
    /// The day on which this was looked up, as year, month and day.
    pub looked_up: &'static str,
}

/// Whether a model takes pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// It takes none.
    None,
    /// It may. Where it takes none, its provider says so.
    Possible,
}

/// Prices in thousandths of a US dollar for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    /// Tokens sent that were not read from a cache. For Anthropic's models that of
    /// tokens written to it, which is higher: all that is sent is marked for it.
    pub input: u32,
    /// Tokens sent that were read from a cache.
    pub cached: u32,
    /// Tokens written, thinking included.
    pub output: u32,
}

/// What is known of the model with this name: that of exactly this name, or that
/// of the longest family whose name it begins with. A gateway's prefix
/// (`openai/`) does not count, nor do capitals and dots.
pub fn known(model: &str) -> Option<&'static KnownModel> {
    let name = model.rsplit('/').next().unwrap_or_default();
    let name = name.to_ascii_lowercase().replace('.', "-");
    let fits = |known: &&KnownModel| {
        let rest = name.strip_prefix(known.name);
        // `gpt-5` is no family of `gpt-50`.
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
    };
    MODELS.iter().filter(fits).max_by_key(|known| known.name.len())
}

impl KnownModel {
    /// What an exchange cost, in millionths of a US dollar, rounded up; `None`
    /// where the price is not known.
    pub fn cost(&self, usage: &Usage) -> Option<u64> {
        let price = self.price?;
        let cached = usage.cached_tokens.min(usage.input_tokens);
        let parts = [
            (usage.input_tokens - cached, price.input),
            (cached, price.cached),
            (usage.output_tokens, price.output),
        ];
        let sum = parts.iter().fold(0_u64, |sum, (tokens, price)| {
            sum.saturating_add(tokens.saturating_mul(u64::from(*price)))
        });
        Some(sum.div_ceil(1_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(model: &str) -> Option<&'static str> {
        known(model).map(|known| known.name)
    }

    #[test]
    fn names_are_found_exactly_then_by_their_family() {
        assert_eq!(name("gpt-5-mini"), Some("gpt-5-mini"));
        assert_eq!(name("gpt-5-mini-2025-08-07"), Some("gpt-5-mini"));
        assert_eq!(name("gpt-5-2025-08-07"), Some("gpt-5"));
        assert_eq!(name("openai/gpt-5.1"), Some("gpt-5-1"));
        assert_eq!(name("anthropic/claude-sonnet-4.5"), Some("claude-sonnet-4-5"));
        assert_eq!(name("claude-sonnet-4-5-20250929"), Some("claude-sonnet-4-5"));
        assert_eq!(name("models/gemini-2.5-flash-lite"), Some("gemini-2-5-flash-lite"));
        assert_eq!(name("Gemini-2.5-Flash"), Some("gemini-2-5-flash"));
        assert_eq!(name("openai/gpt-oss-120b"), Some("gpt-oss"));
        assert_eq!(name("glm-5.2"), Some("glm-5-2"));
        for unknown in ["", "/", "gpt-50", "my-model", "gpt", "x-gpt-5"] {
            assert_eq!(name(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn cached_tokens_are_paid_once_and_at_their_own_price() {
        let model = known("claude-sonnet-4-5").unwrap();
        let usage = Usage { input_tokens: 1_000_000, output_tokens: 0, cached_tokens: 0 };
        assert_eq!(model.cost(&usage), Some(3_750_000));
        let usage = Usage { cached_tokens: 900_000, ..usage };
        assert_eq!(model.cost(&usage), Some(375_000 + 270_000));
        let usage = Usage { input_tokens: 0, output_tokens: 1, cached_tokens: 0 };
        assert_eq!(model.cost(&usage), Some(15));
        // A part of a millionth is one.
        let nano = known("gpt-5-nano").unwrap();
        assert_eq!(nano.cost(&usage), Some(1));
        // A provider that counts more cached tokens than it was sent is not believed.
        let usage = Usage { input_tokens: 10, output_tokens: 0, cached_tokens: 1_000 };
        assert_eq!(model.cost(&usage), Some(3));
        let most = Usage { input_tokens: u64::MAX, output_tokens: u64::MAX, cached_tokens: 0 };
        assert!(model.cost(&most).is_some());
        assert_eq!(model.cost(&Usage::default()), Some(0));
        assert_eq!(known("gpt-oss-20b").unwrap().cost(&usage), None);
    }

    #[test]
    fn the_table_is_sound() {
        for (at, model) in MODELS.iter().enumerate() {
            let plain = model.name.to_ascii_lowercase().replace('.', "-");
            assert_eq!(plain, model.name, "a name that cannot be found");
            assert!(MODELS[..at].iter().all(|other| other.name != model.name), "{}", model.name);
            assert!(model.max_output <= model.context_window, "{}", model.name);
            assert!(model.looked_up.starts_with("2026-"), "{}", model.name);
            if let Some(price) = model.price {
                assert!(
                    price.cached <= price.input && price.input <= price.output,
                    "{}",
                    model.name
                );
            }
        }
    }
}
