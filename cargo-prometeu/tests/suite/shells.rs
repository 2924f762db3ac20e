//! Real shells, taught by `completions`; and the pages of `man`, read by what shows them.
//!
//! A shell that is not installed is skipped, and says so.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::harness::{Place, Run};

/// Whether the program is here; if not, it is said that a test was skipped.
pub(crate) fn is_here(program: &str) -> bool {
    let found = Command::new(program).arg("--help").stdin(Stdio::null()).output().is_ok();
    if !found {
        // Nobody can be told when standard error is gone.
        let _ = writeln!(std::io::stderr(), "skipped: there is no `{program}` here");
    }
    found
}

/// A project with two assets, one of whose roots has to be quoted.
fn game() -> Place {
    Place::blobs(&["ui/atlas", "ui/my root"])
}

/// The command as a shell's own, which finds the binary by its name.
fn shell(place: &Place, program: &str, arguments: &[&str]) -> Command {
    let mut command = place.command(&[] as &[&str]);
    let folder = Path::new(env!("CARGO_BIN_EXE_cargo-prometeu")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path =
        std::env::join_paths(std::iter::once(folder.to_path_buf()).chain(std::env::split_paths(&path)));
    let mut shell = Command::new(program);
    shell.args(arguments).current_dir(place.path("")).stdin(Stdio::null());
    for (name, value) in command.stdin(Stdio::null()).get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
        .env("PATH", path.unwrap())
        .env("HOME", place.path(""))
        .env("TERM", "xterm")
        .env("CARGO_TERM_COLOR", "never");
    shell
}

#[test]
fn every_shell_gets_a_script() {
    let place = Place::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        place.ok(&["completions", shell]).prints("__complete ").prints("cargo-prometeu");
    }
    place.run(&["completions", "csh"]).code(2).says("bash, zsh, fish, powershell, elvish");
}

#[test]
fn a_shell_that_asks_in_vain_hears_nothing() {
    let place = Place::empty();
    let asked = |words: &[&str]| {
        let run = place.run(&[&["__complete", "zsh", "2", "--"], words].concat()).code(0);
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""), "{words:?}");
    };
    asked(&["cargo-prometeu", "show", "u"]);
    place.write("assets/.prometeu/index.json", "{");
    asked(&["cargo-prometeu", "show", "u"]);
    asked(&["cargo-prometeu", "restore", "x"]);
}

