//! Icons: 16 px, drawn with lines, from one sprite at the top of the page.

use leptos::prelude::*;

/// An icon by what it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Icon {
    Claw,
    Overview,
    Chat,
    Sessions,
    Runs,
    Approvals,
    Agents,
    Audit,
    Settings,
    Help,
    Health,
    SignOut,
    More,
    Plus,
    Chevron,
    PanelLeft,
    PanelRight,
    Picture,
    Stop,
    Send,
    Check,
    Warn,
    Info,
    Done,
    Running,
    Waiting,
    Queued,
    Failed,
    Cancelled,
    Interrupted,
}

impl Icon {
    /// Where the sprite has it.
    pub(crate) const fn href(self) -> &'static str {
        match self {
            Self::Claw => "#i-claw",
            Self::Overview => "#i-overview",
            Self::Chat => "#i-chat",
            Self::Sessions => "#i-sessions",
            Self::Runs => "#i-runs",
            Self::Approvals => "#i-approvals",
            Self::Agents => "#i-agents",
            Self::Audit => "#i-audit",
            Self::Settings => "#i-settings",
            Self::Help => "#i-help",
            Self::Health => "#i-health",
            Self::SignOut => "#i-sign-out",
            Self::More => "#i-more",
            Self::Plus => "#i-plus",
            Self::Chevron => "#i-chevron",
            Self::PanelLeft => "#i-panel-left",
            Self::PanelRight => "#i-panel-right",
            Self::Picture => "#i-picture",
            Self::Stop => "#i-stop",
            Self::Send => "#i-send",
            Self::Check => "#i-check",
            Self::Warn => "#i-warn",
            Self::Info => "#i-info",
            Self::Done => "#i-done",
            Self::Running => "#i-running",
            Self::Waiting => "#i-waiting",
            Self::Queued => "#i-queued",
            Self::Failed => "#i-failed",
            Self::Cancelled => "#i-cancelled",
            Self::Interrupted => "#i-interrupted",
        }
    }
}

/// An icon beside words that say the same.
pub(crate) fn icon(icon: Icon) -> impl IntoView {
    view! { <svg class="icon" aria-hidden="true"><use href=icon.href()></use></svg> }
}

/// The drawings that all icons of a page refer to.
#[component]
pub(crate) fn Sprite() -> impl IntoView {
    view! { <svg class="sprite" aria-hidden="true" inner_html=SYMBOLS></svg> }
}

