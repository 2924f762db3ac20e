//! Examples of commands, for `--help`, the manual pages and the page on the command line.

/// What can be typed, and what it does.
type Example = (&'static str, &'static str);

/// The examples of each command that has some, by its name.
pub(crate) const ALL: [(&str, &[Example]); 25] = [
    (
        "init",
        &[
            ("cargo prometeu init", "in the folder of the game"),
            ("cargo prometeu init --packer ../prometeu-packer", "with a clone of the packer beside the game"),
        ],
    ),
    (
        "reconcile",
        &[
            ("cargo prometeu reconcile", "everything that was moved"),
            ("cargo prometeu reconcile 7", "asset 7 alone"),
        ],
    ),
    (
        "create",
        &[
            ("cargo prometeu create ui/atlas --type glyph_bank", "one with a small tile to begin"),
            (
                "cargo prometeu create sfx/steps --type sound_bank --from left.wav right.wav",
                "one of your files",
            ),
        ],
    ),
    ("register", &[("cargo prometeu register ui/atlas maps/first", "two folders, one after the other")]),
    (
        "adopt",
        &[
            ("cargo prometeu adopt ui/night --as-new", "after `cp -r assets/ui/atlas assets/ui/night`"),
            ("cargo prometeu adopt art/atlas --as 1", "after `mv assets/ui/atlas assets/art/atlas`"),
        ],
    ),
    ("forget", &[("cargo prometeu forget ui/atlas", "every file stays")]),
    (
        "remove",
        &[
            ("cargo prometeu remove ui/atlas", "into quarantine, as `7-atlas`"),
            ("cargo prometeu remove ui/atlas --purge", "for good"),
        ],
    ),
    ("relocate", &[("cargo prometeu relocate ui/atlas ui/day/atlas", "it keeps its id")]),
    ("include", &[("cargo prometeu include ui/atlas 12", "by root and by id")]),
    ("exclude", &[("cargo prometeu exclude levels/draft", "it stays registered")]),
    (
        "quarantine",
        &[
            ("cargo prometeu quarantine ui/draft", "also when nobody registered it"),
            ("cargo prometeu quarantine 7 9 12", "what `cargo prometeu unused` told, all together"),
        ],
    ),
    ("restore", &[("cargo prometeu restore 7-atlas", "as `list --quarantined` calls it")]),
    ("undo", &[("cargo prometeu undo", "whatever the last change was")]),
    (
        "list",
        &[
            ("cargo prometeu list --sort size", "the largest first"),
            ("cargo prometeu list --quarantined", "what lies there, and where it was"),
        ],
    ),
    ("show", &[("cargo prometeu show ui/atlas", "with the constants to copy into the game")]),
    (
        "doctor",
        &[
            ("cargo prometeu doctor --workspace", "what is untidy as well"),
            ("cargo prometeu doctor --fix --dry-run", "what it would mend"),
        ],
    ),
    ("explain", &[("cargo prometeu explain tile-colors", "the code of a finding, as it stands in brackets")]),
    (
        "pack",
        &[
            ("cargo prometeu pack --out dist", "into `dist/`"),
            (
                "cargo prometeu pack --check",
                "for CI: ends with 1 where the pack is not what its sources make",
            ),
            (
                "cargo prometeu pack --report report.html",
                "and a page to look at: sizes, tiles, sounds, what changed",
            ),
        ],
    ),
    (
        "watch",
        &[
            ("cargo prometeu watch", "pack again on each change"),
            ("cargo prometeu watch -- cargo run", "with the game beside it, which sees each change"),
        ],
    ),
    (
        "inspect",
        &[
            ("cargo prometeu inspect build/assets.pa", "what that pack holds"),
            (
                "cargo prometeu inspect build/assets.pa --extract saved",
                "its pictures, sounds and files again",
            ),
        ],
    ),
    (
        "diff",
        &[
            ("cargo prometeu diff HEAD", "what is not committed yet"),
            ("cargo prometeu diff v1.0 v1.1 --sort size", "between two tags, the largest changes first"),
            ("cargo prometeu diff released.pa build/assets.pa", "between two packs"),
        ],
    ),
    ("cache", &[("cargo prometeu cache clear", "the next pack takes longer, and has the same bytes")]),
    ("hooks", &[("cargo prometeu hooks install --dry-run", "what it would do")]),
    ("schema", &[("cargo prometeu schema asset > asset.schema.json", "for an editor")]),
    (
        "completions",
        &[(
            "cargo prometeu completions bash > ~/.local/share/bash-completion/completions/cargo-prometeu",
            "for one person",
        )],
    ),
];

/// Adds them to the grammar.
pub(super) fn teach(command: clap::Command) -> clap::Command {
    let (heading, literal) = (clap_cargo::style::HEADER, clap_cargo::style::LITERAL);
    // All of them, each in its place: to change one by its name puts it behind the others.
    command.mut_subcommands(|command| {
        let Some((_, examples)) = ALL.iter().find(|(name, _)| *name == command.get_name()) else {
            return command;
        };
        let lines =
            examples.iter().map(|(typed, what)| format!("\n  {literal}{typed}{literal:#}\n      {what}"));
        let lines: String = lines.collect();
        command.after_help(format!("{heading}Examples:{heading:#}{lines}"))
    })
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::ALL;
    use crate::cli;

    #[test]
    fn every_example_is_of_its_command_and_can_be_typed() {
        for (name, examples) in ALL {
            assert!(cli::command().get_subcommands().any(|command| command.get_name() == name), "{name}");
            for (typed, _) in examples {
                let (words, _) = typed.split_once(" > ").unwrap_or((typed, ""));
                let words: Vec<&str> = words.split(' ').skip(1).collect();
                assert_eq!(words[..2], ["prometeu", name], "{typed}");
                let arguments = std::iter::once("cargo-prometeu").chain(words).map(OsString::from);
                assert!(cli::parse(arguments).is_ok(), "{typed}");
            }
        }
    }
}
