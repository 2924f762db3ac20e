//! What only a disk of a certain kind shows: files that cannot be opened, and files that are too large
//! to lie about in memory.

use std::path::PathBuf;

use super::super::pretend::Pretend;
use super::project::replace;
use super::{LEVEL, in_order, shown, sounds, wav};
use crate::diagnostics::Code;

/// What is found in a project in order, on a disk that pretends.
fn on_disk(code: Code, pretend: impl Fn(&mut Pretend)) -> Vec<String> {
    let mut disk = Pretend::new(&in_order());
    pretend(&mut disk);
    disk.doctor().iter().map(|diagnostic| shown(code, diagnostic)).collect()
}

#[test]
fn a_file_that_cannot_be_opened_is_told_at_its_input() {
    let star = PathBuf::from("/game/assets/ui/atlas/star.png");
    let found = on_disk(Code::InputUnreadable, |disk| disk.locked = Some(star.clone()));
    assert_eq!(found, ["assets/ui/atlas/asset.json:6:40 \"star.png\""]);
    let beside = PathBuf::from("/game/assets/ui/atlas/moon.png");
    assert_eq!(on_disk(Code::InputUnreadable, |disk| disk.locked = Some(beside.clone())), [""; 0]);
}

#[test]
fn a_file_or_a_payload_over_the_limit_is_told_at_its_input() {
    let large = |path: &str, size: u64| {
        let path = PathBuf::from(path);
        on_disk(Code::InputTooLarge, |disk| {
            disk.sizes.insert(path.clone(), size);
        })
    };
    let picture = "/game/assets/ui/atlas/star.png";
    assert_eq!(large(picture, (16 << 20) + 1), ["assets/ui/atlas/asset.json:6:40 \"star.png\""]);
    let blob = "/game/assets/data/level/data.txt";
    assert_eq!(large(blob, 1 << 32), ["assets/data/level/asset.json:6:25 \"data.txt\""]);

    let fixture = in_order();
    sounds(&fixture, &wav(1, 22_050, &[0, 0]));
    let mut disk = Pretend::new(&fixture);
    disk.sizes.insert(PathBuf::from("/game/assets/data/level/beep.wav"), (256 << 20) + 1);
    let found: Vec<String> = disk.doctor().iter().map(|found| shown(Code::InputTooLarge, found)).collect();
    assert_eq!(found, ["assets/data/level/asset.json:6:25 \"beep.wav\""]);

    // Each file is within the limit; it is the payload that is not.
    let fixture = in_order();
    replace(&fixture, LEVEL, "\"data.txt\"", "\"data.txt\", \"more.txt\"");
    fixture.write("assets/data/level/more.txt", "");
    let mut disk = Pretend::new(&fixture);
    for (file, size) in [("data.txt", 3 << 30), ("more.txt", 1 << 30)] {
        disk.sizes.insert(PathBuf::from(format!("/game/assets/data/level/{file}")), size);
    }
    let found: Vec<String> = disk.doctor().iter().map(|found| shown(Code::InputTooLarge, found)).collect();
    assert_eq!(found, ["assets/data/level/asset.json:6:37 \"more.txt\""]);
}
