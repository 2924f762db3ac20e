//! The grammar of the command line, with cargo's names and manners.
//!
//! Cargo calls the binary as `cargo-prometeu prometeu X`; `cargo-prometeu X` is taken as well.

pub(crate) mod examples;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{
    ArgAction, Args, ColorChoice, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum,
};
use prometeu_packer::family;
use prometeu_packer::mutate::PlanId;
use prometeu_packer::ops::ListOrder;

use crate::commands::{
    self, adopt, cache, completions, create, diff, doctor, explain, forget, hooks, include, init, inspect,
    list, man, merge_driver, pack, quarantine, reconcile, register, relocate, remove, restore, schema, serve,
    show, undo, unused, validate, verify, watch, why, wizard,
};
use crate::exit;
use crate::shell::Drawing;

/// `--version` also says which packs are written; a test holds the number to the library's.
pub(crate) const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (writes assets.pa version 1)");

/// Look after a game's assets: declare, check and pack them
#[derive(Debug, Parser)]
#[command(
    name = "cargo-prometeu",
    bin_name = "cargo prometeu",
    version = VERSION,
    styles = clap_cargo::style::CLAP_STYLING,
    subcommand_value_name = "COMMAND",
    after_help = "Without a command: the project at a glance, and what to do next.\n\n\
                  A game packs by itself in `cargo build`; these commands are for people, hooks and CI.",
    propagate_version = true,
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What every command takes. `clap-cargo` has some of these, but not as flags that may stand behind
/// the command as well.
#[derive(Debug, Default, Args)]
pub(crate) struct Global {
    /// Folder of the project, the one that holds `assets/`
    #[arg(long, value_name = "DIR", global = true, conflicts_with_all = ["manifest_path", "package"], help_heading = "Project")]
    pub(crate) project: Option<PathBuf>,

    /// Path to the Cargo.toml of the game
    #[arg(short, long, value_name = "PATH", global = true, help_heading = "Project")]
    pub(crate) manifest_path: Option<PathBuf>,

    /// Package of the cargo workspace whose assets are meant
    #[arg(short, long, value_name = "PACKAGE", global = true, help_heading = "Project")]
    pub(crate) package: Option<String>,

    /// What to write: words, or something for programs and code hosts
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "human",
        hide_default_value = true,
        global = true,
        help_heading = "Output"
    )]
    pub(crate) message_format: MessageFormat,

    /// When to use colours
    #[arg(long, value_name = "WHEN", global = true, help_heading = "Output")]
    pub(crate) color: Option<ColorChoice>,

    /// No status and no hints on stderr
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Output")]
    pub(crate) quiet: bool,

    /// Say more
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Output")]
    pub(crate) verbose: u8,
}

/// For whom output is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum MessageFormat {
    /// For people
    #[default]
    Human,
    /// For people and editors: a finding is one line, without its source
    Short,
    /// For programs: one JSON object a line
    Json,
    /// For GitHub Actions: a finding is a workflow command
    Github,
    /// For code hosts: one SARIF 2.1.0 document
    Sarif,
}

impl MessageFormat {
    /// The name, as it is typed.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Whether it holds findings and nothing else, so that only commands which look for some have it.
    pub(crate) const fn is_of_findings(self) -> bool {
        matches!(self, Self::Github | Self::Sarif)
    }

