//! Answers that are made to last.

use domain::{Channel, GrantOrigin, GrantTerms, Lasts, Mode, Scope, ToolClass, Ways};
use policy::{Host, NotRemembered, Touches, remember};

use crate::support::{asker, call, fetch, grant, grants, mode, run, script, verdict_for, writes};

fn remembered(call: &policy::Call) -> Result<GrantTerms, NotRemembered> {
    remember(&asker(Channel::Dashboard), call, Mode::Allow, Lasts::Always)
}

fn origin() -> GrantOrigin {
    GrantOrigin::Remembered("apr_0195c8a1d9f07c3a8f2e4b5c6d7e8f90".parse().unwrap())
}

#[test]
fn what_is_remembered_covers_that_call_and_no_other() {
    let secret = {
        let touches = Touches {
            hosts: vec![Host { name: "A.org".into(), port: 443 }],
            secrets: vec!["key".parse().unwrap()],
            ..Touches::nothing()
        };
        call("http.request", ToolClass::Network, touches)
    };
    let calls = [
        writes("notes/a*.txt"),
        writes("notes/ab.txt"),
        fetch("a.org"),
        fetch("b.a.org"),
        script("git push origin main"),
        script("git push origin main --force"),
        script("git push"),
        script("git push 'a b'"),
        script("git fetch > log"),
        script("timeout 5 git pull && ls | wc -l"),
        secret,
        call("fs.edit", ToolClass::Writes, Touches::nothing().reads("x").writes("x")),
    ];
    let asking = grants("[[grants]]\ntool = '*'\nmode = 'ask'\nscope = 'anything'");
    for (n, one) in calls.iter().enumerate() {
        let terms = remembered(one).unwrap();
        assert!(matches!(terms.scope, Scope::Only(_)));
        assert_eq!(terms.ways, Ways::Attended);
        let mut all = asking.clone();
        all.push(grant(9, origin(), terms));
        assert_eq!(mode(&all, one), Mode::Allow, "{one:?}");
        for (m, other) in calls.iter().enumerate() {
            if n != m {
                assert_eq!(mode(&all, other), Mode::Ask, "{one:?} opened {other:?}");
            }
        }
        let api = verdict_for(&all, &asker(Channel::Api), one);
        assert_eq!(api.mode, Mode::Ask, "a person's answer at the page is none for the API");
    }
}

#[test]
fn an_answer_wins_over_the_very_question_it_answered() {
    let mut all = grants("[[grants]]\ntool = 'fs.write'\nmode = 'ask'\nscope = { write = ['a'] }");
    all.push(grant(9, origin(), remembered(&writes("a")).unwrap()));
    assert_eq!(mode(&all, &writes("a")), Mode::Allow);
    all.extend(grants("[[grants]]\ntool = '*'\nmode = 'deny'\nscope = 'anything'"));
    assert_eq!(mode(&all, &writes("a")), Mode::Deny);
}

#[test]
fn what_no_narrow_grant_covers_is_not_remembered() {
    let nothing = call("time.now", ToolClass::Reads, Touches::nothing());
    assert_eq!(remembered(&nothing), Err(NotRemembered::WholeTool));
    let table = [
        script("git push $x"),
        script("$x"),
        script("eval \"$x\""),
        script("cd a && ./x"),
        script("A=1 ls"),
        script("ls *"),
        script("ls > $x"),
        writes("a/../b"),
        script(&format!("echo {}", "x".repeat(1100))),
        script("x=1"),
    ];
    for one in table {
        assert!(remembered(&one).is_err(), "{one:?}");
    }
    assert!(matches!(remembered(&script("(")), Err(NotRemembered::Unreadable(_))));
    let many: String = (0..65).map(|n| format!("echo {n}; ")).collect();
    assert!(matches!(remembered(&script(&many)), Err(NotRemembered::Scope(_))));
}

#[test]
fn an_answer_may_be_for_one_run_and_may_be_a_no() {
    let lasts = Lasts::Run(run(1));
    let no = remember(&asker(Channel::Api), &writes("a"), Mode::Deny, lasts).unwrap();
    assert_eq!((no.mode, no.ways, no.lasts), (Mode::Deny, Ways::Unattended, lasts));
    let mut all = grants("profile = 'full'");
    all.push(grant(9, origin(), no));
    let mut api = asker(Channel::Api);
    assert_eq!(verdict_for(&all, &api, &writes("a")).mode, Mode::Deny);
    api.run = run(2);
    assert_eq!(verdict_for(&all, &api, &writes("a")).mode, Mode::Allow);
}
