//! `unused`: what may be there for nothing, each with what speaks for that and how sure it is.
//!
//! | what | who says so |
//! | --- | --- |
//! | assets in the pack set that no code names | [rustc](compiler), which is asked to check the game with its own lint |
//! | files in an asset root that nothing references | the hygiene of `doctor --workspace` |
//! | inputs that are there twice | the same |
//!
//! [Rust sources](sources) are searched for words that speak against it: an asset's name in a string, code that was
//! not compiled, ids made of numbers. It is advice: nothing is changed, nothing blocks, and it ends with 0. What a
//! person picks, `quarantine` puts out of the way.

mod compiler;
mod sources;

use clap::Args;
use prometeu_packer::address;
use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::diagnostics::{Code, Diagnostic};
use prometeu_packer::ops::{AssetRow, Blocker, DoctorRequest, ListRequest, OperationClass, Status};
use prometeu_packer::path::AssetPath;
use serde_json::{Value, json};

use super::Context;
use super::own::{self, Answer};
use crate::exit::{self, Exit};
use crate::printer::Printer;
use crate::printer::human;
use crate::printer::table::{Align, Table};
use crate::printer::units;
use crate::session;
use crate::shell::Shell;
use crate::wire::present;
use compiler::{Asked, Target};
use sources::Sources;

/// The name in `operation`.
pub(super) const OPERATION: &str = "unused";

/// So many ids stand in a hint.
const NAMED: usize = 8;

/// Names of files that people keep beside what was made of them: what drawing, modelling and sound programs save,
/// and notes.
const WORKSHOP: &[&str] = &[
    "afdesign", "afphoto", "als", "ase", "aseprite", "aup3", "blend", "clip", "flp", "graphite", "kra", "md",
    "ora", "pdn", "psb", "psd", "pxm", "pyxel", "rpp", "svg", "txt", "xcf",
];

/// `unused`
#[derive(Debug, Args)]
pub(crate) struct Unused {
    /// Do not ask the compiler: look at the files alone
    #[arg(long)]
    no_compiler: bool,
}

/// How sure it is that something is there for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Confidence {
    High,
    Medium,
    Low,
}

