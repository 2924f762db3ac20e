//! One project, one pack: whoever packs it, where, when, in which order and after what history.
//!
//! Every variant packs the same made-up project another way and must give the very bytes of the
//! first: `assets.pa` and all companions. The number of variants is printed, and a failure names
//! each variant that differs with the files in which it does.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use packer_tests::blueprint::{Blueprint, Expected, Files, REGISTRY};
use packer_tests::dice::Dice;
use packer_tests::packing::{SET, Set, Stopped, open, pack, request, said};
use packer_tests::spelling::Spelling;
use packer_tests::{assets, cargo, skip, tally, wav};
use prometeu_packer::storage::memory::MemoryStorage;
use prometeu_packer::storage::os::OsStorage;
use tempfile::TempDir;

const SEED: u64 = 0x0dd5_eed5;

/// The fewest variants that count as a proof here.
const VARIANTS: usize = 24;

/// Set by `.ci/run`: also compile the packer with optimisation and compare. It costs a build.
const RELEASE: &str = "PACKER_TESTS_RELEASE";

const DAY: Duration = Duration::from_hours(24);

/// The sets that came out, against the first.
struct Variants {
    blueprint: Blueprint,
    reference: Set,
    count: usize,
    differing: Vec<String>,
}

impl Variants {
    fn new() -> Self {
        let blueprint = Blueprint::generate(&mut Dice::new(SEED), 10);
        let place = Place::new("game");
        place.write(&blueprint.files(Spelling::Plain));
        let reference = pack(&place.project, &place.out, None).unwrap_or_else(|why| panic!("{why}"));
        assert!(reference.0[0].len() > 200_000, "the project is too small to prove anything");
        Self { blueprint, reference, count: 0, differing: Vec::new() }
    }

    fn files(&self) -> Files {
        self.blueprint.files(Spelling::Plain)
    }

    /// One variant.
    fn add(&mut self, name: impl Into<String>, set: Result<Set, String>) {
        self.count += 1;
        let name = name.into();
        match set {
            Ok(set) if set == self.reference => {}
            Ok(set) => self.differing.push(format!("{name}: {:?}", self.reference.differing(&set))),
            Err(why) => self.differing.push(format!("{name}: {why}")),
        }
    }

    #[track_caller]
    fn finish(self, suite: &str, least: usize) {
        assert!(
            self.differing.is_empty(),
            "{} of {} variants are not {:?}, seed {SEED:#x}:\n{}",
            self.differing.len(),
            self.count,
            self.reference,
            self.differing.join("\n")
        );
        assert!(self.count >= least, "{} variants are too few for a proof", self.count);
        tally(suite, self.count, SEED);
    }
}

/// A temporary folder with a project and a place for its pack.
struct Place {
    temporary: TempDir,
    project: PathBuf,
    out: PathBuf,
}

impl Place {
    fn new(project: &str) -> Self {
        Self::within(&std::env::temp_dir(), project)
    }

    fn within(parent: &Path, project: &str) -> Self {
        let temporary = tempfile::Builder::new().prefix("prometeu-same-").tempdir_in(parent).unwrap();
        let (project, out) = (temporary.path().join(project), temporary.path().join("out"));
        fs::create_dir_all(&project).unwrap();
        Self { temporary, project, out }
    }

    fn write(&self, files: &Files) {
        self.write_in_order(files.iter());
    }

    fn write_in_order<'f>(&self, files: impl Iterator<Item = (&'f String, &'f Vec<u8>)>) {
        for (path, bytes) in files {
            let path = self.project.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }

    /// Packs in this process, nothing kept.
    fn pack(&self) -> Result<Set, String> {
        pack(&self.project, &self.out, None)
    }

    fn path(&self, path: &str) -> PathBuf {
        self.temporary.path().join(path)
    }
}

