//! A forbidden command stays forbidden in whatever it is wrapped.

use domain::Mode;
use policy::{Deciding, Rules, decide};
use proptest::prelude::*;

use crate::support::{asker, commands, grants, mode, script, second, shell};

/// Ways to write a command so that it still runs, the command at `@`.
const WRAPPINGS: &[&str] = &[
    "@",
    "ls; @",
    "ls && @",
    "@ || ls",
    "ls | @",
    "@ &",
    "ls\n@",
    " (@) ",
    "{ @; }",
    "! @",
    "time @",
    "echo $(@)",
    "echo \"$(@)\"",
    "x=$(@)",
    "x=1; @",
    "echo ${x:-$(@)}",
    "echo \"${x:-$(@)}\"",
    "echo $((1 + $(@)))",
    "cat <(@)",
    "cat < <(@)",
    "ls > >(@)",
    "cat <<A\n$(@)\nA\n",
    "cat <<< $(@)",
    "if @; then ls; fi",
    "if ls; then @; else ls; fi",
    "while @; do ls; done",
    "for x in a b; do @; done",
    "for x in $(@); do ls; done",
    "case x in x) @;; esac",
    "case $(@) in x) ls;; esac",
    "f() { @; }; f",
    "[[ -n $(@) ]]",
    "[[ a && $(@) ]]",
    "coproc { @; }",
    "ls; # remark\n@",
    "echo \"a\" 'b' \\c; @",
    "x=(a $(@))",
    "ls {a,$(@)}",
];

/// Ways that only fit around a single command.
const CARRIERS: &[&str] = &[
    "env @",
    "env A=1 @",
    "env LANG=C @",
    "nohup @",
    "timeout 5 @",
    "nice -n 5 @",
    "stdbuf -oL @",
    "setsid @",
    "exec @",
    "command @",
    "ls | xargs @",
    "ls | xargs -n 1 @",
    "find . -exec @ \\;",
    "eval @",
    "> out.txt @",
    "2>&1 @",
    "/usr/bin/env @",
    "sudo @",
];

fn forbidden() -> impl Strategy<Value = String> {
    let names = ["rm", "/bin/rm", "r\\m", "'rm'", "\"r\"m", "r''m", "./rm", "/tmp/rm"];
    let words = ["", " x", " -rf /", " \"$x\"", " 'a b'", " *"];
    let command = (prop::sample::select(names.to_vec()), prop::sample::select(words.to_vec()))
        .prop_map(|(name, words)| format!("{name}{words}"));
    let carried = (command, prop::collection::vec(prop::sample::select(CARRIERS), 0..3))
        .prop_map(|(command, around)| wrap(command, &around));
    let quoted = (carried, 0..4_u8).prop_map(|(command, form)| match form {
        0 => format!("sh -c '{}'", command.replace('\'', "'\\''")),
        1 => format!("bash -ec '{}'", command.replace('\'', "'\\''")),
        2 => format!("eval '{}'", command.replace('\'', "'\\''")),
        _ => command,
    });
    (quoted, prop::collection::vec(prop::sample::select(WRAPPINGS), 0..4))
        .prop_map(|(command, around)| wrap(command, &around))
}

fn wrap(command: String, around: &[&str]) -> String {
    around.iter().fold(command, |inner, form| form.replace('@', &inner))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_denied_command_does_not_run_in_any_nesting(text in forbidden()) {
        let mut all = grants("profile = 'full'");
        all.extend(shell("deny", "{ commands = ['rm *'] }"));
        prop_assert_eq!(mode(&all, &script(&text)), Mode::Deny, "{}", text);
    }

    #[test]
    fn a_command_off_the_list_does_not_run_in_any_nesting(text in forbidden()) {
        let list = [
            "ls *", "echo *", "cat *", "find *", "sudo *", "f", "x *", "env *", "bash -c true",
            "true",
        ];
        let mut all = commands(&list);
        all.extend(shell("allow", "{ read = ['**'], write = ['**'] }"));
        prop_assert_eq!(mode(&all, &script(&text)), Mode::Deny, "{}", text);
    }

    #[test]
    fn no_text_upsets_the_reader(text in any::<String>()) {
        let _ = mode(&grants("profile = 'full'"), &script(&text));
    }

    #[test]
    fn no_signs_of_a_shell_upset_the_reader(
        text in prop::collection::vec(
            prop::sample::select(vec![
                "$(", "`", ")", "(", "{", "}", "\"", "'", "\\", "\n", " ", ";", "&", "|", "<", ">",
                "<<A", "A", "$", "${", "$((", "))", "[[", "]]", "[", "]", "case", "esac", "in", "if",
                "fi", "then", "do", "done", "for", "while", "x", "=", "#", "!", "*", "?", "~", "é",
                "eval", "sh -c", "find . -exec", "xargs", "env", "@", "1", "\t", "<<<", "&>", "trap",
            ]),
            0..40,
        )
    ) {
        let text = text.concat();
        // A list without `rm` never lets it run as the last command of its own.
        let end = format!("{text}\nrm x\n");
        let list = ["*"];
        let mut all = commands(&list);
        all.extend(shell("deny", "{ commands = ['rm *'] }"));
        all.extend(shell("allow", "{ read = ['**'], write = ['**'] }"));
        let verdict = decide(&Rules { grants: &all, now: second(0) }, &asker(domain::Channel::Cli), &script(&end));
        // The signs may have opened a quote or a here-document around it.
        let swallowed = text.contains(['\'', '"', '`', '#', '\\']) || text.contains("<<");
        prop_assert!(swallowed || verdict.mode == Mode::Deny, "{}: {:?}", end, verdict);
        prop_assert!(verdict.rule != Deciding::Taint);
    }
}
