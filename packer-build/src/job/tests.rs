use std::fs;
use std::path::{Path, PathBuf};

use prometeu_packer::diagnostics::Code;
use prometeu_packer::pack::DirtyReason;
use tempfile::TempDir;

use crate::config::Config;
use crate::environment::Environment;
use crate::job::Built;
use crate::{Error, Report};

/// A package with assets of text files, and an output folder beside it.
pub(crate) struct Game {
    temporary: TempDir,
    pub(crate) roots: Vec<(&'static str, bool)>,
}

impl Game {
    /// Without `assets/`.
    pub(crate) fn bare() -> Self {
        let game = Self { temporary: tempfile::tempdir().unwrap(), roots: Vec::new() };
        fs::create_dir(game.path("game")).unwrap();
        game
    }

    /// With these roots registered, ids from 1, each with one file `map.txt` and included in builds.
    pub(crate) fn new(roots: &[&'static str]) -> Self {
        let mut game = Self::bare();
        for root in roots {
            game.roots.push((root, true));
            game.write(&format!("assets/{root}/map.txt"), "#..#\n");
            game.declare(game.roots.len(), root, "");
        }
        game.register();
        game
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        // Canonical, so that a temporary folder behind a link is the same everywhere.
        self.temporary.path().canonicalize().unwrap().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path("game").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// `more` is further members.
    pub(crate) fn declare(&self, id: usize, root: &str, more: &str) {
        let name = root.replace('/', "_");
        let text = format!(
            "{{\n  \"schema_version\": 1,\n  \"asset_uuid\": \"{}\",{more}\n  \"name\": \"{name}\",\n  \
             \"type\": \"blob_bank\",\n  \"inputs\": {{ \"files\": [\"map.txt\"] }},\n  \
             \"output\": {{ \"format\": \"BLOB/raw_v1\", \"codec\": \"NONE\" }},\n  \
             \"preload\": {{ \"enabled\": false }}\n}}\n",
            uuid(id)
        );
        self.write(&format!("assets/{root}/asset.json"), &text);
    }

    pub(crate) fn register(&self) {
        let entries = self.roots.iter().enumerate().map(|(n, (root, included))| {
            let (id, uuid) = (n + 1, uuid(n + 1));
            format!(
                "{{ \"asset_id\": {id}, \"included_in_build\": {included}, \"root\": \"{root}\", \"asset_uuid\": \"{uuid}\" }}"
            )
        });
        let entries = entries.collect::<Vec<_>>().join(", ");
        let next = self.roots.len() + 1;
        let text =
            format!("{{ \"schema_version\": 1, \"next_asset_id\": {next}, \"assets\": [{entries}] }}\n");
        self.write("assets/.prometeu/index.json", &text);
    }

    /// As cargo sets it.
    pub(crate) fn environment(&self) -> Environment {
        Environment {
            manifest_dir: Some(self.path("game")),
            out_dir: Some(self.path("out")),
            ..Environment::default()
        }
    }

    /// Lets what was just written become old enough to be believed unread.
    pub(crate) fn age(&self) {
        std::thread::sleep(std::time::Duration::from_millis(if cfg!(unix) { 150 } else { 2_100 }));
    }

    fn try_build(&self, config: &Config) -> Result<Built, Error> {
        config.job(&self.environment())?.build()
    }

    #[track_caller]
    pub(crate) fn build(&self, config: &Config) -> Report {
        self.try_build(config).unwrap().report
    }

    #[track_caller]
    pub(crate) fn fail(&self, config: &Config) -> Error {
        self.try_build(config).map(|built| built.report).unwrap_err()
    }

    /// What a run prints.
    pub(crate) fn said(&self, config: &Config) -> String {
        let said = config.told(&self.environment()).as_str().to_owned();
        said.replace(self.path("").to_str().unwrap(), "[TOP]/").replace('\\', "/")
    }

    pub(crate) fn constants(&self) -> String {
        fs::read_to_string(self.path("out/assets.rs")).unwrap()
    }

    /// Every file below a folder: its path, its bytes and when it was written.
    fn files(&self, folder: &str) -> Vec<(PathBuf, Vec<u8>, std::time::SystemTime)> {
        let mut files = Vec::new();
        let mut folders = vec![self.path(folder)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let modified = path.metadata().unwrap().modified().unwrap();
                    files.push((path.clone(), fs::read(path).unwrap(), modified));
                }
            }
        }
        files.sort();
        files
    }
}

fn uuid(id: usize) -> String {
    format!("0198c0de-0000-7000-8000-{id:012x}")
}

const VARIABLES: &str = "\
cargo::rerun-if-env-changed=PROMETEU_SKIP
cargo::rerun-if-env-changed=PROMETEU_STRICT
cargo::rerun-if-env-changed=PROMETEU_CACHE_DIR
cargo::rerun-if-env-changed=DOCS_RS
";

#[test]
fn success_is_the_packs_path_and_exact_hints_and_nothing_else() {
    let mut game = Game::new(&["levels/first night", "níveis", "drafts"]);
    game.roots[2].1 = false;
    game.register();
    game.write("assets/unregistered/asset.json", "{ not JSON");
    assert_eq!(
        game.said(&Config::new()),
        format!(
            "cargo::rustc-env=PROMETEU_ASSETS_PA=[TOP]/out/assets.pa\n\
             cargo::rerun-if-changed=assets/.prometeu/index.json\n\
             cargo::rerun-if-changed=assets/levels/first night\n\
             cargo::rerun-if-changed=assets/níveis\n{VARIABLES}"
        )
    );
}

#[test]
fn a_project_elsewhere_is_hinted_by_absolute_paths() {
    let game = Game::new(&["levels"]);
    let mut environment = game.environment();
    environment.manifest_dir = Some(game.path("package"));
    let told = Config::new().project_dir(game.path("game")).told(&environment);
    for hinted in ["game/assets/.prometeu/index.json", "game/assets/levels"] {
        let hint = format!("cargo::rerun-if-changed={}\n", game.path(hinted).display());
        assert!(told.as_str().contains(&hint), "{}", told.as_str());
    }
}

#[test]
fn every_hinted_path_exists() {
    let game = Game::new(&["a", "b/c"]);
    for config in [Config::new(), Config::new().skip(true)] {
        let said = game.said(&config);
        let hints: Vec<&str> =
            said.lines().filter_map(|line| line.strip_prefix("cargo::rerun-if-changed=")).collect();
        assert_eq!(hints.len(), 3, "{said}");
        for hint in hints {
            assert!(game.path("game").join(hint).exists(), "{hint}");
        }
    }
}

#[test]
fn outside_cargo_both_folders_are_named_and_nothing_is_printed() {
    let game = Game::new(&["levels"]);
    let config = Config::new()
        .project_dir(game.path("game"))
        .out_dir(game.path("somewhere/new"))
        .cargo_directives(false);
    let built = config.job(&Environment::default()).unwrap().build().unwrap();
    assert_eq!(built.directives.as_str(), "");
    assert_eq!(built.report.pack, game.path("somewhere/new/assets.pa"));
    assert_eq!(built.report.constants, game.path("somewhere/new/assets.rs"));
    assert!(built.report.pack.is_file() && built.report.constants.is_file());
}

#[test]
fn outside_cargo_a_folder_that_is_not_named_is_asked_for() {
    for (config, word) in
        [(Config::new(), "project_dir"), (Config::new().project_dir("/nowhere"), "Config::out_dir")]
    {
        let error = config.job(&Environment::default()).unwrap_err().to_string();
        assert!(error.starts_with("error[invalid-argument]: ") && error.contains(word), "{error}");
    }
}

#[test]
fn a_report_says_what_was_made_and_why() {
    let game = Game::new(&["a", "b"]);
    let first = game.build(&Config::new());
    assert_eq!((first.total_assets, first.kept, first.made.len()), (2, 0, 2));
    assert!(first.made.iter().all(|asset| asset.reason == DirtyReason::NoRecord));
    assert_eq!(first.size, first.pack.metadata().unwrap().len());
    assert!(first.digest.starts_with("pmpa-tree-1:"), "{}", first.digest);

    game.write("assets/b/map.txt", "####\n");
    let second = game.build(&Config::new());
    assert_eq!((second.total_assets, second.kept), (2, 1));
    let made: Vec<_> = second.made.iter().map(|asset| (asset.root.as_str(), &asset.reason)).collect();
    assert_eq!(made, [("b", &DirtyReason::InputChanged { file: "map.txt".to_owned() })]);
    assert_ne!(first.digest, second.digest);
}

#[test]
fn the_manifest_of_the_package_is_not_read() {
    let game = Game::new(&["a"]);
    let before = game.build(&Config::new());
    game.write("Cargo.toml", "[[[ no manifest");
    assert_eq!(game.build(&Config::new()).digest, before.digest);
}

#[test]
fn a_build_without_a_change_writes_no_output_anew() {
    let game = Game::new(&["a"]);
    game.build(&Config::new());
    let outputs = |game: &Game| {
        let mut files = game.files("out");
        files.retain(|(path, ..)| path.extension().is_none_or(|extension| extension != "record"));
        files
    };
    let before = outputs(&game);
    assert_eq!(before.len(), 6, "the set of four, the constants, and the lock");
    assert_eq!(game.build(&Config::new()).kept, 1);
    assert_eq!(before, outputs(&game));
}

#[test]
fn a_build_writes_nothing_into_the_project() {
    let game = Game::new(&["a"]);
    let before = game.files("game");
    game.build(&Config::new());
    game.build(&Config::new().skip(true));
    assert_eq!(before, game.files("game"));
}

#[test]
fn a_failure_is_told_line_by_line_without_a_hint_and_leaves_the_last_good_outputs() {
    let game = Game::new(&["a", "b"]);
    game.build(&Config::new());
    let before = game.files("out");
    fs::remove_file(game.path("game/assets/b/map.txt")).unwrap();
    let said = game.said(&Config::new());
    assert!(said.lines().all(|line| line.starts_with("cargo::error=")), "{said}");
    assert_eq!(before, game.files("out"));

    let error = game.fail(&Config::new());
    assert_eq!(
        error.to_string(),
        "error[input-missing]: the input `map.txt` is not in `assets/b`
 --> assets/b/asset.json:6:25
  |
6 |   \"inputs\": { \"files\": [\"map.txt\"] },
  |                         ^^^^^^^^^ no such file
  |
  = help: Put the file there, or correct the path; it begins in the folder of this `asset.json`."
    );
    assert_eq!(
        format!("{error:?}"),
        format!("the assets cannot be built\n\n{error}\n"),
        "`unwrap` is as readable"
    );
    assert_eq!(error.diagnostics().len(), 1);
    assert_eq!(error.diagnostics()[0].code, Code::InputMissing);
}

#[test]
fn a_project_without_assets_is_told_what_to_do() {
    let error = Game::bare().fail(&Config::new()).to_string();
    assert!(error.contains("error[registry-missing]") && error.contains("cargo prometeu init"), "{error}");
}

#[test]
fn a_folder_that_is_not_there_is_a_failure_with_path_reason_and_next_step() {
    let game = Game::bare();
    let error = game.fail(&Config::new().project_dir(game.path("nowhere"))).to_string();
    assert!(error.starts_with("error[io-error]: failed to open `"), "{error}");
    assert!(error.contains("nowhere") && error.contains("help: "), "{error}");
}

#[test]
fn a_misspelt_member_is_shown_beside_what_is_missing_for_it() {
    let game = Game::new(&["a", "b"]);
    let declaration = fs::read_to_string(game.path("game/assets/a/asset.json")).unwrap();
    game.write("assets/a/asset.json", &declaration.replace("preload", "prelaod"));
    game.declare(2, "b", "\n  \"of another file\": 1,");
    let error = game.fail(&Config::new());
    let text = error.to_string();
    assert!(text.contains("error[declaration-invalid]: `preload` is missing"), "{text}");
    assert!(text.contains("did you mean `preload`?"), "{text}");
    assert!(!text.contains("of another file"), "{text}");
    assert_eq!(error.diagnostics().len(), 1, "one of them stops the build");
}

#[test]
fn of_many_errors_the_first_twenty_are_drawn_and_the_others_counted() {
    let roots: Vec<&str> = "abcdefghijklmnopqrstuvwx".split("").filter(|root| !root.is_empty()).collect();
    let game = Game::new(&roots);
    for root in &roots {
        fs::remove_file(game.path(&format!("game/assets/{root}/map.txt"))).unwrap();
    }
    let error = game.fail(&Config::new());
    let text = error.to_string();
    assert_eq!(text.matches("error[input-missing]").count(), 20);
    assert!(text.ends_with("\n\n... and 4 more; `cargo prometeu doctor` shows them all"), "{text}");
    assert_eq!(error.diagnostics().len(), 24);
}

#[test]
fn a_warning_is_a_line_and_a_strict_build_stops_at_it() {
    let game = Game::new(&["a"]);
    game.declare(1, "a", "\n  \"colour\": 1,");
    let said = game.said(&Config::new());
    let warnings: Vec<&str> = said.lines().filter(|line| line.starts_with("cargo::warning=")).collect();
    assert_eq!(
        warnings,
        [
            "cargo::warning=assets/a/asset.json:4:3: unknown member `colour` [unknown-member]",
            "cargo::warning=`cargo prometeu doctor` shows it in place, with what to do",
        ]
    );
    assert_eq!(game.build(&Config::new()).warnings.len(), 1);

    let error = game.fail(&Config::new().strict(true)).to_string();
    assert!(error.starts_with("warning[unknown-member]: "), "{error}");
    assert!(error.ends_with("this build is strict (`PROMETEU_STRICT`), so warnings stop it"), "{error}");
}

#[test]
fn of_many_warnings_ten_are_told_and_the_others_counted() {
    let game = Game::new(&["a"]);
    let members: String = (0..12).map(|n| format!("\n  \"strange{n}\": 1,")).collect();
    game.declare(1, "a", &members);
    let said = game.said(&Config::new());
    assert_eq!(said.matches("[unknown-member]\n").count(), 10, "{said}");
    assert!(
        said.ends_with("cargo::warning=... and 2 more; `cargo prometeu doctor` shows them all\n"),
        "{said}"
    );
}

#[test]
fn a_skipped_build_needs_no_assets_at_all() {
    let game = Game::bare();
    let report = game.build(&Config::new().skip(true));
    assert_eq!((report.total_assets, report.kept, report.made.len()), (0, 0, 0));
    assert_eq!(game.constants().lines().filter(|line| !line.starts_with("//")).count(), 0);
    assert_eq!(
        game.said(&Config::new().skip(true)),
        format!("cargo::rustc-env=PROMETEU_ASSETS_PA=[TOP]/out/assets.pa\n{VARIABLES}")
    );
}

#[test]
fn a_skipped_build_names_what_can_be_read_and_watches_what_is_there() {
    let game = Game::new(&["good", "gone", "broken"]);
    fs::remove_dir_all(game.path("game/assets/gone")).unwrap();
    game.write("assets/broken/asset.json", "{ not JSON");
    let said = game.said(&Config::new().skip(true));
    assert!(!said.contains("cargo::error") && !said.contains("cargo::warning"), "{said}");
    assert!(said.contains("cargo::rerun-if-changed=assets/.prometeu/index.json\n"), "{said}");
    assert!(said.contains("=assets/good\n") && said.contains("=assets/broken\n"), "{said}");
    assert!(!said.contains("gone"), "a hint at what is absent would run the script every time:\n{said}");
    let constants = game.constants();
    assert!(constants.contains("const GOOD:") && !constants.contains("const BROKEN:"), "{constants}");
}

#[test]
fn a_skipped_build_survives_a_registry_that_cannot_be_read() {
    let game = Game::new(&["a"]);
    game.write("assets/.prometeu/index.json", "<<<<<<< ours\n");
    let said = game.said(&Config::new().skip(true));
    assert!(said.contains("rustc-env") && said.contains("index.json") && !said.contains("error"), "{said}");
}

#[test]
fn after_a_skipped_build_the_whole_pack_comes_back() {
    let game = Game::new(&["a", "b"]);
    game.build(&Config::new());
    let pack = fs::read(game.path("out/assets.pa")).unwrap();
    let constants = game.constants();
    game.build(&Config::new().skip(true));
    assert!(pack != fs::read(game.path("out/assets.pa")).unwrap());
    assert_eq!(constants, game.constants(), "the game compiles with either");
    game.build(&Config::new());
    assert!(pack == fs::read(game.path("out/assets.pa")).unwrap());
}

#[test]
fn what_is_set_is_stronger_than_a_variable() {
    let game = Game::new(&["a"]);
    let environment = Environment {
        skip: true,
        strict: true,
        cache_dir: Some("from variable".into()),
        ..game.environment()
    };
    let job = Config::new().job(&environment).unwrap();
    assert!(job.skip && job.strict);
    assert_eq!(job.cache, game.path("game/from variable"), "relative to the project, not to where one is");
    let config = Config::new().skip(false).strict(false).cache_dir(game.path("set"));
    let job = config.job(&environment).unwrap();
    assert!(!job.skip && !job.strict);
    assert_eq!(job.cache, game.path("set"));
}

#[test]
fn the_cache_lies_where_it_is_told_to_and_else_with_the_outputs() {
    let game = Game::new(&["a"]);
    let records = |folder: &str| {
        let files = game.files(folder).into_iter();
        let of_pack =
            |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("pack-"));
        files.filter(|(path, ..)| of_pack(path)).count()
    };
    game.build(&Config::new().cache_dir(game.path("cache/of all")));
    assert_eq!((records("out"), records("cache")), (0, 1));
    game.build(&Config::new());
    assert_eq!(records("out"), 1);
}

