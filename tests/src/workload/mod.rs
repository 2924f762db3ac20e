//! The workloads on which the packer is measured: whole projects, the same to the last byte on every
//! machine.
//!
//! | name | assets | what they are | files | bytes |
//! | --- | --- | --- | --- | --- |
//! | `small` | 50 | tiles, sounds and blobs, as a game has them in its first week | 163 | 237,339 |
//! | `game` | 2,020 | the same, and twenty blobs of 14 MiB | 6,352 | 303,669,352 |
//! | `huge` | 50,000 | one tiny blob each | 100,001 | 29,371,066 |
//!
//! [`Workload::scaled`] makes others, of any number of assets and bytes.
//!
//! Every asset is drawn from dice of its own, so that one can be made again without the others.
//! All files and folders are dated [`old`]: nothing is so young that a reader has to distrust its time.
//!
//! What it does not do: none of this is art. The tiles are noise of sixteen colours, half of each blob
//! is noise and half is text, which is about what compressors make of the files of real games.

mod content;
#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

pub use content::Colors;

use crate::dice::Dice;

/// The number of an asset that no workload has, for one that is added.
pub const ADDED: u64 = 99_999;

/// The size of a large blob.
const LARGE: usize = 14 << 20;

/// What the assets of a workload are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Twelve of twenty are tiles, five are sounds, three are blobs of two files.
    Mixed,
    /// Blobs of one file, of at least and at most that many bytes.
    Blobs(usize, usize),
}

/// A project that can be written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    name: String,
    groups: u64,
    small: u64,
    large: u64,
    kind: Kind,
}

/// One asset: where it lies and all its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Its root, relative to `assets/`.
    pub root: String,
    /// Its uuid.
    pub uuid: String,
    /// Names and contents, in byte order of the names, `asset.json` first.
    pub files: Vec<(String, Vec<u8>)>,
}

/// How many files there are, and how many bytes in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extent {
    /// Files, the registry among them.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// The date of everything in a workload: the start of 2020.
#[must_use]
pub fn old() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_577_836_800)
}

/// Dates a file or folder, which must be there.
///
/// # Errors
///
/// What the system says.
pub fn date(path: &Path, modified: SystemTime) -> io::Result<()> {
    File::open(path)?.set_modified(modified)
}

impl Workload {
    /// Fifty small assets.
    #[must_use]
    pub fn small() -> Self {
        Self { name: "small".to_owned(), groups: 5, small: 50, large: 0, kind: Kind::Mixed }
    }

    /// Two thousand small assets and twenty large ones.
    #[must_use]
    pub fn game() -> Self {
        Self { name: "game".to_owned(), groups: 40, small: 2_000, large: 20, kind: Kind::Mixed }
    }

    /// Fifty thousand tiny assets.
    #[must_use]
    pub fn huge() -> Self {
        Self { name: "huge".to_owned(), groups: 250, small: 50_000, large: 0, kind: Kind::Blobs(64, 256) }
    }

    /// So many assets, a blob each, of so many bytes together, give or take what chance gives.
    #[must_use]
    pub fn scaled(assets: u64, bytes: u64) -> Self {
        let each = usize::try_from(bytes / assets.max(1)).expect("a blob fits into memory");
        let groups = (assets / 50).clamp(1, 1_000);
        // From half of the size to half as much again: on average the size.
        let kind = Kind::Blobs(each / 2, each + each / 2);
        Self { name: format!("{assets}-assets-{bytes}-bytes"), groups, small: assets, large: 0, kind }
    }