fn set_time(path: &Path, time: SystemTime) {
    File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

#[test]
fn where_and_when_a_project_lies_does_not_reach_its_pack() {
    let mut variants = Variants::new();
    let files = variants.files();
    let long = vec!["a".repeat(200); 8].join("/");
    for folder in ["a folder with spaces", "Zoë/プロジェクト/🎮", "-x", "'$(echo)\"", &long] {
        let place = Place::new(folder);
        place.write(&files);
        variants.add(format!("project path of {} bytes, `{:.20}…`", folder.len(), folder), place.pack());
    }
    let tmpfs = Path::new("/dev/shm");
    if tmpfs.is_dir() {
        let place = Place::within(tmpfs, "game");
        place.write(&files);
        variants.add("on another file system", place.pack());
    } else {
        skip("determinism on another file system", "there is no /dev/shm here");
    }
    #[cfg(unix)]
    {
        let place = Place::new("game");
        place.write(&files);
        std::os::unix::fs::symlink(&place.project, place.path("linked")).unwrap();
        variants.add("project reached by a link", pack(&place.path("linked"), &place.out, None));
    }
    let place = Place::new("game");
    place.write(&files);
    variants.add("output inside the project", pack(&place.project, &place.project.join("build"), None));
    let deep = place.path("not/there yet/é");
    variants.add("output in folders that are made", pack(&place.project, &deep, None));

    let mut dice = Dice::new(SEED);
    for n in 0..5 {
        let place = Place::new("game");
        let mut order: Vec<_> = files.iter().collect();
        if n == 0 {
            order.reverse();
        } else {
            dice.shuffle(&mut order);
        }
        place.write_in_order(order.into_iter());
        variants.add(format!("files created in order {n}"), place.pack());
    }

    type Time = fn(u32) -> SystemTime;
    let times: [(&str, Time); 4] = [
        ("all of 1970", |_| UNIX_EPOCH),
        ("all of the future", |_| SystemTime::now() + 365 * 40 * DAY),
        ("all the same", |_| UNIX_EPOCH + 15_000 * DAY),
        ("all different, backwards", |n| UNIX_EPOCH + (20_000 - n) * DAY),
    ];
    for (name, time) in times {
        let place = Place::new("game");
        place.write(&files);
        for (n, path) in (0..).zip(files.keys()) {
            set_time(&place.project.join(path), time(n));
        }
        variants.add(format!("file times {name}"), place.pack());
        let (out, cache) = (place.path("kept"), place.path("cache"));
        variants.add(format!("file times {name}, first of two"), pack(&place.project, &out, Some(&cache)));
        variants.add(format!("file times {name}, again"), pack(&place.project, &out, Some(&cache)));
    }

    for clock in [0, 1, 1 << 40, 253_402_300_800_000, u64::MAX] {
        let place = Place::new("game");
        place.write(&files);
        for goal in ["made", "kept"] {
            let project = open(&place.project, Arc::new(OsStorage), Arc::new(Stopped(clock)));
            let response = project.pack(&request(&place.out, Some(&place.path("cache"))));
            let set = said(&response).map(drop).and_then(|()| Set::read(&place.out));
            variants.add(format!("clock at {clock} ms, {goal}"), set);
        }
    }

    let memory = MemoryStorage::default();
    memory.folder("/game");
    for (path, bytes) in &files {
        memory.write(Path::new("/game").join(path), bytes.clone());
    }
    let project = open(Path::new("/game"), Arc::new(memory.clone()), Arc::new(Stopped(0)));
    let response = project.pack(&request(Path::new("/out"), None));
    let content = |name: &&str| memory.content(Path::new("/out").join(name)).unwrap_or_default();
    variants.add("in memory", said(&response).map(|_| Set(SET.each_ref().map(content))));
    variants.finish("determinism, places and times", VARIANTS);
}

#[test]
fn how_json_is_laid_out_does_not_reach_the_pack() {
    let mut variants = Variants::new();
    for registry in Spelling::ALL {
        for declarations in Spelling::ALL {
            let place = Place::new("game");
            let mut files = variants.blueprint.files(declarations);
            files.insert(REGISTRY.to_owned(), registry.of(&variants.blueprint.registry()).into_bytes());
            place.write(&files);
            variants.add(format!("registry {registry:?}, declarations {declarations:?}"), place.pack());
        }
    }
    let mut dice = Dice::new(SEED);
    for n in 0..4 {
        let mut blueprint = variants.blueprint.clone();
        dice.shuffle(&mut blueprint.assets);
        let place = Place::new("game");
        place.write(&blueprint.files(Spelling::Plain));
        variants.add(format!("registry entries in order {n}"), place.pack());
    }
    variants.finish("determinism, layouts of JSON", VARIANTS);
}

#[test]
fn no_history_reaches_the_pack() {
    let mut variants = Variants::new();
    let files = variants.files();
    let mut dice = Dice::new(SEED);
    for n in 0..24 {
        let place = Place::new("game");
        let cache = place.path("cache");
        place.write(&files);
        let (mut packs, mut told) = (0, Vec::new());
        for _ in 0..2 + dice.below(4) {
            let edits = 1 + dice.below(3);
            told.extend((0..edits).map(|_| edit(&mut dice, &place, &files)));
            packs += usize::from(pack(&place.project, &place.out, Some(&cache)).is_ok());
        }
        // And back, as version control puts files back: what is equal stays as it is.
        for path in walk(&place.project) {
            let name = path.strip_prefix(&place.project).unwrap().to_str().unwrap();
            if !files.contains_key(name) {
                fs::remove_file(&path).unwrap();
            }
        }
        for (path, bytes) in &files {
            let path = place.project.join(path);
            if fs::read(&path).ok().as_ref() != Some(bytes) {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, bytes).unwrap();
            }
        }
        let set = pack(&place.project, &place.out, Some(&cache));
        variants.add(format!("history {n} of {packs} packs: {}", told.join(", ")), set);
    }
    variants.finish("determinism, histories", VARIANTS);
}

