//! What goes in comes out: made-up projects are packed on disk, and a game's own reader finds every
//! pixel's colour, every frame of a sound and every byte again.
//!
//! What must come out is worked out from the pictures and sounds by the test's own code (`blueprint`), so a
//! mistake of the packer's cannot agree with itself.

use packer_format::{BlobBankId, GlyphBankId, PackFile, SoundBankId};
use packer_tests::blueprint::{Blueprint, Expected};
use packer_tests::dice::Dice;
use packer_tests::packing::pack;
use packer_tests::spelling::Spelling;
use packer_tests::tally;

const SEED: u64 = 0x5ca1_ab1e;
const PROJECTS: u64 = 25;

#[test]
fn every_pixel_frame_and_byte_comes_out_as_it_went_in() {
    let (mut tiles, mut blobs, mut sounds, mut frames, mut loops) = (0, 0, 0, 0, 0);
    for n in 0..PROJECTS {
        let mut dice = Dice::new(SEED + n);
        let count = 1 + dice.below(10);
        let blueprint = Blueprint::generate(&mut dice, count);
        let temporary = tempfile::tempdir().unwrap();
        for (path, bytes) in blueprint.files(*dice.pick(&Spelling::ALL)) {
            let path = temporary.path().join("game").join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        let out = temporary.path().join("out");
        pack(&temporary.path().join("game"), &out, None)
            .unwrap_or_else(|why| panic!("seed {}: {why}", SEED + n));
        let packed = PackFile::open(out.join("assets.pa")).unwrap();

        let mut expected: Vec<_> = blueprint.pack_set().collect();
        expected.sort_by_key(|asset| asset.id);
        let ids: Vec<u32> = packed.header().entries().iter().map(|entry| entry.asset_id.get()).collect();
        assert_eq!(
            ids,
            expected.iter().filter_map(|asset| asset.id).collect::<Vec<_>>(),
            "seed {}",
            SEED + n
        );
        for asset in expected {
            let (id, name) = (asset.id.unwrap(), format!("seed {}, `{}`", SEED + n, asset.root));
            match &asset.expected {
                Expected::Blobs(all) => {
                    let bank = packed.blob_bank(BlobBankId::new(id)).unwrap();
                    assert_eq!(bank.count(), all.len(), "{name}");
                    for (index, (file, bytes)) in all.iter().enumerate() {
                        let blob = bank.blob_at(index).unwrap();
                        assert_eq!((blob.name(), blob.bytes()), (file.as_str(), bytes.as_slice()), "{name}");
                        blobs += 1;
                    }
                }
                Expected::Sounds(rate, all) => {
                    let bank = packed.sound_bank(SoundBankId::new(id)).unwrap();
                    assert_eq!((bank.count(), bank.sample_rate()), (all.len(), *rate), "{name}");
                    for (index, sound) in all.iter().enumerate() {
                        let sample = bank.sample_at(index).unwrap();
                        assert!(sample.frames().eq(sound.frames.iter().copied()), "{name}, sound {index}");
                        let found = sample.loop_start().zip(sample.loop_end());
                        assert_eq!(found, sound.forward, "{name}, sound {index}");
                        sounds += 1;
                        frames += sound.frames.len();
                        loops += usize::from(sound.forward.is_some());
                    }
                }
                Expected::Tiles(all) => {
                    let bank = packed.glyph_bank(GlyphBankId::new(id)).unwrap();
                    for (index, tile) in all.iter().enumerate() {
                        let colours = bank.palette(tile.palette).unwrap();
                        let drawn = bank.tile_at(index).unwrap().pixels();
                        let found: Vec<Option<u16>> = drawn
                            .map(|(_, _, colour)| (colour != 0).then(|| colours[usize::from(colour)].0))
                            .collect();
                        assert!(found == tile.pixels, "{name}, tile {index}");
                        tiles += 1;
                    }
                    // What nobody drew is empty.
                    for index in all.len()..bank.capacity() {
                        assert!(
                            bank.tile_at(index).unwrap().pixels().all(|(_, _, colour)| colour == 0),
                            "{name}"
                        );
                    }
                }
            }
        }
    }
    assert!(tiles > 300 && blobs > 100, "{tiles} tiles and {blobs} blobs prove little");
    assert!(sounds > 100 && loops > 40 && loops < sounds, "{sounds} sounds, {loops} loops prove little");
    tally("round trip, tiles", tiles, SEED);
    tally("round trip, blobs", blobs, SEED);
    tally("round trip, sounds", sounds, SEED);
    tally("round trip, frames of sounds", frames, SEED);
    tally("round trip, loops of sounds", loops, SEED);
}
