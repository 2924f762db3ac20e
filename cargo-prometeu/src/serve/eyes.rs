//! Looking at the files while a host is served: what wakes the library's observer.
//!
//! Where the system tells of changes, it is woken a moment after the first of them, so that what a
//! program saves in several steps is seen once; and it looks every [`SELDOM`], for what the system does
//! not tell (a network drive, a folder that is made anew). Where it does not, or nobody wants that, the
//! observer looks every [`OFTEN`].
//!
//! Being woken says only that something may have changed. What did, the observer finds out.

use std::sync::Arc;
use std::time::Duration;

use prometeu_packer::Project;
use prometeu_packer::observe::Observer;

use crate::shell::Shell;

/// How often the files are looked at when nothing wakes us.
const OFTEN: Duration = Duration::from_secs(2);

/// How often they are looked at when something does.
#[cfg(feature = "notify")]
const SELDOM: Duration = Duration::from_secs(15);

/// How long to wait after the first sign of a change.
#[cfg(feature = "notify")]
const MOMENT: Duration = Duration::from_millis(100);

/// How a host wants the files to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Looking {
    /// When the system tells of a change, where it does.
    WhenTold,
    /// Every two seconds.
    Often,
    /// Not at all.
    Never,
}

/// What looks. It stops when this is dropped.
#[derive(Debug)]
pub(crate) struct Eyes {
    /// Dropped first, so that nothing wakes who is gone.
    #[cfg(feature = "notify")]
    _system: Option<notify::RecommendedWatcher>,
    _observer: Arc<Observer>,
}

/// Begins to look. What cannot be had is told, and costs nothing else.
pub(crate) fn open(project: &Arc<Project>, looking: Looking, shell: &Shell) -> Option<Eyes> {
    let start = |every| {
        let observer = Observer::start(Arc::clone(project), every);
        let failed = |error| shell.warn(format_args!("the files are not looked at: {error}"));
        observer.map(Arc::new).map_err(failed).ok()
    };
    if looking != Looking::Never {
        // What is there before anybody asks is read once, so that nobody is answered from an earlier
        // reading than the one that the files are held against. Where it cannot be read, answers say so.
        drop(project.snapshot());
    }
    match looking {
        Looking::Never => None,
        #[cfg(feature = "notify")]
        Looking::WhenTold => {
            let (sender, signs) = std::sync::mpsc::channel();
            match told::watch(&project.layout().assets(), sender) {
                Ok(watcher) => {
                    let observer = start(SELDOM)?;
                    told::wake(&observer, signs);
                    Some(Eyes { _system: Some(watcher), _observer: observer })
                }
                Err(error) => {
                    shell.detail("Polling", format_args!("the files every two seconds: {error}"));
                    Some(Eyes { _system: None, _observer: start(OFTEN)? })
                }
            }
        }
        _ => Some(Eyes {
            #[cfg(feature = "notify")]
            _system: None,
            _observer: start(OFTEN)?,
        }),
    }
}

/// Being told by the system.
#[cfg(feature = "notify")]
mod told {
    use std::path::Path;
    use std::sync::Arc;
    use std::sync::mpsc::{Receiver, Sender};

    use notify::event::{AccessKind, AccessMode, EventKind};
    use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
    use prometeu_packer::observe::Observer;

    use super::MOMENT;

    /// Sends a sign for whatever may be a change in `folder`.
    pub(super) fn watch(folder: &Path, signs: Sender<()>) -> notify::Result<RecommendedWatcher> {
        let mut watcher = notify::recommended_watcher(move |told: notify::Result<notify::Event>| {
            // What went wrong may have been about a change.
            if told.as_ref().map_or(true, |event| is_change(&event.kind)) {
                // Who is gone needs no signs.
                let _ = signs.send(());
            }
        })?;
        watcher.watch(folder, RecursiveMode::Recursive)?;
        Ok(watcher)
    }

    /// Not so what only reads: looking would wake who looks.
    pub(super) const fn is_change(kind: &EventKind) -> bool {
        !matches!(kind, EventKind::Access(access) if !matches!(access, AccessKind::Close(AccessMode::Write)))
    }

    /// Wakes `observer` a moment after each sign, once for all that came meanwhile. Ends with the signs.
    pub(super) fn wake(observer: &Arc<Observer>, signs: Receiver<()>) {
        let observer = Arc::downgrade(observer);
        super::super::spawn("wakes", move || {
            while signs.recv().is_ok() {
                std::thread::sleep(MOMENT);
                while signs.try_recv().is_ok() {}
                match observer.upgrade() {
                    Some(observer) => observer.look_now(),
                    None => return,
                }
            }
        });
    }

    #[cfg(test)]
    mod tests {
        use std::time::Duration;

        use notify::event::{CreateKind, DataChange, ModifyKind};

        use super::*;

        #[test]
        fn reading_is_no_change_and_everything_else_may_be() {
            assert!(!is_change(&EventKind::Access(AccessKind::Open(AccessMode::Any))));
            assert!(!is_change(&EventKind::Access(AccessKind::Close(AccessMode::Read))));
            assert!(is_change(&EventKind::Access(AccessKind::Close(AccessMode::Write))));
            assert!(is_change(&EventKind::Create(CreateKind::File)));
            assert!(is_change(&EventKind::Modify(ModifyKind::Data(DataChange::Any))));
            assert!(is_change(&EventKind::Any) && is_change(&EventKind::Other));
        }

        #[test]
        fn a_file_that_is_written_below_is_a_sign_and_one_that_is_read_is_none() {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("a/b");
            std::fs::create_dir(folder.path().join("a")).unwrap();
            std::fs::write(&file, "x").unwrap();
            let (sender, signs) = std::sync::mpsc::channel();
            let watcher = watch(folder.path(), sender).unwrap();
            std::fs::write(&file, "y").unwrap();
            signs.recv_timeout(Duration::from_secs(60)).expect("it was written");
            // Signs of the same writing may follow.
            while signs.recv_timeout(Duration::from_millis(300)).is_ok() {}
            assert_eq!(std::fs::read(&file).unwrap(), b"y");
            assert!(signs.recv_timeout(Duration::from_millis(300)).is_err(), "it was only read");
            drop(watcher);
        }
    }
}
