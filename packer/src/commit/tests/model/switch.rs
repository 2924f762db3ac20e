//! A disk that can be exchanged for another one while a project is open on it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::storage::{Entry, Input, Output, Rename, Source, Stat, Storage};

#[derive(Debug, Clone)]
pub(super) struct Switch(Arc<Mutex<Arc<dyn Storage>>>);

impl Switch {
    pub(super) fn new(disk: impl Storage + 'static) -> Self {
        Self(Arc::new(Mutex::new(Arc::new(disk))))
    }

    pub(super) fn set(&self, disk: impl Storage + 'static) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(disk);
    }

    fn disk(&self) -> Arc<dyn Storage> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Source for Switch {
    fn stat(&self, path: &Path) -> io::Result<Option<Stat>> {
        self.disk().stat(path)
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        self.disk().resolve(path)
    }

    fn walk(&self, folder: &Path, enter: &mut dyn FnMut(&Path) -> bool) -> io::Result<Vec<Entry>> {
        self.disk().walk(folder, enter)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Input>> {
        self.disk().open(path)
    }
}

impl Storage for Switch {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.disk().create_dir(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        self.disk().create(path)
    }

    fn rename(&self, from: &Path, to: &Path, how: Rename) -> io::Result<()> {
        self.disk().rename(from, to, how)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.disk().remove(path)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.disk().sync(path)
    }
}
