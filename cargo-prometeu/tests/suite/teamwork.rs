//! Two people, one project: real merges by git, with the driver and without.

mod model;
mod rare;
mod repository;

use std::sync::{Arc, Mutex};

use prometeu_packer::id::{AssetUuid, OperationId};
use prometeu_packer::mutate::{
    CreateAsset, ForgetAsset, Mutation, RegisterAsset, RelocateAsset, RemoveAsset, SetIncluded,
};
use prometeu_packer::ops::{DoctorRequest, Status};
use prometeu_packer::path::AssetPath;
use prometeu_packer::{Host, IdSource, Project};
use uuid::Uuid;

use model::{State, expected};
use repository::{REGISTRY, Repository};

/// One seed, one history; `TEAMWORK_SEED` is another one.
const SEED: u64 = 0x0198_c0de;
const PAIRS: usize = 40;

/// SplitMix64.
#[derive(Debug, Clone)]
struct Dice(Arc<Mutex<u64>>);

impl Dice {
    fn throw(&self) -> u64 {
        let mut state = self.0.lock().unwrap();
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut n = *state;
        n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        n ^ (n >> 31)
    }

    fn below(&self, end: usize) -> usize {
        usize::try_from(self.throw() % u64::try_from(end).unwrap()).unwrap()
    }
}

/// Identities that the seed decides, in no order.
impl IdSource for Dice {
    fn asset_uuid(&self) -> AssetUuid {
        Uuid::from_u64_pair(self.throw(), self.throw()).into()
    }

    fn operation_id(&self) -> OperationId {
        Uuid::from_u64_pair(self.throw(), self.throw()).into()
    }
}

/// Some lie in others.
fn root(dice: &Dice) -> AssetPath {
    let letter = char::from(b'a' + u8::try_from(dice.below(26)).unwrap());
    let inner = if dice.below(8) == 0 { "/in" } else { "" };
    AssetPath::parse(&format!("{letter}{inner}")).unwrap()
}

/// A folder that was registered once.
fn forgotten(repository: &Repository, now: &State) -> Option<AssetPath> {
    let folders = std::fs::read_dir(repository.path("assets")).unwrap();
    let mut folders: Vec<String> =
        folders.map(|folder| folder.unwrap().file_name().to_str().unwrap().to_owned()).collect();
    folders.sort();
    let is_loose = |folder: &&String| {
        repository.path(&format!("assets/{folder}/asset.json")).exists()
            && now.entries.values().all(|entry| entry.root != **folder)
    };
    AssetPath::parse(folders.iter().find(is_loose)?).ok()
}

/// Makes up to four changes by the operations that people use. What cannot be done is not done.
fn work(repository: &Repository, dice: &Dice) {
    let host = Host::system(Arc::new(dice.clone()));
    let project = Project::open(host, &repository.path("")).unwrap();
    for _ in 0..=dice.below(4) {
        let now = State::read(&repository.registry()).unwrap();
        let known: Vec<String> = now.entries.keys().cloned().collect();
        let asset = || known.get(dice.below(known.len().max(1))).cloned().unwrap_or_default();
        let root = root(dice);
        let mutation = match dice.below(11) {
            0..=4 => Mutation::CreateAsset(CreateAsset {
                root,
                family: "blob_bank".to_owned(),
                name: None,
                from: None,
            }),
            5 => {
                let root = forgotten(repository, &now).unwrap_or(root);
                Mutation::RegisterAsset(RegisterAsset { root, included: dice.below(2) == 0 })
            }
            6 => Mutation::ForgetAsset(ForgetAsset { asset: asset() }),
            7 => Mutation::RemoveAsset(RemoveAsset { asset: asset(), purge: true }),
            8 => Mutation::RelocateAsset(RelocateAsset { asset: asset(), new_root: root }),
            _ => {
                let asset = asset();
                let included = now.entries.get(&asset).is_none_or(|entry| !entry.included);
                Mutation::SetIncluded(SetIncluded { assets: vec![asset], included })
            }
        };
        let response = project.change(&mutation, true);
        assert_ne!(response.status, Status::Failed, "{}", response.summary);
    }
}

