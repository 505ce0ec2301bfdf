//! Several grants over one call.

use domain::{Access, Channel, Grant, Mode, ToolClass};
use policy::{Deciding, Host, Touches};
use proptest::prelude::*;

use crate::support::{
    asker, call, fetch, grants, id, mode, run, script, second, verdict, verdict_for, writes,
};

#[test]
fn without_a_grant_everything_is_denied() {
    for call in [writes("a"), fetch("a.org"), script("ls"), time()] {
        let verdict = verdict(&[], &call);
        assert_eq!((verdict.mode, verdict.rule), (Mode::Deny, Deciding::Default));
        assert!(verdict.sentence.contains(&call.tool), "{}", verdict.sentence);
    }
}

fn time() -> policy::Call {
    call("time.now", ToolClass::Reads, Touches::nothing())
}

#[test]
fn the_stricter_mode_wins_over_the_pieces_of_a_call() {
    let all = grants(
        r#"
        [[grants]]
        tool = "fs.*"
        mode = "allow"
        scope = { write = ["**"], read = ["**"] }
        [[grants]]
        tool = "fs.*"
        mode = "ask"
        scope = { write = ["docs/**"] }
        [[grants]]
        tool = "fs.*"
        mode = "deny"
        scope = { write = ["secret/**"] }
        "#,
    );
    let moves = |from: &str, to: &str| {
        call("fs.move", ToolClass::Writes, Touches::nothing().writes(from).writes(to))
    };
    let table = [
        (moves("a", "b"), Mode::Allow, 0),
        (moves("a", "docs/b"), Mode::Ask, 1),
        (moves("docs/a", "b"), Mode::Ask, 1),
        (moves("docs/a", "secret/b"), Mode::Deny, 2),
        (moves("secret/a", "b"), Mode::Deny, 2),
    ];
    for (call, mode, grant) in table {
        let verdict = verdict(&all, &call);
        assert_eq!((verdict.mode, verdict.rule), (mode, Deciding::Grant(id(grant))), "{call:?}");
    }
    // One that goes up may lead to what is denied.
    assert_eq!(mode(&all, &writes("a/../b")), Mode::Deny);
    assert_eq!(mode(&all, &writes("/etc/passwd")), Mode::Deny);
}

#[test]
fn nothing_undoes_a_denial_and_only_what_is_closer_answers_a_question() {
    let file = |grants: &str| crate::support::grants(grants);
    let one = |tool: &str, mode: &str, scope: &str| {
        format!("[[grants]]\ntool = '{tool}'\nmode = '{mode}'\nscope = {scope}\n")
    };
    let any = "'anything'";
    let named = "{ write = ['a'] }";
    let folder = "{ write = ['**'] }";
    let table = [
        (one("*", "deny", any), one("fs.write", "allow", named), Mode::Deny),
        (one("fs.*", "deny", folder), one("fs.write", "allow", named), Mode::Deny),
        (one("fs.*", "ask", any), one("fs.*", "allow", named), Mode::Allow),
        (one("fs.*", "ask", any), one("fs.write", "allow", any), Mode::Allow),
        (one("fs.*", "ask", any), one("fs.*", "allow", any), Mode::Ask),
        (one("fs.write", "ask", any), one("*", "allow", any), Mode::Ask),
        // Closer in the piece, further in the tool: nobody said which counts.
        (one("fs.write", "ask", any), one("*", "allow", named), Mode::Ask),
        (one("fs.write", "ask", named), one("fs.*", "allow", named), Mode::Ask),
        (one("fs.write", "ask", folder), one("fs.write", "allow", named), Mode::Allow),
    ];
    for (first, second, wanted) in table {
        for text in [format!("{first}{second}"), format!("{second}{first}")] {
            assert_eq!(mode(&file(&text), &writes("a")), wanted, "{text}");
        }
    }
}

