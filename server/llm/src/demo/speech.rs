//! What the guide says.

use super::progress::Done;
use super::words::{block, code, cut, first_line};

/// How many entries of a folder are repeated.
const MAX_ENTRIES: usize = 50;

/// How many characters of a file are repeated.
const MAX_TEXT: usize = 2000;

/// What it is, what it can do, and how to get something better.
pub(super) fn help() -> String {
    "I am the **demo guide** built into Openclawssy, not a language model. I follow a few fixed \
     rules, so that you can see how work looks here before a model is connected. The tools I call \
     are real.\n\n\
     Try one of these:\n\n\
     - `list files` shows what is in the workspace.\n\
     - `write hello to notes.txt` writes a file.\n\
     - `read notes.txt` shows one.\n\
     - `what time is it?` asks the clock; add a zone such as `Europe/Berlin`.\n\
     - `work in 5 steps` shows longer work, with a tool call in each step; add `slow` to have \
     time to stop it.\n\
     - `count to 100` shows a long answer while it is written.\n\n\
     To connect a real model, the owner of this installation sets up a provider: any service or \
     local server that speaks the OpenAI chat completions form will do. It takes the base address, \
     a key where the service wants one, and the name of a model; the README says where they go."
        .to_owned()
}

pub(super) fn write_what() -> String {
    "I can write a file if you name the text and the file, for example `write hello to notes.txt`. \
     I am the demo guide, not a language model: I write the words you give me and none of my own."
        .to_owned()
}

pub(super) fn read_what() -> String {
    "Name the file to read, for example `read notes.txt`. With `list files` I show what there is. \
     I am the demo guide, not a language model, so I only understand a few such sentences."
        .to_owned()
}

pub(super) fn missing(tool: &str, offered: &[&str]) -> String {
    let offered = match offered {
        [] => "It has no tools at all.".to_owned(),
        tools => {
            let tools: Vec<_> = tools.iter().map(|tool| code(tool)).collect();
            format!("It has {}.", tools.join(", "))
        }
    };
    format!("That needs the tool {}, which this agent does not have. {offered}", code(tool))
}

pub(super) fn no_result(tool: &str) -> String {
    format!("I called {}, and no result came back, so I have nothing to report.", code(tool))
}

pub(super) fn failed(done: &Done<'_>) -> String {
    format!(
        "That did not work. The tool {} answered with an error:\n\n{}",
        code(done.tool),
        block(&cut(done.content, MAX_TEXT))
    )
}

/// What a folder holds, as the tool listed it.
pub(super) fn listed(path: &str, content: &str) -> String {
    let (lines, notes) = parts(content);
    let mut text = match lines.len() {
        0 => format!("There is nothing in {}.", code(path)),
        1 => format!("There is one entry in {}:\n\n", code(path)),
        n => format!("There are {n} entries in {}:\n\n", code(path)),
    };
    for line in lines.iter().take(MAX_ENTRIES) {
        text.push_str(&format!("- {}\n", code(line)));
    }
    if lines.len() > MAX_ENTRIES {
        text.push_str(&format!("\n{} more are not repeated here.\n", lines.len() - MAX_ENTRIES));
    }
    if !lines.is_empty() {
        text.push_str(&noted(&notes));
    }
    text.trim_end().to_owned()
}

/// What a file holds, as the tool read it.
pub(super) fn read(path: &str, content: &str) -> String {
    let (lines, notes) = parts(content);
    if lines.is_empty() {
        return format!("The file {} holds no text.{}", code(path), noted(&notes));
    }
    let text = lines.join("\n");
    let shown = cut(&text, MAX_TEXT);
    let rest = if shown == text { "" } else { " The end is not repeated here." };
    let count =
        if lines.len() == 1 { "1 line".to_owned() } else { format!("{} lines", lines.len()) };
    format!("{} holds {count}:\n\n{}\n{rest}{}", code(path), block(&shown), noted(&notes))
        .trim_end()
        .to_owned()
}

pub(super) fn written(path: &str, content: &str) -> String {
    let said = code(&first_line(content));
    let path = code(path);
    format!("Done. The tool says: {said}. With `read` and {path} I show it to you.")
}

pub(super) fn told(content: &str) -> String {
    format!("The clock of this server says:\n\n{}", block(&cut(content, MAX_TEXT)))
}

/// What a tool gave, and the notes in square brackets that it put at the end.
fn parts(content: &str) -> (Vec<&str>, Vec<&str>) {
    let mut lines: Vec<&str> = content.lines().collect();
    let is_note = |line: &&str| line.starts_with('[') && line.ends_with(']');
    let notes = lines.iter().rev().take_while(|line| is_note(line)).count();
    let notes = lines.split_off(lines.len() - notes);
    (lines, notes)
}

fn noted(notes: &[&str]) -> String {
    notes.iter().map(|note| format!("\n\nThe tool adds: {}", code(note))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_files_are_reported_as_they_are() {
        assert_eq!(listed(".", "[the folder is empty]"), "There is nothing in `.`.");
        let two = listed("docs", "a/\nb.txt (3 bytes)\n");
        assert_eq!(two, "There are 2 entries in `docs`:\n\n- `a/`\n- `b.txt (3 bytes)`");
        assert_eq!(read("a.txt", "x\n"), "`a.txt` holds 1 line:\n\n```\nx\n```");
        let noted = read("a.txt", "[the file is empty]");
        assert!(noted.contains("holds no text") && noted.contains("the file is empty"), "{noted}");
    }

    #[test]
    fn long_results_are_cut_and_say_so() {
        let many: String = (0..60).map(|n| format!("f{n}\n")).collect();
        assert!(listed(".", &many).contains("10 more"));
        let long = read("a.txt", &"x".repeat(3000));
        assert!(long.contains("not repeated") && long.chars().count() < 2200);
    }
}