/// What git makes of the lines alone: the registry, when there is no conflict.
fn by_lines(repository: &Repository) -> Option<String> {
    for (branch, file) in [("main", "base"), ("ours", "ours"), ("theirs", "theirs")] {
        let text = repository.git(&["show", &format!("{branch}:{REGISTRY}")]).code(0).stdout;
        std::fs::write(repository.path("../").join(file), text).unwrap();
    }
    let run = repository.git(&["merge-file", "-p", "../ours", "../base", "../theirs"]);
    (run.code == 0).then_some(run.stdout)
}

#[test]
fn branches_of_random_work_merge_as_the_model_says_and_doctor_has_nothing_to_say() {
    let Some(repository) = Repository::new() else { return };
    repository.calls_the_binary();
    let seed = std::env::var("TEAMWORK_SEED").map_or(SEED, |seed| seed.parse().unwrap());
    let dice = Dice(Arc::new(Mutex::new(seed)));
    for _ in 0..3 {
        work(&repository, &dice);
    }
    repository.commit("a few assets");
    repository.git(&["tag", "start"]).code(0);
    let (mut clean, mut renumbered, mut decided, mut alone, mut wrong) = (0, 0, 0, 0, 0);
    for n in 0..PAIRS {
        for branch in ["ours", "theirs"] {
            repository.git(&["checkout", "-q", "-B", branch, "main"]).code(0);
            work(&repository, &dice);
            repository.commit(branch);
        }
        repository.git(&["checkout", "-q", "ours"]).code(0);
        let read = |branch: &str| {
            State::read(&repository.git(&["show", &format!("{branch}:{REGISTRY}")]).stdout).unwrap()
        };
        let expected = expected(&read("main"), &read("ours"), &read("theirs"));
        match by_lines(&repository) {
            Some(text) if expected.is_some() && State::read(&text) == expected => alone += 1,
            Some(_) => wrong += 1,
            None => {}
        }
        let run = repository.git(&["merge", "-q", "--no-edit", "theirs"]);
        let is_in_conflict = run.stdout.contains(&format!("Merge conflict in {REGISTRY}"));
        assert_eq!(is_in_conflict, expected.is_none(), "pair {n}: {run:?}");
        let Some(expected) = expected else {
            // A person has to decide, and is told what.
            run.code(1).says("error: ");
            repository.prometeu(&["doctor"]).code(1).prints("registry-conflict-markers");
            repository.git(&["merge", "--abort"]).code(0);
            decided += 1;
            continue;
        };
        assert_eq!(State::read(&repository.registry()), Some(expected.clone()), "pair {n}");
        if run.code != 0 {
            // Two folders that look alike, or an `asset.json` that both wrote, are git's own affair.
            repository.git(&["merge", "--abort"]).code(0);
            continue;
        }
        let count = expected.entries.len();
        renumbered += usize::from(run.stderr.contains(" now, and was "));
        let host = Host::system(Arc::new(dice.clone()));
        let project = Project::open(host, &repository.path("")).unwrap();
        let found = project.doctor(DoctorRequest { strict: false, workspace: false });
        assert_eq!(found.diagnostics, [], "pair {n}");
        clean += 1;
        // The next pair begins with what these two came to, while there is room.
        let next = if count < 10 { "HEAD" } else { "start" };
        repository.git(&["branch", "-f", "main", next]).code(0);
    }
    let files = PAIRS - clean - decided;
    println!(
        "{PAIRS} pairs, 0 failed, seed {seed:#x}: {clean} merged, {renumbered} of them with another id; of {files} the \
         registry merged and other files did not; {decided} left to a person"
    );
    println!("without the driver {alone} registries merge as they should, {wrong} wrongly");
    assert!(clean >= 30 && decided > 0 && renumbered > 0, "the dice are to be of use");
}

/// Two branches of which each created an asset, the one of `main` first, as it is known by its uuid.
fn two_new_assets() -> Option<Repository> {
    let repository = Repository::new()?;
    repository.git(&["branch", "art"]).code(0);
    repository.prometeu(&["create", "ui/first", "--type", "blob_bank"]).code(0);
    repository.commit("first");
    repository.git(&["checkout", "-q", "art"]).code(0);
    repository.prometeu(&["create", "sfx/second", "--type", "sound_bank"]).code(0);
    repository.commit("second");
    Some(repository)
}