impl Confidence {
    const fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// What speaks for it, and against it.
#[derive(Debug)]
struct Advice {
    confidence: Confidence,
    /// Each a sentence without its full stop.
    evidence: Vec<String>,
}

/// An asset that no code names.
#[derive(Debug)]
struct UnusedAsset {
    row: AssetRow,
    advice: Advice,
}

/// A file that nothing references, or of several that are equal the first.
#[derive(Debug)]
struct UnusedFile {
    /// Relative to the project, with `/`.
    path: String,
    size: Option<u64>,
    advice: Advice,
}

pub(super) fn run(context: &Context<'_>, request: &Unused) -> Result<Exit, Blocker> {
    let printer = context.printer;
    let project = session::open_to_ask(context.global, printer)?;
    let folder = project.layout().project();
    let listed = project.list_assets(&ListRequest::default());
    let (Some(rows), Status::Ok) = (&listed.payload, listed.status) else {
        return Ok(match listed.blockers.first() {
            Some(blocker) => return Err(blocker.clone()),
            None => printer.response(&listed, human::trouble),
        });
    };
    let found = project.doctor(DoctorRequest { workspace: true, strict: false });
    let asked = if request.no_compiler {
        Asked::nobody("the compiler was not asked which assets no code names")
    } else {
        match compiler::ask(context.global, folder, rows, printer)? {
            Ok(asked) => asked,
            Err(target) => return Ok(not_compiled(printer, &target)),
        }
    };
    let sources = Sources::read(&asked.packages);
    let mut assets: Vec<UnusedAsset> =
        rows.iter().filter_map(|row| of_asset(row, &asked, &sources)).collect();
    assets.sort_by_key(|asset| (asset.advice.confidence, asset.row.asset_id));
    let of =
        |codes: &'static [Code]| found.diagnostics.iter().filter(move |found| codes.contains(&found.code));
    let mut files: Vec<UnusedFile> = of(&[Code::UnreferencedFile, Code::LargeUnusedFile])
        .filter_map(|diagnostic| of_file(diagnostic, folder, &sources))
        .collect();
    files.sort_by(|a, b| (a.advice.confidence, &a.path).cmp(&(b.advice.confidence, &b.path)));
    let copies: Vec<&Diagnostic> = of(&[Code::DuplicateContent]).collect();

    let summary = summary(&assets, &files, &copies);
    let answer = Answer {
        operation: OPERATION,
        class: OperationClass::ReadOnly,
        summary: &summary,
        members: vec![
            ("assets", assets.iter().map(asset_member).collect()),
            ("files", files.iter().map(file_member).collect()),
            ("copies", copies.iter().map(|copies| copies_member(copies)).collect()),
            ("asked", asked.targets.iter().map(Target::member).collect()),
            ("notes", json!(asked.notes)),
        ],
    };
    own::answer(printer, answer, |shell| print(shell, &assets, &files, &copies, &asked, &summary));
    Ok(exit::DONE)
}

fn not_compiled(printer: &Printer, target: &Target) -> Exit {
    let summary = format!("{target} does not compile, so nobody knows which assets it names");
    let class = OperationClass::ReadOnly;
    let answer = Answer { operation: OPERATION, class, summary: &summary, members: Vec::new() };
    own::answer_with(printer, Status::Blocked, answer, |shell| {
        shell.error(visible(&summary));
        shell.help("Mend first what cargo says, or look at the files alone with `--no-compiler`.");
    });
    exit::FINDINGS
}

/// What is known of an asset that rustc calls unused.
fn of_asset(row: &AssetRow, asked: &Asked, sources: &Sources) -> Option<UnusedAsset> {
    row.asset_id.filter(|id| asked.unused.contains(id))?;
    let address = address::of_root(&AssetPath::parse(&row.root).ok()?);
    let who = match &asked.targets[..] {
        [one] => one.to_string(),
        several => format!("any of the {} targets that have the constants", several.len()),
    };
    let mut evidence = vec![format!("nothing in {who} names `assets::{address}` or one of its artifacts")];
    let mut confidence = Confidence::High;
    let mut against = |than: Confidence, words: String| {
        confidence = confidence.max(than);
        evidence.push(words);
    };
    if let Some(place) = sources.makes_ids() {
        against(Confidence::Medium, format!("{place} makes ids of numbers, which can be of any asset"));
    }
    if let Some(place) = sources.names_constant(&address) {
        against(Confidence::Low, format!("{place} names it in what was not compiled now"));
    }
    let spoken = [row.asset_name.as_deref(), Some(&row.root)];
    if let Some((words, place)) =
        spoken.into_iter().flatten().find_map(|words| Some((words, sources.quotes(words)?)))
    {
        against(Confidence::Low, format!("{place} holds the string \"{words}\""));
    }
    Some(UnusedAsset { row: row.clone(), advice: Advice { confidence, evidence } })
}

/// What is known of a file that no declaration names.
fn of_file(found: &Diagnostic, folder: &std::path::Path, sources: &Sources) -> Option<UnusedFile> {
    let path = found.file.clone()?;
    let name = path.rsplit('/').next().unwrap_or(&path);
    let size = std::fs::symlink_metadata(folder.join(&path)).ok().map(|metadata| metadata.len());
    let mut evidence = vec![match &found.asset_root {
        Some(root) => format!("no input of `{root}` names it"),
        None => "no input names it".to_owned(),
    }];
    let mut confidence = Confidence::High;
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_lowercase());
    if let Some(extension) = extension.filter(|extension| WORKSHOP.contains(&extension.as_str())) {
        confidence = Confidence::Low;
        evidence.push(format!("people keep `.{extension}` files beside what they made of them"));
    }
    if let Some(place) = sources.quotes_path_to(name) {
        confidence = Confidence::Low;
        evidence.push(format!("{place} holds a string that ends in `{name}`"));
    }
    Some(UnusedFile { path, size, advice: Advice { confidence, evidence } })
}

fn summary(assets: &[UnusedAsset], files: &[UnusedFile], copies: &[&Diagnostic]) -> String {
    let parts: Vec<String> = [
        (assets.len(), "asset that no code names", "assets that no code names"),
        (files.len(), "file that nothing references", "files that nothing references"),
        (copies.len(), "input that is there more than once", "inputs that are there more than once"),
    ]
    .into_iter()
    .filter(|(count, ..)| *count > 0)
    .map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }))
    .collect();
    if parts.is_empty() { "nothing unused".to_owned() } else { parts.join(", ") }
}