#[test]
fn a_command_may_be_asked_for_among_those_that_are_allowed() {
    let all = grants(
        r#"
        [[grants]]
        tool = "shell.exec"
        mode = "allow"
        scope = { commands = ["git *"] }
        [[grants]]
        tool = "shell.exec"
        mode = "ask"
        scope = { commands = ["git push *"] }
        "#,
    );
    assert_eq!(mode(&all, &script("git status")), Mode::Allow);
    assert_eq!(mode(&all, &script("git push")), Mode::Ask);
    assert_eq!(mode(&all, &script("git status; git push origin")), Mode::Ask);
    assert_eq!(mode(&all, &script("git $x")), Mode::Ask);
    assert_eq!(mode(&all, &script("git push; rm x")), Mode::Deny);
}

#[test]
fn a_secret_is_always_named_and_keeps_to_what_stands_beside_it() {
    let with = |host: &str, secret: &str| {
        let touches = Touches {
            hosts: vec![Host { name: host.to_owned(), port: 443 }],
            secrets: vec![secret.parse().unwrap()],
            ..Touches::nothing()
        };
        call("http.request", ToolClass::Network, touches)
    };
    assert_eq!(mode(&grants("profile = 'full'"), &with("a.org", "key")), Mode::Deny);
    let bound = grants(
        r#"
        profile = "full"
        [[grants]]
        tool = "http.request"
        mode = "allow"
        scope = { hosts = ["a.org"], secrets = ["key"] }
        "#,
    );
    assert_eq!(mode(&bound, &with("a.org", "key")), Mode::Allow);
    assert_eq!(mode(&bound, &with("b.org", "key")), Mode::Deny);
    assert_eq!(mode(&bound, &with("a.org", "other")), Mode::Deny);
    let free = grants(
        r#"
        profile = "full"
        [[grants]]
        tool = "*"
        mode = "allow"
        scope = { secrets = ["key"] }
        "#,
    );
    assert_eq!(mode(&free, &with("b.org", "key")), Mode::Allow);
}

#[test]
fn a_grant_counts_in_its_time_its_run_and_its_ways() {
    let table = [
        ("lasts = { until = '1970-01-01T00:16:41Z' }", Mode::Allow),
        ("lasts = { until = '1970-01-01T00:16:40Z' }", Mode::Deny),
        (&format!("lasts = {{ run = '{}' }}", run(1)), Mode::Allow),
        (&format!("lasts = {{ run = '{}' }}", run(2)), Mode::Deny),
        ("ways = 'attended'", Mode::Allow),
        ("ways = 'unattended'", Mode::Deny),
        ("ways = 'both'", Mode::Allow),
    ];
    for (line, wanted) in table {
        let all = grants(&format!(
            "[[grants]]\ntool = 'fs.write'\nmode = 'allow'\n{line}\nscope = 'anything'\n"
        ));
        assert_eq!(mode(&all, &writes("a")), wanted, "{line}");
        let api = verdict_for(&all, &asker(Channel::Api), &writes("a")).mode;
        if line.starts_with("ways") {
            assert_eq!(api == Mode::Allow, !line.contains("'attended'"), "{line}");
        }
    }
}

#[test]
fn a_file_of_grants_names_what_is_wrong_in_it() {
    let read = |text: &str| toml::from_str::<domain::GrantFile>(text).unwrap_err().to_string();
    let table = [
        ("[[grants]]\ntool = 'a'\nmode = 'allow'", "scope"),
        ("[[grants]]\ntool = 'a'\nmode = 'allow'\nscope = { pathes = ['a'] }", "pathes"),
        ("[[grants]]\ntool = 'a'\nmode = 'maybe'\nscope = 'anything'", "mode of a grant"),
        ("[[grants]]\ntool = 'a'\nmode = 'allow'\nscope = { read = ['../a'] }", "../a"),
        ("profil = 'full'", "profil"),
        ("profile = 'all'", "profile"),
    ];
    for (text, part) in table {
        let error = read(text);
        assert!(error.contains(part), "{text}: {error}");
    }
}