#[track_caller]
fn check_refused(config: &Config, environment: &Environment, words: &str) {
    let error = config.job(environment).unwrap_err().to_string();
    assert!(error.contains(words), "{error}");
}

#[test]
fn what_a_build_writes_may_not_lie_in_what_it_reads() {
    let game = Game::new(&["a"]);
    let inside = game.path("game/assets/out");
    check_refused(&Config::new().out_dir(&inside), &game.environment(), "lies inside `assets/`");
    check_refused(&Config::new().cache_dir(&inside), &game.environment(), "lies inside `assets/`");
}

#[test]
fn a_path_that_could_forge_a_directive_is_refused_with_words() {
    let game = Game::new(&["a"]);
    let control = "error[name-invalid]: the path `/a\\ncargo::rustc-env=X=1` holds a control character";
    if cfg!(unix) {
        let path = Path::new("/a\ncargo::rustc-env=X=1");
        check_refused(&Config::new().project_dir(path), &game.environment(), control);
        check_refused(&Config::new().out_dir(path), &game.environment(), control);
        let outer = Config::new().project_dir("/a ");
        check_refused(&outer, &game.environment(), "error[name-invalid]: the path `/a ` begins or ends");
    }
}

#[test]
fn the_same_assets_give_the_same_constants_wherever_they_lie() {
    let (one, other) = (Game::new(&["a", "b/c"]), Game::new(&["a", "b/c"]));
    one.build(&Config::new());
    other.build(&Config::new());
    assert_eq!(one.constants(), other.constants());
}

