//! Real cargo on a temporary game crate: when the build script runs, what it leaves, what it says.
//!
//! These are the promises that no unit test can hold, because cargo takes part in them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use packer_tests::assets;
use packer_tests::game::{GameCrate, Place};
use packer_tests::golden::{self, Redactions};
use packer_tests::listing::Listing;

/// What a build script writes, all of it.
const OUTPUTS: [&str; 5] =
    ["asset_table.json", "asset_table_metadata.json", "assets.pa", "assets.rs", "preload.json"];

/// The names of the assets in a pack, by increasing id, read as the format says and no further.
fn names(pack: &[u8]) -> Vec<String> {
    assert_eq!(&pack[..4], b"PMPA", "the pack begins with its magic");
    let header_len = u64::from_le_bytes(pack[8..16].try_into().unwrap());
    let header = &pack[32..32 + usize::try_from(header_len).unwrap()];
    let header: serde_json::Value = serde_json::from_slice(header).unwrap();
    let table = header["asset_table"].as_array().unwrap();
    table.iter().map(|asset| asset["asset_name"].as_str().unwrap().to_owned()).collect()
}

fn holds(pack: &[u8], bytes: &[u8]) -> bool {
    pack.windows(bytes.len()).any(|window| window == bytes)
}

#[test]
fn a_fresh_build_makes_the_pack_set_and_is_quiet_about_it() {
    let game = GameCrate::with_assets("fresh");
    let built = game.build().passed();
    assert!(built.script_ran());
    assert_eq!(names(built.pack()), ["ui_atlas", "levels_first"]);
    assert!(holds(built.pack(), b"#..#\n"), "a blob's bytes stand in the pack as they are");

    let outputs = Listing::of(&built.out_dir());
    let published: Vec<_> = outputs.files().filter(|file| OUTPUTS.iter().any(|name| file == name)).collect();
    assert_eq!(published, OUTPUTS.map(Path::new));
    assert!(!built.stderr.contains("warning"), "success is quiet:\n{}", built.stderr);

    let said = std::process::Command::new(built.executable()).output().unwrap().stdout;
    let path = PathBuf::from(String::from_utf8(said).unwrap().trim_end());
    assert_eq!(path, built.out_dir().join("assets.pa"), "the game knows the path of its pack");
}