fn ids(repository: &Repository) -> Vec<(u32, String)> {
    let state = State::read(&repository.registry()).unwrap();
    let mut ids: Vec<_> = state.entries.into_values().map(|entry| (entry.id, entry.root)).collect();
    ids.sort();
    ids
}

/// Through cargo, as `init` configured it.
#[test]
fn merge_rebase_and_cherry_pick_all_give_the_later_asset_another_id() {
    for steps in [
        &[&["merge", "-q", "--no-edit", "main"][..]][..],
        &[&["checkout", "-q", "main"], &["merge", "-q", "--no-edit", "art"]],
        &[&["rebase", "-q", "main"]],
        &[&["checkout", "-q", "main"], &["cherry-pick", "art"]],
        &[&["checkout", "-q", "main"], &["rebase", "-q", "art"]],
    ] {
        let Some(repository) = two_new_assets() else { return };
        let runs: Vec<_> = steps.iter().map(|step| repository.git(step).code(0)).collect();
        let words = "warning: `sfx/second` is asset 2 now, and was 1: `ui/first` has 1";
        assert!(runs.iter().any(|run| run.stderr.contains(words)), "{steps:?}: {runs:?}");
        assert_eq!(ids(&repository), [(1, "ui/first".to_owned()), (2, "sfx/second".to_owned())], "{steps:?}");
        repository.prometeu(&["doctor"]).code(0);
        repository.prometeu(&["create", "third", "--type", "blob_bank"]).code(0);
        assert_eq!(ids(&repository).last().unwrap().0, 3);
    }
}

/// Each has merged the other's work by itself, so that the branches have two common ancestors.
#[test]
fn branches_that_merged_each_other_go_on_and_what_was_decided_stays_decided() {
    let Some(repository) = Repository::new() else { return };
    repository.calls_the_binary();
    repository.prometeu(&["create", "a", "--type", "blob_bank"]).code(0);
    repository.commit("an asset");
    for (branch, root, new) in [("left", "one", "new"), ("right", "two", "newer")] {
        repository.git(&["checkout", "-q", "-b", branch, "main"]).code(0);
        repository.prometeu(&["relocate", "a", root, "--yes"]).code(0);
        repository.prometeu(&["create", new, "--type", "blob_bank"]).code(0);
        repository.commit(branch);
        repository.git(&["tag", &format!("{branch}-alone")]).code(0);
    }
    // Both decide for `one`.
    for (branch, other) in [("left", "right-alone"), ("right", "left-alone")] {
        repository.git(&["checkout", "-q", branch]).code(0);
        repository.git(&["merge", "-q", other]).code(1).says("asset 1 is at `");
        repository.git(&["checkout", "-q", "left-alone", "--", "assets/one"]).code(0);
        let _ = std::fs::remove_dir_all(repository.path("assets/two"));
        let text = repository.registry();
        let (before, rest) = text.split_once("<<<<<<<").unwrap();
        let (both, after) = rest.split_once(">>>>>>>").unwrap();
        let (here, there) = both.split_once("=======\n").unwrap();
        let kept = if here.contains("\"one\"") { here.split_once('\n').unwrap().1 } else { there };
        let after = after.split_once('\n').unwrap().1;
        repository.place.write(REGISTRY, format!("{before}{kept}{after}"));
        repository.commit("decided");
    }
    repository.prometeu(&["exclude", "new"]).code(0);
    repository.commit("excluded");
    let run = repository.git(&["merge", "-q", "--no-edit", "left"]).code(0);
    assert!(!run.stderr.contains(" now, and was ") && !run.stderr.contains("error"), "{}", run.stderr);
    let found = [(1, "one".to_owned()), (2, "new".to_owned()), (3, "newer".to_owned())];
    assert_eq!(ids(&repository), found);
    repository.prometeu(&["doctor"]).code(0);
}

