//! A trace as a tree in a terminal: every step and call on lines of its own, long
//! texts by their beginning.

use domain::{
    Event, RunView, Spent, ToolSummary, TraceCall, TraceEnd, TraceMessage, TraceNote, TraceOpening,
    TraceRequest, TraceStep,
};

/// How many characters of a text are shown.
const WIDTH: usize = 100;

/// What the record of a run says, without the answer.
pub(super) fn head(run: &RunView) -> String {
    let mut text = format!("{}  {}\n", run.id, run.status);
    let mut fact = |name: &str, value: String| text.push_str(&format!("  {name:<8} {value}\n"));
    fact("asked", format!("{} ({})", time(run.created_at), run.source));
    fact("message", one_line(&run.message, WIDTH));
    fact("agent", run.agent.clone());
    fact("session", run.session_id.to_string());
    if let Some(parent) = run.parent_id {
        fact("parent", parent.to_string());
    }
    if let Some(model) = &run.model {
        fact("model", model.clone());
    }
    fact("steps", run.steps.to_string());
    fact("calls", format!("{}, {} failed", run.calls, run.failed_calls));
    fact("tokens", spent(&total(run)));
    if let (Some(from), Some(to)) = (run.started_at, run.ended_at) {
        fact("took", took((to.as_millisecond() - from.as_millisecond()).unsigned_abs()));
    }
    if let Some(error) = &run.error {
        fact("error", format!("{}: {}", error.code, error.message));
    }
    text
}

/// What a run was made from.
pub(super) fn opening(opening: &TraceOpening) -> String {
    let TraceOpening { prompt, history, cleared, tools } = opening;
    let tools = tools.as_ref().map_or("tools cleared".to_owned(), |tools| {
        let names: Vec<_> = tools.iter().map(|tool| tool.name.as_str()).collect();
        format!("tools: {}", names.join(", "))
    });
    let mut text = format!("  prompt   {}, {tools}\n", &prompt[..prompt.len().min(12)]);
    if !history.is_empty() {
        let gone = match cleared.len() {
            0 => String::new(),
            n => format!(", {n} of them cleared since"),
        };
        text.push_str(&format!("  history  {} earlier runs{gone}\n", history.len()));
    }
    text
}

/// One step.
pub(super) fn step(step: &TraceStep) -> String {
    let mut head = format!("step {}  {}", step.step, step.model);
    if let Some(reply) = &step.reply {
        head.push_str(&format!("  {}  {}", took(reply.duration_ms), reply.finish));
    }
    if step.spent.tokens() > 0 {
        head.push_str(&format!("  {}", spent(&step.spent)));
    }
    let mut lines = Vec::new();
    if let Some(TraceRequest { kept, messages }) = &step.request {
        lines.push(format!("sent {} messages, {kept} of them as before", kept + messages.len()));
        lines.extend(messages.iter().map(|message| format!("  {}", sent(message))));
    }
    if let Some(reply) = &step.reply {
        if let Some(thinking) = &reply.thinking {
            lines.push(format!("thought: {}", one_line(thinking, WIDTH)));
        }
        if !reply.text.trim().is_empty() {
            lines.push(format!("said: {}", one_line(&reply.text, WIDTH)));
        }
    }
    for one in &step.calls {
        lines.extend(call(one));
    }
    lines.extend(step.notes.iter().map(note));
    branch(&head, &lines)
}

/// What is said about all steps.
pub(super) fn end(end: &TraceEnd) -> String {
    let mut text: String = end.notes.iter().map(|one| format!("{}\n", note(one))).collect();
    if !end.tools.is_empty() {
        let (tool, calls, failed, reused) = ("tool", "calls", "failed", "reused");
        let (total, median, max) = ("in all", "median", "longest");
        text.push_str(&format!(
            "{tool:<24} {calls:>6} {failed:>6} {reused:>6} {total:>10} {median:>10} {max:>10}\n"
        ));
    }
    for summary in &end.tools {
        let ToolSummary { tool, calls, failures, reused, .. } = summary;
        let [total, median, max] = [summary.total_ms, summary.median_ms, summary.max_ms].map(took);
        text.push_str(&format!(
            "{:<24} {calls:>6} {failures:>6} {reused:>6} {total:>10} {median:>10} {max:>10}\n",
            one_line(tool, 24)
        ));
    }
    text
}

/// What a run used up in all.
pub(super) fn total(run: &RunView) -> Spent {
    Spent {
        input_tokens: run.input_tokens,
        output_tokens: run.output_tokens,
        cached_tokens: run.cached_tokens,
        cost: Some(run.cost).filter(|cost| *cost > 0),
    }
}

/// Tokens and cost in one line.
pub(super) fn spent(spent: &Spent) -> String {
    let Spent { input_tokens, output_tokens, cached_tokens, cost } = *spent;
    let mut text = format!("{input_tokens} in");
    if cached_tokens > 0 {
        text.push_str(&format!(" ({cached_tokens} cached)"));
    }
    text.push_str(&format!(", {output_tokens} out"));
    if let Some(cost) = cost {
        text.push_str(&format!(", US$ {}.{:06}", cost / 1_000_000, cost % 1_000_000));
    }
    text
}

