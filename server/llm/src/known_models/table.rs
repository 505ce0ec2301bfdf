//! The table. Each row as the maker's own pages had it on the day beside it;
//! where a page names several prices, the ordinary one of the shortest requests.

use super::{KnownModel, Price};

/// When all of this was looked up last.
const DAY: &str = "2026-11-25";

const fn model(
    name: &'static str,
    context_window: u32,
    max_output: u32,
    [input, cached, output]: [u32; 3],
) -> KnownModel {
    let price = Some(Price { input, cached, output });
    KnownModel { name, context_window, max_output, price, looked_up: DAY }
}

pub(super) const MODELS: &[KnownModel] = &[
    // OpenAI. https://developers.openai.com/api/docs/pricing and …/models
    model("gpt-5", 400_000, 128_000, [1_250, 125, 10_000]),
    model("gpt-5-mini", 400_000, 128_000, [250, 25, 2_000]),
    model("gpt-5-nano", 400_000, 128_000, [50, 5, 400]),
    model("gpt-5-1", 400_000, 128_000, [1_250, 125, 10_000]),
    // Anthropic. https://platform.claude.com/docs/en/about-claude/pricing; the
    // first price is that of writing to the cache for five minutes.
    model("claude-sonnet-4-5", 200_000, 64_000, [3_750, 300, 15_000]),
    // Google. https://ai.google.dev/gemini-api/docs/pricing
    model("gemini-2-5-flash", 1_048_576, 65_536, [300, 30, 2_500]),
    model("gemini-2-5-flash-lite", 1_048_576, 65_536, [100, 10, 400]),
];
