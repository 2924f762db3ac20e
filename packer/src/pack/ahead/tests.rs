use std::path::PathBuf;

use crate::ops::{PackRequest, Work};
use crate::testing::{Fixture, request, uuid};

/// A picture of 128 x 128 pixels in two colours, as large as pictures become.
fn picture(dark: bool) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 128, 128);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::NoCompression);
    let pixel = if dark { [0; 3] } else { [255; 3] };
    encoder.write_header().unwrap().write_image_data(&pixel.repeat(128 * 128)).unwrap();
    file
}

fn bank() -> Fixture {
    let fixture = Fixture::blobs(&["a"]);
    declare(&fixture, "a", 1);
    fixture.later();
    fixture
}

fn declare(fixture: &Fixture, root: &str, id: u32) {
    fixture.write(&format!("assets/{root}/sheet.png"), picture(false));
    fixture.declare(
        root,
        &format!(
            r##"{{"schema_version": 1, "asset_uuid": "{}", "name": "a", "type": "glyph_bank",
                 "inputs": {{"sprites": ["sheet.png"]}},
                 "output": {{"format": "GLYPH/indexed_v1", "codec": "NONE", "metadata": {{"tile_size": 16}},
                   "pipeline": {{"palettes": [{{"index": 0, "palette": {{"colors": ["#000000", "#ffffff"]}}}}]}}}},
                 "preload": {{"enabled": false}}}}"##,
            uuid(id)
        ),
    );
}

#[test]
fn one_run_tells_what_is_wrong_with_more_pictures_than_are_held() {
    let roots: Vec<String> = (0..140).map(|n| format!("t{n:03}")).collect();
    let fixture = Fixture::blobs(&roots.iter().map(String::as_str).collect::<Vec<_>>());
    for (id, root) in (1..).zip(&roots) {
        declare(&fixture, root, id);
    }
    let bad = |root: &str| {
        let path = format!("/game/assets/{root}/asset.json");
        let text = String::from_utf8(fixture.files.content(&path).unwrap()).unwrap();
        fixture.files.write(&path, text.replace("#ffffff", "#ff00ff").replace("#000000", "#00ffff"));
    };
    ["t001", "t138"].into_iter().for_each(bad);
    let told = || {
        let found = fixture.project_for_build().pack(&request()).diagnostics;
        found.iter().map(|found| found.asset_root.as_ref().unwrap().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(told(), ["t001", "t138"]);
    // The first one alone is found while all the others are packed.
    let mend = |root: &str| {
        let path = format!("/game/assets/{root}/asset.json");
        let text = String::from_utf8(fixture.files.content(&path).unwrap()).unwrap();
        fixture.files.write(&path, text.replace("#ff00ff", "#ffffff").replace("#00ffff", "#000000"));
    };
    mend("t001");
    assert_eq!(told(), ["t138"]);
    assert!(fixture.files.content("/out/assets.pa").is_none());
}

/// Packs into a folder of its own beside the shared cache.
fn pack_into(fixture: &Fixture, out: &str) -> (Work, Vec<u8>) {
    let request = PackRequest { out_dir: PathBuf::from(out), ..request() };
    let result = fixture.project_for_build().pack(&request).payload.unwrap();
    (result.work, fixture.files.content(format!("{out}/assets.pa")).unwrap())
}

#[test]
fn a_costly_picture_is_made_once_for_all_output_folders_that_share_a_cache() {
    let fixture = bank();
    let (first, pack) = pack_into(&fixture, "/one");
    assert_eq!(first.encoded, 1);
    let (second, same) = pack_into(&fixture, "/two");
    assert_eq!((second.encoded, same == pack), (0, true));

    fixture.write("assets/a/sheet.png", picture(true));
    let (third, other) = pack_into(&fixture, "/one");
    assert_eq!((third.encoded, other == pack), (1, false));
    // And back: what was made before is still there.
    fixture.write("assets/a/sheet.png", picture(false));
    let (back, again) = pack_into(&fixture, "/one");
    assert_eq!((back.encoded, again == pack), (0, true));
}

#[test]
fn a_payload_of_the_cache_that_somebody_changed_is_made_anew() {
    let fixture = bank();
    let (_, pack) = pack_into(&fixture, "/one");
    let entries = fixture.files.paths().into_iter().filter(|path| path.starts_with("/cache/payloads-v1"));
    let entries: Vec<PathBuf> = entries.filter(|path| fixture.files.content(path).is_some()).collect();
    assert_eq!(entries.len(), 1);
    let mut bytes = fixture.files.content(&entries[0]).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fixture.files.write(&entries[0], bytes);
    let (second, same) = pack_into(&fixture, "/two");
    assert_eq!((second.encoded, same == pack), (1, true));
}
