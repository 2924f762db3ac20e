//! The grammar of the command line, with cargo's names and manners.
//!
//! Cargo calls the binary as `cargo-prometeu prometeu X`; `cargo-prometeu X` is taken as well.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{
    ArgAction, ArgGroup, Args, ColorChoice, CommandFactory as _, FromArgMatches as _, Parser, Subcommand,
    ValueEnum,
};
use prometeu_packer::family;
use prometeu_packer::mutate::PlanId;
use prometeu_packer::ops::ListOrder;

use crate::exit;

/// `--version` also says which packs are written; a test holds the number to the library's.
pub(crate) const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (writes assets.pa version 1)");

/// Look after a game's assets: declare, check and pack them
#[derive(Debug, Parser)]
#[command(
    name = "cargo-prometeu",
    bin_name = "cargo prometeu",
    version = VERSION,
    styles = clap_cargo::style::CLAP_STYLING,
    after_help = "A game packs by itself in `cargo build`; these commands are for people, hooks and CI.",
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
#[derive(Debug, Args)]
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

    /// What to write on stdout: words, or JSON, one object a line
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MessageFormat {
    /// For people
    Human,
    /// For programs: one JSON object a line
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a game ready for assets: the registry, and what cargo and git have to know
    Init(Init),
    /// Say how the registry and the disk stand to each other, and what cures it
    Status,
    /// Read the disk again, and tell the programs that listen what changed
    ///
    /// This is for a program that keeps a project open and hears its events, as `serve` does for one. A
    /// command has read nothing before, so it can tell the state and how much is wrong, and no change:
    /// `status` says what contradicts each other, and `doctor` everything that is wrong.
    Refresh,
    /// Let the registry follow what was moved or renamed by hand
    Reconcile(Reconcile),
    /// Make a new asset that packs at once, and register it
    Create(Create),
    /// Take asset folders that are there already into the registry
    Register(Register),
    /// Say which asset a folder is: a copy, or one that was moved or lost its uuid
    Adopt(Adopt),
    /// Drop an asset from the registry; every file stays
    Forget(Forget),
    /// Drop an asset and put its files into quarantine, or delete them
    Remove(Remove),
    /// Move or rename an asset's folder; its id stays
    Relocate(Relocate),
    /// Take assets into builds
    Include(Assets),
    /// Keep assets out of builds; they stay registered
    Exclude(Assets),
    /// Put an asset, or a folder that nobody registered, out of the way as it is
    Quarantine(Quarantine),
    /// Bring back what lies in quarantine, with its id
    Restore(Restore),
    /// Take back the last change
    Undo(Undo),
    /// List assets
    #[command(visible_alias = "ls")]
    List(List),
    /// Show everything about one asset, with its names in Rust
    Show(Show),
    /// Say everything that is wrong with the assets
    Doctor(Doctor),
    /// Show what a pack would take in
    Summary(Summary),
    /// Say what would block a pack
    Validate(Validate),
    /// Pack the registered assets into assets.pa
    Pack(Pack),
    /// Pack step by step: summary, validation, packing, result
    Wizard(Wizard),
    /// Show what is in a pack
    Inspect(Inspect),
    /// Say where the cache is, why there, and what it holds; or empty it
    Cache(Cache),
    /// Serve a program that speaks JSON-RPC on standard input and output, such as a studio
    Serve(Serve),
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

/// `init`
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Depend on the packer in this checkout of it, instead of on a release
    #[arg(long, value_name = "CHECKOUT")]
    pub(crate) packer: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

/// `create`
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// The new folder, relative to `assets/` or as a path into it
    pub(crate) root: OsString,

    /// What kind of asset it is
    #[arg(long = "type", value_name = "FAMILY", value_parser = families())]
    pub(crate) family: String,

    /// Its name; the folder's own unless given
    #[arg(long)]
    pub(crate) name: Option<String>,

    /// Files to copy into it: pictures for tiles, WAV files for sounds; the order is that of their indices
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) from: Vec<PathBuf>,

    /// Size of the tiles in the pictures [possible values: 8, 16, 32]; the largest that divides all
    /// of them unless given
    #[arg(long, value_name = "PIXELS", requires = "from")]
    pub(crate) tile_size: Option<u32>,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

/// `register`
#[derive(Debug, Args)]
pub(crate) struct Register {
    /// Folders with an asset.json, relative to `assets/` or as paths into it
    #[arg(required = true, value_name = "ROOT")]
    pub(crate) roots: Vec<OsString>,

    /// Register them, but keep them out of builds for now
    #[arg(long)]
    pub(crate) excluded: bool,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

/// `adopt`
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("adoption").required(true).args(["as_new", "as_asset"]))]
pub(crate) struct Adopt {
    /// A folder with an asset.json, relative to `assets/` or as a path into it
    pub(crate) root: OsString,

    /// It is a copy, or shares its id or uuid with another: it gets one of its own
    #[arg(long)]
    pub(crate) as_new: bool,

    /// It is this asset, whatever it carries: an id, a uuid, a root, or a name that no other asset has
    #[arg(long = "as", value_name = "ASSET")]
    pub(crate) as_asset: Option<OsString>,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

/// `forget`
#[derive(Debug, Args)]
pub(crate) struct Forget {
    /// Its id, its uuid, its root or a path to it, or a name that no other asset has
    pub(crate) asset: OsString,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

/// `remove`
#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// Its id, its uuid, its root or a path to it, or a name that no other asset has
    pub(crate) asset: OsString,

