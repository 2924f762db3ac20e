//! The glance for people: a label and a few words a row, and the commands below.
//!
//! On a terminal rows are broken where it ends; elsewhere nothing is broken.

use anstyle::Style;
use clap_cargo::style;
use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::diagnostics::{Diagnostic, Severity, render};
use prometeu_packer::pack::{LastPack, Standing};
use prometeu_packer::snapshot::State;

use super::next::Step;
use super::packs::Maker;
use super::{Family, Glance};
use crate::printer::human::counted;
use crate::printer::words::wrap;
use crate::printer::{display_path, units, width};
use crate::shell::Shell;

/// Before the words of a row: its label.
const LABEL: usize = 11;

/// How many problems are named.
const NAMED: usize = 2;

/// How wide words are set at most.
const WIDEST: usize = 100;

const LABELS: Style = Style::new().dimmed();

pub(super) fn print(shell: &Shell, glance: &Glance, next: &[Step]) {
    // A line that nothing breaks is as long as it is.
    let columns = width::of_stdout().map_or(usize::MAX, |columns| columns.min(WIDEST));
    let page = Page { shell, columns };
    let folder = visible(&glance.folder.display().to_string());
    let name =
        glance.package.clone().or_else(|| Some(glance.folder.file_name()?.to_string_lossy().into_owned()));
    let bold = Style::new().bold();
    if let Some(name) = name {
        shell.print(format_args!("{bold}{}{bold:#}", visible(&name)));
    }
    page.row("in", None, &folder);
    page.row("assets", None, &assets(glance));
    let (word, says, ink) = state(glance);
    page.row("registry", Some((word, ink)), &format!("{word}: {says}"));
    problems(&page, glance);
    packs(&page, glance);
    if shell.is_quiet() {
        return;
    }
    shell.print("");
    // What is measured is what is printed.
    let next: Vec<(String, String)> =
        next.iter().map(|Step { command, title }| (visible(command), visible(title))).collect();
    let longest = next.iter().map(|(command, _)| width::of_text(command)).max().unwrap_or(0);
    let widest = next.iter().map(|(_, title)| width::of_text(title)).max().unwrap_or(0);
    let beside = longest + 2 + widest <= columns;
    let literal = style::LITERAL;
    for (command, title) in next {
        if beside {
            let gap = longest - width::of_text(&command);
            shell.print(format_args!("{literal}{command}{literal:#}{:gap$}  {title}", ""));
        } else {
            shell.print(format_args!("{literal}{command}{literal:#}"));
            wrap(&title, columns, 4).iter().for_each(|line| shell.print(format_args!("    {line}")));
        }
    }
}

/// Where rows are printed.
struct Page<'a> {
    shell: &'a Shell,
    columns: usize,
}

impl Page<'_> {
    /// A row, of whose words the first may be coloured.
    fn row(&self, label: &str, mark: Option<(&str, Style)>, words: &str) {
        for (n, line) in wrap(words, self.columns, LABEL).into_iter().enumerate() {
            let label = if n == 0 { label } else { "" };
            let line = match mark.and_then(|(mark, ink)| Some((mark, ink, line.strip_prefix(mark)?))) {
                Some((mark, ink, rest)) if n == 0 => format!("{ink}{mark}{ink:#}{rest}"),
                _ => line,
            };
            self.shell.print(format_args!("{LABELS}{label:LABEL$}{LABELS:#}{line}"));
        }
    }
}

/// `12, 10 in builds: 8 glyph_bank, 2 sound_bank; 1 not registered`
fn assets(glance: &Glance) -> String {
    let counts = &glance.counts;
    if glance.divergences.iter().any(|found| found.kind.as_str().starts_with("registry-")) {
        return match counts.unregistered {
            0 => "none that anybody knows of".to_owned(),
            1 => "nobody knows which there are; 1 declaration is there".to_owned(),
            count => format!("nobody knows which there are; {count} declarations are there"),
        };
    }
    let mut words = match (counts.assets, counts.included) {
        (0, _) => "none registered".to_owned(),
        (assets, included) if assets == included => assets.to_string(),
        (assets, included) => format!("{assets}, {included} in builds"),
    };
    let of_family = |family: &Family| {
        let name = family.name.as_deref().map_or("of no known type", |name| name);
        format!("{} {name}", family.assets)
    };
    if !glance.families.is_empty() {
        let families: Vec<String> = glance.families.iter().map(of_family).collect();
        words.push_str(&format!(": {}", families.join(", ")));
    }
    for (count, what) in [(counts.unregistered, "not registered"), (counts.quarantined, "in quarantine")] {
        if count > 0 {
            words.push_str(&format!("; {count} {what}"));
        }
    }
    words
}

