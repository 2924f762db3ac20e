//! Files that are too large, or ask for too much: refused early, within bounded memory and time.
//!
//! The program runs under `ulimit -v`, so that it dies when it asks for more address space than
//! [`LIMIT_KIB`]; what it had at most is printed.

use std::fs::File;
use std::io::Write as _;
use std::process::Command;

use packer_tests::assets;
use serde_json::{Value, json};

use super::pictures;
use super::siege::{Siege, blob, entry, registry};

/// Address space for the whole process: 256 MiB.
const LIMIT_KIB: u64 = 256 * 1024;

/// A processor's time for one project, in milliseconds: what it waits for others does not count.
const PATIENCE_MILLIS: u64 = 2_000;

/// What became of it: `packed`, or the first code that was named; and what it took: KiB at most, and
/// milliseconds.
#[track_caller]
fn run(name: &str, siege: &Siege) -> (String, u64, u64) {
    let script = format!("ulimit -v {LIMIT_KIB} && ulimit -t 6 && exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_pack")]).args([&siege.project, &siege.out]);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let shown: String = said.chars().take(2_000).collect();
    let code = match output.status.code() {
        Some(0) => "packed".to_owned(),
        Some(1) => {
            said.split("error[").nth(1).and_then(|rest| rest.split(']').next()).unwrap_or_default().to_owned()
        }
        other => panic!("{name}: ended with {other:?}: {shown}"),
    };
    let number =
        |after: &str| said.rsplit(after).next().and_then(|rest| rest.split(' ').next()?.parse().ok());
    let [peak, millis] = ["peak memory: ", "processor time: "]
        .map(|after| number(after).unwrap_or_else(|| panic!("{name}: {shown}")));
    assert!(millis < PATIENCE_MILLIS, "{name}: took {millis} ms: {shown}");
    siege.nothing_leaked(name);
    (code, peak, millis)
}

/// A sound picture with another chunk behind its header.
fn with_chunk(name: [u8; 4], data: Vec<u8>) -> Vec<u8> {
    let mut chunks = pictures::chunks(&assets::heart());
    chunks.insert(1, (name, data));
    pictures::file(&chunks)
}

/// A gray picture of 30,000 by 30,000, all of it there, in less than a megabyte.
fn bomb() -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 30_000, 30_000);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header().unwrap();
    let mut stream = writer.stream_writer().unwrap();
    let row = [0; 3_750];
    (0..30_000).for_each(|_| stream.write_all(&row).unwrap());
    stream.finish().unwrap();
    drop(writer);
    file
}

