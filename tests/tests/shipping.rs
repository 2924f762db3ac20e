//! Where a game finds its pack: beside the executable when it is shipped, inside of it, and under `watch`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};

use packer_tests::cargo;
use packer_tests::game::GameCrate;

/// A game that says where its pack is and what its level looks like.
const READER: &str = r#"
    mod assets {
        packer_format::include_assets!();
    }

    fn main() -> Result<(), Box<dyn std::error::Error>> {
        let place = packer_format::locate!();
        let pack = packer_format::PackFile::open(&place)?;
        let levels = pack.blob_bank(assets::levels::FIRST)?;
        let map = levels.blob(assets::levels::first::MAP)?;
        println!("{}|{}", place.display(), std::str::from_utf8(map.bytes())?.trim_end());
        Ok(())
    }
"#;

/// Copies a program into a folder.
fn put(program: &Path, folder: &Path) -> PathBuf {
    let place = folder.join("game").with_extension(std::env::consts::EXE_EXTENSION);
    fs::create_dir_all(folder).unwrap();
    fs::copy(program, &place).unwrap();
    place
}

/// Runs a program from a folder that has nothing to do with it.
fn play(program: &Path) -> Output {
    cargo::scrubbed(program).current_dir(std::env::temp_dir()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}

#[test]
fn a_shipped_game_needs_the_file_beside_it_and_nothing_else() {
    let game = GameCrate::with_assets("shipped");
    game.write("src/main.rs", READER);
    let built = game.build().passed();
    let elsewhere = tempfile::tempdir().unwrap();
    let elsewhere = elsewhere.path().canonicalize().unwrap();
    let folder = elsewhere.join("a folder with blanks, ü");
    let program = put(&built.executable(), &folder);
    fs::write(folder.join("assets.pa"), built.pack()).unwrap();
    // No part of the place where it was made is left.
    let hidden = built.out_dir().join("assets.pa");
    fs::rename(&hidden, built.out_dir().join("hidden")).unwrap();
    fs::remove_dir_all(game.path("assets")).unwrap();

    let said = |program: &Path| {
        let output = play(program);
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    assert_eq!(said(&program), format!("{}|#..#", folder.join("assets.pa").display()));

    // Moved as a whole, as when somebody unpacks the archive elsewhere.
    let moved = elsewhere.join("moved");
    fs::rename(&folder, &moved).unwrap();
    let program = moved.join(program.file_name().unwrap());
    assert_eq!(said(&program), format!("{}|#..#", moved.join("assets.pa").display()));

    // A link leads to the program, and the pack is beside that.
    #[cfg(unix)]
    {
        let link = elsewhere.join("link");
        std::os::unix::fs::symlink(&program, &link).unwrap();
        assert!(said(&link).ends_with("|#..#"));
    }

    // Without the file the error names the place, and what to do.
    fs::remove_file(moved.join("assets.pa")).unwrap();
    let output = play(&program);
    let why = text(&output.stderr);
    assert!(!output.status.success());
    let place = moved.join("assets.pa").display().to_string();
    for words in
        [&*place, "a shipped game takes the `assets.pa` beside its executable", "`PROMETEU_ASSETS_PA`"]
    {
        assert!(why.contains(words), "no `{words}` in:\n{why}");
    }

    // Half a download is told apart from none.
    fs::write(moved.join("assets.pa"), &built.pack()[..built.pack().len() - 1]).unwrap();
    let why = text(&play(&program).stderr);
    assert!(why.contains(&place) && !why.contains("there is no pack"), "{why}");
}

#[test]
fn a_game_with_its_pack_inside_needs_no_file() {
    let game = GameCrate::with_assets("embedded");
    let main = r#"
        mod assets {
            packer_format::include_assets!();
        }

        static PACK: &[u8] = include_bytes!(env!("PROMETEU_ASSETS_PA"));

        fn main() -> Result<(), Box<dyn std::error::Error>> {
            let pack = packer_format::Pack::new(PACK)?;
            let levels = pack.blob_bank(assets::levels::FIRST)?;
            println!("{}", std::str::from_utf8(levels.blob(assets::levels::first::MAP)?.bytes())?.trim_end());
            Ok(())
        }
    "#;
    game.write("src/main.rs", main);
    let built = game.build().passed();
    let elsewhere = tempfile::tempdir().unwrap();
    let program = put(&built.executable(), elsewhere.path());
    fs::rename(built.out_dir().join("assets.pa"), built.out_dir().join("hidden")).unwrap();
    let output = play(&program);
    assert_eq!((text(&output.stdout), text(&output.stderr)), ("#..#".to_owned(), String::new()));

    // What is inside is what the assets make, also after an edit.
    fs::rename(built.out_dir().join("hidden"), built.out_dir().join("assets.pa")).unwrap();
    game.write("assets/levels/first/map.txt", "#..#..#\n");
    let program = put(&game.build().passed().executable(), elsewhere.path());
    assert_eq!(text(&play(&program).stdout), "#..#..#");
}

#[test]
fn what_is_about_to_be_shipped_is_proved_against_the_project() {
    let game = GameCrate::with_assets("proved");
    let built = game.build().passed();
    let folder = tempfile::tempdir().unwrap();
    let pack = folder.path().join("assets.pa");
    fs::write(&pack, built.pack()).unwrap();
    let verify = || {
        let mut command = command_of(&game, &["verify"]);
        command.arg(&pack).output().unwrap()
    };
    let output = verify();
    assert!(output.status.success(), "{}", text(&output.stderr));
    game.write("assets/levels/first/map.txt", "#.##\n");
    let output = verify();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("levels/first"), "{}", text(&output.stdout));
}

/// `cargo prometeu` in the folder of a game.
fn command_of(game: &GameCrate, arguments: &[&str]) -> Command {
    let mut command = cargo::scrubbed(cargo::subcommand());
    command.args(arguments).current_dir(game.project());
    command.env("CARGO_TARGET_DIR", cargo::shared_target_dir()).env("CARGO_NET_OFFLINE", "true");
    command
}

#[test]
fn cargo_run_under_a_watch_plays_the_pack_of_the_watch_and_compiles_nothing_for_it() {
    let game = GameCrate::with_assets("watched");
    game.write("src/main.rs", READER);
    let built = game.build().passed();
    let run = |mut command: Command| {
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        let compiles = text(&output.stderr).contains("Compiling");
        (text(&output.stdout), compiles)
    };
    let own = format!("{}|#..#", built.out_dir().join("assets.pa").display());
    let watched = format!("{}|#..#", game.path("build/assets.pa").display());
    let by_cargo = || {
        let mut command = cargo::command();
        command.args(["run", "--offline"]).current_dir(game.project());
        command.env("CARGO_TARGET_DIR", cargo::shared_target_dir());
        command
    };
    let by_watch = || command_of(&game, &["watch", "--", "cargo", "run", "--offline"]);

    assert_eq!(run(by_cargo()), (own.clone(), false), "cargo names the pack of its build");
    assert_eq!(
        run(by_watch()),
        (watched.clone(), false),
        "the pack of the watch counts, and nothing is compiled"
    );
    assert_eq!(run(by_cargo()), (own, false));

    // Without cargo between them, the variable that everybody knows is enough.
    let mut command = command_of(&game, &["watch", "--"]);
    command.arg(built.executable());
    assert_eq!(run(command), (watched.clone(), false));

    // Two that pack at one time, the script of the build and the watch, do not wait for each other.
    game.write("assets/levels/first/map.txt", "#....#\n");
    let (said, _) = run(by_watch());
    assert_eq!(said, watched.replace("#..#", "#....#"));
}

/// A watch, which a test that fails does not leave behind.
struct Watch(Option<Child>);

impl Watch {
    /// Waits for its end.
    fn end(mut self) -> Output {
        self.0.take().expect("it ends once").wait_with_output().unwrap()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let Some(child) = &mut self.0 else { return };
        #[cfg(unix)]
        if let Ok(None) = child.try_wait() {
            use rustix::process::{Pid, Signal, kill_process};
            // Asked to, it ends the game as well. One that has ended meanwhile is where it should be.
            let _ = kill_process(Pid::from_child(child), Signal::TERM);
        }
        #[cfg(not(unix))]
        drop(child.kill());
        drop(child.wait());
    }
}

#[test]
fn what_is_saved_while_cargo_run_plays_under_a_watch_is_seen_by_the_game() {
    let game = GameCrate::with_assets("lively");
    // It opens the pack each time anew, and holds none meanwhile.
    let main = READER.replace("let pack =", "loop { let pack =").replace(
        r#"println!("{}|{}", place.display(), std::str::from_utf8(map.bytes())?.trim_end());"#,
        r#"if map.bytes() == b"saved\n" {
            println!("seen");
            break;
        }
        // Who starts it saves something now, and then this looks again.
        std::fs::write("plays", "")?;
        std::thread::sleep(std::time::Duration::from_millis(10));
        }"#,
    );
    game.write("src/main.rs", main);
    game.build().passed();
    let mut watch = command_of(&game, &["watch", "--", "cargo", "run", "--offline"]);
    watch.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let watch = Watch(Some(watch.spawn().unwrap()));
    let began = std::time::Instant::now();
    while !game.path("plays").exists() {
        assert!(began.elapsed().as_secs() < 120, "it does not begin");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    game.write("assets/levels/first/map.txt", "saved\n");
    let output = watch.end();
    assert_eq!(
        (text(&output.stdout), output.status.code()),
        ("seen".to_owned(), Some(0)),
        "{}",
        text(&output.stderr)
    );
}