#[test]
fn what_contradicts_is_left_between_markers_with_words_and_with_one_side_kept_it_is_mended() {
    let Some(repository) = Repository::new() else { return };
    repository.calls_the_binary();
    for root in ["a", "b"] {
        repository.prometeu(&["create", root, "--type", "blob_bank"]).code(0);
    }
    repository.commit("two assets");
    for (branch, root, excluded) in [("art", "theirs", true), ("main", "ours", false)] {
        repository.git(&["checkout", "-q", "-B", branch, "main"]).code(0);
        repository.prometeu(&["relocate", "a", root, "--yes"]).code(0);
        if excluded {
            repository.prometeu(&["exclude", "b"]).code(0);
        }
        repository.commit(branch);
        if excluded {
            repository.git(&["checkout", "-q", "main"]).code(0);
        }
    }
    let run = repository.git(&["merge", "art"]).code(1);
    run.says("error: asset 1 is at `ours` in HEAD, and at `theirs` in art")
        .says("help: Keep the side that names the folder in which it shall be.")
        .says("everything else is merged");
    let text = repository.registry();
    assert_eq!(text.matches("<<<<<<< HEAD\n").count(), 1, "{text}");
    assert_eq!(text.matches(">>>>>>> art\n").count(), 1, "{text}");
    assert!(text.contains("\"included_in_build\": false,\n      \"root\": \"b\""), "{text}");
    repository.prometeu(&["doctor"]).code(1).prints("registry-conflict-markers").prints("<<<<<<<");
    // Ours.
    let (before, rest) = text.split_once("<<<<<<< HEAD\n").unwrap();
    let (ours, rest) = rest.split_once("=======\n").unwrap();
    let (_, after) = rest.split_once(">>>>>>> art\n").unwrap();
    repository.place.write(REGISTRY, format!("{before}{ours}{after}"));
    let _ = std::fs::remove_dir_all(repository.path("assets/theirs"));
    // Git takes our folder's files as they were on our side.
    repository.git(&["checkout", "--ours", "assets/ours"]);
    repository.prometeu(&["doctor"]).code(0);
    repository.commit("merged");
    assert_eq!(ids(&repository), [(1, "ours".to_owned()), (2, "b".to_owned())]);
}

#[test]
fn a_registry_that_cannot_be_read_is_left_to_git_and_to_a_person() {
    let Some(repository) = two_new_assets() else { return };
    repository.calls_the_binary();
    repository.place.edit(REGISTRY, "\"asset_uuid\"", "\"uuid\"");
    repository.commit("broken by hand");
    repository.git(&["checkout", "-q", "main"]).code(0);
    let run = repository.git(&["merge", "art"]).code(1);
    run.says("was merged line by line: the registry of art cannot be read")
        .says("`git add assets/.prometeu/index.json` ends this");
    assert!(repository.registry().contains("<<<<<<< HEAD\n"), "{}", repository.registry());
}

#[test]
fn where_the_command_is_not_installed_git_merges_the_lines_and_no_side_is_lost() {
    let Some(repository) = two_new_assets() else { return };
    let run = repository.git_as(false, "", &["merge", "main"]).code(1);
    run.says("the registry is merged line by line").prints("CONFLICT (content)");
    let text = repository.registry();
    for part in ["<<<<<<<", "ui/first", "sfx/second"] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    repository.git(&["merge", "--abort"]).code(0);
    // Members that stand side by side are one change for lines, and two for the driver.
    repository.git(&["checkout", "-q", "-b", "exclude", "main"]).code(0);
    repository.prometeu(&["exclude", "ui/first"]).code(0);
    repository.commit("excluded");
    repository.git(&["checkout", "-q", "main"]).code(0);
    repository.prometeu(&["relocate", "ui/first", "ui/one", "--yes"]).code(0);
    repository.commit("relocated");
    repository.git_as(false, "", &["merge", "-q", "--no-edit", "exclude"]).code(1);
    repository.git(&["merge", "--abort"]).code(0);
    repository.git(&["merge", "-q", "--no-edit", "exclude"]).code(0);
    let state = State::read(&repository.registry()).unwrap();
    let entry = state.entries.values().next().unwrap();
    assert_eq!((&*entry.root, entry.included), ("ui/one", false));
}

