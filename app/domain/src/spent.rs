//! What a model's work used up.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// Tokens, as providers count them, and what they cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// Tokens sent, cached ones included.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// Of the tokens sent, how many the provider had cached.
    pub cached_tokens: u64,
    /// What they cost, in millionths of a US dollar, as far as prices are known.
    pub cost: Option<u64>,
}

impl Spent {
    /// Tokens sent and written.
    pub const fn tokens(&self) -> u64 {
        self.input_tokens.saturating_add(self.output_tokens)
    }
}

impl AddAssign for Spent {
    fn add_assign(&mut self, more: Self) {
        self.input_tokens = self.input_tokens.saturating_add(more.input_tokens);
        self.output_tokens = self.output_tokens.saturating_add(more.output_tokens);
        self.cached_tokens = self.cached_tokens.saturating_add(more.cached_tokens);
        self.cost = match (self.cost, more.cost) {
            (Some(cost), Some(more)) => Some(cost.saturating_add(more)),
            (known, None) | (None, known) => known,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_price_leaves_the_known_ones() {
        let known = Spent { input_tokens: 10, output_tokens: 2, cached_tokens: 4, cost: Some(7) };
        let unknown = Spent { input_tokens: 5, ..Spent::default() };
        let mut sum = Spent::default();
        sum += unknown;
        assert_eq!(sum.cost, None);
        sum += known;
        sum += unknown;
        sum += known;
        assert_eq!((sum.tokens(), sum.cached_tokens, sum.cost), (34, 8, Some(14)));
    }
}
