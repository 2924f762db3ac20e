//! The first `register` of a fresh clone beside its first build.
//!
//! A fresh clone has no lock file, and a build makes none, so the two can begin at the same moment and
//! nothing keeps them apart: the build has to notice. Whatever the moment, it publishes the project
//! before the registration or after it, never a mixture.

use std::ffi::OsStr;
use std::fs;
use std::time::{Duration, Instant};

use packer_tests::dice::Dice;
use packer_tests::packing::Set;
use packer_tests::tally;

use super::checkout::{Checkout, Run, in_memory, start};

const SEED: u64 = 0x0e11_0001;

/// Rounds, half of them with a uuid to anchor.
const ROUNDS: usize = 1000;

/// The longest that one of the two begins before the other, in microseconds.
const STAGGER: usize = 12_000;

const INDEX: &str = "assets/.prometeu/index.json";
const DECLARATION: &str = "assets/b/asset.json";

/// A clone, and what may come of it.
struct Race {
    checkout: Checkout,
    index: String,
    declaration: String,
    old: Set,
    new: Set,
    /// The uuid of `b` in `new`.
    uuid: String,
}

impl Race {
    fn new(has_uuid: bool) -> Self {
        let checkout = Checkout::new(&in_memory(), has_uuid);
        let (index, declaration) = (checkout.read(INDEX), checkout.read(DECLARATION));
        let pack = |name: &str| {
            let out = checkout.top.join(name);
            Run::of(checkout.build(&out)).code(0);
            Set::read(&out).unwrap()
        };
        let old = pack("old");
        checkout.ok(&["register", "b"]);
        let new = pack("new");
        assert_ne!(old, new);
        let uuid = uuid_of_b(&checkout);
        Self { checkout, index, declaration, old, new, uuid }
    }

    /// As after `git clone`.
    fn reset(&self) {
        fs::remove_dir_all(self.checkout.path("assets/.prometeu/local")).unwrap();
        self.checkout.write(INDEX, &self.index);
        self.checkout.write(DECLARATION, &self.declaration);
        // It is not there the first time.
        let _ = fs::remove_dir_all(self.checkout.top.join("out"));
    }

    /// One round, with what it came to.
    fn run(&self, name: &str, by_command: bool, register_first: bool, stagger: Duration) -> Round {
        self.reset();
        let out = self.checkout.top.join("out");
        let register = self.checkout.command(&["register", "b"]);
        let build = if by_command {
            let json = ["--message-format", "json", "pack", "--out"].map(OsStr::new);
            self.checkout.command(&[&json[..], &[out.as_os_str()]].concat())
        } else {
            self.checkout.build(&out)
        };
        let begun = Instant::now();
        let later = || {
            while begun.elapsed() < stagger {
                std::hint::spin_loop();
            }
        };
        let (register, build) = if register_first {
            let register = start(register);
            later();
            (register, start(build))
        } else {
            let build = start(build);
            later();
            (start(register), build)
        };
        let [register, build] = [register, build].map(|child| Run::end(child, begun));
        assert!(register.status.success() && build.status.success(), "{name}: {register:?}\n{build:?}");

        let packed = Set::read(&out).unwrap();
        let uuid = uuid_of_b(&self.checkout);
        let mut new = self.new.clone();
        new.0[3] = String::from_utf8(new.0[3].clone()).unwrap().replace(&self.uuid, &uuid).into_bytes();
        let is_new = packed == new;
        assert!(is_new || packed == self.old, "{name}: a mixture: {packed:?}");

        let registry = self.checkout.read(INDEX);
        assert!(registry.contains("\"root\": \"b\""), "{name}: the registration is gone: {registry}");
        assert!(self.checkout.read(DECLARATION).contains(&uuid), "{name}: `b` is not anchored");
        self.checkout.has_no_leftovers(name);
        // Each look at the project is a generation.
        let again = by_command && !build.stdout.contains(r#""generation":1,"#);
        Round { is_new, again }
    }
}

/// What one round came to.
struct Round {
    /// Whether the build packed the project after the registration.
    is_new: bool,
    /// Whether it is known that the build noticed the registration, and began anew.
    again: bool,
}

/// The uuid of `b` in the registry, which has it last.
fn uuid_of_b(checkout: &Checkout) -> String {
    let registry: serde_json::Value = serde_json::from_str(&checkout.read(INDEX)).unwrap();
    registry["assets"][1]["asset_uuid"].as_str().unwrap().to_owned()
}

#[test]
fn a_first_build_beside_a_first_registration_packs_the_project_before_it_or_after_it() {
    let begun = Instant::now();
    let races = [true, false].map(Race::new);
    let mut dice = Dice::new(SEED);
    let (mut new, mut again) = (0, 0);
    for n in 0..ROUNDS {
        let race = &races[n % 2];
        let by_command = n / 2 % 2 == 0;
        let register_first = dice.once_in(2);
        let stagger = Duration::from_micros(dice.below(STAGGER) as u64);
        let name = format!("round {n}, register first: {register_first}, {stagger:?} apart");
        let round = race.run(&name, by_command, register_first, stagger);
        new += usize::from(round.is_new);
        again += usize::from(round.again);
    }
    assert!(again > 0, "no registration ever came into a build");
    assert!(new > 0 && new < ROUNDS, "only one order occurred: {new} of {ROUNDS} packed the new state");
    println!(
        "{} old, {new} new, {again} began anew, in {}, {:?}",
        ROUNDS - new,
        in_memory().display(),
        begun.elapsed()
    );
    tally("durability, a first register beside a first build", ROUNDS, SEED);
}