    /// Delete its files instead of putting them into quarantine
    #[arg(long)]
    pub(crate) purge: bool,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

/// `quarantine`
#[derive(Debug, Args)]
pub(crate) struct Quarantine {
    /// An asset, as for the other commands; or the folder of one that nobody registered
    pub(crate) asset: OsString,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

/// `restore`
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// What `list --quarantined` calls it; or the id, the uuid or the root that it had
    pub(crate) entry: OsString,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

/// `undo`
#[derive(Debug, Args)]
pub(crate) struct Undo {
    /// The id of the plan that it applied, which -v told: another change is not taken back then
    #[arg(value_name = "CHANGE", value_parser = plan_id)]
    pub(crate) change: Option<PlanId>,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

/// `reconcile`
#[derive(Debug, Args)]
pub(crate) struct Reconcile {
    /// Those assets alone: for each its id, its uuid, its root, or a name that no other asset has
    #[arg(value_name = "ASSET")]
    pub(crate) assets: Vec<OsString>,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

/// `relocate`
#[derive(Debug, Args)]
pub(crate) struct Relocate {
    /// Its id, its uuid, its root or a path to it, or a name that no other asset has
    pub(crate) asset: OsString,

    /// The folder that it gets, relative to `assets/` or as a path into it; it must not be there yet
    pub(crate) new_root: OsString,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

/// `include`, `exclude`
#[derive(Debug, Args)]
pub(crate) struct Assets {
    /// For each its id, its uuid, its root or a path to it, or a name that no other asset has
    #[arg(required = true, value_name = "ASSET")]
    pub(crate) assets: Vec<OsString>,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

/// `list`
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only those that are not registered
    #[arg(long, conflicts_with = "excluded")]
    pub(crate) unregistered: bool,

    /// Only those that are registered and kept out of builds
    #[arg(long)]
    pub(crate) excluded: bool,

    /// What lies in quarantine instead
    #[arg(long, conflicts_with_all = ["unregistered", "excluded", "family", "sort"])]
    pub(crate) quarantined: bool,

    /// Only those of this type
    #[arg(long, value_name = "FAMILY", value_parser = families())]
    pub(crate) family: Option<String>,

    /// Which come first: by id, by name, or the largest
    #[arg(long, value_name = "ORDER", default_value = "id", hide_default_value = true, value_parser = order())]
    pub(crate) sort: ListOrder,
}

/// `show`
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Its id, its uuid, its root or a path to it, or a name that no other asset has
    pub(crate) asset: OsString,
}

/// `doctor`
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Say what is untidy as well: files that nobody uses or that are there twice, folders that nobody
    /// registered, what crashes left behind
    #[arg(long)]
    pub(crate) workspace: bool,

    /// Mend what takes nobody's judgement, all of it or what is named; and, asking first, profile lines
    /// that are missing in Cargo.toml
    #[arg(long, value_name = "ID", num_args = 0..=1, require_equals = true)]
    pub(crate) fix: Option<Vec<String>>,

    /// Let warnings block like errors; look for what is untidy, as with --workspace, and count it as well
    #[arg(long)]
    pub(crate) strict: bool,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

/// `summary`
#[derive(Debug, Args)]
pub(crate) struct Summary {}

/// `validate`
#[derive(Debug, Args)]
pub(crate) struct Validate {
    /// Let warnings block like errors
    #[arg(long)]
    pub(crate) strict: bool,
}

/// `wizard`
#[derive(Debug, Args)]
pub(crate) struct Wizard {
    /// Where to write; `build/` in the project unless given
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// Let warnings block like errors
    #[arg(long)]
    pub(crate) strict: bool,

    /// Pack without asking first
    #[arg(short, long)]
    pub(crate) yes: bool,
}

/// `pack`
#[derive(Debug, Args)]
pub(crate) struct Pack {
    /// Where to write; `build/` in the project unless given
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// Write nothing: say whether what is there is what the sources make
    #[arg(long)]
    pub(crate) check: bool,

    /// Let warnings block like errors
    #[arg(long)]
    pub(crate) strict: bool,
}

/// `inspect`
#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// An `assets.pa`
    pub(crate) pack: PathBuf,
}

/// `cache`
#[derive(Debug, Args)]
pub(crate) struct Cache {
    #[command(subcommand)]
    pub(crate) action: Option<CacheAction>,
}

/// What to do with the cache.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum CacheAction {
    /// Remove everything that the packer keeps there; no byte of a pack depends on it
    Clear,
}

/// `serve`
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Do not look at the files; tell what others do to them only when asked
    #[arg(long)]
    pub(crate) no_observe: bool,

    /// Look at the files every two seconds, where the system does not tell of changes: on network drives
    #[arg(long, conflicts_with = "no_observe")]
    pub(crate) poll: bool,
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
    let mut command = command();
    let matches = command.try_get_matches_from_mut(arguments)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// The grammar, with the exit codes in its long help.
pub(crate) fn command() -> clap::Command {
    let codes = exit::ALL.iter().map(|(exit, meaning)| format!("  {:>3}  {meaning}", exit.code()));
    let (heading, codes) = (clap_cargo::style::HEADER, codes.collect::<Vec<_>>().join("\n"));
    Cli::command().after_long_help(format!("{heading}Exit codes:{heading:#}\n{codes}"))
}

fn families() -> PossibleValuesParser {
    PossibleValuesParser::new(family::ALL.iter().map(|family| family.name()))
}

fn order() -> impl TypedValueParser<Value = ListOrder> {
    let known = |text: String| ListOrder::ALL.into_iter().find(|order| order.as_str() == text);
    PossibleValuesParser::new(ListOrder::ALL.map(ListOrder::as_str))
        .map(move |text| known(text).expect("no other value is possible"))
}

fn plan_id(text: &str) -> Result<PlanId, &'static str> {
    PlanId::parse(text).ok_or("this is not the id of a plan, as `--dry-run` tells it")
}

#[cfg(test)]
mod tests {
    use super::*;

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
