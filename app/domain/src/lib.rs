//! The words of the product as types: ids, states, events, views, and the
//! errors a person may see.
//!
//! This crate is pure. It has no I/O, no async, no clock and no randomness, so
//! the browser and the server compile exactly the same meaning.

mod agent;
mod approval;
mod audit;
mod choices;
mod command;
mod command_pattern;
mod delivery;
mod dollars;
mod event;
mod fault;
mod form;
mod grant;
mod health;
mod host_pattern;
mod id;
mod live_event;
mod page;
mod path_pattern;
mod picture;
mod profile;
mod prompt;
mod provider;
mod run;
mod scope;
mod search;
mod session;
mod settings;
mod spent;
mod taint;
mod temperature;
mod text_enum;
mod text_pattern;
mod title;
mod tool_class;
mod tool_error;
mod tool_pattern;
mod tool_summary;
mod trace;
mod transcript;
mod user;

pub use agent::{
    AgentName, AgentNameError, AgentPicker, AgentRecord, AgentRow, AgentStatus, AgentView,
    ModelChoices,
};
pub use approval::{ApprovalStatus, ApprovalView, Pending, Remember, Verdict};
pub use audit::{AuditActor, AuditCheck, AuditEntry, AuditFault, AuditFilter, AuditKind, BadRow};
pub use choices::{AgentChoices, ChoiceName, ChoicesEdit};
pub use command::{CommandName, CommandReply, SessionLink};
pub use command_pattern::{BadCommandPattern, CommandPattern, Rest};
pub use delivery::Delivery;
pub use dollars::{BadAmount, MicroDollars};
pub use event::{
    Attempt, BEFORE_STEPS, Decision, Event, EventKind, FinishReason, ModelFaultKind, RecoveryState,
    RunError, RunErrorCode,
};
pub use fault::{Fault, FaultCode};
pub use form::FormNote;
pub use grant::{Grant, GrantFile, GrantOrigin, GrantTerms, Lasts, Mode, TooManyGrants, Ways};
pub use health::{
    CleaningHealth, CleaningState, DatabaseHealth, DatabaseKind, Health, HealthCode, HealthWarning,
    QueueHealth, ServerHealth, TableHealth, TableSize,
};
pub use host_pattern::{BadHostPattern, HostPattern};
pub use id::{
    AgentId, ApprovalId, BadId, CallId, GrantId, MessageId, PictureId, ProviderId, RunId,
    SessionId, UserId,
};
pub use live_event::{LiveEvent, Prose};
pub use page::{BadLimit, Limit, Page};
pub use path_pattern::{BadPathPattern, PathPattern};
pub use picture::{
    MAX_PICTURE_BYTES, MAX_PICTURE_SIDE, MAX_PICTURES, PictureKind, PictureUpload, PictureView,
};
pub use profile::Profile;
pub use prompt::{
    DiffLine, LineChange, PromptDiff, PromptDocument, PromptName, PromptVersion, PromptView, Saved,
};
pub use provider::{
    BadProviderName, CheckOutcome, ConnectionCheck, FoundServer, KeyState, PresetView,
    ProviderForm, ProviderName, ProviderPage, ProviderSource, ProviderView,
};
pub use run::{BadTransition, Cleared, FirstSteps, Overview, RunFilter, RunStatus, RunView};
pub use scope::{Access, BadScope, BadSecretName, Reach, Scope, SecretName};
pub use search::{Found, SearchText, Segment, Term};
pub use session::{
    Channel, ChatView, MessageView, SenderRole, SessionFilter, SessionState, SessionView,
};
pub use settings::{
    Origin, Retention, RunLimits, ServerFact, Settings, SettingsView, ThinkingMode,
};
pub use spent::Spent;
pub use taint::{Taint, TaintOrigin, TaintSource};
pub use temperature::{BadTemperature, Temperature};
pub use text_enum::UnknownWord;
pub use title::{first_title, title_of_exchange};
pub use tool_class::ToolClass;
pub use tool_error::ToolErrorCode;
pub use tool_pattern::{BadToolPattern, ToolPattern};
pub use tool_summary::{ToolSummary, tool_summaries};
pub use trace::{
    TraceCall, TraceEnd, TraceFold, TraceMessage, TraceNote, TraceOpening, TracePart, TraceReply,
    TraceRequest, TraceSentCall, TraceStep, TraceTool,
};
pub use transcript::{
    AfterFault, ApprovalAnswer, ApprovalAsked, CallResult, CallStage, CallView, ChildRun, Note,
    NoteKind, Step, Touched, Turn,
};
pub use user::{NameError, Role, UserName, UserView};

/// A moment in UTC. Zones are kept apart, by IANA name.
pub use jiff::Timestamp;