#[test]
fn a_change_that_was_interrupted_stops_the_build_at_once_and_names_the_command_that_settles_it() {
    let game = Game::new(&["a"]);
    game.build(&Config::new());
    let plan_id = format!("{}.{}", prometeu_packer::Digest::of(b"a plan"), uuid(9));
    let body = format!(
        "{{\"format\":1,\"plan_id\":\"{plan_id}\",\"sequence\":\"1\",\"state\":\"pending\",\
         \"steps\":[{{\"folder\":\"assets/new\"}}],\"title\":\"create `new`\"}}\n"
    );
    let digest = prometeu_packer::Digest::of(body.as_bytes());
    game.write("assets/.prometeu/local/journal", &format!("{digest}\n{body}"));
    let before = [game.files("game"), game.files("out")];
    // There is no lock file, so no writer is at work, and none is waited for.
    let begun = std::time::Instant::now();
    for error in [
        game.fail(&Config::new()).to_string(),
        Config::new().constants_only().write(&game.environment()).unwrap_err().to_string(),
    ] {
        assert_eq!(
            error,
            "error[journal-unfinished]: a change was interrupted: create `new`
 --> assets/.prometeu/local/journal
  |
  = help: Run `cargo prometeu doctor`: it finishes the change, or takes it back."
        );
    }
    assert!(begun.elapsed().as_secs() < 5);
    assert_eq!(before, [game.files("game"), game.files("out")]);
    game.build(&Config::new().skip(true));

    game.write("assets/.prometeu/local/journal", "half");
    let error = game.fail(&Config::new()).to_string();
    assert!(error.contains("its digest does not fit") && error.contains("then delete that file"), "{error}");
}
