//! The system, by the crate `notify`.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::time::SystemTime;

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use notify::{Config, Event, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::Sign;

/// What is told of. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Told<S> {
    _watcher: RecommendedWatcher,
    assets: PathBuf,
    signs: Sender<S>,
    /// Which folder it is that is watched under that name.
    watched: Option<Identity>,
}

/// What tells one folder from another of the same name, where the system says that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    number: (u64, u64),
    /// A number is given again once its folder is gone.
    made: Option<SystemTime>,
}

impl Identity {
    fn of(folder: &Path) -> Option<Self> {
        let metadata = folder.metadata().ok()?;
        #[cfg(unix)]
        let number = {
            use std::os::unix::fs::MetadataExt as _;
            (metadata.dev(), metadata.ino())
        };
        #[cfg(not(unix))]
        let number = (0, 0);
        Some(Self { number, made: metadata.created().ok() })
    }
}

impl<S: From<Sign> + Send + 'static> Told<S> {
    /// Has a sign sent for whatever may be a change in the folder `assets`.
    ///
    /// # Errors
    ///
    /// When the system cannot tell, in words for a person.
    pub(crate) fn of(assets: &Path, signs: Sender<S>) -> Result<Self, String> {
        // First the identity: a folder that comes in its place meanwhile is followed to.
        let watched = Identity::of(assets);
        let watcher = begin(assets, &signs).map_err(|error| in_words(&error))?;
        Ok(Self { _watcher: watcher, assets: assets.to_owned(), signs, watched })
    }

    /// Watches the folder that has the name by now, where that is another one. Whatever was in it before is for who
    /// looks next.
    ///
    /// # Errors
    ///
    /// When the system cannot tell, in words for a person.
    pub(crate) fn follow(&mut self) -> Result<(), String> {
        if Identity::of(&self.assets) != self.watched {
            *self = Self::of(&self.assets, self.signs.clone())?;
        }
        Ok(())
    }
}

fn begin<S: From<Sign> + Send + 'static>(
    assets: &Path,
    signs: &Sender<S>,
) -> notify::Result<RecommendedWatcher> {
    let above = assets.parent().unwrap_or(assets);
    // Some systems name what a path leads to and some the path.
    let mut names = vec![assets.to_owned()];
    names.extend(above.canonicalize().map(|above| above.join(assets.file_name().unwrap_or_default())));
    names.extend(assets.canonicalize());
    let signs = signs.clone();
    let handler = move |told: notify::Result<Event>| {
        let sign = match told {
            Ok(event) => sign_of(&event, &names),
            Err(error) => Some(Sign::Trouble(in_words(&error))),
        };
        if let Some(sign) = sign {
            // Who is gone needs no signs.
            drop(signs.send(sign.into()));
        }
    };
    // A pack enters no links, and behind one may be the whole disk.
    let config = Config::default().with_follow_symlinks(false);
    let mut watcher = RecommendedWatcher::new(handler, config)?;
    watcher.watch(above, RecursiveMode::NonRecursive)?;
    // It may be a link itself. Where it is away, the folder above tells when it is back.
    if let Some(folder) = assets.canonicalize().ok().filter(|folder| folder.is_dir()) {
        watcher.watch(&folder, RecursiveMode::Recursive)?;
    }
    Ok(watcher)
}

/// What an event is a sign of, for a folder of these names.
fn sign_of(event: &Event, names: &[PathBuf]) -> Option<Sign> {
    // Looking would wake who looks.
    let is_reading = matches!(
        &event.kind,
        EventKind::Access(access) if !matches!(access, AccessKind::Close(AccessMode::Write))
    );
    let is_named = |is: &dyn Fn(&Path, &Path) -> bool| {
        event.paths.iter().any(|path| names.iter().any(|name| is(path, name)))
    };
    // What names nothing may be about anything: events that were too many to be kept.
    if is_reading || !(event.paths.is_empty() || is_named(&|path, name| path.starts_with(name))) {
        return None;
    }
    let is_of_name = matches!(
        &event.kind,
        EventKind::Create(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_))
    );
    let is_replaced = is_of_name && is_named(&|path, name| path == name);
    Some(if is_replaced { Sign::Replaced } else { Sign::Change })
}

/// Why the system cannot tell.
fn in_words(error: &notify::Error) -> String {
    match &error.kind {
        notify::ErrorKind::MaxFilesWatch => {
            "the system watches no more folders for this user (`fs.inotify.max_user_watches`)".to_owned()
        }
        // What Linux answers to one process too many that watches.
        notify::ErrorKind::Io(error) if is_too_many(error) => {
            "the system watches nothing more for this user (`fs.inotify.max_user_instances`)".to_owned()
        }
        _ => error.to_string(),
    }
}