    /// How findings are told among words for people.
    pub(crate) const fn drawing(self) -> Drawing {
        match self {
            Self::Human | Self::Json => Drawing::Whole,
            Self::Short => Drawing::Lines,
            Self::Github | Self::Sarif => Drawing::Apart,
        }
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a game ready for assets: the registry, and what cargo and git have to know
    ///
    /// It shows one plan and asks once. The second time there is nothing to do.
    Init(init::Init),
    /// Say how the registry and the disk stand to each other, and what cures each contradiction
    ///
    /// It looks and changes nothing, works when the registry is broken, and ends with 1 when something needs
    /// somebody.
    Status,
    /// Read the disk again, and tell the programs that listen what changed
    ///
    /// This is for a program that keeps a project open and hears its events, as `serve` does for one. A
    /// command has read nothing before, so it can tell the state and how much is wrong, and no change:
    /// `status` says what contradicts each other, and `doctor` everything that is wrong.
    Refresh,
    /// Let the registry follow what was moved or renamed by hand
    ///
    /// It does what needs nobody's choice: each asset keeps its id and is registered where it is now; the
    /// registry alone is written. What it leaves to you it names, with a command for each way out, and then it
    /// ends with 1.
    Reconcile(reconcile::Reconcile),
    /// Make a new asset that packs at once, and register it
    ///
    /// It is made of copies of files, which are not converted, or with a small one to begin.
    Create(create::Create),
    /// Give asset folders that are there already an id
    ///
    /// Each holds an asset.json. Several are taken in one after the other, up to the first that is refused.
    Register(register::Register),
    /// Say which asset a folder is: a copy, or one that was moved or lost its uuid
    ///
    /// A folder that was copied or moved by hand carries the uuid of a registered asset, and which of the two
    /// it was, nobody guesses. No file is moved.
    Adopt(adopt::Adopt),
    /// Drop an asset from the registry; every file stays
    ///
    /// Its constant goes from the game. To register the folder again gives it a new id.
    Forget(forget::Forget),
    /// Drop an asset from the registry and put its files into quarantine, or delete them
    ///
    /// `restore` brings it back out of quarantine, with its id. What was deleted can be taken back with `undo`
    /// until the next change.
    Remove(remove::Remove),
    /// Move an asset's folder with all that is in it, or rename it; its id stays
    ///
    /// The constant in the game follows, so the compiler points at what still says the old name. A folder that
    /// was moved by hand is followed with `reconcile` or `adopt` instead.
    Relocate(relocate::Relocate),
    /// Take assets into builds, all of them or none
    Include(include::Assets),
    /// Keep assets out of builds, all of them or none; they stay registered, with their ids
    ///
    /// Their constants go from the game: what uses one does not compile until it is included again.
    Exclude(include::Assets),
    /// Put an asset, or a folder that nobody registered, out of the way as it is
    ///
    /// It lies in assets/.prometeu/quarantine/, where version control tracks it and nothing packs it.
    Quarantine(quarantine::Quarantine),
    /// Bring back what lies in quarantine, with the id that it had
    ///
    /// To the byte, to where it was, and never onto anything that is there by now.
    Restore(restore::Restore),
    /// Take back the last change, when everything is still as it left it
    ///
    /// Files that it made go, files that it moved or removed come back, and so does the registry. Ids that were
    /// given out stay spent. An undo cannot be undone: do the change again instead.
    Undo(undo::Undo),
    /// List assets with what they bring and what is wrong with them; with -v their uuids
    #[command(visible_alias = "ls")]
    List(list::List),
    /// Show everything about one asset: files, payload, findings, and its constants in Rust
    ///
    /// It looks into the content of that asset, and ends with 0 whatever it finds there.
    Show(show::Show),
    /// Say why an asset is in the pack or not, what stands in its way, and what it brings
    Why(why::Why),
    /// Say what may be there for nothing: assets that no code names, files that nothing references, equal inputs
    ///
    /// Each with what speaks for it, and how sure that is. It asks the compiler, as `cargo check` would, and ends
    /// with 0 whatever it finds. Nothing is changed.
    Unused(unused::Unused),
    /// Say everything that is wrong with the assets, as a build would
    ///
    /// It ends with 1 when something would stop a build.
    Doctor(doctor::Doctor),
    /// Explain a finding by its code: where it comes from, an example, and what cures it
    Explain(explain::Explain),
    /// Show what a pack would take in: each asset with its artifacts, and its last change
    Summary,
    /// Say what would block a pack; ends with 1 when something does
    Validate(validate::Validate),
    /// Pack the registered assets into assets.pa and its companions
    ///
    /// They are published together or not at all, and left alone where they are what the assets make already.
    Pack(pack::Pack),
    /// Pack, and again on each change, with a game beside it that takes in what is new
    ///
    /// It ends with Ctrl-C, or with the COMMAND behind `--` and as that does. What it packs is what `pack` packs, to
    /// the same place; COMMAND gets the path of that in a variable.
    Watch(watch::Watch),
    /// Pack step by step: summary, validation, packing, result
    ///
    /// When the validation is red it ends with 1, and packing does not begin.
    Wizard(wizard::Wizard),
    /// Show what is in an assets.pa, or take it apart into assets again
    ///
    /// With `--extract` it writes pictures, sounds and files, and for each asset an asset.json out of which
    /// `register` and `pack` make the same payload again. It ends with 1 when it had to leave an asset out.
    Inspect(inspect::Inspect),
    /// Say what tells two packs, projects or revisions apart, asset by asset
    ///
    /// Of a project and of a revision a pack is made in a folder of the cache; nothing of the project is written.
    /// An asset stays itself when it is moved or renamed. It ends with 0 also when something differs, as
    /// `git diff` does, unless `--exit-code` is given.
    Diff(diff::Diff),
    /// Prove that a pack is what the project makes, and name each asset that differs
    Verify(verify::Verify),
    /// Say where the cache is, why there, and what it holds; or empty it
    ///
    /// Nothing in it is an authority: to delete any of it, at any time, changes no byte of a pack.
    Cache(cache::Cache),
    /// Serve a program that speaks JSON-RPC 2.0 on standard input and output, such as a studio
    ///
    /// Every operation is a method, and every event a notification.
    Serve(serve::Serve),
    /// Show each setting of this project, and where it comes from
    Config,
    /// Have git validate the assets before each commit that changes some, or no more
    Hooks(hooks::Hooks),
    /// Merge two registries that grew apart, as git asks it to
    ///
    /// `init` tells git to call this. The result is written to OURS; what contradicts is left between markers,
    /// and told in words.
    MergeDriver(merge_driver::MergeDriver),
    /// Print the JSON Schema of a file or of what programs get
    Schema(schema::Schema),
    /// Print what teaches a shell to complete these commands, with the names of assets
    ///
    /// Where a shell reads it from differs: docs/editors.md has the line for each.
    Completions(completions::Completions),
    /// Write a manual page for each command, as `man cargo-prometeu-doctor`
    Man(man::Manual),
}

/// How a mutation is agreed to.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Consent {
    /// Show the plan and its id, and write nothing
    #[arg(long, conflicts_with_all = ["yes", "plan"], help_heading = "Consent")]
    pub(crate) dry_run: bool,

