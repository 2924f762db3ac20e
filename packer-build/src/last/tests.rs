use std::fs;

use super::*;
use crate::Config;
use crate::job::tests::Game;

fn note(game: &Game) -> PathBuf {
    game.path("out").join(NAME)
}

/// What a build says and leaves after `meanwhile`, which is what one from nothing says and leaves; whether the
/// constants and the note were written anew.
fn check(meanwhile: impl FnOnce(&mut Game)) -> bool {
    let mut game = Game::new(&["a", "b/c"]);
    game.age();
    game.build(&Config::new());
    let said = game.said(&Config::new());
    assert!(said.contains("rerun-if-changed=assets/b/c"), "{said}");
    meanwhile(&mut game);
    let times = || {
        ["assets.rs", NAME].map(|name| fs::metadata(game.path("out").join(name)).unwrap().modified().unwrap())
    };
    game.age();
    let before = game.path("out/assets.rs").is_file().then(times);
    let (said, constants) = (game.said(&Config::new()), game.constants());
    let is_kept = before == Some(times());
    fs::remove_dir_all(game.path("out")).unwrap();
    fs::create_dir(game.path("out")).unwrap();
    assert_eq!(said, game.said(&Config::new()));
    assert_eq!(constants, game.constants());
    !is_kept
}

#[test]
fn where_nothing_changed_neither_constants_nor_lines_are_made_again() {
    assert!(!check(|_| ()));
}

#[test]
fn constants_that_were_edited_or_removed_are_made_again() {
    assert!(check(|game| fs::write(game.path("out/assets.rs"), "edited").unwrap()));
    assert!(check(|game| fs::remove_file(game.path("out/assets.rs")).unwrap()));
}

#[test]
fn a_renamed_or_a_new_asset_is_in_constants_and_lines() {
    assert!(check(|game| {
        let path = game.path("game/assets/a/asset.json");
        let text = fs::read_to_string(&path).unwrap().replace("\"name\": \"a\"", "\"name\": \"other\"");
        fs::write(path, text).unwrap();
    }));
    assert!(check(|game| {
        game.write("assets/d/map.txt", "#");
        game.roots.push(("d", true));
        game.declare(3, "d", "");
        game.register();
    }));
}

#[test]
fn a_note_that_is_damaged_or_about_something_else_is_none() {
    let damage = |change: fn(&mut Vec<u8>)| {
        check(|game| {
            let mut bytes = fs::read(note(game)).unwrap();
            change(&mut bytes);
            fs::write(note(game), bytes).unwrap();
        })
    };
    assert!(damage(Vec::clear));
    assert!(damage(|bytes| bytes.truncate(bytes.len() - 5)));
    assert!(damage(|bytes| *bytes.last_mut().unwrap() = b'!'));
    assert!(damage(|bytes| bytes[20] = b'9'));
}

#[test]
fn every_cut_of_a_note_is_none() {
    let game = Game::new(&["a"]);
    game.build(&Config::new());
    let about = About {
        project: &game.path("game"),
        is_package: true,
        out: &game.path("out"),
        directives: true,
        unused: Unused::Allowed,
    };
    assert!(Last::read(&about).is_some());
    let elsewhere = game.path("elsewhere");
    for other in [
        About { is_package: false, ..about },
        About { directives: false, ..about },
        About { project: &elsewhere, ..about },
        About { unused: Unused::Warned, ..about },
    ] {
        assert!(Last::read(&other).is_none(), "{other:?}");
    }
    let bytes = fs::read(note(&game)).unwrap();
    for n in 0..bytes.len() {
        fs::write(note(&game), &bytes[..n]).unwrap();
        assert!(Last::read(&about).is_none(), "cut at {n}");
    }
}

#[test]
fn what_was_said_of_a_warning_is_said_again() {
    let game = Game::new(&["a"]);
    game.declare(1, "a", "\n  \"colour\": 1,");
    let warned = |game: &Game| game.said(&Config::new()).contains("cargo::warning=");
    assert!(warned(&game));
    game.age();
    assert!(warned(&game) && warned(&game));
}
