//! `explain`: what a code of a finding means, where it comes from, an example, and the cure.
//!
//! The words are those of the page on diagnostics, read from it by [`explanations`](crate::explanations); there is no second copy.
//! It opens no project.

use anstyle::Style;
use clap::Args;
use clap_cargo::style;
use prometeu_packer::IdSource as _;
use prometeu_packer::diagnostics::{Code, Severity};
use prometeu_packer::ops::{Blocker, BlockerCode};
use prometeu_packer::schema::suggest::nearest;
use serde_json::{Map, Value, json};

use super::Context;
use crate::exit::{self, Exit};
use crate::explanations::{Block, Explanation, explanations};
use crate::printer::width;
use crate::printer::words::{plain, wrap};
use crate::session::Uuids;
use crate::shell::Shell;
use crate::wire;

/// The name in `operation`.
pub(super) const OPERATION: &str = "explain";

/// How wide words are set at most, and where nobody knows how wide the terminal is.
const WIDEST: usize = 100;
const UNKNOWN: usize = 80;

/// `explain`
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A code, as it stands in brackets in a finding: all of them with one line each unless given
    code: Option<String>,
}

pub(super) fn run(context: &Context<'_>, request: &Explain) -> Result<Exit, Blocker> {
    let printer = context.printer;
    let explained = request.code.as_deref().map(find).transpose()?;
    if printer.for_people() {
        let columns = width::of_stdout().map(|columns| columns.min(WIDEST));
        match &explained {
            Some(explanation) => print(printer.shell(), explanation, columns.unwrap_or(UNKNOWN)),
            // What is searched and cut by other programs stays one line each.
            None => print_all(printer.shell(), columns.unwrap_or(usize::MAX)),
        }
    } else {
        let summary = match &explained {
            Some(explanation) => explanation.code.meaning().to_owned(),
            None => format!("{} codes", Code::ALL.len()),
        };
        let mut response = wire::Response::of_command(OPERATION, Uuids.operation_id().to_string(), &summary);
        response.payload = Some(explained.as_ref().map_or_else(all_members, members));
        printer.line(response.line());
    }
    Ok(exit::DONE)
}

/// The explanation of what was typed: the code, or what stands in brackets as it was copied.
fn find(typed: &str) -> Result<Explanation, Blocker> {
    let bare = typed.split_once('[').map_or(typed, |(_, code)| code.split(']').next().unwrap_or(code));
    let name = bare.trim().to_ascii_lowercase().replace('_', "-");
    explanations().into_iter().find(|explanation| explanation.code.as_str() == name).ok_or_else(|| {
        let all = "`cargo prometeu explain` lists all codes.";
        let help = match nearest(&name, Code::ALL.iter().map(|code| code.as_str())) {
            Some(near) => format!("There is `{near}`; {all}"),
            None => all.replacen("`cargo", "Run `cargo", 1).replace("` lists", "`, which lists"),
        };
        Blocker::new(BlockerCode::InvalidArgument, format!("there is no code `{typed}`")).help(help)
    })
}

fn style_of(severity: Severity) -> Style {
    match severity {
        Severity::Error => style::ERROR,
        Severity::Warning => style::WARN,
        Severity::Info => style::NOTE,
    }
}

fn print(shell: &Shell, explanation: &Explanation, columns: usize) {
    let Explanation { code, class, cause, example, cure, .. } = explanation;
    let (loud, bold) = (style_of(code.severity()), Style::new().bold());
    let heading = |words: &str| shell.print(format_args!("\n{bold}{words}{bold:#}"));
    let paragraph = |words: &str| {
        wrap(&plain(words), columns, 2).iter().for_each(|line| shell.print(format_args!("  {line}")));
    };
    let head = format!("{}[{code}]", code.severity());
    for (n, line) in wrap(&format!("{head}: {}", code.meaning()), columns, 2).iter().enumerate() {
        match line.strip_prefix(&head) {
            Some(rest) if n == 0 => shell.print(format_args!("{loud}{head}{loud:#}{rest}")),
            _ => shell.print(format_args!("  {line}")),
        }
    }
    shell.print(class);
    heading("Cause");
    paragraph(cause);
    heading("Example");
    for (n, block) in example.iter().enumerate() {
        if n > 0 {
            shell.print("");
        }
        match block {
            Block::Words(words) => paragraph(words),
            Block::Code { language, text } => {
                let lines = text.lines().flat_map(|line| match *language {
                    "text" => drawn(line, columns.saturating_sub(4)),
                    _ => vec![line.to_owned()],
                });
                let indented = |line: String| if line.is_empty() { line } else { format!("    {line}") };
                lines.for_each(|line| shell.print(indented(line)));
            }
        }
    }
    heading("Cure");
    paragraph(cure);
}

