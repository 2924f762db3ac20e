//! A thread that observes, for hosts that stay open: it looks at the disk every so often and tells what
//! is new. The host starts it, and it ends when it is dropped.
//!
//! It holds no lock while it looks, changes nothing, and publishes nothing: what it tells of is what a
//! [`refresh`](crate::Project::refresh_workspace) would show. One observation at a time; what it has
//! told once it does not tell again. Where the disk cannot be looked at, it tells nothing and looks
//! again when its time has come.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::Project;
use crate::cancel::Token;

/// A background observation of a project.
#[derive(Debug)]
pub struct Observer {
    signal: Arc<Signal>,
    token: Token,
    thread: Option<JoinHandle<()>>,
}

/// What the host tells the thread.
#[derive(Debug, Default)]
struct Signal {
    wish: Mutex<Wish>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Wish {
    /// To end.
    ends: bool,
    /// To look without waiting for the time to come.
    looks: bool,
}

impl Observer {
    /// Begins to observe `project`, at once and then `every` so often.
    ///
    /// # Errors
    ///
    /// When the system gives no thread.
    pub fn start(project: Arc<Project>, every: Duration) -> std::io::Result<Self> {
        let signal = Arc::new(Signal::default());
        let (heard, token) = (Arc::clone(&signal), Token::default());
        let asked = token.clone();
        let thread = std::thread::Builder::new().name("prometeu-observer".to_owned()).spawn(move || {
            let mut told = None;
            loop {
                project.tell_observation(&mut told, &asked);
                if heard.wait(every) {
                    return;
                }
            }
        })?;
        Ok(Self { signal, token, thread: Some(thread) })
    }

    /// Makes it look now, for a host whom the file system notifies. It returns at once.
    pub fn look_now(&self) {
        self.signal.tell(|wish| wish.looks = true);
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        self.token.ask();
        self.signal.tell(|wish| wish.ends = true);
        // A sink may drop it, on the very thread that tells.
        if let Some(thread) =
            self.thread.take().filter(|own| own.thread().id() != std::thread::current().id())
        {
            // A sink of the host's may have panicked in it, which it has been told.
            drop(thread.join());
        }
    }
}

impl Signal {
    fn tell(&self, change: impl FnOnce(&mut Wish)) {
        change(&mut self.wish.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }

    /// Waits until it is time to look; whether it is to end instead.
    fn wait(&self, every: Duration) -> bool {
        let until = Instant::now().checked_add(every);
        let mut wish = self.wish.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if wish.ends {
                return true;
            }
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            if std::mem::take(&mut wish.looks) || left.is_some_and(|left| left.is_zero()) {
                return false;
            }
            wish = match left {
                Some(left) => {
                    let woken = self.changed.wait_timeout(wish, left);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.changed.wait(wish).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}