/// The beginning of a text on one line. What would steer the terminal is taken out.
pub(super) fn one_line(text: &str, width: usize) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let words = plain.collect::<String>();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(width) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

fn sent(message: &TraceMessage) -> String {
    match message {
        TraceMessage::System { text } => format!("system: {}", one_line(text, WIDTH)),
        TraceMessage::User { text, images: 0 } => format!("user: {}", one_line(text, WIDTH)),
        TraceMessage::User { text, images } => {
            format!("user, {images} pictures: {}", one_line(text, WIDTH))
        }
        TraceMessage::Assistant { text, calls } => {
            let calls: Vec<_> = calls.iter().map(|call| call.tool.as_str()).collect();
            format!("assistant: {} [{}]", one_line(text, WIDTH), calls.join(", "))
        }
        TraceMessage::Tool { tool, text, .. } => {
            format!("{tool} gave: {}", one_line(text, WIDTH))
        }
    }
}

fn call(call: &TraceCall) -> Vec<String> {
    let arguments = one_line(&call.arguments, WIDTH);
    let mended = call.repair.as_ref().map_or(String::new(), |what| format!("  (mended: {what})"));
    let mut lines = vec![format!("{} {arguments}{mended}", one_line(&call.tool, WIDTH))];
    lines.push(match &call.result {
        None if call.started_at.is_none() => "  waits".to_owned(),
        None => "  has not ended".to_owned(),
        Some(result) => {
            let code = result.error_code.map_or(String::new(), |code| format!("{code}: "));
            let how = match result.reused_from {
                Some(_) => "reused".to_owned(),
                None => took(result.duration_ms),
            };
            format!("  {code}{} ({how})", one_line(&result.summary, WIDTH))
        }
    });
    lines
}

fn note(note: &TraceNote) -> String {
    match &note.event {
        Event::ModelFault { model, fault, message, retry_after_ms, next_model, .. } => {
            let next = match (next_model, retry_after_ms) {
                (Some(next), _) => format!(" {next} was asked instead."),
                (None, Some(wait)) => format!(" Asked again after {}.", took(*wait)),
                (None, None) => String::new(),
            };
            format!("! {model}: {fault}. {}{next}", one_line(message, WIDTH))
        }
        Event::Recovery { state, .. } => format!("! recovery: {state}"),
        Event::Compaction { tokens_before, tokens_after, summary, .. } => format!(
            "! put into a summary, {tokens_before} tokens became {tokens_after}: {}",
            one_line(summary, WIDTH)
        ),
        Event::Nudge { text, .. } => format!("! the engine told it: {}", one_line(text, WIDTH)),
        Event::Steering { message, .. } => {
            format!("! the person said: {}", one_line(message, WIDTH))
        }
        Event::GuidanceAsked { question, .. } => {
            format!("? how to go on: {}", one_line(question, WIDTH))
        }
        Event::GuidanceAnswered { message } => {
            format!("? answered: {}", one_line(message, WIDTH))
        }
        Event::ApprovalAsked { tool, reason, .. } => {
            format!("? may {tool} run: {}", one_line(reason, WIDTH))
        }
        Event::ApprovalAnswered { decision, note, .. } => {
            let note = note.as_ref().map_or(String::new(), |n| format!(": {}", one_line(n, WIDTH)));
            format!("? {decision}{note}")
        }
        Event::AgentChild { child, agent, status, .. } => format!("> {child} of {agent}: {status}"),
        Event::RunStatus { status } => format!("= {status}"),
        other => format!("= {}", other.kind()),
    }
}

/// A line with those that hang on it.
fn branch(head: &str, lines: &[String]) -> String {
    let mut text = format!("{head}\n");
    // A line that begins with space goes on with the one before.
    let last = lines.iter().rposition(|line| !line.starts_with(' ')).unwrap_or(0);
    for (n, line) in lines.iter().enumerate() {
        let mark = match (line.starts_with(' '), n >= last) {
            (false, false) => "├ ",
            (false, true) => "└ ",
            (true, false) => "│ ",
            (true, true) => "  ",
        };
        text.push_str(&format!("{mark}{line}\n"));
    }
    text
}

fn took(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        _ => format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100),
    }
}

fn time(at: domain::Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_steers_no_terminal() {
        assert_eq!(one_line("a\u{1b}[31m\n\tb  那", 40), "a [31m b 那");
        assert_eq!(one_line(&"é".repeat(5), 3), "ééé…");
    }

    #[test]
    fn lines_hang_on_their_head() {
        let lines = ["one", "  more", "two", "  more"].map(str::to_owned);
        assert_eq!(branch("head", &lines), "head\n├ one\n│   more\n└ two\n    more\n");
        assert_eq!(branch("head", &[]), "head\n");
    }
}
