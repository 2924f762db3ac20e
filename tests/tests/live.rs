//! Painting while the game plays: real saves, a real watch, the real game in a terminal.

#![cfg(unix)]

use std::fs;

use packer_tests::cargo;
use packer_tests::playing::{Copy, Paint, Playing, game};

#[test]
fn what_is_painted_is_seen_in_the_game_that_plays_and_what_is_broken_leaves_it_as_it_was() {
    let copy = Copy::new();
    let playing = Playing::start(&copy, &cargo::subcommand(), &game(false), &[]);
    let mut paint = Paint::Magenta;
    for _ in 0..3 {
        paint = paint.other();
        copy.paint(paint);
        let _ = playing.until_painted(paint);
    }
    // Half a picture is no pack, so the game sees nothing of it.
    let png = copy.png(paint.other());
    let before = playing.told();
    fs::write(copy.picture(), &png[..png.len() / 2]).unwrap();
    playing.until_told(&before, "Waiting for changes");
    assert!(playing.is_as_it_was(std::time::Duration::from_millis(300)), "{}", playing.told());
    copy.paint(paint.other());
    let _ = playing.until_painted(paint.other());

    // An asset that goes takes nothing from the picture, and the game says so.
    let run = |arguments: &[&str]| {
        let mut command = cargo::scrubbed(cargo::subcommand());
        let output = command.args(arguments).arg("--project").arg(copy.project()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    run(&["exclude", "sky/hills"]);
    playing.until_trouble();
    run(&["include", "sky/hills"]);
    copy.paint(paint);
    let _ = playing.until_painted(paint);
    assert!(playing.quit().success(), "the watch ends as the game does");
}