#[test]
fn bash_completes_what_is_cargos_and_what_is_ours() {
    if !is_here("bash") {
        return;
    }
    let place = game();
    let script = r#"
        _of_cargo() { COMPREPLY=(build bench); }
        complete -F _of_cargo cargo
        for again in 1 2; do source <(cargo-prometeu completions bash); done
        check() {
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
            local function=$(complete -p "$1")
            function=${function#*-F } function=${function%% *}
            $function "$1" "${!#}" "${COMP_WORDS[COMP_CWORD - 1]}"
            echo "$*: ${COMPREPLY[*]}"
        }
        check cargo prometeu sh
        check cargo +nightly prometeu show ui/
        check cargo-prometeu list --family = g
        check cargo-prometeu show '"ui/my'
        check cargo b
    "#;
    let run = Run::of(shell(&place, "bash", &["--norc", "-c", script]).output().unwrap()).code(0);
    let expected = "\
        cargo prometeu sh: show\n\
        cargo +nightly prometeu show ui/: ui/atlas ui/my\\ root\n\
        cargo-prometeu list --family = g: glyph_bank\n\
        cargo-prometeu show \"ui/my: ui/my root\n\
        cargo b: build bench\n";
    assert_eq!(run.stdout, expected, "{}", run.stderr);
}

#[test]
fn fish_completes_cargo_and_the_command_itself() {
    if !is_here("fish") {
        return;
    }
    let place = game();
    let script = r#"
        cargo-prometeu completions fish | source
        for line in "cargo prometeu show ui/" "cargo +nightly prometeu doc" "cargo-prometeu vali" "cargo buil prometeu sh"
            echo "$line:"
            complete -C "$line"
        end
    "#;
    let run = Run::of(shell(&place, "fish", &["--no-config", "-c", script]).output().unwrap()).code(0);
    let first = |line: &str| line.split('\t').next().unwrap().to_owned();
    let lines: Vec<String> = run.stdout.lines().map(first).collect();
    let expected = [
        "cargo prometeu show ui/:",
        "ui/atlas",
        "ui/my root",
        "cargo +nightly prometeu doc:",
        "doctor",
        "cargo-prometeu vali:",
        "validate",
        "cargo buil prometeu sh:",
    ];
    assert_eq!(lines, expected, "{}", run.stderr);
}

/// Types at a shell in a terminal, and waits for each answer.
#[cfg(unix)]
#[track_caller]
fn check_at_a_terminal(program: &str, arguments: &[&str], teach: &str, typed: &[(&str, &str)]) {
    use std::fs::File;
    use std::time::Duration;

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{Winsize, tcsetwinsize};

    if !is_here(program) {
        return;
    }
    let place = game();
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let person = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    tcsetwinsize(&person, Winsize { ws_row: 40, ws_col: 200, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    let mut command = shell(&place, program, arguments);
    command.stdin(person.try_clone().unwrap()).stdout(person.try_clone().unwrap()).stderr(person);
    let mut child = command.spawn().unwrap();
    drop(command);
    let mut screen = File::from(master);
    let mut hand = screen.try_clone().unwrap();
    let (sender, shown) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut piece = [0; 4096];
        // The end of the shell is an error on Linux.
        while let Ok(read @ 1..) = screen.read(&mut piece) {
            if sender.send(piece[..read].to_vec()).is_err() {
                return;
            }
        }
    });
    let mut expect = |keys: &str, words: &str| {
        hand.write_all(keys.as_bytes()).unwrap();
        let mut seen = Vec::new();
        while !String::from_utf8_lossy(&seen).contains(words) {
            let Ok(more) = shown.recv_timeout(Duration::from_secs(30)) else {
                panic!(
                    "{program}: {keys:?} was not answered by {words:?}:\n{}",
                    String::from_utf8_lossy(&seen)
                );
            };
            seen.extend(more);
        }
    };
    expect(&format!("{teach}\n"), "taught-42");
    for (keys, words) in typed {
        expect(keys, words);
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
#[cfg(unix)]
fn a_person_at_bash_types_a_tab() {
    let teach = "source <(cargo-prometeu completions bash); echo taught-$((41 + 1))";
    let typed = [
        ("cargo prometeu show ui/a\t", "show ui/atlas "),
        ("\x15cargo prometeu show ui/m\t", "show ui/my\\ root "),
        ("\x15cargo-prometeu list --family=s\t", "--family=sound_bank "),
        ("\x15cargo-prometeu vali\t", "validate "),
    ];
    check_at_a_terminal("bash", &["--norc", "--noprofile", "-i"], teach, &typed);
}

#[test]
#[cfg(unix)]
fn a_person_at_zsh_types_a_tab() {
    let teach = "autoload -U compinit; compinit -u -D; source <(cargo-prometeu completions zsh); echo taught-$((41 + 1))";
    let typed = [
        ("cargo prometeu show ui/a\t", "ui/atlas"),
        ("\x15cargo prometeu show ui/m\t", "ui/my\\ root"),
        ("\x15cargo-prometeu vali\t", "validate"),
    ];
    check_at_a_terminal("zsh", &["-f", "-i"], teach, &typed);
}

#[test]
#[cfg(unix)]
fn a_person_at_elvish_types_a_tab() {
    let teach = "eval (cargo-prometeu completions elvish | slurp); echo taught-(+ 41 1)";
    // It draws what is new alone.
    let typed = [
        ("cargo prometeu show ui/a\t", "tlas"),
        ("\x15cargo-prometeu vali\t", "date"),
        ("\x15cargo prometeu show ui/m\t", "y root'"),
    ];
    check_at_a_terminal("elvish", &["-norc"], teach, &typed);
}

#[test]
fn every_command_has_a_page_that_its_readers_understand() {
    let place = Place::empty();
    let run = place.ok(&["man", "pages of mine"]).says("pages to pages of mine");
    run.says("`man pages of mine/cargo-prometeu.1`");
    let before = place.listing();
    place.ok(&["man", "pages of mine"]);
    assert_eq!(place.listing(), before, "the second time is as the first");
    let page = place.read("pages of mine/cargo-prometeu-doctor.1");
    for words in [".TH CARGO\\-PROMETEU\\-DOCTOR 1", "cargo prometeu doctor", "\\-\\-strict"] {
        assert!(page.contains(words), "no `{words}` in:\n{page}");
    }
    assert!(before.keys().any(|path| path.ends_with("cargo-prometeu-cache-clear.1")), "{:?}", before.keys());
    let pages: Vec<_> = before.keys().filter(|path| path.is_file()).collect();
    assert!(pages.len() > 25, "{pages:?}");
    // `groff` warns of what it does not understand; `mandoc` has opinions on style as well.
    for (program, arguments) in
        [("groff", &["-man", "-ww", "-z", "-Tutf8"][..]), ("mandoc", &["-Tlint", "-Werror"])]
    {
        if is_here(program) {
            let run = Run::of(Command::new(program).args(arguments).args(&pages).output().unwrap()).code(0);
            assert_eq!((run.stdout, run.stderr), (String::new(), String::new()), "{program}");
        }
    }
    if is_here("man") {
        let page = place.path("pages of mine/cargo-prometeu-pack.1");
        let shown =
            Command::new("man").arg("-l").arg(page).env("MANPAGER", "cat").env("MANWIDTH", "100").output();
        Run::of(shown.unwrap()).code(0).prints("cargo-prometeu-pack - Pack the registered assets");
    }
}
