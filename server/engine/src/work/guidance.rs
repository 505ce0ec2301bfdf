//! The question that a run asks when it does not know how to go on.

use domain::Attempt;

/// The question, as Markdown, with what was tried.
pub(crate) fn question(attempts: &[Attempt]) -> String {
    let tried = attempts.len();
    format!(
        "I have tried {tried} things that failed, and more of the same will not help. How shall I go on?\n{}",
        listed(attempts)
    )
}

/// What a run says that gives up, since nobody is there to ask.
pub(crate) fn report(attempts: &[Attempt]) -> String {
    let tried = attempts.len();
    format!("{tried} calls failed, and more of the same will not help.\n{}", listed(attempts))
}

fn listed(attempts: &[Attempt]) -> String {
    let mut text = String::new();
    for (n, attempt) in attempts.iter().enumerate() {
        let Attempt { tool, arguments, error_code, output } = attempt;
        text.push_str(&format!(
            "\n{}. `{tool}` failed with `{error_code}`\n\n{}\n{}",
            n + 1,
            fenced(arguments),
            fenced(output)
        ));
    }
    text
}

/// A block inside a list's item, which nothing in the text can close.
fn fenced(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let body: String = text.trim_end().lines().map(|line| format!("   {line}\n")).collect();
    format!("   {fence}\n{body}   {fence}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ToolErrorCode;

    #[test]
    fn the_question_lists_what_was_tried() {
        let attempt = |n: u32| Attempt {
            tool: "fs.read".into(),
            arguments: format!("{{\"path\":\"{n}\"}}"),
            error_code: ToolErrorCode::InputInvalid,
            output: "no ``` such file\nat all".into(),
        };
        let text = question(&[attempt(1), attempt(2)]);
        assert!(text.starts_with("I have tried 2 things"));
        assert!(text.contains("\n2. `fs.read` failed with `tool.input_invalid`\n"));
        assert!(text.contains("   ````\n   no ``` such file\n   at all\n   ````\n"), "{text}");
    }
}
