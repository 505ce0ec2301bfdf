//! Decisions told and done again.

use domain::{Channel, Mode};
use policy::{Aside, PastCall, Rules, compare, explain};

use crate::support::{asker, grants, id, script, second, shell, writes};

#[test]
fn an_explanation_names_every_piece_and_every_grant() {
    let all = grants(
        r#"
        [[grants]]
        tool = "shell.exec"
        mode = "allow"
        scope = { commands = ["git *"], write = ["log"] }
        [[grants]]
        tool = "shell.exec"
        mode = "ask"
        scope = { commands = ["git push *"] }
        [[grants]]
        tool = "fs.*"
        mode = "deny"
        scope = "anything"
        [[grants]]
        tool = "shell.exec"
        mode = "deny"
        ways = "unattended"
        scope = "anything"
        "#,
    );
    let rules = Rules { grants: &all, now: second(0) };
    let told = explain(&rules, &asker(Channel::Cli), &script("git $x > log; git push"));
    assert_eq!(told.verdict.mode, Mode::Ask);
    let pieces: Vec<_> =
        told.pieces.iter().map(|piece| (piece.what.as_str(), piece.mode)).collect();
    let wanted =
        [("write `log`", Mode::Allow), ("run `git $x`", Mode::Ask), ("run `git push`", Mode::Ask)];
    assert_eq!(pieces, wanted);
    let second = &told.pieces[1].grants;
    assert_eq!((second[0].grant, second[0].surely), (id(0), true));
    assert_eq!((second[1].grant, second[1].surely), (id(1), false));
    let asides: Vec<_> = told.grants.iter().map(|grant| grant.aside).collect();
    assert_eq!(asides, [None, None, Some(Aside::OtherTool), Some(Aside::OtherWays)]);
    let text = told.to_string();
    for part in
        ["ask: A person has to allow", "write `log`", "git push *", "[speaks of other tools]"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(serde_json::to_string(&told).unwrap().contains(r#""aside":"other_ways""#));
}

#[test]
fn a_long_script_is_told_in_part() {
    let all = shell("allow", "'anything'");
    let rules = Rules { grants: &all, now: second(0) };
    let told = explain(&rules, &asker(Channel::Cli), &script(&"true; ".repeat(150)));
    assert_eq!((told.pieces.len(), told.more_pieces), (100, 50));
    let told = explain(&rules, &asker(Channel::Cli), &script("("));
    assert!(told.pieces.is_empty() && told.verdict.mode == Mode::Deny);
}

#[test]
fn past_calls_that_would_change_are_listed_in_their_order() {
    let old = grants("profile = 'full'");
    let new = grants("profile = 'workspace'");
    let call = |call| PastCall { at: second(0), asker: asker(Channel::Api), call };
    let calls = [
        call(writes("a")),
        call(crate::support::fetch("a.org")),
        call(script("ls")),
        call(crate::support::call("x.y", domain::ToolClass::Writes, policy::Touches::nothing())),
    ];
    let changes: Vec<_> = compare(&old, &new, calls).collect();
    let modes: Vec<_> = changes.iter().map(|c| (c.call, c.before.mode, c.after.mode)).collect();
    assert_eq!(modes, [(1, Mode::Allow, Mode::Ask), (3, Mode::Allow, Mode::Deny)]);
}