/// Something that people, tools and accidents do to a project; tells what.
fn edit(dice: &mut Dice, place: &Place, files: &Files) -> String {
    let names: Vec<&String> = files.keys().filter(|path| path.contains("assets/")).collect();
    let [name, other] = [*dice.pick(&names), *dice.pick(&names)];
    let (path, other_path) = (place.project.join(name), place.project.join(other));
    let done = match dice.below(10) {
        0 => fs::write(&path, dice.bytes(30)).map(|()| format!("overwrite `{name}`")),
        1 => fs::remove_file(&path).map(|()| format!("remove `{name}`")),
        2 => fs::read(&path).and_then(|bytes| fs::write(&path, bytes)).map(|()| format!("touch `{name}`")),
        3 => fs::copy(&path, &other_path).map(|_| format!("copy `{name}` over `{other}`")),
        4 => same_size_and_time(&path).map(|()| format!("change a byte of `{name}` and keep its time")),
        5 => {
            let out = place.out.join(dice.pick(&SET));
            fs::write(&out, dice.bytes(100)).map(|()| format!("spoil {}", out.display()))
        }
        6 => {
            let out = place.out.join(dice.pick(&SET));
            fs::remove_file(&out).map(|()| format!("remove {}", out.display()))
        }
        7 => {
            let registry = fs::read_to_string(place.project.join(REGISTRY)).unwrap_or_default();
            let (from, to) = *dice.pick(&[("true", "false"), ("false", "true"), ("\"root\"", "\"toor\"")]);
            fs::write(place.project.join(REGISTRY), registry.replacen(from, to, 1 + dice.below(3)))
                .map(|()| format!("{from} becomes {to} in the registry"))
        }
        8 => {
            let moved = path.with_extension("moved");
            fs::rename(&path, &moved).map(|()| format!("rename `{name}`"))
        }
        _ => match walk(&place.path("cache")).first() {
            Some(record) => spoil(dice, record).map(|()| "spoil the record".to_owned()),
            None => Ok("nothing".to_owned()),
        },
    };
    // What an earlier edit removed cannot be edited.
    done.unwrap_or_else(|_| "nothing".to_owned())
}

fn same_size_and_time(path: &Path) -> std::io::Result<()> {
    let time = fs::metadata(path)?.modified()?;
    let mut bytes = fs::read(path)?;
    if let Some(byte) = bytes.last_mut() {
        *byte ^= 1;
    }
    fs::write(path, bytes)?;
    File::options().write(true).open(path)?.set_modified(time)
}

fn spoil(dice: &mut Dice, path: &Path) -> std::io::Result<()> {
    let mut bytes = fs::read(path)?;
    match dice.below(3) {
        0 => bytes.truncate(dice.below(bytes.len() + 1)),
        1 => bytes.clear(),
        _ => {
            if !bytes.is_empty() {
                let at = dice.below(bytes.len());
                bytes[at] ^= 1 << dice.below(8);
            }
        }
    }
    fs::write(path, bytes)
}

/// Every file below a folder.
fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            files.extend(walk(&entry.path()));
        } else {
            files.push(entry.path());
        }
    }
    files.sort();
    files
}

