//! A file system whose power can be cut: an image in memory, mounted through a loop device.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::child::{end, said, system, tool};

/// What a program is begun with to stand in a mount namespace of its own.
pub const NAMESPACE: [&str; 4] = ["unshare", "--mount", "--propagation", "private"];

/// XFS takes no smaller one.
const IMAGE_BYTES: u64 = 320 << 20;

/// So long the kernel may take to let go of a file system that nobody uses any more.
const BUSY: Duration = Duration::from_secs(20);

/// Which file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileSystem {
    /// Linux's usual one.
    Ext4,
    /// One that delays more, and orders otherwise.
    Xfs,
}

/// One that is mounted.
#[derive(Debug)]
pub(super) struct Disk {
    file_system: FileSystem,
    image: PathBuf,
    mount: PathBuf,
    /// The program that cuts the power, and only waits for the word.
    switch: Option<Child>,
}

impl FileSystem {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ext4, Self::Xfs];

    /// As `mount` calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ext4 => "ext4",
            Self::Xfs => "xfs",
        }
    }

    /// As people write it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Ext4 => "ext4",
            Self::Xfs => "XFS",
        }
    }
}

/// Whether this user may have a mount namespace here.
///
/// # Errors
///
/// Why not.
pub fn namespace() -> Result<(), String> {
    // In a user namespace neither of the two can be mounted, so it has to be root.
    tool(&[&NAMESPACE[..], &["true"]].concat()).map_err(|why| format!("only root may mount here: {why}"))
}

/// A folder in memory that only this namespace sees, and that goes with it. Call it in a [`NAMESPACE`]
/// only, and once.
///
/// # Errors
///
/// Why there can be none.
pub fn scratch(program: &Path) -> Result<&'static Path, String> {
    // What lies there is hidden meanwhile, so the program must not; nobody else notices.
    let places = ["/media", "/srv", "/mnt", "/dev/shm"].map(Path::new);
    let place = places.into_iter().find(|place| place.is_dir() && !program.starts_with(place));
    let place = place.ok_or("there is no folder to mount on")?;
    let text = place.to_str().expect("it is one of the four");
    tool(&["mount", "-t", "tmpfs", "prometeu-power", text])?;
    Ok(place)
}

impl Disk {
    /// A new one, whose power was cut once, to see that it can be.
    pub(super) fn new(file_system: FileSystem, folder: &Path) -> Result<Self, String> {
        let image = folder.join("image");
        let mount = folder.join("mount");
        fs::create_dir_all(&mount).expect("memory takes a folder");
        let file = File::create(&image).expect("memory takes a file");
        file.set_len(IMAGE_BYTES).expect("memory takes a file of any length");
        let make = format!("mkfs.{}", file_system.name());
        tool(&[&make, "-q", text(&image)])?;
        let mut disk = Self { file_system, image, mount, switch: None };
        disk.plug()?;
        disk.try_to_cut(false)?;
        if File::create(disk.mount.join("after")).is_ok() {
            return Err("this kernel does not cut the power of a file system".to_owned());
        }
        disk.plug_again();
        Ok(disk)
    }

    /// Where it is mounted.
    pub(super) fn folder(&self) -> &Path {
        &self.mount
    }

    /// What stands on it by now survives every cut.
    pub(super) fn settle(&self) {
        tool(&["sync", "-f", text(&self.mount)]).expect("it was there a moment ago");
    }

    /// Cuts the power, after the file system's log was written, or without. When this returns, nothing
    /// reaches the disk any more.
    pub(super) fn cut(&mut self, flush: bool) {
        self.try_to_cut(flush).expect("it was cut before");
    }

    fn try_to_cut(&mut self, flush: bool) -> Result<(), String> {
        let mut switch = self.switch.take().expect("it was plugged in");
        // Both words are one ioctl, 0x8004587d, with 1 and 2.
        let word = if flush { "shutdown -f\n" } else { "shutdown\n" };
        let told = switch.stdin.take().expect("it is a pipe").write_all(word.as_bytes());
        let output = end(switch);
        if told.is_err() || !output.status.success() || !output.stderr.is_empty() {
            return Err(format!(
                "the power of {} cannot be cut: {}",
                self.file_system.title(),
                said(&output)
            ));
        }
        Ok(())
    }

    /// Mounts it anew after a cut, with the kernel's own recovery. Nobody may use it any more.
    pub(super) fn plug_again(&mut self) {
        let begun = Instant::now();
        while let Err(why) = tool(&["umount", text(&self.mount)]) {
            assert!(begun.elapsed() < BUSY, "{why}");
            std::thread::sleep(Duration::from_millis(1));
        }
        self.plug().unwrap_or_else(|why| panic!("a file system is gone after a cut: {why}"));
    }

    fn plug(&mut self) -> Result<(), String> {
        let name = self.file_system.name();
        tool(&["mount", "-t", name, "-o", "loop", text(&self.image), text(&self.mount)])?;
        // With a file system that is not its own it wants to be told that this is meant.
        let mut switch = system("xfs_io");
        switch.arg("-x").arg(&self.mount).stdin(Stdio::piped());
        switch.stdout(Stdio::null()).stderr(Stdio::piped());
        let switch = switch.spawn().map_err(|error| format!("`xfs_io` cannot be run: {error}"))?;
        self.switch = Some(switch);
        Ok(())
    }
}

impl Drop for Disk {
    /// Early, so that the next one has its place; the namespace's end would do it as well.
    fn drop(&mut self) {
        if let Some(mut switch) = self.switch.take() {
            // At the end of its input it goes.
            drop(switch.stdin.take());
            end(switch);
        }
        let _ = tool(&["umount", text(&self.mount)]);
        let _ = fs::remove_file(&self.image);
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("places of ours are ASCII")
}
