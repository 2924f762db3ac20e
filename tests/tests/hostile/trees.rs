//! Links, pipes, sockets, devices and folders where files should be, in every place that is opened.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::process::Command;

use packer_tests::{assets, tally};

use super::siege::Expect::{Code, Packs};
use super::siege::{Expect, Siege, blob, entry, registry};

/// What stands where a file should be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Thing {
    Link(&'static str),
    Pipe,
    Socket,
    Folder,
    File(&'static str),
}

use Thing::{File, Folder, Link, Pipe, Socket};

impl Siege {
    pub(crate) fn put(&self, path: &str, thing: Thing) {
        let place = self.clear(path);
        match thing {
            Link(target) => {
                let target = target.replace("$OUTSIDE", self.outside.to_str().unwrap());
                symlink(target, place).unwrap();
            }
            Pipe => assert!(Command::new("mkfifo").arg(place).status().unwrap().success()),
            Socket => {
                // Socket names are short: bound from inside the folder they need not be long.
                let bound = UnixListener::bind(&place).unwrap();
                drop(bound); // the name stays
            }
            Folder => fs::create_dir_all(place).unwrap(),
            File(text) => fs::write(place, text).unwrap(),
        }
    }
}

#[track_caller]
fn check(path: &str, thing: Thing, expected: Expect) -> usize {
    let siege = Siege::new();
    siege.put(path, thing);
    let name = format!("`{path}` is {thing:?}");
    expected.check(&name, &siege.attack(&name));
    1
}

#[test]
fn an_input_is_a_regular_file_of_its_root() {
    let input = "assets/a/map.txt";
    let mut cases = 0;
    for (thing, expected) in [
        (Link("asset.json"), Packs),
        (Link("./../a/asset.json"), Packs),
        (Link("../g/heart.png"), Code("input-outside-root")),
        (Link("../../../outside/map.txt"), Code("input-outside-root")),
        (Link("$OUTSIDE/map.txt"), Code("input-outside-root")),
        (Link("$OUTSIDE"), Code("input-outside-root")),
        (Link("/dev/zero"), Code("input-outside-root")),
        (Link("/dev/null"), Code("input-outside-root")),
        (Link("/dev/full"), Code("input-outside-root")),
        (Link("/proc/self/mem"), Code("input-outside-root")),
        (Link("/proc/self/environ"), Code("input-outside-root")),
        (Link("map.txt"), Code("input-unreadable")),
        (Link("../a/map.txt"), Code("input-unreadable")),
        (Link("nothing"), Code("input-missing")),
        (Link("nowhere/else"), Code("input-missing")),
        (Link("."), Code("input-not-a-file")),
        (Pipe, Code("input-not-a-file")),
        (Socket, Code("input-not-a-file")),
        (Folder, Code("input-not-a-file")),
    ] {
        cases += check(input, thing, expected);
    }
    // A folder on the way.
    for (target, expected) in [
        ("real", Packs),
        ("../../../outside", Code("input-outside-root")),
        ("$OUTSIDE", Code("input-outside-root")),
        ("/proc/self/cwd", Code("input-missing")),
        ("sub", Code("input-unreadable")),
        ("map.txt", Code("input-unreadable")),
    ] {
        let siege = Siege::new();
        siege.write("assets/a/real/map.txt", "#");
        siege.write("assets/a/asset.json", assets::text(&blob(&["sub/map.txt"])));
        siege.put("assets/a/sub", Link(target));
        let name = format!("`sub` leads to {target}");
        expected.check(&name, &siege.attack(&name));
        cases += 1;
    }
    tally("hostile, inputs in trees", cases, 0);
}

#[test]
fn a_declaration_is_a_regular_file_in_a_real_folder() {
    let mut cases = 0;
    for thing in [
        Link("$OUTSIDE/asset.json"),
        Link("../g/asset.json"),
        Link("/dev/zero"),
        Link("asset.json"),
        Link("nothing"),
        Pipe,
        Socket,
        Folder,
    ] {
        cases += check("assets/a/asset.json", thing, Code("declaration-missing"));
    }
    for thing in [
        Link("$OUTSIDE/a"),
        Link("../../outside/a"),
        Link("g"),
        Link("a"),
        Link("/proc/self/root"),
        Pipe,
        Socket,
        File(""),
    ] {
        cases += check("assets/a", thing, Code("root-missing"));
        // And further up.
        let siege = Siege::new();
        siege.put("assets/deep/er", thing);
        siege.write("assets/.prometeu/index.json", assets::text(&registry(&[entry(1, "deep/er/a")])));
        let name = format!("the parent of a root is {thing:?}");
        Code("root-missing").check(&name, &siege.attack(&name));
        cases += 1;
    }
    tally("hostile, declarations in trees", cases, 0);
}

#[test]
fn a_registry_is_a_regular_file_in_a_real_folder() {
    let mut cases = 0;
    for thing in [
        Link("$OUTSIDE/index.json"),
        Link("../../../outside/index.json"),
        Link("/dev/zero"),
        Link("/proc/self/environ"),
        Link("index.json"),
        Pipe,
        Socket,
        Folder,
    ] {
        cases += check("assets/.prometeu/index.json", thing, Code("registry-invalid"));
    }
    for thing in [Link("$OUTSIDE"), Link("../../outside")] {
        cases += check("assets/.prometeu", thing, Code("registry-invalid"));
    }
    cases += check("assets/.prometeu/index.json", Link("nothing"), Code("registry-invalid"));
    // The lock is looked for first.
    cases += check("assets/.prometeu", Link(".prometeu"), Code("io-error"));
    for thing in [Pipe, Socket, File("")] {
        cases += check("assets/.prometeu", thing, Code("registry-missing"));
        cases += check("assets", thing, Code("registry-missing"));
    }
    tally("hostile, registries in trees", cases, 0);
}

#[test]
fn a_lock_that_is_no_file_neither_stops_nor_harms() {
    let mut cases = 0;
    for thing in [Link("$OUTSIDE/map.txt"), Link("/dev/zero"), Link("lock"), Pipe, Socket] {
        cases += check("assets/.prometeu/local/lock", thing, Code("io-error"));
    }
    cases += check("assets/.prometeu/local/lock", Folder, Code("io-error"));
    cases += check("assets/.prometeu/local/lock", File(""), Packs);
    cases += check("assets/.prometeu/local", Link("$OUTSIDE/local"), Packs);
    tally("hostile, locks in trees", cases, 0);
}

#[test]
fn what_stands_in_the_output_folder_is_replaced_or_named() {
    let mut cases = 0;
    let mut check = |path: &str, thing: Thing, expected: Expect| {
        let siege = Siege::new();
        siege.put(path, thing);
        let name = format!("`{path}` is {thing:?}");
        expected.check(&name, &siege.attack(&name));
        cases += 1;
    };
    for name in ["assets.pa", "asset_table.json", "preload.json", "asset_table_metadata.json"] {
        let path = format!("../out/{name}");
        check(&path, Link("$OUTSIDE/map.txt"), Packs);
        check(&path, Link("/dev/zero"), Packs);
        check(&path, Link("nothing"), Packs);
        check(&path, Pipe, Packs);
        check(&path, Socket, Packs);
        check(&path, Folder, Code("io-error"));
    }
    check("../out", File("no folder"), Code("io-error"));
    check("../out", Link("nothing"), Code("io-error"));
    check("../out/.staging", Link("$OUTSIDE"), Code("io-error"));
    check("../out/.staging", Link("nothing"), Code("io-error"));
    check("../out/.staging", File("no folder"), Code("io-error"));
    check("../out/.staging", Pipe, Code("io-error"));
    // What only saves work must not stop anything.
    check("../cache", File("no folder"), Packs);
    check("../cache", Pipe, Packs);
    tally("hostile, output folders", cases, 0);
}

#[test]
fn sweeping_what_crashes_left_never_leaves_the_output_folder() {
    let siege = Siege::new();
    for (name, target) in [("one", siege.outside.clone()), ("two", siege.outside.join("old"))] {
        fs::create_dir_all(siege.out.join(".staging")).unwrap();
        let link = siege.out.join(".staging").join(name);
        symlink(target, &link).unwrap();
        let dated = Command::new("touch").args(["-h", "-d", "2001-01-01"]).arg(&link).status().unwrap();
        assert!(dated.success());
    }
    Packs.check("old links", &siege.attack("old links among the stagings"));
    tally("hostile, sweeping", 2, 0);
}

#[test]
fn a_tree_of_200_levels_packs() {
    let siege = Siege::new();
    let deep = vec!["d"; 200].join("/");
    siege.write(&format!("assets/{deep}/asset.json"), assets::text(&blob(&["map.txt"])));
    siege.write(&format!("assets/{deep}/map.txt"), "#");
    siege.write("assets/.prometeu/index.json", assets::text(&registry(&[entry(1, &deep)])));
    Packs.check("200 levels", &siege.attack("a root 200 levels deep"));
    // And 200 levels that nobody registered, in a root and beside it.
    siege.write(&format!("assets/{deep}/{deep}/asset.json"), "{");
    Packs.check("400 levels", &siege.attack("a stranger 400 levels deep"));
    tally("hostile, depth", 2, 0);
}

#[test]
fn what_may_not_be_read_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    let runs = Command::new(as_nobody[0]).args(&as_nobody[1..]).arg("true").output();
    let is_root = runs.is_ok_and(|output| output.status.success());
    let closed: [(&str, &str); 6] = [
        ("assets/a/map.txt", "input-unreadable"),
        ("assets/g/heart.png", "input-unreadable"),
        ("assets/a/asset.json", "declaration-invalid"),
        ("assets/a", "declaration-invalid"),
        ("assets/.prometeu/index.json", "io-error"),
        ("assets", "io-error"),
    ];
    for (path, code) in closed {
        let siege = Siege::new();
        let mode = |path: &std::path::Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        let top = siege.project.parent().unwrap();
        mode(top, 0o777);
        let place = siege.path(path);
        mode(&place, 0o000);
        // Its own copy: the target directory may be closed to others.
        let program = top.join("pack");
        fs::copy(env!("CARGO_BIN_EXE_pack"), &program).unwrap();
        mode(&program, 0o777);
        let mut command = if is_root {
            let mut command = Command::new(as_nobody[0]);
            command.args(&as_nobody[1..]).arg(&program);
            command
        } else {
            Command::new(&program)
        };
        let output = command.args([&siege.project, &siege.out]).output().unwrap();
        mode(&place, 0o755);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "`{path}` is closed: {said}");
        assert!(said.contains(&format!("error[{code}]")), "`{path}` is closed: {said}");
    }
    tally("hostile, closed files", closed.len(), 0);
}

#[test]
fn a_mutation_writes_nothing_through_a_link() {
    use packer_tests::packing::on_disk;
    use prometeu_packer::mutate::{CreateAsset, Mutation};
    let mut cases = 0;
    for (path, target) in [
        ("assets/.prometeu/local/lock", "$OUTSIDE/new file"),
        ("assets/.prometeu/local", "$OUTSIDE/local"),
        ("assets/.prometeu/local", "$OUTSIDE/new folder"),
        ("assets/.prometeu", "$OUTSIDE"),
        ("assets/new", "$OUTSIDE/a"),
    ] {
        let siege = Siege::new();
        siege.put(path, Link(target));
        let project = on_disk(&siege.project);
        let root = prometeu_packer::path::AssetPath::parse("new/asset").unwrap();
        let create = Mutation::CreateAsset(CreateAsset {
            root,
            family: "blob_bank".to_owned(),
            name: None,
            from: None,
        });
        let preview = project.preview(&create, None);
        let applied = preview.payload.map(|preview| project.apply(&preview.plan, true).status);
        siege.nothing_leaked(&format!("`{path}` leads to {target}, and a mutation was {applied:?}"));
        cases += 1;
    }
    tally("hostile, mutations through links", cases, 0);
}
