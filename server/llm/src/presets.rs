//! Kinds of providers that are known, so that little need be typed: the form
//! that each speaks, and its address as its maker documents it in November 2026.

use domain::ProviderForm;

/// A known kind of provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// Its id, which is also the name that is suggested.
    pub id: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// The form that it speaks.
    pub form: ProviderForm,
    /// Where it is, up to and with the version; empty where that differs.
    pub base_url: &'static str,
    /// Whether it wants a key.
    pub needs_key: bool,
    /// The page where a key is to be had.
    pub key_page: Option<&'static str>,
}

const fn hosted(
    id: &'static str,
    label: &'static str,
    form: ProviderForm,
    base_url: &'static str,
    key_page: &'static str,
) -> Preset {
    Preset { id, label, form, base_url, needs_key: true, key_page: Some(key_page) }
}

const fn local(
    id: &'static str,
    label: &'static str,
    form: ProviderForm,
    base_url: &'static str,
) -> Preset {
    Preset { id, label, form, base_url, needs_key: false, key_page: None }
}

const CHAT: ProviderForm = ProviderForm::OpenaiChat;

/// All of them; the last one is for everything else.
pub const PRESETS: &[Preset] = &[
    local("ollama", "Ollama", ProviderForm::Ollama, "http://127.0.0.1:11434"),
    local("llama-cpp", "llama.cpp server", CHAT, "http://127.0.0.1:8081/v1"),
    local("lm-studio", "LM Studio", CHAT, "http://127.0.0.1:1234/v1"),
    local("vllm", "vLLM", CHAT, "http://127.0.0.1:8000/v1"),
    hosted(
        "openai",
        "OpenAI",
        CHAT,
        "https://api.openai.com/v1",
        "https://platform.openai.com/api-keys",
    ),
    hosted(
        "openai-responses",
        "OpenAI Responses",
        ProviderForm::OpenaiResponses,
        "https://api.openai.com/v1",
        "https://platform.openai.com/api-keys",
    ),
    hosted(
        "anthropic",
        "Anthropic",
        ProviderForm::Anthropic,
        "https://api.anthropic.com/v1",
        "https://platform.claude.com/settings/keys",
    ),
    hosted(
        "gemini",
        "Google Gemini",
        ProviderForm::Gemini,
        "https://generativelanguage.googleapis.com/v1beta",
        "https://aistudio.google.com/apikey",
    ),
    hosted(
        "openrouter",
        "OpenRouter",
        CHAT,
        "https://openrouter.ai/api/v1",
        "https://openrouter.ai/keys",
    ),
    hosted(
        "requesty",
        "Requesty",
        CHAT,
        "https://router.requesty.ai/v1",
        "https://app.requesty.ai/api-keys",
    ),
    hosted(
        "z-ai",
        "Z.AI",
        CHAT,
        "https://api.z.ai/api/paas/v4",
        "https://z.ai/manage-apikey/apikey-list",
    ),
    hosted("groq", "Groq", CHAT, "https://api.groq.com/openai/v1", "https://console.groq.com/keys"),
    hosted(
        "mistral",
        "Mistral",
        CHAT,
        "https://api.mistral.ai/v1",
        "https://console.mistral.ai/api-keys",
    ),
    hosted(
        "deepseek",
        "DeepSeek",
        CHAT,
        "https://api.deepseek.com/v1",
        "https://platform.deepseek.com/api_keys",
    ),
    hosted(
        "together",
        "Together AI",
        CHAT,
        "https://api.together.xyz/v1",
        "https://api.together.ai/settings/api-keys",
    ),
    local("custom", "Another", CHAT, ""),
];

/// Where model servers listen on a machine unless told otherwise, each with the
/// preset that fits.
pub const LOCAL_SERVERS: &[(&str, &str)] = &[
    ("ollama", "http://127.0.0.1:11434"),
    ("llama-cpp", "http://127.0.0.1:8080/v1"),
    ("llama-cpp", "http://127.0.0.1:8081/v1"),
    ("lm-studio", "http://127.0.0.1:1234/v1"),
    ("vllm", "http://127.0.0.1:8000/v1"),
];

/// A preset by its id.
pub fn preset(id: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.id == id)
}
