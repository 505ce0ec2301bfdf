//! Runs that have read from outside.

use domain::{Channel, Grant, GrantOrigin, Lasts, Mode, TaintOrigin, TaintSource, ToolClass};
use policy::{Asker, Deciding, Host, Touches, remember};

use crate::support::{asker, call, fetch, grant, grants, run, script, second, verdict_for, writes};

fn tainted(channel: Channel) -> Asker {
    let mut asker = asker(channel);
    let origin = TaintOrigin::Web("a.org".into());
    asker.taint.mark(TaintSource { origin, call: None, at: second(500) });
    asker
}

#[test]
fn a_tainted_run_asks_for_what_can_do_harm() {
    let full = grants("profile = 'full'");
    let of = |tool: &str, class| call(tool, class, Touches::nothing());
    let table = [
        (of("fs.read", ToolClass::Pure), Mode::Allow),
        (of("time.now", ToolClass::Reads), Mode::Allow),
        (of("agent.run", ToolClass::Delegates), Mode::Allow),
        (writes("a"), Mode::Ask),
        (script("ls"), Mode::Ask),
        (of("mail.send", ToolClass::TalksToPeople), Mode::Ask),
        (fetch("a.org"), Mode::Allow),
        (fetch("A.ORG"), Mode::Allow),
        (fetch("b.org"), Mode::Ask),
    ];
    for (call, wanted) in table {
        let clean = verdict_for(&full, &asker(Channel::Dashboard), &call);
        assert_eq!(clean.mode, Mode::Allow, "{call:?}");
        let verdict = verdict_for(&full, &tainted(Channel::Dashboard), &call);
        assert_eq!(verdict.mode, wanted, "{call:?}");
        if wanted == Mode::Ask {
            assert_eq!(verdict.rule, Deciding::Taint);
            assert!(verdict.sentence.contains("a.org"), "{}", verdict.sentence);
        }
    }
}

#[test]
fn a_secret_is_asked_for_and_a_host_that_a_person_named_is_not() {
    let all = grants(
        r#"
        [[grants]]
        tool = "*"
        mode = "allow"
        scope = { hosts = ["b.org", "*.c.org"], secrets = ["key"] }
        "#,
    );
    let mut request = fetch("b.org");
    assert_eq!(verdict_for(&all, &tainted(Channel::Cli), &request).mode, Mode::Allow);
    assert_eq!(verdict_for(&all, &tainted(Channel::Cli), &fetch("x.c.org")).mode, Mode::Ask);
    request.touches.secrets = vec!["key".parse().unwrap()];
    assert_eq!(verdict_for(&all, &tainted(Channel::Cli), &request).mode, Mode::Ask);
    request.touches.hosts = vec![Host { name: "d.org".into(), port: 443 }];
    assert_eq!(verdict_for(&all, &tainted(Channel::Cli), &request).mode, Mode::Deny);
}

#[test]
fn taint_never_loosens_and_denies_where_nobody_is() {
    let asking = grants("profile = 'guarded'");
    let verdict = verdict_for(&asking, &tainted(Channel::Dashboard), &writes("a"));
    assert!(matches!(verdict.rule, Deciding::Grant(_)), "the grant asks anyway");
    assert_eq!(verdict_for(&[], &tainted(Channel::Dashboard), &writes("a")).mode, Mode::Deny);
    let full = grants("profile = 'full'");
    let verdict = verdict_for(&full, &tainted(Channel::Scheduler), &writes("a"));
    assert_eq!(verdict.mode, Mode::Deny);
    assert_eq!(verdict.rule, Deciding::Nobody(Box::new(Deciding::Taint)));
}

#[test]
fn an_answer_in_the_tainted_run_counts_for_that_run() {
    let full = grants("profile = 'full'");
    let asker = tainted(Channel::Dashboard);
    let answer = |made_at, lasts| -> Vec<Grant> {
        let terms = remember(&asker, &writes("a"), Mode::Allow, lasts).unwrap();
        let approval = "apr_0195c8a1d9f07c3a8f2e4b5c6d7e8f90".parse().unwrap();
        let mut grant = grant(9, GrantOrigin::Remembered(approval), terms);
        grant.made_at = second(made_at);
        vec![grant]
    };
    let with = |mut grants: Vec<Grant>, path: &str| {
        grants.extend(full.clone());
        verdict_for(&grants, &asker, &writes(path)).mode
    };
    let this_run = Lasts::Run(run(1));
    assert_eq!(with(answer(600, this_run), "a"), Mode::Allow);
    assert_eq!(with(answer(600, this_run), "b"), Mode::Ask);
    // Given before anything came in, or for good: not an answer to this.
    assert_eq!(with(answer(400, this_run), "a"), Mode::Ask);
    assert_eq!(with(answer(600, Lasts::Always), "a"), Mode::Ask);
}