/// How registry and disk stand, and the first of what contradicts each other.
fn state(glance: &Glance) -> (&'static str, String, Style) {
    let state = &glance.state;
    let says = match state {
        State::Diverged if !glance.divergences.is_empty() => {
            let first = visible(&glance.divergences[0].message);
            let more = glance.divergences.len() - 1;
            if more == 0 { first } else { format!("{first}; and {}", counted(more, "more contradiction")) }
        }
        State::Current => "the registry and the disk agree".to_owned(),
        State::Stale => "the files have moved on since they were read".to_owned(),
        State::Diverged => "the registry and the disk contradict each other".to_owned(),
        State::Reconciling { title } => format!("a change is under way, {}", visible(title)),
        State::Failed { why } => format!("the journal cannot be followed, {}", visible(why)),
        _ => String::new(),
    };
    let ink = match state {
        State::Current => style::GOOD,
        State::Stale | State::Reconciling { .. } => style::WARN,
        _ => style::ERROR,
    };
    (state.as_str(), says, ink)
}

fn problems(page: &Page<'_>, glance: &Glance) {
    let Some(summary) = render::summary(&glance.problems) else {
        let words = if glance.is_looked_into() {
            "none"
        } else {
            "none seen from outside; `doctor` looks into the files"
        };
        return page.row("problems", None, words);
    };
    page.row("problems", None, &summary);
    for found in glance.problems.iter().take(NAMED) {
        let (mark, ink) = mark(found);
        let root =
            found.asset_root.as_ref().map_or(String::new(), |root| format!(" {}:", visible(root.as_str())));
        page.row("", Some((&mark, ink)), &format!("{mark}{root} {}", visible(&found.message)));
    }
    let more = glance.problems.len().saturating_sub(NAMED);
    if more > 0 {
        page.row("", None, &format!("and {more} more"));
    }
}

/// `error[tile-colors]`
fn mark(found: &Diagnostic) -> (String, Style) {
    let ink = if found.severity == Severity::Error { style::ERROR } else { style::WARN };
    (format!("{}[{}]:", found.severity, found.code), ink)
}

fn packs(page: &Page<'_>, glance: &Glance) {
    if glance.packs.is_empty() {
        return page.row("last pack", None, "none yet");
    }
    let now = units::now();
    for (n, pack) in glance.packs.iter().enumerate() {
        let whose = match pack.maker {
            Maker::Command => display_path(&pack.path),
            Maker::BuildScript => "of `cargo build`".to_owned(),
        };
        let (standing, ink, words) = match &pack.last {
            Ok(last) => {
                let (standing, ink) = standing(glance, last);
                let age = last.modified.map_or(String::new(), |then| format!(", {}", units::ago(then, now)));
                (standing, ink, format!("{whose}, {}{age}", units::bytes(last.size)))
            }
            Err(why) => {
                ("cannot be looked at".to_owned(), style::ERROR, format!("{whose}, {}", visible(why)))
            }
        };
        let words = format!("{standing}: {words}");
        page.row(if n == 0 { "last pack" } else { "" }, Some((&standing, ink)), &words);
    }
}

fn standing(glance: &Glance, last: &LastPack) -> (String, Style) {
    match &last.standing {
        // What a problem anywhere keeps from being packed is not up to date, whatever became of its files.
        Standing::Fresh if glance.is_blocked() => ("as it was made".to_owned(), style::WARN),
        Standing::Fresh => ("fresh".to_owned(), style::GOOD),
        Standing::Older(assets) => (format!("older than {}", counted(assets.len(), "asset")), style::WARN),
        Standing::Unknown => ("not known whether it is fresh".to_owned(), style::WARN),
    }
}
