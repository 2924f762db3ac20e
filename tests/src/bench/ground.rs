//! The project that is measured: written once, edited, and put back as it was.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::dice::Dice;
use crate::workload::{self, ADDED, REGISTRY, Workload, date, date_folders, put};
use sha2::{Digest as _, Sha256};

/// The blob that is edited, by the number of its asset.
const BLOB: u64 = 17;

/// The asset that is removed.
const REMOVED: u64 = 37;

/// How many declarations get another date at once.
const DECLARATIONS: u64 = 200;

/// What happens to a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// Nothing does.
    Nothing,
    /// A blob gets other bytes, as many as it had.
    OtherBytes,
    /// The same, and the date that it had.
    OtherBytesSameDate,
    /// It gets other bytes, 5 KiB more than it had.
    Longer,
    /// A picture gets other pixels.
    OtherTile,
    /// The blob gets another date.
    Touch,
    /// Two hundred declarations get another date, or all if there are fewer.
    TouchDeclarations,
    /// Every file and folder gets another date.
    TouchAll,
    /// There is one more root, registered.
    Add,
    /// A root is gone, and from the registry too; the added one is there.
    Remove,
}

impl Edit {
    /// All.
    pub const ALL: [Self; 10] = [
        Self::Nothing,
        Self::OtherBytes,
        Self::OtherBytesSameDate,
        Self::Longer,
        Self::OtherTile,
        Self::Touch,
        Self::TouchDeclarations,
        Self::TouchAll,
        Self::Add,
        Self::Remove,
    ];
}

/// A project in a folder of its own, beside which programs have theirs.
#[derive(Debug)]
pub struct Ground {
    /// What it was written as.
    pub workload: Workload,
    folder: PathBuf,
    /// Bytes of all files of the assets.
    pub bytes: u64,
    /// How many files.
    pub files: u64,
}

impl Ground {
    /// The project of a workload below `top`, written if it is not there or not as it was written.
    ///
    /// # Errors
    ///
    /// What the system says, and a workload that came out other than agreed.
    pub fn prepare(workload: Workload, top: &Path) -> io::Result<Self> {
        let folder = top.join(workload.name());
        let mut ground = Self { workload, folder, bytes: 0, files: 0 };
        if let Ok(text) = fs::read_to_string(ground.marker()) {
            let mut numbers = text.split_whitespace().map_while(|number| number.parse().ok());
            if let (Some(files), Some(bytes)) = (numbers.next(), numbers.next()) {
                (ground.files, ground.bytes) = (files, bytes);
                return Ok(ground);
            }
        }
        if ground.folder.exists() {
            fs::remove_dir_all(&ground.folder)?;
        }
        fs::create_dir_all(ground.project())?;
        let mut digest = Sha256::new();
        let extent = ground.workload.write(&ground.assets(), |bytes| digest.update(bytes))?;
        let digest: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        if let Some(agreed) = agreed_digest(ground.workload.name())
            && !digest.starts_with(agreed)
        {
            let name = ground.workload.name();
            return Err(io::Error::other(format!("`{name}` is {digest}, agreed is {agreed}")));
        }
        (ground.files, ground.bytes) = (extent.files, extent.bytes);
        ground.is_as_written()?;
        Ok(ground)
    }

    /// A file that is there while the project is as it was written.
    fn marker(&self) -> PathBuf {
        self.folder.join("as-written")
    }

    fn is_as_written(&self) -> io::Result<()> {
        fs::write(self.marker(), format!("{} {}\n", self.files, self.bytes))
    }

    /// The folder of the project.
    pub fn project(&self) -> PathBuf {
        self.folder.join("project")
    }

    /// The folder of its assets.
    pub fn assets(&self) -> PathBuf {
        self.project().join("assets")
    }