fn is_too_many(error: &io::Error) -> bool {
    cfg!(target_os = "linux") && error.raw_os_error() == Some(24)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::mpsc::{Receiver, channel};
    use std::time::Duration;

    use notify::event::{CreateKind, DataChange, RenameMode};

    use super::*;

    const LONG: Duration = Duration::from_secs(60);
    const CALM: Duration = Duration::from_millis(300);

    fn calm(signs: &Receiver<Sign>) {
        while signs.recv_timeout(CALM).is_ok() {}
    }

    /// A folder `assets` with a file in a folder, and what is told of it.
    fn watched() -> (tempfile::TempDir, PathBuf, Told<Sign>, Receiver<Sign>) {
        let folder = tempfile::tempdir().unwrap();
        let assets = folder.path().join("assets");
        fs::create_dir_all(assets.join("a")).unwrap();
        fs::write(assets.join("a/b"), "x").unwrap();
        let (sender, signs) = channel();
        let told = Told::of(&assets, sender).unwrap();
        (folder, assets, told, signs)
    }

    #[test]
    fn reading_is_no_sign_and_everything_else_in_the_folder_may_be() {
        let names = [PathBuf::from("/game/assets")];
        let sign = |kind, path: &str| sign_of(&Event::new(kind).add_path(path.into()), &names);
        let access = |mode| EventKind::Access(AccessKind::Close(mode));
        let written = EventKind::Modify(ModifyKind::Data(DataChange::Any));
        let renamed = EventKind::Modify(ModifyKind::Name(RenameMode::Any));
        assert_eq!(sign(EventKind::Access(AccessKind::Open(AccessMode::Any)), "/game/assets/a"), None);
        assert_eq!(sign(access(AccessMode::Read), "/game/assets/a"), None);
        assert_eq!(sign(access(AccessMode::Write), "/game/assets/a"), Some(Sign::Change));
        assert_eq!(sign(written, "/game/assets/a"), Some(Sign::Change));
        assert_eq!(sign(EventKind::Any, "/game/assets/a"), Some(Sign::Change));
        assert_eq!(sign(renamed, "/game/assets"), Some(Sign::Replaced));
        assert_eq!(sign(EventKind::Create(CreateKind::Folder), "/game/assets"), Some(Sign::Replaced));
        assert_eq!(sign(written, "/game/build/assets.pa"), None);
        assert_eq!(sign(written, "/game/assets.pa"), None);
        assert_eq!(sign_of(&Event::new(EventKind::Other), &names), Some(Sign::Change), "too many to be told");
    }

    #[test]
    fn a_limit_of_the_system_is_called_by_its_name() {
        let limit = in_words(&notify::Error::new(notify::ErrorKind::MaxFilesWatch));
        assert!(limit.contains("`fs.inotify.max_user_watches`"), "{limit}");
    }

    #[test]
    fn a_file_that_is_written_below_is_a_sign_and_one_that_is_read_is_none() {
        let (folder, assets, _told, signs) = watched();
        let file = assets.join("a/b");
        fs::write(&file, "y").unwrap();
        signs.recv_timeout(LONG).expect("it was written");
        // Signs of the same writing may follow.
        calm(&signs);
        assert_eq!(fs::read(&file).unwrap(), b"y");
        fs::create_dir(folder.path().join("build")).unwrap();
        fs::write(folder.path().join("build/assets.pa"), "x").unwrap();
        assert_eq!(signs.recv_timeout(CALM), Err(std::sync::mpsc::RecvTimeoutError::Timeout));
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_is_a_link_is_watched_and_no_link_in_it_is_entered() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let [assets, real, other] = ["game/assets", "real", "other"].map(|name| folder.path().join(name));
        for made in [&real.join("a"), &other, &folder.path().join("game")] {
            fs::create_dir_all(made).unwrap();
        }
        symlink(&real, &assets).unwrap();
        symlink(&other, real.join("link")).unwrap();
        let (sender, signs) = channel();
        let mut told = Told::<Sign>::of(&assets, sender).unwrap();
        fs::write(other.join("b"), "it is not of the folder").unwrap();
        assert_eq!(signs.recv_timeout(CALM), Err(std::sync::mpsc::RecvTimeoutError::Timeout));
        fs::write(assets.join("a/b"), "y").unwrap();
        signs.recv_timeout(LONG).expect("it was written");
        calm(&signs);
        // Led to another folder.
        fs::remove_file(&assets).unwrap();
        symlink(&other, &assets).unwrap();
        while signs.recv_timeout(LONG).expect("it is another one") != Sign::Replaced {}
        told.follow().unwrap();
        calm(&signs);
        fs::write(other.join("b"), "now it is").unwrap();
        signs.recv_timeout(LONG).expect("what is there now is watched");
    }

    #[test]
    fn a_folder_that_comes_in_the_place_of_another_is_followed_to() {
        let (folder, assets, mut told, signs) = watched();
        let (away, other) = (folder.path().join("away"), folder.path().join("other"));
        fs::create_dir_all(other.join("a")).unwrap();
        fs::rename(&assets, &away).unwrap();
        fs::rename(&other, &assets).unwrap();
        while signs.recv_timeout(LONG).expect("it has another name") != Sign::Replaced {}
        told.follow().unwrap();
        calm(&signs);
        fs::write(away.join("a/b"), "it is not of the folder any more").unwrap();
        calm(&signs);
        fs::write(assets.join("a/b"), "y").unwrap();
        signs.recv_timeout(LONG).expect("what is there now is watched");
        // Gone, and made anew.
        fs::remove_dir_all(&assets).unwrap();
        while signs.recv_timeout(LONG).expect("it is gone") != Sign::Replaced {}
        told.follow().unwrap();
        fs::create_dir(&assets).unwrap();
        signs.recv_timeout(LONG).expect("it is back");
        told.follow().unwrap();
        calm(&signs);
        fs::write(assets.join("c"), "z").unwrap();
        signs.recv_timeout(LONG).expect("what is there now is watched");
    }
}