#[test]
fn what_is_kept_from_the_last_pack_does_not_reach_the_next() {
    let mut variants = Variants::new();
    let files = variants.files();
    let place = Place::new("game");
    place.write(&files);
    // Old enough for stamps to be believed.
    for path in files.keys() {
        set_time(&place.project.join(path), UNIX_EPOCH + DAY);
    }
    let (out, cache) = (&place.out, place.path("cache"));
    variants.add("fresh", pack(&place.project, out, Some(&cache)));
    variants.add("kept", pack(&place.project, out, Some(&cache)));
    let record = walk(&cache).pop().unwrap();
    let good = fs::read(&record).unwrap();
    for at in (0..good.len()).step_by(good.len() / 20) {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        fs::write(&record, &bytes).unwrap();
        variants.add(format!("a bit of the record's byte {at}"), pack(&place.project, out, Some(&cache)));
        fs::write(&record, &good[..at]).unwrap();
        variants.add(format!("the record cut at {at}"), pack(&place.project, out, Some(&cache)));
    }
    fs::remove_file(&record).unwrap();
    variants.add("no record", pack(&place.project, out, Some(&cache)));
    fs::remove_dir_all(&cache).unwrap();
    variants.add("no cache folder", pack(&place.project, out, Some(&cache)));
    fs::remove_dir_all(&cache).unwrap();
    fs::write(&cache, "a file where the cache folder should be").unwrap();
    variants.add("a cache that cannot be written", pack(&place.project, out, Some(&cache)));
    fs::remove_file(&cache).unwrap();
    for name in SET {
        let _ = pack(&place.project, out, Some(&cache));
        fs::remove_file(out.join(name)).unwrap();
        variants.add(format!("without {name}"), pack(&place.project, out, Some(&cache)));
        let mut bytes = fs::read(out.join(name)).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(out.join(name), bytes).unwrap();
        variants.add(format!("with another last byte of {name}"), pack(&place.project, out, Some(&cache)));
        fs::write(out.join(name), "").unwrap();
        variants.add(format!("with nothing in {name}"), pack(&place.project, out, Some(&cache)));
    }
    // Another project's pack and record, as a careless copy of a target folder leaves them.
    let stranger = Place::new("game");
    stranger.write(&Blueprint::generate(&mut Dice::new(SEED + 1), 10).files(Spelling::Plain));
    let _ = pack(&stranger.project, out, Some(&cache));
    variants.add("over another project's pack", pack(&place.project, out, Some(&cache)));
    let many: Vec<_> = std::thread::scope(|scope| {
        let one = |n| {
            scope.spawn({
                let place = &place;
                move || pack(&place.project, &place.path(&format!("out {n}")), None)
            })
        };
        let threads: Vec<_> = (0..6).map(one).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for (n, set) in many.into_iter().enumerate() {
        variants.add(format!("thread {n} of 6 at once"), set);
    }
    variants.finish("determinism, caches", VARIANTS);
}

/// The process that packs: who, in which language, under which limits.
struct Process<'p> {
    place: &'p Place,
    program: PathBuf,
}

impl Process<'_> {
    /// Runs the program through `before`, words that end with a program that runs another.
    fn run(&self, before: &[&str], environment: &[(&str, &str)], arguments: &[&str]) -> Result<Set, String> {
        if self.place.out.exists() {
            fs::remove_dir_all(&self.place.out).unwrap();
        }
        let mut words: Vec<std::ffi::OsString> = before.iter().map(Into::into).collect();
        words.push(self.program.clone().into());
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).args(arguments).envs(environment.iter().copied());
        command.current_dir(&self.place.project);
        let output = command.output().map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(format!("{}\n{}", output.status, String::from_utf8_lossy(&output.stderr)));
        }
        Set::read(&self.place.out)
    }
}

