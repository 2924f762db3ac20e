//! On what was measured: without that, a figure is a rumour.

use std::fs;
use std::path::Path;
use std::process::Command;

use rustix::fs::{CWD, Mode, OFlags, ioctl_ficlone, openat, statfs};
use rustix::system::uname;

/// The machine in a few words.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) file_system: &'static str,
    /// Whether two files may share their blocks there.
    pub(crate) shares: bool,
    pub(crate) kernel: String,
    pub(crate) rust: String,
}

impl Machine {
    /// This one, and the file system of a folder.
    pub(crate) fn look(folder: &Path) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let model = model.map_or(std::env::consts::ARCH, |(_, model)| model.trim());
        let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let memory = memory.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok());
        let memory = memory.map_or_else(String::new, |kib| format!(", {} GiB", (kib + (1 << 19)) >> 20));
        let kernel = uname();
        let words = |text: &std::ffi::CStr| text.to_string_lossy().into_owned();
        let release = words(kernel.release());
        // What a vendor adds to the version means nothing elsewhere.
        let release = release.split('-').next().unwrap_or_default();
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let rust = Command::new(cargo).arg("--version").output();
        let rust = rust.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        Self {
            processor: format!("{cores} × {model}{memory}"),
            file_system: statfs(folder).map_or("an unknown file system", |found| name(found.f_type)),
            shares: shares(folder),
            kernel: format!("{} {release}", words(kernel.sysname())),
            rust: rust.unwrap_or_default(),
        }
    }

    /// All of it in one line.
    pub(crate) fn line(&self) -> String {
        let Self { processor, file_system, kernel, rust, shares } = self;
        let shares = if *shares { "shares blocks between files" } else { "copies" };
        format!("{processor}; {file_system} ({shares}); {kernel}; {rust}")
    }
}

/// A file system by its number in `linux/magic.h`.
fn name(number: impl TryInto<i64>) -> &'static str {
    match number.try_into().unwrap_or_default() {
        0xef53 => "ext4",
        0x5846_5342 => "XFS",
        0x9123_683e => "btrfs",
        0x0102_1994 => "tmpfs",
        0x794c_7630 => "overlayfs",
        0x2fc1_2fc1 => "ZFS",
        0xf2f5_2010 => "F2FS",
        _ => "an unknown file system",
    }
}

fn shares(folder: &Path) -> bool {
    let [from, to] = ["shares-from", "shares-to"].map(|name| folder.join(name));
    let shared = (|| {
        fs::write(&from, vec![1; 8_192])?;
        let read = openat(CWD, &from, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::CLOEXEC;
        let write = openat(CWD, &to, flags, Mode::RUSR | Mode::WUSR)?;
        std::io::Result::Ok(ioctl_ficlone(write, read).is_ok())
    })();
    for file in [from, to] {
        let _ = fs::remove_file(file);
    }
    shared.unwrap_or(false)
}