#[test]
fn what_is_too_large_is_refused_within_bounded_memory_and_time() {
    let (mut peak, mut longest) = (0, 0);
    let mut cases = 0;
    let mut check = |name: &str, expected: &[&str], prepare: &dyn Fn(&Siege)| {
        let siege = Siege::new();
        prepare(&siege);
        let (code, most, millis) = run(name, &siege);
        assert!(expected.contains(&code.as_str()), "{name}: {code} instead of {expected:?}");
        peak = most.max(peak);
        longest = millis.max(longest);
        cases += 1;
    };
    let sparse =
        |siege: &Siege, path: &str, size: u64| File::create(siege.path(path)).unwrap().set_len(size).unwrap();
    let declare = |siege: &Siege, document: &Value| siege.write("assets/a/asset.json", document.to_string());

    check("nothing special", &["packed"], &|_| {});
    check("a blob of 5 GiB", &["input-too-large"], &|siege| sparse(siege, "assets/a/map.txt", 5 << 30));
    check("a blob of 8 EiB", &["input-too-large", "packed"], &|siege| {
        // Where the file system cannot hold even its emptiness, there is nothing to refuse.
        let file = File::create(siege.path("assets/a/map.txt")).unwrap();
        let _ = file.set_len((1 << 43) - 4_096);
    });
    check("blobs of 12 GiB together", &["input-too-large"], &|siege| {
        let names: Vec<String> = (0..4).map(|n| format!("{n}.bin")).collect();
        names.iter().for_each(|name| sparse(siege, &format!("assets/a/{name}"), 3 << 30));
        declare(siege, &blob(&names.iter().map(String::as_str).collect::<Vec<_>>()));
    });
    check("a picture of 17 MiB", &["input-too-large"], &|siege| {
        sparse(siege, "assets/g/heart.png", 17 << 20);
    });
    check("a picture of 16 MiB of nothing", &["image-invalid"], &|siege| {
        sparse(siege, "assets/g/heart.png", 16 << 20);
    });
    check("a picture with 15 MiB of text", &["packed"], &|siege| {
        siege.write("assets/g/heart.png", with_chunk(*b"tEXt", vec![b'x'; 15 << 20]));
    });
    check("a picture of 900 million pixels", &["artifact-count"], &|siege| {
        siege.write("assets/g/heart.png", bomb());
    });
    for name in [*b"iCCP", *b"zTXt", *b"iTXt"] {
        // 64 KiB of a text that unpacks to 64 MiB, over and over.
        let bomb = [&b"x\0\0"[..], &flate_of_zeros(64 << 20)].concat();
        check("a bomb in a chunk that makes no pixels", &["packed"], &|siege| {
            siege.write("assets/g/heart.png", with_chunk(name, bomb.clone()));
        });
    }
    check("a declaration of 2 MiB", &["declaration-invalid"], &|siege| {
        siege.write("assets/a/asset.json", " ".repeat(2 << 20));
    });
    check("a declaration of 5 GiB", &["declaration-invalid"], &|siege| {
        sparse(siege, "assets/a/asset.json", 5 << 30);
    });
    check("a registry of 5 GiB", &["registry-invalid"], &|siege| {
        sparse(siege, "assets/.prometeu/index.json", 5 << 30);
    });

    // As much as a declaration of 1 MiB can ask for.
    let with = |member: &str, value: &str| {
        let text = assets::text(&blob(&["map.txt"]));
        text.replacen('{', &format!("{{ \"{member}\": {value},"), 1)
    };
    check("500,000 numbers", &["packed"], &|siege| {
        siege.write(
            "assets/a/asset.json",
            with("build", &format!("{{ \"x\": [{}0] }}", "0,".repeat(500_000))),
        );
    });
    check("100,000 unknown members", &["packed", "declaration-invalid"], &|siege| {
        let members: Vec<String> = (0..90_000).map(|n| format!("\"{n:x}\":0")).collect();
        siege.write(
            "assets/a/asset.json",
            with("nmae", "0").replacen('{', &format!("{{ {},", members.join(",")), 1),
        );
    });
    check("a name of 1 MB", &["packed"], &|siege| {
        let mut declaration = blob(&["map.txt"]);
        declaration["name"] = "n".repeat(1_000_000).into();
        declare(siege, &declaration);
    });
    check("20,000 inputs that are not there", &["input-missing"], &|siege| {
        let names: Vec<String> = (0..20_000).map(|n| format!("{n:x}")).collect();
        declare(siege, &blob(&names.iter().map(String::as_str).collect::<Vec<_>>()));
    });
    check("one input 20,000 times", &["packed", "address-collision", "declaration-invalid"], &|siege| {
        declare(siege, &blob(&["map.txt"; 20_000]));
    });
    check("25,000 artifacts of one index", &["artifact-index-duplicate", "artifact-index-gap"], &|siege| {
        let mut declaration = blob(&["map.txt"]);
        declaration["artifacts"] = vec![json!({ "file": "map.txt", "index": 7 }); 25_000].into();
        declare(siege, &declaration);
    });
    check("25,000 palettes", &["palette-count"], &|siege| {
        let mut declaration = super::siege::glyphs(&["heart.png"]);
        declaration["output"]["pipeline"]["palettes"] =
            vec![json!({ "index": 1, "palette": {} }); 25_000].into();
        siege.write("assets/g/asset.json", declaration.to_string());
    });
    check("7,000 roots that are not there", &["root-missing"], &|siege| {
        let entries: Vec<Value> = (1..7_000).map(|n| entry(n, &format!("r{n}"))).collect();
        siege.write("assets/.prometeu/index.json", registry(&entries).to_string());
    });
    check("4,000 roots of one id", &["duplicate-asset-id"], &|siege| {
        let entries: Vec<Value> = (1..4_000).map(|_| entry(1, "a")).collect();
        siege.write("assets/.prometeu/index.json", registry(&entries).to_string());
    });
    check("7,000 entries of unknown members", &["registry-invalid"], &|siege| {
        let entries: Vec<Value> = (1..7_000).map(|n| json!({ "asset_id": n, "x": 0, "y": "a" })).collect();
        siege.write("assets/.prometeu/index.json", registry(&entries).to_string());
    });
    packer_tests::tally("hostile, sizes", cases, 0);
    let _ = writeln!(
        std::io::stderr(),
        "hostile, sizes: at most {} MiB of {} MiB, at most {longest} ms of {PATIENCE_MILLIS} ms",
        peak / 1024,
        LIMIT_KIB / 1024
    );
}

/// Zlib data that unpacks to that many zeros: stored in itself over and over, by the one encoder that
/// the tests have.
fn flate_of_zeros(count: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let rows = count / 4_096;
    let mut encoder = png::Encoder::new(&mut file, 4_096, rows);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    let mut stream = writer.stream_writer().unwrap();
    let row = [0; 4_096];
    (0..rows).for_each(|_| stream.write_all(&row).unwrap());
    stream.finish().unwrap();
    drop(writer);
    let chunks = pictures::chunks(&file).into_iter();
    chunks.filter(|(name, _)| name == b"IDAT").flat_map(|(_, data)| data).collect()
}