#[test]
#[cfg(unix)]
fn where_cargo_itself_fails_git_merges_the_lines_and_no_side_is_lost() {
    let Some(repository) = two_new_assets() else { return };
    let run = repository.git_without_toolchain(&["merge", "main"]).code(1);
    run.says("error: no toolchain").says("the registry is merged line by line").prints("CONFLICT (content)");
    let text = repository.registry();
    for part in ["<<<<<<<", "ui/first", "sfx/second"] {
        assert!(text.contains(part), "no {part} in {text}");
    }
}

#[test]
fn a_clone_without_the_driver_is_noticed_and_init_mends_it_once() {
    let Some(repository) = Repository::new() else { return };
    let attributes = repository.place.read(".gitattributes");
    assert!(attributes.contains("\nassets/.prometeu/index.json merge=prometeu\n"), "{attributes}");
    let driver =
        |folder: &str| repository.git_in(folder, &["config", "--get", "merge.prometeu.driver"]).stdout;
    assert!(driver("").starts_with("cargo prometeu merge-driver %O %A %B %P "), "{}", driver(""));
    repository.prometeu(&["init", "--yes"]).code(0).says("already set up, nothing to do");
    repository.git(&["clone", "-q", ".", "../clone"]).code(0);
    let clone = "../clone";
    assert_eq!(driver(clone), "");
    let hint = "git does not know in this clone how to merge the registry";
    let run = repository.prometeu_in(clone, &["doctor"]).code(0).says(hint);
    assert!(run.stderr.contains("`cargo prometeu init` tells it"), "{}", run.stderr);
    let run = repository.prometeu_in(clone, &["init", "--dry-run"]).code(0);
    run.prints("edit   .git/config: git merges registries entry by entry, in this clone");
    assert_eq!(driver(clone), "", "a dry run writes nothing");
    repository.prometeu_in(clone, &["init", "--yes"]).code(0).says("Edited .git/config");
    assert_eq!(driver(clone), driver(""));
    repository.prometeu_in(clone, &["init", "--yes"]).code(0).says("nothing to do");
    let run = repository.prometeu_in(clone, &["doctor"]).code(0);
    assert!(!run.stderr.contains(hint), "{}", run.stderr);
    // A driver of somebody's own stays, and a worktree has that of its repository.
    repository.git(&["config", "merge.prometeu.driver", "true"]).code(0);
    repository.git(&["worktree", "add", "-q", "-b", "other", "../another tree"]).code(0);
    for folder in ["", "../another tree"] {
        repository.prometeu_in(folder, &["init", "--yes"]).code(0).says("nothing to do");
        assert_eq!(driver(folder), "true\n");
    }
    repository.git(&["config", "--unset", "merge.prometeu.driver"]).code(0);
    repository.prometeu_in("../another tree", &["init", "--yes"]).code(0).says("git merges registries");
    assert!(driver("").starts_with("cargo prometeu "), "{}", driver(""));
}

#[test]
fn a_program_is_told_what_became_of_whom() {
    let Some(repository) = two_new_assets() else { return };
    let show = |revision: &str, path: &str| {
        let text = repository.git(&["show", &format!("{revision}:{REGISTRY}")]).code(0).stdout;
        repository.place.write(path, text);
    };
    show("main~1", "base");
    show("main", "ours");
    show("art", "theirs");
    let arguments = ["--message-format", "json", "merge-driver", "base", "ours", "theirs"];
    let run = repository.prometeu(&arguments).code(0);
    let response: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&response["operation"], &response["merged"]), (&"merge_driver".into(), &true.into()));
    assert_eq!(response["renumbered"][0]["root"], "sfx/second");
    assert_eq!(
        (&response["renumbered"][0]["from"], &response["renumbered"][0]["to"]),
        (&1.into(), &2.into())
    );
    assert_eq!(response["conflicts"], serde_json::json!([]));
    assert!(State::read(&repository.place.read("ours")).unwrap().entries.len() == 2);
    let run = repository.prometeu(&["merge-driver", "base", "ours", "nowhere"]).code(4);
    run.says("failed to read").prints_nothing();
}
