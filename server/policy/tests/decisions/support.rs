//! Grants, askers and calls in few words.

use domain::{
    AgentId, Channel, Grant, GrantId, GrantOrigin, GrantTerms, Mode, RunId, Timestamp, ToolClass,
};
use policy::{Asker, Call, Command, Host, Rules, Shell, Touches, Verdict, decide};

/// An id's bare number.
fn number(n: usize) -> String {
    format!("0195c8a1d9f07c3a8f2e{n:012x}")
}

pub(crate) fn run(n: usize) -> RunId {
    format!("run_{}", number(n)).parse().unwrap()
}

pub(crate) fn second(n: i64) -> Timestamp {
    Timestamp::from_second(n).unwrap()
}

fn agent() -> AgentId {
    format!("agt_{}", number(1)).parse().unwrap()
}

pub(crate) fn id(n: usize) -> GrantId {
    format!("grt_{}", number(n)).parse().unwrap()
}

/// Grants as a file of them holds them, numbered from 0, made at second 0.
pub(crate) fn grants(toml: &str) -> Vec<Grant> {
    let file: domain::GrantFile = toml::from_str(toml).unwrap_or_else(|e| panic!("{e}"));
    let terms = file.terms().unwrap().into_iter().enumerate();
    terms.map(|(n, (origin, terms))| grant(n, origin, terms)).collect()
}

pub(crate) fn grant(n: usize, origin: GrantOrigin, terms: GrantTerms) -> Grant {
    Grant { id: id(n), agent_id: agent(), made_at: second(0), origin, terms }
}

/// Grants that allow the shell these commands.
pub(crate) fn commands(allow: &[&str]) -> Vec<Grant> {
    shell("allow", &format!("{{ commands = {allow:?} }}"))
}

/// One grant for the shell.
pub(crate) fn shell(mode: &str, scope: &str) -> Vec<Grant> {
    grants(&format!("[[grants]]\ntool = 'shell.exec'\nmode = '{mode}'\nscope = {scope}\n"))
}

pub(crate) fn asker(channel: Channel) -> Asker {
    Asker::new(run(1), channel)
}

pub(crate) fn script(text: &str) -> Call {
    let command = Command::Script { text: text.to_owned(), shell: Shell::Bash };
    let touches = Touches { commands: vec![command], ..Touches::nothing() };
    Call { tool: "shell.exec".to_owned(), class: ToolClass::RunsCode, touches }
}

pub(crate) fn call(tool: &str, class: ToolClass, touches: Touches) -> Call {
    Call { tool: tool.to_owned(), class, touches }
}

pub(crate) fn writes(path: &str) -> Call {
    call("fs.write", ToolClass::Writes, Touches::nothing().writes(path))
}

pub(crate) fn fetch(name: &str) -> Call {
    let hosts = vec![Host { name: name.to_owned(), port: 443 }];
    call("web.fetch", ToolClass::Network, Touches { hosts, ..Touches::nothing() })
}

/// What is decided for a person at the dashboard.
pub(crate) fn verdict(grants: &[Grant], call: &Call) -> Verdict {
    verdict_for(grants, &asker(Channel::Dashboard), call)
}

pub(crate) fn verdict_for(grants: &[Grant], asker: &Asker, call: &Call) -> Verdict {
    decide(&Rules { grants, now: second(1000) }, asker, call)
}

pub(crate) fn mode(grants: &[Grant], call: &Call) -> Mode {
    verdict(grants, call).mode
}
