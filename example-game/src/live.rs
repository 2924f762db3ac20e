//! The art as it is now: what `cargo prometeu watch` packs while the game runs is seen at the next picture.
//!
//! A pack that is no good, or that lacks what the last one had, changes nothing: the game goes on with what it has,
//! and says so below the picture until there is a better one.

use std::error::Error;
use std::path::PathBuf;

use packer_format::watch::LivePack;

use crate::art::Art;

/// The art, and where newer art comes from.
pub(crate) struct LiveArt {
    live: LivePack,
    art: Art,
    /// Why the last pack that came was not taken in.
    trouble: Option<String>,
}

impl LiveArt {
    /// Opens the game's pack, wherever it is.
    pub(crate) fn open() -> Result<Self, Box<dyn Error>> {
        Self::at(packer_format::locate!())
    }

    fn at(path: PathBuf) -> Result<Self, Box<dyn Error>> {
        let live = LivePack::open(path)?;
        let art = Art::of(live.pack())?;
        Ok(Self { live, art, trouble: None })
    }

    /// Takes in the pack that came since this was asked, if one did; whether the garden itself is another one.
    pub(crate) fn refresh(&mut self) -> bool {
        let new = match self.live.poll() {
            Ok(None) => return false,
            Ok(Some(pack)) => Art::of(&pack).and_then(|new| match new.lacks(&self.art) {
                None => Ok(new),
                Some(asset) => Err(format!("asset {asset} is gone").into()),
            }),
            Err(why) => Err(why.into()),
        };
        match new {
            Ok(new) => {
                let is_other_level = new.level() != self.art.level();
                (self.art, self.trouble) = (new, None);
                is_other_level
            }
            Err(why) => {
                self.trouble = Some(format!("the picture stays as it was: {why}"));
                false
            }
        }
    }

    pub(crate) const fn art(&self) -> &Art {
        &self.art
    }

    /// Why there is no newer art, if something is wrong with it.
    pub(crate) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;
    use std::path::Path;

    use packer_format::{AssetId, Header, PackFile, PackWriter, PlannedAsset};

    use super::*;
    use crate::assets::levels::garden;
    use crate::assets::ui::hud;

    /// Publishes the game's own pack without one asset, and with another payload of one.
    fn publish(place: &Path, left_out: Option<AssetId>, change: impl Fn(AssetId, &mut Vec<u8>)) {
        let pack = PackFile::open(packer_format::locate!()).unwrap();
        let entries = || pack.header().entries().iter().filter(|entry| Some(entry.asset_id) != left_out);
        let header = Header::plan(entries().map(|entry| PlannedAsset {
            asset_id: entry.asset_id,
            asset_name: entry.asset_name.clone(),
            bank_type: entry.bank_type.clone(),
            decoded_size: entry.decoded_size,
            size: entry.size,
            metadata: entry.metadata.clone(),
            preload: false,
        }))
        .unwrap();
        let mut writer = PackWriter::new(Vec::new(), &header).unwrap();
        for entry in entries() {
            let mut payload = pack.payload(entry.asset_id).unwrap();
            change(entry.asset_id, &mut payload);
            writer.begin(entry.asset_id).unwrap().write_all(&payload).unwrap();
        }
        let staged = place.with_extension("staged");
        fs::write(&staged, writer.finish().unwrap()).unwrap();
        fs::rename(staged, place).unwrap();
    }

    fn game() -> (tempfile::TempDir, PathBuf, LiveArt) {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("assets.pa");
        publish(&place, None, |_, _| {});
        let live = LiveArt::at(place.clone()).unwrap();
        (folder, place, live)
    }

    #[test]
    fn a_tile_that_was_painted_over_is_in_the_next_picture() {
        let (_folder, place, mut live) = game();
        let heart = |live: &LiveArt| live.art().sprite(hud::HEART).pixels.to_vec();
        let before = heart(&live);
        assert!(!live.refresh());
        publish(&place, None, |id, payload| {
            if id == hud::HEART.bank().id() {
                payload[..32].fill(0x11);
            }
        });
        assert!(!live.refresh(), "the garden is as it was");
        assert!(heart(&live) != before && live.trouble().is_none());
    }

    #[test]
    fn another_garden_is_told_apart_from_other_pictures() {
        let (_folder, place, mut live) = game();
        publish(&place, None, |id, payload| {
            if id == garden::MEADOW.bank().id() {
                let firefly = payload.iter().position(|byte| *byte == b'*').unwrap();
                payload[firefly] = b'.';
            }
        });
        assert!(live.refresh());
    }

    #[test]
    fn a_pack_that_is_broken_or_lacks_something_changes_nothing_and_is_named() {
        let (_folder, place, mut live) = game();
        let before = live.art().sprite(hud::HEART).pixels.to_vec();
        let spoil: [(&dyn Fn(), &str); 4] = [
            (&|| publish(&place, Some(hud::HEART.bank().id()), |_, _| {}), "is gone"),
            (&|| publish(&place, Some(garden::MEADOW.bank().id()), |_, _| {}), "assets.pa"),
            (&|| fs::write(&place, "no pack").unwrap(), "assets.pa"),
            (&|| fs::remove_file(&place).unwrap(), "there is no pack"),
        ];
        for (spoil, why) in spoil {
            spoil();
            assert!(!live.refresh());
            let trouble = live.trouble().unwrap();
            assert!(trouble.starts_with("the picture stays") && trouble.contains(why), "{trouble}");
            assert_eq!(live.art().sprite(hud::HEART).pixels, before);
        }
        publish(&place, None, |_, _| {});
        live.refresh();
        assert_eq!(live.trouble(), None);
    }
}