    /// The workload of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::small(), Self::game(), Self::huge()].into_iter().find(|workload| workload.name == name)
    }

    /// Its name, which may be part of a file's.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many assets it has.
    #[must_use]
    pub fn assets(&self) -> u64 {
        self.small + self.large
    }

    /// Whether there are tiles among its assets.
    #[must_use]
    pub fn has_tiles(&self) -> bool {
        self.kind == Kind::Mixed
    }

    fn is_large(&self, number: u64) -> bool {
        (self.small..self.assets()).contains(&number)
    }

    /// The root of an asset, relative to `assets/`.
    #[must_use]
    pub fn root(&self, number: u64) -> String {
        match self.is_large(number) {
            true => format!("big/big_{:02}", number - self.small),
            false => format!("g{:03}/asset_{number:05}", number % self.groups),
        }
    }

    /// The dice of an asset, which have been thrown for its uuid, and the uuid.
    fn dice(number: u64) -> (Dice, String) {
        let mut dice = Dice::new(0x5052_4f4d_4554_4555 ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        dice.throw();
        let [a, b] = [dice.throw(), dice.throw()];
        let uuid = format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            a >> 32,
            a >> 16 & 0xffff,
            a & 0xfff,
            0x8000 | b >> 48 & 0x3fff,
            b & 0xffff_ffff_ffff
        );
        (dice, uuid)
    }

    /// An asset, by its number from 0; [`ADDED`] is one more, which the workload itself does not have.
    #[must_use]
    pub fn asset(&self, number: u64) -> Asset {
        let (mut dice, uuid) = Self::dice(number);
        let root = self.root(number);
        let family = if self.kind == Kind::Mixed && !self.is_large(number) { number % 20 } else { 19 };
        let (inputs, mut files) = match family {
            0..12 => content::tiles(&mut dice),
            12..17 => content::sounds(&mut dice),
            _ => content::blobs(self.blob_sizes(number), &mut dice),
        };
        let name = root.rsplit('/').next().unwrap_or(&root);
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        let declaration = inputs.declaration(&uuid, name, &names);
        files.insert(0, ("asset.json".to_owned(), declaration.into_bytes()));
        Asset { root, uuid, files }
    }

    /// The least and the most bytes of each file of a blob.
    fn blob_sizes(&self, number: u64) -> Vec<(&'static str, usize, usize)> {
        match self.kind {
            _ if self.is_large(number) => vec![("data.bin", LARGE, LARGE)],
            Kind::Mixed => vec![("data.bin", 1_024, 8_191), ("extra.bin", 256, 4_095)],
            Kind::Blobs(least, most) => vec![("data.bin", least, most)],
        }
    }

    /// Another tile for the first file of asset 0, in its own colours.
    ///
    /// # Panics
    ///
    /// When the workload has no tiles.
    #[must_use]
    pub fn other_tile(&self, seed: u64) -> Vec<u8> {
        assert!(self.has_tiles(), "`{}` has no tiles", self.name);
        let (mut dice, _) = Self::dice(0);
        Colors::draw(&mut dice).tile(&mut Dice::new(seed))
    }

    /// The registry of these assets, under the ids number + 1; [`ADDED`] has the next.
    #[must_use]
    pub fn registry(&self, numbers: impl IntoIterator<Item = u64>) -> String {
        let entry = |number: u64| {
            let id = number.min(self.assets()) + 1;
            let (root, (_, uuid)) = (self.root(number), Self::dice(number));
            format!(
                "    {{ \"asset_id\": {id}, \"asset_uuid\": \"{uuid}\", \"root\": \"{root}\", \
                 \"included_in_build\": true }}"
            )
        };
        let (mut entries, mut next) = (Vec::new(), self.assets() + 1);
        for number in numbers {
            next = next.max(number.min(self.assets()) + 2);
            entries.push(entry(number));
        }
        format!(
            "{{\n  \"schema_version\": 1,\n  \"next_asset_id\": {next},\n  \"assets\": [\n{}\n  ]\n}}\n",
            entries.join(",\n")
        )
    }

    /// Shows every file: its path relative to `assets/`, and its bytes, in byte order of the paths.
    ///
    /// # Errors
    ///
    /// The first that `see` yields.
    pub fn each_file(&self, mut see: impl FnMut(&str, &[u8]) -> io::Result<()>) -> io::Result<Extent> {
        let mut extent = Extent::default();
        let mut show = |path: &str, bytes: &[u8]| {
            extent.files += 1;
            extent.bytes += u64::try_from(bytes.len()).expect("a length fits");
            see(path, bytes)
        };
        show(REGISTRY, self.registry(0..self.assets()).as_bytes())?;
        let mut roots: Vec<(String, u64)> =
            (0..self.assets()).map(|number| (self.root(number), number)).collect();
        roots.sort_unstable();
        for (root, number) in roots {
            for (name, bytes) in self.asset(number).files {
                show(&format!("{root}/{name}"), &bytes)?;
            }
        }
        Ok(extent)
    }

    /// Writes everything into the folder `assets`, which must not be there yet, and dates it.
    /// `see` is shown every file as it is written.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn write(&self, assets: &Path, mut see: impl FnMut(&[u8])) -> io::Result<Extent> {
        fs::create_dir(assets)?;
        let extent = self.each_file(|path, bytes| {
            see(bytes);
            put(&assets.join(path), bytes, old())
        })?;
        // Whatever is written below a folder changes its date.
        date_folders(assets, old())?;
        Ok(extent)
    }
}

/// The registry, relative to `assets/`.
pub const REGISTRY: &str = ".prometeu/index.json";

/// Writes a file and the folders that it needs, and dates it.
///
/// # Errors
///
/// What the system says.
pub fn put(path: &Path, bytes: &[u8], modified: SystemTime) -> io::Result<()> {
    let create = || File::create(path);
    let mut file = create().or_else(|error| match (error.kind(), path.parent()) {
        (io::ErrorKind::NotFound, Some(folder)) => {
            fs::create_dir_all(folder)?;
            create()
        }
        _ => Err(error),
    })?;
    file.write_all(bytes)?;
    file.set_modified(modified)
}

/// Dates a folder and all folders in it. Those that have that date are left alone: to be given it again is
/// a change, of the kind that file systems keep their own time of.
///
/// # Errors
///
/// What the system says.
pub fn date_folders(folder: &Path, modified: SystemTime) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            date_folders(&entry.path(), modified)?;
        }
    }
    if fs::metadata(folder)?.modified()? == modified { Ok(()) } else { date(folder, modified) }
}