    /// An empty folder beside the project, for a program.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn beside(&self, name: &str) -> io::Result<PathBuf> {
        let folder = self.folder.join(name);
        empty(&folder)?;
        Ok(folder)
    }

    /// Takes the project away, and the folders of programs.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn remove(&self) -> io::Result<()> {
        fs::remove_dir_all(&self.folder)
    }

    fn root(&self, number: u64) -> PathBuf {
        self.assets().join(self.workload.root(number))
    }

    /// Whether the edit can be made here.
    pub fn allows(&self, edit: Edit) -> bool {
        edit != Edit::OtherTile || self.workload.has_tiles()
    }

    /// Makes an edit, another one in every round.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn edit(&self, edit: Edit, round: u64) -> io::Result<()> {
        if edit == Edit::Nothing {
            return Ok(());
        }
        let _ = fs::remove_file(self.marker());
        let now = SystemTime::now();
        let blob = self.root(BLOB).join("data.bin");
        match edit {
            Edit::Nothing => Ok(()),
            Edit::OtherBytes | Edit::OtherBytesSameDate | Edit::Longer => {
                let before = fs::metadata(&blob)?;
                let more = if edit == Edit::Longer { 5_120 } else { 0 };
                let length = usize::try_from(before.len()).map_err(io::Error::other)? + more;
                let seed = round ^ now.elapsed_since_1970();
                let is_new = edit != Edit::OtherBytesSameDate;
                put(&blob, &Dice::new(seed).bytes(length), if is_new { now } else { before.modified()? })
            }
            Edit::OtherTile => {
                let seed = round ^ now.elapsed_since_1970();
                fs::write(self.root(0).join("t0.png"), self.workload.other_tile(seed))
            }
            Edit::Touch => date(&blob, now),
            Edit::TouchDeclarations => {
                (0..self.declarations()).try_for_each(|n| date(&self.root(n).join("asset.json"), now))
            }
            // A minute ago: what is dated now is distrusted for another reason.
            Edit::TouchAll => date_all(&self.assets(), now - Duration::from_secs(60)),
            Edit::Add => {
                for (name, bytes) in self.workload.asset(ADDED).files {
                    put(&self.root(ADDED).join(name), &bytes, now)?;
                }
                self.register((0..self.workload.assets()).chain([ADDED]))
            }
            Edit::Remove => {
                fs::remove_dir_all(self.root(REMOVED))?;
                let others = (0..self.workload.assets()).filter(|number| *number != REMOVED);
                self.register(others.chain([ADDED]))
            }
        }
    }

    fn declarations(&self) -> u64 {
        self.workload.assets().min(DECLARATIONS)
    }

    fn register(&self, numbers: impl Iterator<Item = u64>) -> io::Result<()> {
        fs::write(self.assets().join(REGISTRY), self.workload.registry(numbers))
    }

    /// Puts everything back that edits of this kind changed, dates too.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn restore(&self, edits: &[Edit]) -> io::Result<()> {
        let rewrite = |number: u64| {
            let asset = self.workload.asset(number);
            for (name, bytes) in &asset.files {
                put(&self.root(number).join(name), bytes, workload::old())?;
            }
            date(&self.root(number), workload::old())
        };
        for edit in edits {
            match edit {
                Edit::Nothing => continue,
                Edit::OtherBytes | Edit::OtherBytesSameDate | Edit::Longer | Edit::Touch => rewrite(BLOB)?,
                Edit::OtherTile => rewrite(0)?,
                Edit::TouchDeclarations => {
                    let date = |n| date(&self.root(n).join("asset.json"), workload::old());
                    (0..self.declarations()).try_for_each(date)?;
                }
                Edit::TouchAll => date_all(&self.assets(), workload::old())?,
                Edit::Add | Edit::Remove => {
                    rewrite(REMOVED)?;
                    if self.root(ADDED).exists() {
                        fs::remove_dir_all(self.root(ADDED))?;
                    }
                    let registry = self.workload.registry(0..self.workload.assets());
                    put(&self.assets().join(REGISTRY), registry.as_bytes(), workload::old())?;
                }
            }
            date_folders(&self.assets(), workload::old())?;
        }
        self.is_as_written()
    }
}

trait Since1970 {
    fn elapsed_since_1970(&self) -> u64;
}

impl Since1970 for SystemTime {
    /// Nanoseconds, for dice that were not thrown in an earlier run.
    fn elapsed_since_1970(&self) -> u64 {
        let nanos = self.duration_since(Self::UNIX_EPOCH).unwrap_or_default().as_nanos();
        u64::try_from(nanos).unwrap_or_default()
    }
}

/// The first digits of the SHA-256 of all files of a workload, in byte order of their paths.
fn agreed_digest(name: &str) -> Option<&'static str> {
    match name {
        "small" => Some("51f8dba2473daa2b"),
        "game" => Some("c4b1ee88e6a669c8"),
        "huge" => Some("04e91ecd09f0ed83"),
        _ => None,
    }
}

/// Dates everything in a folder, and the folder.
fn date_all(folder: &Path, modified: SystemTime) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            date_all(&entry.path(), modified)?;
        } else {
            File::open(entry.path())?.set_modified(modified)?;
        }
    }
    date(folder, modified)
}

/// Makes the folder new.
///
/// # Errors
///
/// What the system says.
pub fn empty(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => fs::create_dir_all(folder),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Every file and folder, with its bytes and its date.
    fn all(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
        let (mut all, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
        while let Some(folder) = folders.pop() {
            all.insert(folder.clone(), (Vec::new(), fs::metadata(&folder).unwrap().modified().unwrap()));
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let date = fs::metadata(&path).unwrap().modified().unwrap();
                    all.insert(path.clone(), (fs::read(path).unwrap(), date));
                }
            }
        }
        all
    }

    #[test]
    fn every_edit_changes_something_and_is_put_back_dates_too() {
        let top = tempfile::tempdir().unwrap();
        let ground = Ground::prepare(Workload::small(), top.path()).unwrap();
        let before = all(&ground.assets());
        for edit in Edit::ALL {
            assert!(ground.allows(edit), "{edit:?}");
            // `remove` is about the project that `add` left.
            let edits = if edit == Edit::Remove { vec![Edit::Add, edit] } else { vec![edit] };
            for edit in &edits {
                ground.edit(*edit, 1).unwrap();
            }
            assert_eq!(all(&ground.assets()) == before, edit == Edit::Nothing, "{edit:?}");
            ground.restore(&edits).unwrap();
            assert!(all(&ground.assets()) == before, "{edit:?} is not put back");
        }
    }

    #[test]
    fn a_project_that_was_left_edited_is_written_anew() {
        let top = tempfile::tempdir().unwrap();
        let ground = Ground::prepare(Workload::small(), top.path()).unwrap();
        let before = all(&ground.assets());
        ground.edit(Edit::OtherTile, 1).unwrap();
        drop(ground);
        let ground = Ground::prepare(Workload::small(), top.path()).unwrap();
        assert!(all(&ground.assets()) == before);
        assert_eq!((ground.files, ground.bytes), (163, 237_339));
    }
}
