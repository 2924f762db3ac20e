//! What must hold whatever the assets are, and the projects in which it is tried.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use packer_tests::assets;
use packer_tests::listing::Listing;
use packer_tests::packing::{SET, Stopped, on_disk, open, request};
use prometeu_packer::Project;
use prometeu_packer::diagnostics::Code;
use prometeu_packer::diagnostics::render::{Style, render_all};
use prometeu_packer::ops::{DoctorRequest, ListRequest, PackRequest, Status};
use prometeu_packer::storage::memory::MemoryStorage;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Stands outside the project in many files, and may stand nowhere else afterwards.
pub(crate) const SECRET: &str = "tOp-SeCrEt-oUtSiDe";

/// The longest that a pack and a look over may take together.
const PATIENCE: Duration = Duration::from_secs(2);

/// From here on it hangs.
const HUNG: Duration = Duration::from_secs(30);

/// What one attempt came to.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// How the pack ended.
    pub status: Status,
    /// What blocked it: codes of diagnostics, else of blockers.
    pub codes: BTreeSet<&'static str>,
}

/// Packs and looks over, and holds the answers to what every answer must keep.
///
/// # Panics
///
/// When one does not.
#[track_caller]
pub(crate) fn judge(name: &str, project: &Project, pack: &PackRequest) -> Verdict {
    let begun = Instant::now();
    let answered = catch_unwind(AssertUnwindSafe(|| {
        let packed = project.pack(pack);
        let doctor = project.doctor(DoctorRequest::default());
        let listed = project.list_assets(&ListRequest::default());
        (packed, doctor, listed)
    }));
    let Ok((packed, doctor, listed)) = answered else { panic!("{name}: a panic") };
    let text =
        [&packed.diagnostics, &doctor.diagnostics].map(|found| render_all(found, &Style::default())).concat();
    let took = begun.elapsed();
    assert!(took < PATIENCE, "{name}: took {took:?}");

    let blockers = packed.blockers.iter().chain(&doctor.blockers).chain(&listed.blockers);
    let said: Vec<String> = blockers.map(|blocker| format!("{blocker:?}")).collect();
    let text = format!("{text}\n{}\n{}\n{}", packed.summary, doctor.summary, said.join("\n"));
    let obeyed = text.chars().find(|c| c.is_control() && *c != '\n' || ('\u{202a}'..='\u{202e}').contains(c));
    assert_eq!(obeyed, None, "{name}: a terminal would obey this:\n{text}");
    assert!(!text.contains(SECRET), "{name}: words from outside:\n{text}");

    let blocking = packed.diagnostics.iter().filter(|diagnostic| diagnostic.blocking);
    let mut codes: BTreeSet<&'static str> = blocking.map(|diagnostic| diagnostic.code.as_str()).collect();
    codes.extend(packed.blockers.iter().map(|blocker| blocker.code.as_str()));
    assert_eq!(packed.status != Status::Ok, !codes.is_empty(), "{name}: no reason is named: {packed:?}");
    for diagnostic in packed.diagnostics.iter().chain(&doctor.diagnostics) {
        assert!(!diagnostic.message.is_empty(), "{name}: {diagnostic:?}");
        assert!(Code::ALL.contains(&diagnostic.code));
    }
    Verdict { status: packed.status, codes }
}

/// What is expected of a pack.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expect {
    /// It succeeds.
    Packs,
    /// It names this, maybe besides others.
    Code(&'static str),
}

impl Expect {
    /// Holds a verdict to it.
    #[track_caller]
    pub(crate) fn check(self, name: &str, verdict: &Verdict) {
        let holds = match self {
            Self::Packs => verdict.status == Status::Ok,
            Self::Code(code) => verdict.codes.contains(code),
        };
        assert!(holds, "{name}: expected {self:?} of {verdict:?}");
    }
}

/// The declaration of the asset `a`: a blob bank of these files.
pub(crate) fn blob(files: &[&str]) -> Value {
    assets::blob_bank(&assets::uuid(1), "a", files)
}

/// The declaration of the asset `g`: tiles of these files.
pub(crate) fn glyphs(files: &[&str]) -> Value {
    assets::glyph_bank(&assets::uuid(2), "g", files)
}

/// An entry of the registry.
pub(crate) fn entry(id: u64, root: &str) -> Value {
    json!({ "asset_id": id, "included_in_build": true, "root": root, "asset_uuid": assets::uuid(id) })
}

/// A registry of these entries.
pub(crate) fn registry(entries: &[Value]) -> Value {
    json!({ "schema_version": 1, "next_asset_id": 1_000_000, "assets": entries })
}