/// A line of what doctor says: its sentences in lines of at most `columns` characters, and source as it is.
fn drawn(line: &str, columns: usize) -> Vec<String> {
    let (start, words) = match line.split_once("= help: ") {
        Some((gutter, words)) if gutter.trim().is_empty() => (format!("{gutter}= help: "), words),
        _ if line.contains("]: ") && line.starts_with(char::is_alphabetic) => (String::new(), line),
        _ => return vec![line.to_owned()],
    };
    let (hang, indent) =
        if start.is_empty() { ("  ".to_owned(), 2) } else { (" ".repeat(start.len()), start.len()) };
    let lines = wrap(words, columns, indent).into_iter().enumerate();
    lines.map(|(n, line)| if n == 0 { format!("{start}{line}") } else { format!("{hang}{line}") }).collect()
}

/// One line for each, in the groups of the page.
fn print_all(shell: &Shell, columns: usize) {
    let bold = Style::new().bold();
    let widest = Code::ALL.iter().map(|code| code.as_str().len()).max().unwrap_or(0);
    let mut group = "";
    for explanation in explanations() {
        let Explanation { code, .. } = explanation;
        if explanation.group != group {
            let gap = if group.is_empty() { "" } else { "\n" };
            group = explanation.group;
            shell.print(format_args!("{gap}{bold}{group}{bold:#}"));
        }
        let loud = style_of(code.severity());
        let name = code.as_str();
        let mut lines = wrap(code.meaning(), columns, widest + 4).into_iter();
        let first = lines.next().unwrap_or_default();
        shell.print(format_args!("  {loud}{name}{loud:#}{:1$}{first}", "", widest + 2 - name.len()));
        lines.for_each(|line| shell.print(format_args!("{:1$}{line}", "", widest + 4)));
    }
    shell.gap();
    shell.hint("`cargo prometeu explain CODE` says where a finding comes from and what cures it");
}

/// Of one code: everything.
fn members(explanation: &Explanation) -> Map<String, Value> {
    let block = |block: &Block| match block {
        Block::Words(words) => json!({ "words": words }),
        Block::Code { language, text } => json!({ "language": language, "text": text }),
    };
    let mut members = brief(explanation);
    members.insert("stops".to_owned(), json!(explanation.stops()));
    members.insert("cause".to_owned(), json!(explanation.cause));
    members.insert("example".to_owned(), explanation.example.iter().map(block).collect());
    members.insert("cure".to_owned(), json!(explanation.cure));
    members
}

/// Of all codes: what a list shows.
fn all_members() -> Map<String, Value> {
    Map::from_iter([("codes".to_owned(), explanations().iter().map(brief).collect::<Vec<_>>().into())])
}

fn brief(explanation: &Explanation) -> Map<String, Value> {
    let Explanation { code, group, .. } = explanation;
    Map::from_iter([
        ("code".to_owned(), json!(code.as_str())),
        ("group".to_owned(), json!(group)),
        ("severity".to_owned(), json!(code.severity().to_string())),
        ("category".to_owned(), json!(code.category().to_string())),
        ("meaning".to_owned(), json!(code.meaning())),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(typed: &str, found: Result<&str, &str>) {
        let found_here = find(typed).map(|explanation| explanation.code.as_str());
        let found_here = found_here.map_err(|blocker| blocker.help.unwrap_or_default());
        assert_eq!(found_here.as_ref().map(|code| *code).map_err(String::as_str), found, "{typed}");
    }

    #[test]
    fn a_code_is_found_as_it_is_typed_or_copied() {
        for typed in
            ["palette-count", "PALETTE_COUNT", "error[palette-count]", "[palette-count]:", " palette-count"]
        {
            check(typed, Ok("palette-count"));
        }
        check("palete-cuont", Err("There is `palette-count`; `cargo prometeu explain` lists all codes."));
        check("E0308", Err("Run `cargo prometeu explain`, which lists all codes."));
    }
}