fn any_grant() -> impl Strategy<Value = String> {
    let tools = ["*", "fs.*", "fs.write", "shell.exec", "web.fetch"];
    let scopes = [
        "'anything'",
        "{ write = ['**'] }",
        "{ write = ['a'] }",
        "{ write = ['d/*'], read = ['**'] }",
        "{ hosts = ['*'] }",
        "{ hosts = ['a.org'] }",
        "{ commands = ['*'] }",
        "{ commands = ['git *'] }",
        "{ commands = ['git status'] }",
    ];
    let modes = ["allow", "ask", "deny"];
    (
        prop::sample::select(tools.to_vec()),
        prop::sample::select(scopes.to_vec()),
        prop::sample::select(modes.to_vec()),
    )
        .prop_map(|(tool, scope, mode)| {
            format!("[[grants]]\ntool = '{tool}'\nmode = '{mode}'\nscope = {scope}\n")
        })
}

fn any_call() -> impl Strategy<Value = policy::Call> {
    let moves = |a: &str, b: &str| {
        let touches = Touches {
            paths: vec![(a.to_owned(), Access::Write), (b.to_owned(), Access::Write)],
            ..Touches::nothing()
        };
        call("fs.write", ToolClass::Writes, touches)
    };
    prop::sample::select(vec![
        writes("a"),
        writes("d/b"),
        writes("a/../b"),
        moves("a", "d/b"),
        moves("a", "x/y/z"),
        fetch("a.org"),
        fetch("b.org"),
        script("git status"),
        script("git push; git status"),
        script("git $x"),
        script("$x"),
        script("env git status > a"),
        time(),
    ])
}

fn of(texts: &[String]) -> Vec<Grant> {
    grants(&texts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn one_more_denial_never_loosens_anything(
        some in prop::collection::vec(any_grant(), 0..6),
        more in any_grant(),
        call in any_call(),
    ) {
        let before = mode(&of(&some), &call);
        let denial = more.replace("'allow'", "'deny'").replace("'ask'", "'deny'");
        let mut all = some;
        all.push(denial);
        prop_assert!(mode(&of(&all), &call) >= before, "{:?} {:?}", all, call);
    }

    #[test]
    fn a_call_is_no_freer_than_each_of_its_pieces(
        some in prop::collection::vec(any_grant(), 0..6),
        one in any_call(),
        other in any_call(),
    ) {
        let all = of(&some);
        let mut both = one.clone();
        both.touches.paths.extend(other.touches.paths.clone());
        both.touches.hosts.extend(other.touches.hosts.clone());
        both.touches.commands.extend(other.touches.commands.clone());
        let mut alone = other;
        alone.tool.clone_from(&both.tool);
        alone.class = both.class;
        let strictest = mode(&all, &one).max(mode(&all, &alone));
        // A call that touches nothing needs the tool itself; with something to
        // touch it needs that.
        if one.touches != Touches::nothing() && alone.touches != Touches::nothing() {
            prop_assert_eq!(mode(&all, &both), strictest, "{:?} {:?}", some, both);
        }
    }

    #[test]
    fn the_order_of_grants_does_not_matter(
        some in prop::collection::vec(any_grant(), 0..6),
        call in any_call(),
    ) {
        let forth = mode(&of(&some), &call);
        let back: Vec<_> = some.into_iter().rev().collect();
        prop_assert_eq!(mode(&of(&back), &call), forth);
    }
}

#[test]
fn the_moment_is_given() {
    let all = grants(
        "[[grants]]\ntool = '*'\nmode = 'allow'\nlasts = { until = '1970-01-01T00:00:10Z' }\nscope = 'anything'",
    );
    let at = |n| {
        policy::decide(
            &policy::Rules { grants: &all, now: second(n) },
            &asker(Channel::Cli),
            &writes("a"),
        )
        .mode
    };
    assert_eq!((at(9), at(10)), (Mode::Allow, Mode::Deny));
}