fn print(
    shell: &Shell,
    assets: &[UnusedAsset],
    files: &[UnusedFile],
    copies: &[&Diagnostic],
    asked: &Asked,
    summary: &str,
) {
    let mut is_first = true;
    let mut show = |table: &Table| {
        if !std::mem::take(&mut is_first) {
            shell.print("");
        }
        table.lines().for_each(|line| shell.print(line));
    };
    if !assets.is_empty() {
        let head =
            [("ID", Align::Right), ("ASSET", Align::Left), ("SIZE", Align::Right), ("SURE", Align::Left)];
        let mut table = Table::new([&head[..], &[("BECAUSE", Align::Left)]].concat());
        for UnusedAsset { row, advice } in assets {
            let id = row.asset_id.map_or("-".to_owned(), |id| id.to_string());
            let cells = vec![id, visible(&row.root), units::bytes(row.size)];
            rows_of(&mut table, cells, advice);
        }
        show(&table);
    }
    if !files.is_empty() {
        let head =
            [("FILE", Align::Left), ("SIZE", Align::Right), ("SURE", Align::Left), ("BECAUSE", Align::Left)];
        let mut table = Table::new(head);
        for file in files {
            let size = file.size.map_or("-".to_owned(), units::bytes);
            rows_of(&mut table, vec![visible(&file.path), size], &file.advice);
        }
        show(&table);
    }
    if !copies.is_empty() {
        let mut table = Table::new([("EQUAL CONTENTS", Align::Left)]);
        copies.iter().for_each(|copies| table.row(vec![visible(&copies.message)]));
        show(&table);
    }
    asked.notes.iter().for_each(|note| shell.note(visible(note)));
    shell.status("Found", visible(summary));
    if !files.is_empty() {
        shell.hint(
            "what people still need may lie in a folder whose name begins with a dot, such as `.sources`; the rest can \
             be deleted by hand",
        );
    }
    let ids: Vec<String> = assets.iter().filter_map(|asset| Some(asset.row.asset_id?.to_string())).collect();
    match &ids[..] {
        [] => {}
        [one] => shell.hint(format_args!(
            "`cargo prometeu quarantine {one}` puts it out of the way, `exclude {one}` out of builds alone; nothing is lost \
             with either"
        )),
        several => {
            let some = several.iter().take(NAMED).cloned().collect::<Vec<_>>().join(" ");
            shell.hint(format_args!(
                "`cargo prometeu quarantine {some}`, or those of them that you pick, puts them out of the way, `exclude` \
                 out of builds alone; nothing is lost with either"
            ));
        }
    }
}

/// A row, and one more for each further piece of evidence.
fn rows_of(table: &mut Table, mut cells: Vec<String>, advice: &Advice) {
    let blank = vec![String::new(); cells.len() + 1];
    cells.push(advice.confidence.as_str().to_owned());
    for (n, words) in advice.evidence.iter().enumerate() {
        let front = if n == 0 { &cells } else { &blank };
        table.row([&front[..], &[visible(words)]].concat());
    }
}

fn advice_members(advice: &Advice) -> [(&'static str, Option<Value>); 2] {
    [("confidence", Some(json!(advice.confidence.as_str()))), ("evidence", Some(json!(advice.evidence)))]
}

fn asset_member(UnusedAsset { row, advice }: &UnusedAsset) -> Value {
    let own = [
        ("asset_id", row.asset_id.map(|id| json!(id.get()))),
        ("asset_uuid", row.asset_uuid.map(|uuid| json!(uuid.to_string()))),
        ("asset_name", row.asset_name.as_deref().map(Value::from)),
        ("asset_family", row.asset_family.as_deref().map(Value::from)),
        ("root", Some(json!(row.root))),
        ("size", Some(json!(row.size))),
    ];
    present(own.into_iter().chain(advice_members(advice)))
}

fn file_member(file: &UnusedFile) -> Value {
    let own = [("file", Some(json!(file.path))), ("size", file.size.map(Value::from))];
    present(own.into_iter().chain(advice_members(&file.advice)))
}

fn copies_member(copies: &Diagnostic) -> Value {
    let advice = Advice { confidence: Confidence::High, evidence: vec![copies.message.clone()] };
    let own = [("file", copies.file.as_deref().map(Value::from)), ("line", copies.line.map(Value::from))];
    present(own.into_iter().chain(advice_members(&advice)))
}
