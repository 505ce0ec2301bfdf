//! One exchange of a run, as the model is told of it later.

use domain::CallId;
use llm::{Message, ToolCall, count_tokens};

use super::arguments;
use super::excerpt::Excerpt;
use super::window::{Caps, Stage};

/// What a message takes beside its words, in tokens.
pub(super) const MESSAGE: u32 = 4;

/// What a call takes beside its arguments, in tokens: names and ids.
const CALL: u32 = 24;

/// What a call is told to have given that never ended.
const CUT_OFF: &str = "error interrupted: This call was cut off before it ended. It may or may not have taken effect.";

/// What the model said in one exchange, and what its calls gave.
#[derive(Debug)]
pub(super) struct Step {
    /// Counted from 1.
    pub(super) number: u32,
    /// Provider and model, as `provider/model`.
    pub(super) model: String,
    /// What others said before it, each marked as what it is. They stay when the
    /// step is left out.
    pub(super) notes: Vec<String>,
    /// Whether it is left out of requests.
    pub(super) is_left_out: bool,
    notes_tokens: u32,
    /// What model and calls take, once they are settled.
    own_tokens: u32,
    text: Excerpt,
    carried: Option<String>,
    calls: Vec<Call>,
    stage: Stage,
    is_settled: bool,
}

#[derive(Debug)]
struct Call {
    id: CallId,
    wire_id: String,
    tool: String,
    arguments: String,
    result: Option<Excerpt>,
}

impl Step {
    pub(super) fn new(number: u32) -> Self {
        Self {
            number,
            model: String::new(),
            notes: Vec::new(),
            is_left_out: false,
            notes_tokens: 0,
            own_tokens: 0,
            text: Excerpt::default(),
            carried: None,
            calls: Vec::new(),
            stage: Stage::Fresh,
            is_settled: false,
        }
    }

    /// Somebody said this before it.
    pub(super) fn note(&mut self, text: String) {
        self.notes_tokens += MESSAGE + count_tokens(&text);
        self.notes.push(text);
    }

    /// The model has said this.
    pub(super) fn say(&mut self, text: &str, carried: Option<&str>) {
        self.text = Excerpt::whole(text);
        self.carried = carried.map(str::to_owned);
        self.is_settled = false;
    }

    /// The model has made a call.
    pub(super) fn call(&mut self, id: CallId, wire_id: String, tool: &str, arguments: &str) {
        let tool = name(tool);
        let arguments = arguments::sound(arguments);
        self.calls.push(Call { id, wire_id, tool, arguments, result: None });
        self.is_settled = false;
    }

    pub(super) fn has_call(&self, id: CallId) -> bool {
        self.calls.iter().any(|call| call.id == id)
    }

    /// A call has given this. The first result of a call counts.
    pub(super) fn result(&mut self, id: CallId, output: &str) {
        let open = self.calls.iter_mut().find(|call| call.id == id && call.result.is_none());
        if let Some(call) = open {
            // Providers refuse an empty result.
            let output = if output.is_empty() { "(no output)" } else { output };
            call.result = Some(Excerpt::whole(output));
            self.is_settled = false;
        }
    }

    /// Whether there is nothing to tell of it.
    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty() && self.text.is_blank()
    }

    /// What it takes in a request.
    pub(super) fn tokens(&self) -> u32 {
        self.notes_tokens + if self.is_left_out { 0 } else { self.own_tokens }
    }

    /// What it takes where it is not left out.
    pub(super) fn whole_tokens(&self) -> u32 {
        self.notes_tokens + self.own_tokens
    }

    /// Whether requests tell of it.
    pub(super) fn is_told(&self) -> bool {
        !self.is_left_out && !self.is_empty()
    }

    /// Cuts what is new in it to the size it may have, and counts it.
    pub(super) fn settle(&mut self, caps: &Caps) {
        if !self.is_settled {
            self.cut(caps);
        }
    }

    /// Cuts it to the size of a stage, if it is not there yet.
    pub(super) fn age(&mut self, stage: Stage, caps: &Caps) {
        if self.stage < stage {
            self.stage = stage;
            self.cut(caps);
        }
    }

    fn cut(&mut self, caps: &Caps) {
        let piece = caps.piece(self.stage, self.calls.len());
        self.own_tokens = 0;
        if !self.is_empty() {
            self.own_tokens = MESSAGE + self.text.shorten(caps.text(self.stage));
            self.own_tokens += self.carried.as_deref().map_or(0, count_tokens);
        }
        for call in &mut self.calls {
            self.own_tokens += CALL + MESSAGE + arguments::shorten(&mut call.arguments, piece);
            self.own_tokens += match &mut call.result {
                Some(result) => result.shorten(piece),
                None => count_tokens(CUT_OFF),
            };
        }
        self.is_settled = true;
    }

    /// What the model said, as it is sent to a model.
    pub(super) fn said(&self, model: &str) -> Message {
        let call = |call: &Call| ToolCall {
            id: call.wire_id.clone(),
            tool: call.tool.clone(),
            arguments: call.arguments.clone(),
            repair: None,
        };
        Message::Assistant {
            text: self.text(),
            calls: self.calls.iter().map(call).collect(),
            // Nobody but the model that gave it can read it.
            carried: self.carried.clone().filter(|_| self.model == model),
        }
    }

    /// What the calls gave, in the order of the calls.
    pub(super) fn results(&self) -> impl Iterator<Item = Message> {
        self.calls.iter().map(|call| Message::Tool {
            call_id: call.wire_id.clone(),
            tool: call.tool.clone(),
            content: call.output(),
        })
    }

    /// What the model said, and where its middle is missing.
    pub(super) fn text(&self) -> String {
        self.text.shown(|gap| {
            format!(
                "Bytes {} to {} of the {} of this text are left out here.",
                gap.from, gap.to, gap.of
            )
        })
    }

    /// The calls as tool, arguments and output.
    pub(super) fn calls(&self) -> impl Iterator<Item = (&str, &str, String)> {
        self.calls.iter().map(|call| (call.tool.as_str(), call.arguments.as_str(), call.output()))
    }
}

impl Call {
    fn output(&self) -> String {
        let Some(result) = &self.result else { return CUT_OFF.to_owned() };
        result.shown(|gap| {
            format!(
                "Bytes {} to {} of the {} that call {} gave are left out here. The log keeps them all; call the tool again for that part alone if you need it.",
                gap.from, gap.to, gap.of, self.wire_id
            )
        })
    }
}

/// A tool's name as it can be sent.
fn name(tool: &str) -> String {
    if tool.trim().is_empty() { "unknown".to_owned() } else { tool.to_owned() }
}
