//! Questions where nobody sits.

use domain::{Channel, Mode};
use policy::{Deciding, Presence};

use crate::support::{asker, grants, id, verdict_for, writes};

#[test]
fn a_question_waits_where_somebody_may_answer_it_and_is_a_no_elsewhere() {
    let all = grants("[[grants]]\ntool = '*'\nmode = 'ask'\nscope = 'anything'");
    for (channel, wanted) in [
        (Channel::Dashboard, Mode::Ask),
        (Channel::Cli, Mode::Ask),
        (Channel::Api, Mode::Ask),
        (Channel::Discord, Mode::Ask),
        (Channel::Scheduler, Mode::Deny),
    ] {
        let verdict = verdict_for(&all, &asker(channel), &writes("a"));
        assert_eq!(verdict.mode, wanted, "{channel}");
        if wanted == Mode::Deny {
            assert_eq!(verdict.rule, Deciding::Nobody(Box::new(Deciding::Grant(id(0)))));
            assert!(verdict.sentence.contains("Nobody is there"), "{}", verdict.sentence);
        }
    }
}

#[test]
fn a_command_line_without_a_terminal_can_say_that_nobody_is_there() {
    let all = grants("[[grants]]\ntool = '*'\nmode = 'ask'\nscope = 'anything'");
    let mut asker = asker(Channel::Cli);
    asker.presence = Presence::Nobody;
    assert_eq!(verdict_for(&all, &asker, &writes("a")).mode, Mode::Deny);
}

#[test]
fn what_is_granted_to_unattended_runs_alone_decides_for_a_job() {
    let all = grants(
        r#"
        [[grants]]
        tool = "fs.write"
        mode = "ask"
        ways = "attended"
        scope = "anything"
        [[grants]]
        tool = "fs.write"
        mode = "allow"
        ways = "unattended"
        scope = { write = ["reports/**"] }
        "#,
    );
    let at = |channel, path| verdict_for(&all, &asker(channel), &writes(path)).mode;
    assert_eq!(at(Channel::Scheduler, "reports/a"), Mode::Allow);
    assert_eq!(at(Channel::Scheduler, "a"), Mode::Deny);
    assert_eq!(at(Channel::Dashboard, "reports/a"), Mode::Ask);
    assert_eq!(at(Channel::Dashboard, "a"), Mode::Ask);
}