    /// Agree to the plan, whatever it is by then, and do not ask
    #[arg(short, long, help_heading = "Consent")]
    pub(crate) yes: bool,

    /// Agree to exactly the plan with this id, which --dry-run told
    #[arg(long, value_name = "ID", value_parser = plan_id, help_heading = "Consent")]
    pub(crate) plan: Option<PlanId>,
}

/// Reads the arguments of the process, in either way of calling.
///
/// # Errors
///
/// What clap makes of the first mistake, and of `--help` and `--version`.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    if arguments.get(1).is_some_and(|first| first == "prometeu") {
        arguments.remove(1);
    }
    let mut command = command().color(commands::color(typed_color(&arguments)));
    let matches = command.try_get_matches_from_mut(arguments)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// What `--color` was given, where the rest may make no sense: for what is said of that.
fn typed_color(arguments: &[OsString]) -> Option<ColorChoice> {
    let words: Vec<&str> =
        arguments.iter().take_while(|word| *word != "--").filter_map(|word| word.to_str()).collect();
    let with_equals = words.iter().rev().find_map(|word| word.strip_prefix("--color="));
    let apart = || words.windows(2).rev().find(|pair| pair[0] == "--color").map(|pair| pair[1]);
    ColorChoice::from_str(with_equals.or_else(apart)?, true).ok()
}

/// The grammar, with the exit codes in its long help.
pub(crate) fn command() -> clap::Command {
    let codes = exit::ALL.iter().map(|(exit, meaning)| format!("  {:>3}  {meaning}", exit.code()));
    let (heading, codes) = (clap_cargo::style::HEADER, codes.collect::<Vec<_>>().join("\n"));
    examples::teach(Cli::command()).after_long_help(format!("{heading}Exit codes:{heading:#}\n{codes}"))
}

pub(crate) fn families() -> PossibleValuesParser {
    PossibleValuesParser::new(family::ALL.iter().map(|family| family.name()))
}

pub(crate) fn order() -> impl TypedValueParser<Value = ListOrder> {
    let known = |text: String| ListOrder::ALL.into_iter().find(|order| order.as_str() == text);
    PossibleValuesParser::new(ListOrder::ALL.map(ListOrder::as_str))
        .map(move |text| known(text).expect("no other value is possible"))
}

pub(crate) fn plan_id(text: &str) -> Result<PlanId, &'static str> {
    PlanId::parse(text).ok_or("this is not the id of a plan, as `--dry-run` tells it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colour_that_was_typed_counts_for_what_is_said_of_a_mistake_too() {
        let typed = |line: &str| typed_color(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert_eq!(typed("p --color never lsit"), Some(ColorChoice::Never));
        assert_eq!(typed("p lsit --color=always"), Some(ColorChoice::Always));
        assert_eq!(typed("p watch -- game --color never"), None);
        assert_eq!(typed("p --color sometimes"), None);
        assert_eq!(typed("p list --color"), None);
    }

    #[test]
    fn the_grammar_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_version_names_the_version_of_the_pack() {
        assert!(VERSION.ends_with(&format!("version {})", packer_format::layout::PACK_VERSION)));
    }

    #[test]
    fn cargo_and_people_may_call_it() {
        for words in [&["cargo-prometeu", "prometeu", "list"][..], &["cargo-prometeu", "list"]] {
            let cli = parse(words.iter().map(OsString::from)).unwrap();
            assert!(matches!(cli.command, Some(Command::List(_))), "{words:?}");
        }
    }
}