#[test]
fn a_game_opens_its_pack_and_finds_its_assets_by_constants_alone() {
    let game = GameCrate::with_assets("reader");
    let main = r#"
        mod assets {
            packer_format::include_assets!();
        }

        fn main() -> Result<(), Box<dyn std::error::Error>> {
            let pack = packer_format::PackFile::open(packer_format::locate!())?;
            let atlas = pack.glyph_bank(assets::ui::ATLAS)?;
            let heart = atlas.tile(assets::ui::atlas::HEART)?;
            let opaque = heart.pixels().filter(|(_, _, colour)| *colour != 0).count();
            let levels = pack.blob_bank(assets::levels::FIRST)?;
            let map = levels.blob(assets::levels::first::MAP)?;
            println!("{} {opaque} {:?}", heart.size(), std::str::from_utf8(map.bytes())?);
            Ok(())
        }
    "#;
    game.write("src/main.rs", main);
    let built = game.build().passed();
    let shipped = tempfile::tempdir().unwrap();
    let said = |program: &Path| {
        let output = std::process::Command::new(program).env_remove("PROMETEU_ASSETS_PA").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    // The pixels of `assets::heart`: |x - 7| + y < 14, in a tile of 16 by 16.
    let opaque =
        (0..16_u32).flat_map(|y| (0..16_u32).map(move |x| x.abs_diff(7) + y)).filter(|d| *d < 14).count();
    assert_eq!(said(&built.executable()), format!("16 {opaque} \"#..#\\n\"\n"));

    // A shipped game is the program and the pack beside it; the build's own pack is gone.
    let program = shipped.path().join("game").with_extension(std::env::consts::EXE_EXTENSION);
    fs::copy(built.executable(), &program).unwrap();
    fs::write(shipped.path().join("assets.pa"), built.pack()).unwrap();
    fs::remove_file(built.out_dir().join("assets.pa")).unwrap();
    assert_eq!(said(&program), format!("16 {opaque} \"#..#\\n\"\n"));
}

#[test]
fn a_build_without_a_change_does_not_run_the_script() {
    let game = GameCrate::with_assets("unchanged");
    let first = game.build().passed();
    let left = Listing::of(&first.out_dir());
    let second = game.build().passed();
    assert!(first.script_ran());
    assert!(!second.script_ran(), "nothing changed, yet: {:?}", second.dirty_reason());
    assert_eq!(left.changed(&Listing::of(&second.out_dir())), Vec::<PathBuf>::new());
}

#[test]
fn an_edited_tile_reaches_the_pack() {
    let game = GameCrate::with_assets("edited");
    let before = game.build().passed();
    game.write("assets/ui/atlas/star.png", assets::tile(|x, y| usize::from(x == y)));
    let after = game.build().passed();
    assert!(after.script_ran());
    assert!(before.pack() != after.pack());
}

#[test]
fn an_edit_taken_back_gives_the_first_bytes_again() {
    let game = GameCrate::with_assets("taken-back");
    let before = game.build().passed();
    game.write("assets/levels/first/map.txt", "#.##\n");
    let between = game.build().passed();
    game.write("assets/levels/first/map.txt", "#..#\n");
    let after = game.build().passed();
    assert!(before.pack() != between.pack(), "the edit is in the pack");
    assert!(before.pack() == after.pack(), "the bytes do not remember the way");
}

#[test]
fn a_tile_added_to_an_asset_root_reaches_the_pack() {
    let game = GameCrate::with_assets("added");
    let before = game.build().passed();
    // The file alone: cargo must notice, although nothing declares it yet.
    game.write("assets/ui/atlas/moon.png", assets::tile(|x, y| if x > y { 2 } else { 0 }));
    let noticed = game.build().passed();
    assert!(noticed.script_ran());
    assert!(before.pack() == noticed.pack(), "a file that nothing declares is in no pack");

    let mut declaration = game.declaration("ui/atlas");
    declaration["inputs"]["sprites"].as_array_mut().unwrap().push("moon.png".into());
    game.declare("ui/atlas", &declaration);
    let declared = game.build().passed();
    assert!(declared.script_ran());
    assert!(before.pack() != declared.pack());
    let constants = fs::read_to_string(declared.out_dir().join("assets.rs")).unwrap();
    assert!(constants.contains("MOON"), "{constants}");
}

#[test]
fn a_deleted_tile_fails_the_build_by_name_until_it_is_back() {
    let game = GameCrate::with_assets("deleted");
    game.build().passed();
    game.remove("assets/ui/atlas/star.png");
    let failed = game.build().failed();
    assert!(failed.stderr.contains("star.png"), "{}", failed.stderr);
    game.write("assets/ui/atlas/star.png", assets::star());
    game.build().passed();
}

#[test]
fn a_renamed_tile_fails_the_build_until_the_declaration_follows() {
    let game = GameCrate::with_assets("renamed");
    let before = game.build().passed();
    game.rename("assets/ui/atlas/star.png", "assets/ui/atlas/sun.png");
    let failed = game.build().failed();
    assert!(failed.stderr.contains("star.png"), "{}", failed.stderr);

    let mut declaration = game.declaration("ui/atlas");
    declaration["inputs"]["sprites"] = ["heart.png", "sun.png"].into();
    game.declare("ui/atlas", &declaration);
    let built = game.build().passed();
    assert!(before.pack() == built.pack(), "a tile's file name is not in the pack");
    let constants = fs::read_to_string(built.out_dir().join("assets.rs")).unwrap();
    assert!(constants.contains("SUN") && !constants.contains("STAR"), "{constants}");
}

#[test]
fn a_tile_replaced_by_one_with_an_older_time_reaches_the_pack() {
    let game = GameCrate::with_assets("older");
    let before = game.build().passed();
    let last_year = SystemTime::now() - Duration::from_secs(365 * 24 * 3600);
    game.replace_keeping_time("assets/ui/atlas/star.png", &assets::heart(), last_year);
    let after = game.build().passed();
    assert!(after.script_ran());
    assert!(before.pack() != after.pack());
}

#[test]
fn a_newly_registered_asset_reaches_the_pack_and_a_forgotten_one_leaves_it() {
    let game = GameCrate::with_assets("registered");
    game.add_blob_bank("levels/second", &[("map.txt", b"####\n".to_vec())]);
    assert_eq!(names(game.build().passed().pack()), ["ui_atlas", "levels_first"]);
    game.register("levels/second");
    assert_eq!(names(game.build().passed().pack()), ["ui_atlas", "levels_first", "levels_second"]);
    game.forget("levels/first");
    assert_eq!(names(game.build().passed().pack()), ["ui_atlas", "levels_second"]);
}

#[test]
fn what_is_not_of_the_pack_set_runs_nothing_and_blocks_nothing() {
    let game = GameCrate::with_assets("outside");
    game.add_blob_bank("drafts/idea", &[("idea.txt", b"?".to_vec())]);
    game.add_blob_bank("levels/later", &[("map.txt", b"....\n".to_vec())]);
    game.register("levels/later");
    game.include("levels/later", false);
    let before = game.build().passed();

    game.write("assets/drafts/idea/asset.json", "{ this is not JSON");
    game.write("assets/drafts/idea/idea.txt", "!");
    game.write("assets/levels/later/asset.json", "nor is this");
    game.write("assets/.prometeu/local/note", "a lock, a journal, a log");
    game.write("assets/readme.txt", "a note for the artists");
    let after = game.build().passed();
    assert!(!after.script_ran(), "nothing of the pack set changed, yet: {:?}", after.dirty_reason());
    assert!(before.pack() == after.pack());
}

#[test]
fn an_excluded_asset_leaves_the_pack_and_is_hinted_no_more() {
    let game = GameCrate::with_assets("excluded");
    game.build().passed();
    game.include("levels/first", false);
    assert_eq!(names(game.build().passed().pack()), ["ui_atlas"]);
    game.write("assets/levels/first/map.txt", "changed\n");
    assert!(!game.build().passed().script_ran());
}

#[test]
fn a_broken_declaration_is_shown_at_its_line_and_the_last_good_pack_stays() {
    let game = GameCrate::with_assets("broken");
    let good = game.build().passed();
    let left = Listing::of(&good.out_dir());
    let declaration = game.read("assets/ui/atlas/asset.json");
    game.write("assets/ui/atlas/asset.json", declaration.replace("\"heart.png\"", "\"hart.png\""));

    let failed = game.cargo("build").without_v().run().failed();
    let redactions =
        Redactions::new().path(&packer_tests::checkout(), "[CHECKOUT]").path(game.project(), "[ROOT]");
    golden::check("broken_declaration.txt", &redactions.apply(&failed.errors_of_the_script()));
    for dumped in ["cargo::", "--- stdout", "--- stderr", "panicked"] {
        assert!(!failed.stderr.contains(dumped), "the script's output is dumped:\n{}", failed.stderr);
    }
    assert_eq!(left.changed(&Listing::of(&good.out_dir())), Vec::<PathBuf>::new());
    let again = game.cargo("build").without_v().run().failed();
    assert_eq!(failed.errors_of_the_script(), again.errors_of_the_script(), "it says so until it is mended");

    game.write("assets/ui/atlas/asset.json", declaration);
    let mended = game.build().passed();
    assert_eq!(mended.out_dir(), good.out_dir());
    // The record knows the new date of the declaration by now, so that the next build believes it.
    let mut changed = left.changed(&Listing::of(&mended.out_dir()));
    changed.retain(|path| path.extension().is_none_or(|extension| extension != "record"));
    assert_eq!(changed, [PathBuf::new()], "equal bytes are not rewritten");
    assert!(!game.build().passed().script_ran(), "after the mend all is as ever");
}

#[test]
fn every_problem_of_every_asset_is_shown_in_one_run() {
    let game = GameCrate::with_assets("several");
    let mut declaration = game.declaration("ui/atlas");
    declaration["output"]["codec"] = "ZSTD".into();
    declaration["inputs"]["sprites"] = ["hart.png", "star.png"].into();
    game.declare("ui/atlas", &declaration);
    game.remove("assets/levels/first/map.txt");
    let failed = game.cargo("build").without_v().run().failed();
    for word in ["ZSTD", "hart.png", "map.txt"] {
        assert!(failed.stderr.contains(word), "nothing about `{word}` in:\n{}", failed.stderr);
    }
}

#[test]
fn release_and_dev_profiles_have_an_out_dir_each_and_the_same_bytes() {
    let game = GameCrate::with_assets("profiles");
    let dev = game.build().passed();
    let release = game.cargo("build").release().run().passed();
    assert_ne!(dev.out_dir(), release.out_dir());
    assert!(dev.pack() == release.pack());

    game.write("assets/levels/first/map.txt", "####\n");
    let release = game.cargo("build").release().run().passed();
    assert!(release.script_ran());
    assert!(dev.pack() != release.pack(), "each follows the assets when it is built");
    let dev = game.build().passed();
    assert!(dev.script_ran(), "what another profile packed is no news of this one's pack");
    assert!(dev.pack() == release.pack());
}

#[test]
fn another_target_directory_gets_the_same_bytes() {
    let game = GameCrate::with_assets("elsewhere");
    let here = game.build().passed();
    let there = game.cargo("build").target_dir(game.surroundings().join("other target")).run().passed();
    assert!(there.script_ran());
    assert_ne!(here.out_dir(), there.out_dir());
    for name in ["asset_table.json", "asset_table_metadata.json", "assets.pa", "assets.rs", "preload.json"] {
        let [here, there] = [&here, &there].map(|built| fs::read(built.out_dir().join(name)).unwrap());
        assert!(here == there, "{name} depends on where it was made");
    }
}

#[test]
fn check_build_and_test_share_one_run_of_the_script() {
    let game = GameCrate::with_assets("shared");
    assert!(game.cargo("check").run().passed().script_ran());
    assert!(!game.build().passed().script_ran());
    assert!(!game.cargo("test").run().passed().script_ran());
}

#[test]
fn a_member_of_a_workspace_packs_its_own_assets() {
    let game = GameCrate::with_assets_at(Place::new("member").folder("crates/member").member());
    let built = game.build().passed();
    assert_eq!(names(built.pack()), ["ui_atlas", "levels_first"]);
    assert!(!game.build().passed().script_ran());
}

#[test]
fn a_path_with_spaces_and_letters_beyond_ascii_is_as_good_as_any() {
    let plain = GameCrate::with_assets("plain").build().passed();
    let game = GameCrate::with_assets_at(Place::new("letters").folder("Zoë's Spiele/日本 game"));
    let built = game.build().passed();
    assert!(built.pack() == plain.pack());
    assert!(!game.build().passed().script_ran());
    game.write("assets/levels/first/map.txt", "####\n");
    assert!(game.build().passed().script_ran());
}

#[test]
fn names_of_files_with_spaces_and_letters_beyond_ascii_are_packed_and_watched() {
    let game = Place::new("odd-names").create();
    game.add_blob_bank("níveis/o primeiro", &[("mapa é.txt", b"#..#\n".to_vec())]);
    game.register("níveis/o primeiro");
    let built = game.build().passed();
    assert!(holds(built.pack(), "mapa é.txt".as_bytes()), "a blob's name stands in the pack's table");
    assert!(!game.build().passed().script_ran());
    game.write("assets/níveis/o primeiro/mapa é.txt", "####\n");
    assert!(game.build().passed().script_ran());
}

#[test]
fn a_build_writes_nothing_into_the_source_tree() {
    let game = GameCrate::with_assets("untouched");
    // Cargo writes the lock file on the first run; from then on it is part of the source.
    game.build().passed();
    let before = Listing::of(game.project());
    set_read_only(game.project(), true);

    // Another target directory, so that everything is done again.
    let target = tempfile::tempdir().unwrap();
    let built = game.cargo("build").target_dir(target.path()).run();
    let after = Listing::of(game.project());
    set_read_only(game.project(), false);
    assert!(built.passed().script_ran());
    // Permissions do not stop root: what counts is that nothing changed, in content, name or time.
    assert_eq!(before.changed(&after), Vec::<PathBuf>::new());
}

/// Takes the right to write from everything below, or gives it back.
fn set_read_only(folder: &Path, read_only: bool) {
    let files: Vec<_> = Listing::of(folder).paths().map(|path| folder.join(path)).collect();
    for path in files {
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = permissions.mode();
            permissions.set_mode(if read_only { mode & !0o222 } else { mode | 0o200 });
        }
        #[cfg(not(unix))]
        permissions.set_readonly(read_only);
        fs::set_permissions(&path, permissions).unwrap();
    }
}

#[test]
fn a_game_can_be_built_without_its_art() {
    let game = GameCrate::with_assets("skipped");
    game.remove("assets/ui/atlas/star.png");
    game.build().failed();
    let skipped = game.cargo("build").env("PROMETEU_SKIP", "1").run().passed();
    assert_eq!(names(skipped.pack()), Vec::<String>::new());
    game.write("assets/ui/atlas/star.png", assets::star());
    let whole = game.build().passed();
    assert!(whole.script_ran(), "the variable is gone, and cargo knows that it mattered");
    assert_eq!(names(whole.pack()), ["ui_atlas", "levels_first"]);
}