const SYMBOLS: &str = r#"
<symbol id="i-claw" viewBox="0 0 16 16"><path d="M5.2 2.2C3.6 5.5 3.2 9.5 4 13.8M9 1.8C7.4 5.4 7 9.8 8 14.2M12.8 2.2c-1.6 3.3-2 7.3-1.2 11.6"/></symbol>
<symbol id="i-overview" viewBox="0 0 16 16"><path d="M2.5 2.5H7V7H2.5zM9 2.5h4.5V7H9zM2.5 9H7v4.5H2.5zM9 9h4.5v4.5H9z"/></symbol>
<symbol id="i-chat" viewBox="0 0 16 16"><path d="M2.5 4.5a2 2 0 0 1 2-2h7a2 2 0 0 1 2 2V9a2 2 0 0 1-2 2H7l-3 2.7V11a2 2 0 0 1-1.5-2z"/></symbol>
<symbol id="i-sessions" viewBox="0 0 16 16"><path d="M5 5.5V3h8.5v6.5H11M2.5 5.5H11V12H6.5L4 14v-2H2.5z"/></symbol>
<symbol id="i-runs" viewBox="0 0 16 16"><path d="M6.5 4h7M6.5 8h7M6.5 12h4.5M2.5 3v2L4 4zM2.5 8H4M2.5 12H4"/></symbol>
<symbol id="i-approvals" viewBox="0 0 16 16"><path d="M8 1.8 13 3.6v4c0 3-2 5.4-5 6.6-3-1.2-5-3.6-5-6.6v-4zM5.7 8l1.6 1.6 3-3.3"/></symbol>
<symbol id="i-agents" viewBox="0 0 16 16"><path d="M3.5 6h9v7h-9zM8 6V3.2M8 3h.01M6.2 9h.01M9.8 9h.01M6.3 11h3.4"/></symbol>
<symbol id="i-audit" viewBox="0 0 16 16"><path d="M3.5 2.5h6l3 3v8h-9zM5.8 8l1.2 1.2 2.2-2.4M5.8 11.5h4.4"/></symbol>
<symbol id="i-settings" viewBox="0 0 16 16"><path d="M2.5 4.5h6M12 4.5h1.5M2.5 11.5H4M7.5 11.5h6M10.2 6.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4zM5.8 13.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4z"/></symbol>
<symbol id="i-help" viewBox="0 0 16 16"><path d="M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM6.2 6.4a1.8 1.8 0 1 1 2.6 1.6c-.5.3-.8.6-.8 1.2M8 11.2h.01"/></symbol>
<symbol id="i-health" viewBox="0 0 16 16"><path d="M1.5 8.5h3l2-5 3 9 2-4h3"/></symbol>
<symbol id="i-sign-out" viewBox="0 0 16 16"><path d="M6.5 2.5H3.5v11h3M7 8h6.5M10.8 5.2 13.6 8l-2.8 2.8"/></symbol>
<symbol id="i-more" viewBox="0 0 16 16"><path stroke-width="2" d="M3.5 8h.01M8 8h.01M12.5 8h.01"/></symbol>
<symbol id="i-plus" viewBox="0 0 16 16"><path d="M8 3v10M3 8h10"/></symbol>
<symbol id="i-chevron" viewBox="0 0 16 16"><path d="M6 3.5 10.5 8 6 12.5"/></symbol>
<symbol id="i-panel-left" viewBox="0 0 16 16"><path d="M2.5 3h11v10h-11zM6.2 3v10"/></symbol>
<symbol id="i-panel-right" viewBox="0 0 16 16"><path d="M2.5 3h11v10h-11zM9.8 3v10"/></symbol>
<symbol id="i-picture" viewBox="0 0 16 16"><path d="M2.5 3h11v10h-11zM2.5 11l3.2-3.2 2.6 2.6 2-2 3.2 3.1M10.8 6.2h.01"/></symbol>
<symbol id="i-stop" viewBox="0 0 16 16"><path d="M4.5 4.5h7v7h-7z"/></symbol>
<symbol id="i-send" viewBox="0 0 16 16"><path d="M8 13V3.5M3.8 7.5 8 3.3l4.2 4.2"/></symbol>
<symbol id="i-check" viewBox="0 0 16 16"><path d="M3 8.5l3.2 3.2L13 4.8"/></symbol>
<symbol id="i-warn" viewBox="0 0 16 16"><path d="M8 2.2 14.2 13H1.8zM8 6.3v3M8 11.2h.01"/></symbol>
<symbol id="i-info" viewBox="0 0 16 16"><path d="M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 7.5V11M8 5.2h.01"/></symbol>
<symbol id="i-done" viewBox="0 0 16 16"><path d="M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM5.5 8.2l1.8 1.8 3.3-3.7"/></symbol>
<symbol id="i-running" viewBox="0 0 16 16"><path d="M14 8a6 6 0 1 1-6-6"/></symbol>
<symbol id="i-waiting" viewBox="0 0 16 16"><path d="M8 1.8 14.2 8 8 14.2 1.8 8zM8 5.3v3.2M8 10.8h.01"/></symbol>
<symbol id="i-queued" viewBox="0 0 16 16"><path stroke-dasharray="2.2 2.5" d="M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12z"/></symbol>
<symbol id="i-failed" viewBox="0 0 16 16"><path d="M5.5 2h5L14 5.5v5L10.5 14h-5L2 10.5v-5zM6 6l4 4M10 6l-4 4"/></symbol>
<symbol id="i-cancelled" viewBox="0 0 16 16"><path d="M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM4 12l8-8"/></symbol>
<symbol id="i-interrupted" viewBox="0 0 16 16"><path d="M9 1.8 4 9h3.5L7 14.2 12 7H8.5z"/></symbol>
"#;
