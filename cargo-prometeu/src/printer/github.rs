//! Findings as workflow commands of GitHub Actions, one line each: the runner shows them at the lines that
//! they are about, without permissions and without an upload.
//!
//! The grammar is that of the runner: `::error file=…,line=…,col=…,title=…::message`, where `%`, line ends,
//! and in properties `:` and `,` too, are percent-encoded.

use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::diagnostics::{Diagnostic, Severity};
use prometeu_packer::ops::Blocker;

/// A finding, with `prefix` before the path of its file.
pub(super) fn finding(found: &Diagnostic, prefix: &str) -> String {
    let command = match found.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let mut properties = Vec::new();
    if let Some(file) = &found.file {
        properties.push(("file", format!("{prefix}{file}")));
        // Without a line the runner shows it at the first one.
        properties.extend(found.line.map(|line| ("line", line.to_string())));
        properties.extend(found.column.map(|column| ("col", column.to_string())));
    }
    properties.push(("title", found.code.to_string()));
    line(command, &properties, &found.message, found.help.as_deref())
}

/// Why nothing was looked at.
pub(super) fn blocker(blocker: &Blocker) -> String {
    line("error", &[("title", blocker.code.as_str().to_owned())], &blocker.message, blocker.help.as_deref())
}

fn line(command: &str, properties: &[(&str, String)], message: &str, help: Option<&str>) -> String {
    let properties = properties.iter().map(|(name, value)| format!("{name}={}", property(value)));
    let properties = properties.collect::<Vec<_>>().join(",");
    let words: Vec<String> = [Some(message), help].into_iter().flatten().map(visible).collect();
    format!("::{command} {properties}::{}", data(&words.join("\n")))
}

/// A message as the runner reads it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometeu_packer::ops::BlockerCode;

    #[test]
    fn nothing_in_a_message_or_a_name_begins_a_command_or_ends_a_property() {
        let check = |message: &str, line: &str| {
            assert_eq!(blocker(&Blocker::new(BlockerCode::IoError, message)), line);
        };
        check("100 % of `a,b:c`", "::error title=io-error::100 %25 of `a,b:c`");
        // What a terminal would obey is spelt out before.
        check("a\n::set-output name=x::y\r", "::error title=io-error::a\\n::set-output name=x::y\\r");
        assert_eq!(property("a,b:c%2C\r\n"), "a%2Cb%3Ac%252C%0D%0A");
        let helped = Blocker::new(BlockerCode::ProjectLocked, "locked").help("Wait.");
        assert_eq!(blocker(&helped), "::error title=project-locked::locked%0AWait.");
    }
}