/// A sound project: `a` holds a blob `map.txt`, `g` a tile `heart.png`.
pub(crate) fn sound() -> [(&'static str, Vec<u8>); 5] {
    [
        (
            "assets/.prometeu/index.json",
            assets::text(&registry(&[entry(1, "a"), entry(2, "g")])).into_bytes(),
        ),
        ("assets/a/asset.json", assets::text(&blob(&["map.txt"])).into_bytes()),
        ("assets/a/map.txt", b"#..#\n".to_vec()),
        ("assets/g/asset.json", assets::text(&glyphs(&["heart.png"])).into_bytes()),
        ("assets/g/heart.png", assets::heart()),
    ]
}

/// The sound project in memory, with these files instead: for cases by the thousand.
#[track_caller]
pub(crate) fn in_memory(name: &str, files: &[(&str, &[u8])]) -> Verdict {
    let memory = MemoryStorage::default();
    memory.folder("/game");
    let all = sound();
    for (path, bytes) in
        all.iter().map(|(path, bytes)| (*path, bytes.as_slice())).chain(files.iter().copied())
    {
        memory.write(Path::new("/game").join(path), bytes);
    }
    let project = open(Path::new("/game"), Arc::new(memory.clone()), Arc::new(Stopped(0)));
    let verdict = judge(name, &project, &request(Path::new("/out"), None));
    let published = memory.content(Path::new("/out").join(SET[0])).is_some();
    assert_eq!(published, verdict.status == Status::Ok, "{name}");
    verdict
}

/// A project on disk, with secrets beside it.
#[derive(Debug)]
pub(crate) struct Siege {
    _temporary: TempDir,
    pub project: PathBuf,
    pub out: PathBuf,
    pub cache: PathBuf,
    pub outside: PathBuf,
    before: Listing,
}

impl Siege {
    /// The sound project.
    pub(crate) fn new() -> Self {
        Self::within(&std::env::temp_dir())
    }

    /// The same in memory where the system has such a folder: for cases by the thousand.
    #[cfg(unix)]
    pub(crate) fn quick() -> Self {
        let memory = Path::new("/dev/shm");
        if memory.is_dir() { Self::within(memory) } else { Self::new() }
    }

    fn within(parent: &Path) -> Self {
        let temporary = tempfile::Builder::new().prefix("prometeu-siege-").tempdir_in(parent).unwrap();
        let top = temporary.path().canonicalize().unwrap();
        let path = |name| top.join(name);
        let outside = path("outside");
        // Whatever a link may be asked for is there.
        let secret_registry = json!({ SECRET: SECRET, "assets": [SECRET] }).to_string();
        let secret_declaration = json!({ SECRET: SECRET, "name": SECRET, "inputs": SECRET }).to_string();
        for folder in ["", "old", "a", "local"] {
            fs::create_dir_all(outside.join(folder)).unwrap();
            for (name, text) in [
                ("map.txt", SECRET),
                ("heart.png", SECRET),
                ("index.json", &secret_registry),
                ("asset.json", &secret_declaration),
            ] {
                fs::write(outside.join(folder).join(name), text).unwrap();
            }
        }
        let before = Listing::of(&outside);
        let siege = Self {
            project: path("game"),
            out: path("out"),
            cache: path("cache"),
            outside,
            before,
            _temporary: temporary,
        };
        for (path, bytes) in sound() {
            siege.write(path, bytes);
        }
        siege
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.project.join(path)
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }

    /// Removes whatever is there.
    pub(crate) fn clear(&self, path: &str) -> PathBuf {
        let path = self.path(path);
        match fs::symlink_metadata(&path) {
            Ok(met) if met.is_dir() => fs::remove_dir_all(&path).unwrap(),
            Ok(_) => fs::remove_file(&path).unwrap(),
            Err(_) => fs::create_dir_all(path.parent().unwrap()).unwrap(),
        }
        path
    }

    /// Packs in this process, and gives up when that hangs.
    #[track_caller]
    pub(crate) fn attack(&self, name: &str) -> Verdict {
        let (project, out, cache) = (self.project.clone(), self.out.clone(), self.cache.clone());
        let (tell, told) = mpsc::channel();
        let case = name.to_owned();
        let attempt = std::thread::spawn(move || {
            // A second time with what the first left.
            let verdicts = [0, 1].map(|_| judge(&case, &on_disk(&project), &request(&out, Some(&cache))));
            // Nobody listens any more when it took too long.
            let _ = tell.send(());
            verdicts
        });
        assert!(told.recv_timeout(HUNG) != Err(mpsc::RecvTimeoutError::Timeout), "{name}: it hangs");
        let [first, second] = attempt.join().unwrap_or_else(|_| panic!("{name}: see above"));
        assert_eq!(first.codes, second.codes, "{name}: another answer the second time");
        self.nothing_leaked(name);
        first
    }

    /// Nothing came in from outside, and nothing went out.
    #[track_caller]
    pub(crate) fn nothing_leaked(&self, name: &str) {
        let changed = self.before.changed(&Listing::of(&self.outside));
        assert!(changed.is_empty(), "{name}: written outside: {changed:?}");
        for folder in [&self.out, &self.cache] {
            for path in files_below(folder) {
                let bytes = fs::read(&path).unwrap();
                let leaked = bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
                assert!(!leaked, "{name}: read from outside, into {}", path.display());
            }
        }
    }
}

/// The regular files below a folder, links not followed.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            files.extend(files_below(&entry.path()));
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    files
}