#[test]
fn who_packs_and_in_which_surroundings_does_not_reach_the_pack() {
    let mut variants = Variants::new();
    let place = Place::new("game");
    place.write(&variants.files());
    let (project, out) = (place.project.to_str().unwrap(), place.out.to_str().unwrap());
    let tool = Process { place: &place, program: env!("CARGO_BIN_EXE_pack").into() };
    let plain: &[&str] = &["env"];
    for (name, value) in [
        ("LC_ALL", "C"),
        ("LC_ALL", "de_DE.UTF-8"),
        ("LC_ALL", "tr_TR.UTF-8"),
        ("LANG", "tr_TR.ISO-8859-9"),
        ("TZ", "Pacific/Kiritimati"),
        ("TZ", "America/St_Johns"),
        ("NUM_JOBS", "1"),
        ("NUM_JOBS", "64"),
        ("RAYON_NUM_THREADS", "3"),
        ("HOME", "/nowhere"),
        ("SOURCE_DATE_EPOCH", "1"),
        ("RUST_BACKTRACE", "full"),
    ] {
        variants.add(format!("{name}={value}"), tool.run(plain, &[(name, value)], &[project, out]));
    }
    let current = tool.run(plain, &[], &[".", "../out"]);
    variants.add("relative paths", current);
    let script =
        tool.run(plain, &[("OUT_DIR", out), ("CARGO_MANIFEST_DIR", project)], &["--script", project, out]);
    variants.add("as a build script", script);
    if cfg!(unix) {
        variants.add("an empty environment", tool.run(&["env", "-i"], &[], &[project, out]));
        for umask in ["000", "022", "077"] {
            let set_umask = format!("umask {umask}; exec \"$0\" \"$@\"");
            variants.add(format!("umask {umask}"), tool.run(&["sh", "-c", &set_umask], &[], &[project, out]));
        }
        for (name, before) in [
            ("one processor", &["taskset", "-c", "0"][..]),
            ("addresses that stay", &["setarch", "-R"]),
            ("another kind of machine", &["setarch", "linux32"]),
            ("last in line", &["nice", "-n", "19"]),
        ] {
            if runs(before) {
                variants.add(name, tool.run(before, &[], &[project, out]));
            } else {
                skip(
                    &format!("determinism with {name}"),
                    &format!("`{}` does not run here", before.join(" ")),
                );
            }
        }
        let nobody = &["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
        if runs(nobody) {
            variants.add("another user", as_nobody(&tool, nobody));
        } else {
            skip("determinism for another user", "`setpriv` does not run here, or this is not root");
        }
    }

    let command =
        Process { place: &place, program: cargo::program("cargo-prometeu", "cargo-prometeu", false) };
    let words = ["pack", "--project", project, "--out", out];
    variants.add("the command", command.run(plain, &[], &words));
    let cache = place.path("cache of the command");
    let cached = [("PROMETEU_CACHE_DIR", cache.to_str().unwrap())];
    for goal in ["made", "after its outputs were removed"] {
        variants.add(format!("the command with a cache, {goal}"), command.run(plain, &cached, &words));
    }
    if std::env::var_os(RELEASE).is_some_and(|value| !value.is_empty()) {
        let optimised = Process { place: &place, program: cargo::program("packer-tests", "pack", true) };
        variants.add("a packer compiled with optimisation", optimised.run(plain, &[], &[project, out]));
    } else {
        skip("determinism of an optimised packer", &format!("it is compiled only when {RELEASE} is set"));
    }
    variants.finish("determinism, processes", VARIANTS);
}

/// Whether these words run another program here.
fn runs(before: &[&str]) -> bool {
    let run = Command::new(before[0]).args(&before[1..]).arg("true").output();
    run.is_ok_and(|output| output.status.success())
}

/// Gives the folders to everybody for the time of the run: the other user must get in and write.
fn as_nobody(tool: &Process<'_>, nobody: &[&str]) -> Result<Set, String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let everybody = fs::Permissions::from_mode(0o777);
        fs::set_permissions(tool.place.temporary.path(), everybody.clone()).unwrap();
        // Its own copy: the target directory may be closed to others.
        let program = tool.place.path("pack");
        fs::copy(&tool.program, &program).unwrap();
        fs::set_permissions(&program, everybody).unwrap();
        let tool = Process { place: tool.place, program };
        let (project, out) = (tool.place.project.to_str().unwrap(), tool.place.out.to_str().unwrap());
        tool.run(nobody, &[], &[project, out])
    }
    #[cfg(not(unix))]
    {
        let _ = (tool, nobody);
        Err("there is no other user".to_owned())
    }
}

#[test]
fn a_change_of_content_does_reach_the_pack() {
    // Else everything above would be true of a packer that packs nothing.
    let variants = Variants::new();
    let mut dice = Dice::new(SEED);
    for asset in variants.blueprint.pack_set() {
        let path = asset.files.keys().next().unwrap();
        let other = match &asset.expected {
            Expected::Blobs(_) => dice.bytes(9),
            Expected::Sounds(rate, _) => wav::file(&[wav::fmt(1, 1, *rate, 16), wav::data(&[7; 3])], true),
            Expected::Tiles(_) => continue,
        };
        let place = Place::new("game");
        let mut files = variants.files();
        files.insert(format!("assets/{}/{path}", asset.root), other);
        place.write(&files);
        assert!(place.pack().unwrap() != variants.reference, "`{path}` of {}", asset.root);
    }
    let mut other = variants.blueprint.clone();
    other.assets[0].declaration["asset_uuid"] = assets::uuid(0xfff).into();
    let place = Place::new("game");
    place.write(&other.files(Spelling::Plain));
    let set = place.pack().unwrap();
    assert_eq!(
        variants.reference.differing(&set),
        ["asset_table_metadata.json"],
        "uuids are for tools alone"
    );
}
