//! The table. Each row as the maker's pages, or dated copies of them, had it on
//! the day beside it; where a page names several prices, the ordinary one of the
//! shorter requests. Promotions that end are left out.

use super::{KnownModel, Price, Sight};

/// When all of this was looked up last.
const DAY: &str = "2026-11-25";

/// Prices are for tokens that were not cached, that were, and that were written.
const fn model(
    name: &'static str,
    context_window: u32,
    max_output: u32,
    [input, cached, output]: [u32; 3],
) -> KnownModel {
    let price = Some(Price { input, cached, output });
    KnownModel { name, context_window, max_output, price, sight: Sight::Possible, looked_up: DAY }
}

/// Weights that anybody serves, at a price of their own.
const fn open(name: &'static str, context_window: u32, max_output: u32) -> KnownModel {
    KnownModel {
        name,
        context_window,
        max_output,
        price: None,
        sight: Sight::Possible,
        looked_up: DAY,
    }
}

/// One that takes words alone.
const fn blind(model: KnownModel) -> KnownModel {
    KnownModel { sight: Sight::None, ..model }
}

pub(super) const MODELS: &[KnownModel] = &[
    // https://developers.openai.com/api/docs/models and …/pricing
    model("gpt-4o", 128_000, 16_384, [2_500, 1_250, 10_000]),
    model("gpt-4o-mini", 128_000, 16_384, [150, 75, 600]),
    model("gpt-4-1", 1_047_576, 32_768, [2_000, 500, 8_000]),
    model("gpt-4-1-mini", 1_047_576, 32_768, [400, 100, 1_600]),
    model("gpt-4-1-nano", 1_047_576, 32_768, [100, 25, 400]),
    model("o3", 200_000, 100_000, [2_000, 500, 8_000]),
    model("o4-mini", 200_000, 100_000, [1_100, 275, 4_400]),
    model("gpt-5", 400_000, 128_000, [1_250, 125, 10_000]),
    model("gpt-5-mini", 400_000, 128_000, [250, 25, 2_000]),
    model("gpt-5-nano", 400_000, 128_000, [50, 5, 400]),
    model("gpt-5-pro", 400_000, 128_000, [15_000, 15_000, 120_000]),
    model("gpt-5-1", 400_000, 128_000, [1_250, 125, 10_000]),
    model("gpt-5-2", 400_000, 128_000, [1_750, 175, 14_000]),
    model("gpt-5-3-codex", 400_000, 128_000, [1_750, 175, 14_000]),
    model("gpt-5-4", 1_050_000, 128_000, [2_500, 250, 15_000]),
    model("gpt-5-4-mini", 400_000, 128_000, [750, 75, 4_500]),
    model("gpt-5-4-pro", 1_050_000, 128_000, [30_000, 3_000, 180_000]),
    model("gpt-5-6", 1_050_000, 128_000, [4_000, 400, 20_000]),
    model("gpt-5-6-terra", 1_050_000, 128_000, [2_000, 200, 12_000]),
    model("gpt-5-6-luna", 1_050_000, 128_000, [200, 20, 1_200]),
    model("gpt-6-astra", 1_050_000, 128_000, [10_000, 1_000, 50_000]),
    model("gpt-6-sol", 1_050_000, 128_000, [2_000, 200, 10_000]),
    model("gpt-6-1-sol", 1_050_000, 128_000, [2_000, 100, 10_000]),
    model("gpt-6-2-sol", 1_050_000, 128_000, [2_000, 100, 10_000]),
    model("gpt-6-2-astra", 1_050_000, 128_000, [8_000, 400, 40_000]),
    blind(open("gpt-oss", 131_072, 131_072)),
    // https://platform.claude.com/docs/en/about-claude/models/overview and
    // …/pricing; the first price is that of writing to the cache for 5 minutes.
    model("claude-fable-5-2", 1_000_000, 128_000, [10_000, 800, 40_000]),
    model("claude-fable-5-1", 1_000_000, 128_000, [12_500, 1_000, 50_000]),
    model("claude-opus-5-5", 1_000_000, 128_000, [5_000, 400, 20_000]),
    model("claude-opus-5", 1_000_000, 128_000, [6_250, 500, 25_000]),
    model("claude-sonnet-5-5", 1_000_000, 128_000, [2_500, 200, 10_000]),
    model("claude-sonnet-5", 1_000_000, 128_000, [2_500, 200, 10_000]),
    model("claude-sonnet-4-6", 1_000_000, 128_000, [3_750, 300, 15_000]),
    model("claude-opus-4-5", 200_000, 64_000, [6_250, 500, 25_000]),
    model("claude-sonnet-4-5", 200_000, 64_000, [3_750, 300, 15_000]),
    model("claude-haiku-4-5", 200_000, 64_000, [1_250, 100, 5_000]),
    // https://ai.google.dev/gemini-api/docs/pricing and …/models
    model("gemini-2-5-pro", 1_048_576, 65_536, [1_250, 125, 10_000]),
    model("gemini-2-5-flash", 1_048_576, 65_536, [300, 30, 2_500]),
    model("gemini-2-5-flash-lite", 1_048_576, 65_536, [100, 10, 400]),
    model("gemini-3-flash", 1_048_576, 65_536, [500, 50, 3_000]),
    model("gemini-3-1-pro", 1_048_576, 65_536, [2_000, 200, 12_000]),
    model("gemini-3-1-flash-lite", 1_048_576, 65_536, [250, 25, 1_500]),
    model("gemini-3-5-flash", 1_048_576, 65_536, [1_500, 150, 9_000]),
    model("gemini-4-neon", 1_048_576, 65_536, [3_000, 150, 15_000]),
    // https://api-docs.deepseek.com/quick_start/pricing; the two first names stand
    // for the third.
    blind(model("deepseek-chat", 1_000_000, 384_000, [140, 3, 280])),
    blind(model("deepseek-reasoner", 1_000_000, 384_000, [140, 3, 280])),
    model("deepseek-v4-flash", 1_000_000, 384_000, [140, 3, 280]),
    model("deepseek-v4-pro", 1_000_000, 384_000, [435, 4, 870]),
    // https://docs.z.ai/guides/overview/pricing
    blind(model("glm-4-6", 200_000, 131_072, [600, 110, 2_200])),
    blind(model("glm-4-7", 200_000, 131_072, [600, 110, 2_200])),
    model("glm-5", 200_000, 131_072, [1_000, 200, 3_200]),
    model("glm-5-turbo", 200_000, 131_072, [1_200, 240, 4_000]),
    model("glm-5-1", 200_000, 131_072, [1_400, 260, 4_400]),
    model("glm-5-2", 1_000_000, 131_072, [1_400, 260, 4_400]),
    // https://mistral.ai/pricing; no answer is limited but by the window.
    model("mistral-large", 256_000, 256_000, [500, 500, 1_500]),
    model("mistral-medium", 128_000, 128_000, [400, 400, 2_000]),
    model("mistral-small", 128_000, 128_000, [100, 100, 300]),
];
